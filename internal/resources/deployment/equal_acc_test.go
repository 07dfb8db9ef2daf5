package deployment_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// otherWords is the fixture's configuration as somebody else would write it.
var otherWords = attributes{
	"flink_configuration": `{
    "execution.checkpointing.dir"           = "s3://flink/checkpoints"
    "execution.checkpointing.savepoint-dir" = "s3://flink/savepoints"
    "high-availability"                     = "kubernetes"
    "high-availability.storageDir"          = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots"         = "2"
    "execution.checkpointing.interval"      = "60s"
    "jobmanager.memory.jvm-metaspace.size"  = "262144k"
  }`,
	"job_manager": `{
    resource     = { cpu = 0.50, memory = "1024m", ephemeral_storage = "2048Mi" }
    pod_template = "# the same\nspec: {terminationGracePeriodSeconds: 60, nodeSelector: {pool: flink}}"
  }`,
	"task_manager": `{
    resource     = { cpu = 1.0, memory = "2048 mb", ephemeral_storage = "10G" }
    pod_template = jsonencode({ spec = { containers = [{ name = "flink-main-container", resources = { limits = { memory = "2048Mi" } } }] } })
  }`,
	"pod_template": `jsonencode({ spec = { containers = [{ env = [{ value = "prod", name = "STAGE" }], name = "flink-main-container" }] } })`,
}

// TestAccEqualValues writes a configuration in other words. Nothing is planned,
// and nothing restarts when something else is changed beside it.
func TestAccEqualValues(t *testing.T) {
	t.Parallel()
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, operator)
			first := attributes{
				"flink_configuration": configuration(`"execution.checkpointing.interval" = "1 min"`, `"jobmanager.memory.jvm-metaspace.size" = "256m"`),
				"job_manager": `{
    resource     = { cpu = 0.5, memory = "1g", ephemeral_storage = "2Gi" }
    pod_template = jsonencode({ spec = { nodeSelector = { pool = "flink" }, terminationGracePeriodSeconds = 60 } })
  }`,
				"task_manager": `{
    resource     = { cpu = 1, memory = "2g", ephemeral_storage = "10000M" }
    pod_template = "spec: {containers: [{name: flink-main-container, resources: {limits: {memory: 2Gi}}}]}"
  }`,
				"pod_template": `"spec:\n  containers:\n    - name: flink-main-container\n      env: [{name: STAGE, value: prod}]\n"`,
			}
			beside := attributes{"upgrade": `{ mode = "last_state" }`}
			for name, value := range otherWords {
				beside[name] = value
			}
			var generation int64
			var before start
			f.run(
				resource.TestStep{Config: f.config(first)},
				resource.TestStep{
					PreConfig:        func() { generation, before = f.live().GetGeneration(), f.start() },
					Config:           f.config(otherWords),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check: check(func() error {
						if got := f.live().GetGeneration(); got != generation {
							return fmt.Errorf("generation went from %d to %d", generation, got)
						}
						return nil
					}),
				},
				resource.TestStep{
					Config: f.config(beside),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						expectRollout(address, "config_only", "upgrade.mode"),
						effectiveChanges("job.upgradeMode: savepoint -> last-state"),
					}},
					Check: check(func() error {
						if got := f.start(); got != before {
							return fmt.Errorf("the job started again: %+v, before %+v", got, before)
						}
						if got := f.specValue("taskManager", "resource", "memory"); got != "2g" {
							return fmt.Errorf("the memory was written anew, as %q", got)
						}
						return nil
					}),
				},
			)
		})
	}
}
