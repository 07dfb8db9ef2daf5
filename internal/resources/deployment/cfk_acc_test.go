package deployment_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// onResources is Confluent Manager for Apache Flink, to which Confluent for Kubernetes hands on
// custom resources.
const onResources = "custom resources"

// byResources is a flink_environment whose objects are custom resources, with more in its block
// confluent.
func (f *fixture) byResources(name, more string) string {
	return fmt.Sprintf(`
resource "flink_environment" "own" {
  platform  = "confluent"
  name      = %q
  namespace = %q
  confluent = {
    via              = "custom_resources"
    custom_resources = { namespace = %q }
    %s
  }
}
`, name, f.namespace, f.resources.Namespace, more)
}

// TestAccResourcesLife is the life of an environment with a deployment by custom resources: no
// other connection than to Kubernetes is configured.
func TestAccResourcesLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onResources)
	name := f.environment + "-own"
	config := func(change attributes) string {
		values := attributes{"environment": "flink_environment.own"}
		for key, value := range change {
			values[key] = value
		}
		return f.resources.ProviderConfig() + f.byResources(name, "") + f.deployment(values)
	}
	f.run(
		resource.TestStep{
			Config: config(nil),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name+"/orders")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("job_state"), knownvalue.StringExact("RUNNING")),
			},
		},
		resource.TestStep{Config: config(nil), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			Config: config(attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }`}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, "savepoint_upgrade", "job.parallelism"),
			}},
			Check: check(func() error {
				if got := f.start().restoredFrom; got == "" {
					return fmt.Errorf("the job was not restored")
				}
				return nil
			}),
		},
	)
}
