package deployment_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// TestAccStateThatFlinkDoesNotRestore refuses at plan what Flink would refuse when the job
// has stopped already, and before the first write what was unknown in the plan.
func TestAccStateThatFlinkDoesNotRestore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "1.15")
	with := func(backend, maximum string, more ...string) attributes {
		keys := `"state.backend.type" = "` + backend + `", "pipeline.max-parallelism" = ` + maximum
		for _, key := range more {
			keys += ", " + key
		}
		return attributes{"flink_configuration": configuration(keys)}
	}
	const native = `"kubernetes.operator.savepoint.format.type" = "NATIVE"`
	parallel := with("rocksdb", "128")
	parallel["job"] = `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 200 }`
	var generation int64
	f.run(
		resource.TestStep{Config: f.config(with("rocksdb", "128"))},
		resource.TestStep{Config: f.config(with("rocksdb", "256")), PlanOnly: true, ExpectError: words(`The state of job "orders" cannot be restored: its state is for a max parallelism of 128, and Flink does not restore it with 256`)},
		resource.TestStep{Config: f.config(with("hashmap", "128", native)), PlanOnly: true, ExpectError: words(`the state backend hashmap does not read what rocksdb wrote`)},
		resource.TestStep{Config: f.config(parallel), PlanOnly: true, ExpectError: words(`A parallelism of 200 is above the max parallelism`)},
		resource.TestStep{
			PreConfig:        func() { generation = f.live().GetGeneration() },
			Config:           f.config(with("rocksdb", "terraform_data.source.output")) + source("256"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(address, tfjsonpath.New("rollout"))}},
			ExpectError:      words(`Flink does not restore it with 256`),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := f.live().GetGeneration(); got != generation {
					t.Errorf("the refused apply wrote: generation went from %d to %d", generation, got)
				}
			},
			Config: f.config(with("hashmap", "128")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact("savepoint_upgrade")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("kept")),
			},
		},
	)
}
