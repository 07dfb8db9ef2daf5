package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/acctest/apimetrics"
)

// TestAccOnlineValidation plans with the operator's webhook in the cluster, which refuses what the provider only warns
// of: the operator's own configuration could make it right.
func TestAccOnlineValidation(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest(), acctest.Webhook)
	f := &fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	never := func(config string) string {
		return strings.Replace(config, "provider \"flink\" {", "provider \"flink\" {\n  validate_online = \"never\"\n", 1)
	}
	standby := attributes{
		"flink_configuration": `{ "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }`,
		"job_manager":         `{ replicas = 2, resource = { cpu = 0.5, memory = "1g" } }`,
	}
	noDirectory := attributes{"flink_configuration": `{ "high-availability.type" = "kubernetes" }`, "upgrade": `{ mode = "last_state" }`}
	elsewhere := attributes{"environment": `{ namespace = "not-there-yet" }`, "job_manager": standby["job_manager"], "flink_configuration": standby["flink_configuration"]}
	scaled := attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 3 }`}
	refuses := func(attribute, message string) *regexp.Regexp {
		words := strings.Fields(regexp.QuoteMeta(message))
		return regexp.MustCompile(`(?s)Error: The operator refuses ` + regexp.QuoteMeta(attribute) + `.*` + strings.Join(words, `\s+`))
	}
	var before apimetrics.Counts
	applies := func(want int) resource.TestCheckFunc {
		return check(func() error {
			now, err := apimetrics.Read(t.Context(), cluster.Config, "flinkdeployments")
			if err != nil {
				return err
			}
			if made := now.Since(before); made["APPLY flinkdeployments"] != want {
				return fmt.Errorf("the requests were %s, want %d APPLY", made, want)
			}
			return nil
		})
	}
	count := func() {
		var err error
		if before, err = apimetrics.Read(t.Context(), cluster.Config, "flinkdeployments"); err != nil {
			t.Fatal(err)
		}
	}
	f.run(
		resource.TestStep{Config: f.config(standby), ExpectError: refuses("job_manager.replicas", "High availability should be enabled when starting standby JobManagers.")},
		resource.TestStep{
			Config:      f.config(noDirectory),
			ExpectError: refuses(`flink_configuration["execution.checkpointing.dir"]`, "Checkpoint directory[execution.checkpointing.dir] must be defined"),
		},
		// What is not there yet cannot be asked about, and what must not be asked is not.
		resource.TestStep{Config: f.config(elsewhere), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: never(f.config(standby)), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: f.config(nil)},
		// A plan without changes asks nothing.
		resource.TestStep{PreConfig: count, Config: f.config(nil), PlanOnly: true},
		resource.TestStep{RefreshState: true, Check: applies(0)},
		resource.TestStep{Config: f.config(standby), ExpectError: refuses("job_manager.replicas", "High availability should be enabled")},
		// A webhook that is away fails no plan, and is waited for in the apply.
		resource.TestStep{PreConfig: func() { cluster.StopWebhook(t) }, Config: f.config(scaled), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			PreConfig: func() { cluster.StartWebhook(t) },
			Config:    f.config(scaled),
			Check: check(func() error {
				if got := f.specValue("job", "parallelism"); got != "3" {
					return fmt.Errorf("the parallelism is %s", got)
				}
				return nil
			}),
		},
	)

	// A cluster that is away slows no plan.
	cluster.StopAPIServer(t)
	began := time.Now()
	f.run(resource.TestStep{Config: f.config(nil), PlanOnly: true, ExpectNonEmptyPlan: true})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the plans took %s", took)
	}
	cluster.StartAPIServer(t)
}
