package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// TestAccVervericaGoesBack has versions that do not work after changes that are no savepoint
// upgrade: the previous one runs again with the state that its own job had, and not with that of
// the version that failed.
func TestAccVervericaGoesBack(t *testing.T) {
	t.Parallel()
	retained := vvpConfiguration(`"execution.checkpointing.externalized-checkpoint-retention" = "RETAIN_ON_CANCELLATION"`, `"execution.checkpointing.interval" = "200 ms"`)
	job := func(path string) string {
		return fmt.Sprintf(`{ jar_uri = "s3://artifacts/orders.jar", parallelism = 2, initial_savepoint_path = %q }`, path)
	}
	for name, test := range map[string]struct {
		before, after attributes
		action, from  string
	}{
		"from another savepoint": {
			attributes{"job": job("s3://theirs/1")},
			attributes{"job": job("s3://theirs/2"), "upgrade": `{ prove_for = "1s", allow_state_loss = true }`},
			"redeploy_from_savepoint", "^s3://flink/savepoints",
		},
		"from a checkpoint": {
			attributes{"flink_configuration": retained, "upgrade": `{ prove_for = "1s", mode = "last_state" }`},
			attributes{"flink_configuration": retained, "upgrade": `{ prove_for = "1s", mode = "last_state" }`},
			"last_state_upgrade", "^s3://flink/checkpoints",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newVVPFixture(t, "2.15.1")
			broken := attributes{"image": `"registry.example.com/orders:2"`, "annotations": `{ "standin.flink/crashes" = "java.lang.IllegalStateException: bad record" }`}
			for key, value := range test.after {
				broken[key] = value
			}
			var of any
			f.run(
				resource.TestStep{Config: f.config(test.before), Check: func(*terraform.State) error { of = in(f.live("orders"), "metadata", "id"); return nil }},
				resource.TestStep{
					Config:      f.config(broken),
					ExpectError: regexp.MustCompile(`(?s)bad\s+record.*Rolled\s+back`),
				},
				resource.TestStep{
					PreConfig: func() {
						live := f.live("orders")
						if in(live, "metadata", "id") != of || in(live, "status", "state") != "RUNNING" || in(live, "spec", "template", "spec", "artifact", "flinkImageTag") != "1.4.0" {
							t.Errorf("it is %v", live)
						}
						if from := f.restored("orders"); !regexp.MustCompile(test.from).MatchString(from) {
							t.Errorf("it runs again from %q", from)
						}
					},
					Config: f.config(test.before), ConfigPlanChecks: unchangedPlan(),
				},
			)
		})
	}
}

// TestAccVervericaSQL has a job of SQL, whose state another query puts at risk.
func TestAccVervericaSQL(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	of := func(query string) string {
		return f.config(attributes{
			"image": "-", "job": `{ parallelism = 1 }`,
			"ververica": fmt.Sprintf(`{ deployment_template = jsonencode({ spec = { artifact = { kind = "SQLSCRIPT", sqlScript = %q, additionalDependencies = ["s3://artifacts/kafka.jar"] } } }) }`, query),
		})
	}
	const sum, most = "INSERT INTO totals SELECT region, SUM(amount) FROM purchases GROUP BY region", "INSERT INTO totals SELECT region, MAX(amount) FROM purchases GROUP BY region"
	f.run(
		resource.TestStep{Config: of(sum), Check: func(*terraform.State) error {
			if script, _ := in(f.live("orders"), "spec", "template", "spec", "artifact", "sqlScript").(string); script != sum {
				return fmt.Errorf("it runs %q", script)
			}
			return nil
		}},
		resource.TestStep{Config: of(sum), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{
			Config: of(most),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				expectRollout(address, "savepoint_upgrade", "ververica.deployment_template"),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("at_risk")),
			}},
			Check: func(*terraform.State) error {
				if from := f.restored("orders"); !strings.HasPrefix(from, "s3://flink/savepoints") {
					return fmt.Errorf("the job has started from %q", from)
				}
				return nil
			},
		},
		resource.TestStep{Config: of(most), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"rollout", "timeouts", "status.%", "status.proof", "savepoint_on_destroy", "upgrade", "effective_spec", "job_manager.resource", "task_manager.resource", "job.parallelism", "status.kept_savepoint", "ververica.deployment_template"},
		},
	)
}
