//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestBlueGreenForms takes one job through every form that its deployment may
// have, and has each engine start it from a given savepoint.
func TestBlueGreenForms(t *testing.T) {
	needsOperatorEngine(t)
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	managers := map[string]*jobManager{}
	for _, name := range []string{"counter", "counter-blue", "counter-green"} {
		managers[name] = newJobManager(t, namespace, name)
	}
	with := func(upgrade, job string) string {
		return having(configuration(namespace, job), "upgrade = { "+upgrade+" }") + `
resource "flink_savepoint" "given" {
  environment = flink_environment.test
  name        = "given"
  deployment  = "counter"
}
`
	}
	engine := func(name string) string {
		return fmt.Sprintf(`strategy = "blue_green", allow_state_loss = true, blue_green = { engine = %q, abort_grace_period = "90s" }`, name)
	}
	given := counter("initial_savepoint_path = flink_savepoint.given.location")
	// exactly is a check that the job runs, restored from the given savepoint.
	exactly := func(name string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			path := state.RootModule().Resources["flink_savepoint.given"].Primary.Attributes["location"]
			if now := managers[name].job(); now.State != "RUNNING" || now.RestoredFrom != path {
				return fmt.Errorf("the JobManager of %s has %+v, want a job restored from %s", name, now, path)
			}
			return nil
		}
	}
	redeploys := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact("blue_green")),
	}}
	blue := managers["counter-blue"].restored(fromSavepoint)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: having(configuration(namespace, counter()), `upgrade = { strategy = "in_place" }`)},
			{Config: with(`strategy = "in_place"`, counter())},
			{Config: with(engine("provider"), counter()), ConfigPlanChecks: plans("recreate"), Check: blue},
			{Config: with(engine("provider"), given), ConfigPlanChecks: redeploys, Check: exactly("counter-green")},
			{Config: with(engine("operator"), given), ConfigPlanChecks: plans("recreate"), Check: blue},
			{Config: with(engine("operator"), counter()), Check: managers["counter-blue"].untouched()},
			{Config: with(engine("operator"), given), ConfigPlanChecks: redeploys, Check: exactly("counter-green")},
			{Config: with(engine("provider"), given), ConfigPlanChecks: plans("recreate"), Check: blue},
			{Config: with(`strategy = "in_place"`, given), ConfigPlanChecks: plans("recreate"), Check: managers["counter"].restored(fromSavepoint)},
		},
	})
}
