package deployment_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// TestAccVervericaAdopts imports a deployment that somebody else has made: a plan after it finds
// nothing, and to say what the server has filled in restarts no job.
func TestAccVervericaAdopts(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	f.call(http.MethodPost, "deployments", `{"kind":"Deployment","apiVersion":"v1","metadata":{"name":"orders","displayName":"orders"},"spec":{
		"state":"RUNNING","upgradeStrategy":{"kind":"STATEFUL"},"restoreStrategy":{"kind":"LATEST_STATE"},"deploymentTargetName":"`+f.target()+`",
		"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://artifacts/orders.jar","flinkVersion":"1.20"},"parallelism":2,
			"flinkConfiguration":{"state.checkpoints.dir":"s3://flink/checkpoints","state.savepoints.dir":"s3://flink/savepoints"},
			"kubernetes":{"pods":{"envVars":[{"name":"REGION","value":"eu"}]}}}}}}`)
	f.await("orders", "RUNNING")
	as := func(changed attributes) string {
		values := attributes{
			"image": "-", "job_manager": "-", "task_manager": "-", "upgrade": `{ mode = "savepoint", prove_for = "1s" }`,
			"ververica": `{ deployment_template = "{\"spec\":{\"kubernetes\":{\"pods\":{\"envVars\":[{\"name\":\"REGION\",\"value\":\"eu\"}]}}}}" }`,
		}
		for name, value := range changed {
			values[name] = value
		}
		return f.config(values)
	}
	one := func(*terraform.State) error {
		if n := f.jobs("orders"); n != 1 {
			return fmt.Errorf("%d jobs were started", n)
		}
		return nil
	}
	filled := attributes{
		"flink_configuration": vvpConfiguration(`"state.backend.type" = "rocksdb"`),
		"job_manager":         `{ resource = { cpu = 1, memory = "1g" } }`,
	}
	f.run(
		resource.TestStep{Config: as(nil), ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStatePersist: true},
		resource.TestStep{Config: as(nil), Check: one},
		resource.TestStep{Config: as(nil), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{
			Config: as(filled), Check: one,
			ConfigPlanChecks: planned("metadata", `flink_configuration["state.backend.type"]`, `job_manager.resource.cpu`, `job_manager.resource.memory`),
		},
		resource.TestStep{Config: as(filled), ConfigPlanChecks: unchangedPlan()},
	)
}

// target is the name of a deployment target of the namespace.
func (f *vvpFixture) target() string {
	f.t.Helper()
	items, _ := f.call(http.MethodGet, "deployment-targets", "")["items"].([]any)
	if len(items) == 0 {
		f.t.Fatal("the namespace has no deployment target")
	}
	first, _ := items[0].(map[string]any)
	name, _ := in(first, "metadata", "name").(string)
	return name
}

// TestAccVervericaKeeps has a version that does not work and is kept: the plan after it says the
// same as before it, and corrects it in place.
func TestAccVervericaKeeps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ annotation, value, says string }{
		"it restarts for ever":      {"crashes", "java.lang.IllegalStateException: bad record", "bad record"},
		"it is not created":         {"fails", "no such image", "no such image"},
		"no savepoint can be taken": {"savepoint-fails", "the disk is full", `the\s+disk\s+is\s+full`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newVVPFixture(t, "2.15.1")
			keep := attributes{"upgrade": `{ prove_for = "1s", on_failure = "keep" }`, "ververica": `{ max_job_creation_attempts = 1, max_savepoint_creation_attempts = 1 }`}
			broken := attributes{"image": `"registry.example.com/orders:2"`, "annotations": fmt.Sprintf(`{ "standin.flink/%s" = %q }`, test.annotation, test.value)}
			corrected := attributes{"image": `"registry.example.com/orders:3"`}
			for name, value := range keep {
				broken[name], corrected[name] = value, value
			}
			var id any
			inPlace := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
			f.run(
				resource.TestStep{Config: f.config(keep), Check: func(*terraform.State) error { id = in(f.live("orders"), "metadata", "id"); return nil }},
				resource.TestStep{Config: f.config(broken), ExpectError: regexp.MustCompile(test.says)},
				resource.TestStep{
					PreConfig: func() {
						f.patch(fmt.Sprintf(`{"metadata":{"annotations":{"standin.flink/%s":null}}}`, test.annotation))
					},
					Config: f.config(corrected), ConfigPlanChecks: inPlace,
					Check: func(*terraform.State) error {
						if is := in(f.live("orders"), "metadata", "id"); is != id {
							return fmt.Errorf("it was created again: %v, not %v", is, id)
						}
						if from := f.restored("orders"); !strings.HasPrefix(from, "s3://flink/savepoints") {
							return fmt.Errorf("the job has started from %q", from)
						}
						return nil
					},
				},
				resource.TestStep{Config: f.config(corrected), ConfigPlanChecks: unchangedPlan()},
			)
		})
	}
}
