package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccImportOfNestedConfiguration imports a configuration of nested objects, numbers,
// lists and nulls, of which the operator makes texts. What is then written in its place
// are these texts: a change of something else restarts nothing. A whole number beyond 64
// bits is a floating-point one to the API server (1.36), which hands out other digits.
func TestAccImportOfNestedConfiguration(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	f.create("helm", strings.Replace(f.manifestFor(), "  flinkConfiguration:\n", `  flinkConfiguration:
    orders: {share: 0.0005, most: 12345678.5, rest: null, tags: [a, 1, null], none: []}
    orders.large: 9223372036854775808
`, 1))
	f.settled()
	generation := f.live().GetGeneration()
	configuration := `"state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints", "high-availability.type" = "kubernetes",
    "high-availability.storageDir" = "s3://flink/ha", "taskmanager.numberOfTaskSlots" = "2",
    "orders.share" = "5.0E-4", "orders.most" = "1.23456785E7", "orders.rest" = "null", "orders.tags" = "a;1;null", "orders.large" = "9223372036854776000"`
	config := func(more string) string {
		return f.config(attributes{"labels": `{ team = "a" }`, "upgrade": `{ mode = "savepoint" }`, "flink_configuration": "{ " + configuration + more + " }"})
	}
	f.run(
		f.importStep(config("")),
		resource.TestStep{
			Config: config(""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check: check(func() error {
				if got := f.live().GetGeneration(); got != generation {
					return fmt.Errorf("generation went from %d to %d", generation, got)
				}
				return nil
			}),
		},
		resource.TestStep{
			Config: config(`, "kubernetes.operator.reconcile.interval" = "30 s"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				expectRollout(address, "config_only", `flink_configuration["kubernetes.operator.reconcile.interval"]`),
			}},
		},
	)
}
