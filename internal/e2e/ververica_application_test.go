//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// testVervericaApplication has payments flow through three jobs of the platform, whose pods carry their documents
// themselves, before and after the one in the middle is upgraded. The others run on.
func testVervericaApplication(t *testing.T) {
	v := newVVP(t)
	a := &application{T: t, namespace: v.namespace, broker: newBroker(t), jobs: map[string]*jobManager{}}
	a.payments = newPayments(t, a.broker)
	with := func(model string) string {
		blueprint := strings.TrimPrefix(a.with(fmt.Sprintf("image = %q\nconfig = { model = %q }\nparallelism = 1", "payments-scoring:"+strings.TrimPrefix(flink.image, "flink:"), model), ""), a.environment())
		return v.beside(a.environment()) + strings.ReplaceAll(blueprint, "flink_environment.test", "flink_environment.managed")
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: v.beside(a.environment())},
			{
				PreConfig:         a.grant,
				Config:            with("v1"),
				ConfigStateChecks: []statecheck.StateCheck{runs("ingest"), runs("enrich"), runs("score")},
				Check: func(*terraform.State) error {
					for _, streamlet := range []string{"ingest", "score"} {
						a.jobs[streamlet] = v.manager("payments-" + streamlet)
						a.jobs[streamlet].job()
					}
					a.payments.begin()
					return a.flows()
				},
			},
			{Config: with("v1"), PlanOnly: true},
			{
				Config:           with("v2"),
				ConfigPlanChecks: rolls(`^#2 savepoint upgrade: .*config\["model"\]`, "^#1 create$"),
				Check: resource.ComposeTestCheckFunc(v.restored("payments-enrich", fromSavepoint), a.runOn("ingest", "score"), func(*terraform.State) error {
					if err := a.flows(); err != nil {
						return err
					}
					if twice := a.payments.twice(1, a.payments.whole); len(twice) > 0 {
						return fmt.Errorf("these payments came out twice: %v", twice)
					}
					by := a.payments.scored[a.payments.whole][0]
					if !strings.HasPrefix(by, "v2 ") {
						return fmt.Errorf("the last payment came out from %q", by)
					}
					return nil
				}),
			},
		},
	})
}
