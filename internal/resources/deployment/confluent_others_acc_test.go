package deployment_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// TestAccConfluentFromOthers takes over an application that another client has created
// in an environment with settings of its own. What these add runs already, so it is
// written, and the job goes on.
func TestAccConfluentFromOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onConfluent)
	name := strings.ToLower(f.environment[:min(len(f.environment), 30)]) + "-theirs"
	config := f.provider() + fmt.Sprintf(`
resource "flink_environment" "theirs" {
  platform             = "confluent"
  name                 = %[1]q
  namespace            = %[2]q
  deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }
}

import {
  to = flink_environment.theirs
  id = "confluent/%[1]s"
}

import {
  to = %[3]s
  id = "confluent/%[1]s/orders"
}
`, name, f.namespace, address) + f.deployment(attributes{"environment": "flink_environment.theirs"})
	post := func(path, body string, want int) {
		t.Helper()
		if code, answer := f.manager.Call(t, http.MethodPost, path, body); code != want {
			t.Fatalf("%s answers %d: %s", path, code, answer)
		}
	}
	f.run(
		resource.TestStep{
			PreConfig: func() {
				post("environments", fmt.Sprintf(`{"name":%q,"kubernetesNamespace":%q,"flinkApplicationDefaults":{"spec":{"flinkConfiguration":{"web.cancel.enable":"false"}}}}`, name, f.namespace), http.StatusOK)
				post("environments/"+name+"/applications", fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"FlinkApplication","metadata":{"name":"orders"},"spec":{
					"image":"registry.example.com/orders:1.4.0","flinkVersion":%q,"serviceAccount":"flink",
					"flinkConfiguration":{"state.checkpoints.dir":"s3://flink/checkpoints","state.savepoints.dir":"s3://flink/savepoints",
						"high-availability.type":"kubernetes","high-availability.storageDir":"s3://flink/ha","taskmanager.numberOfTaskSlots":"2"},
					"job":{"jarURI":"local:///opt/flink/usrlib/orders.jar","parallelism":2,"upgradeMode":"savepoint","state":"running"},
					"jobManager":{"resource":{"cpu":0.5,"memory":"1g"}},"taskManager":{"resource":{"cpu":1,"memory":"2g"}}}}`, f.cluster.FlinkVersion()), http.StatusCreated)
				f.settled()
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				expectRollout(address, "metadata", `flink_configuration["web.cancel.enable"] (override of environment `+name+`)`),
			}},
			Check: check(func() error {
				if got := f.start().count; got != "1" {
					return fmt.Errorf("the job was started %s times", got)
				}
				application := f.fromServer("environments/" + name + "/applications/orders")
				if text := fmt.Sprint(application["spec"]); !strings.Contains(text, "web.cancel.enable:false") {
					return fmt.Errorf("the application is %s", text)
				}
				return nil
			}),
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}
