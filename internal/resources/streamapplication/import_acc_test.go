package streamapplication_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccImport imports an application whose state was lost: its blueprint comes from what its jobs are told, and
// the configuration that made it leaves every job alone.
func TestAccImport(t *testing.T) {
	t.Parallel()
	f := newest(t)
	application := f.bare(
		streamlets(
			streamlet("ingest", schemaPort("outlets", "valid", orderV1), `config = { "max-lag" = "5s" }`, `pod_template = "spec: { terminationGracePeriodSeconds: 5 }"`),
			streamlet("enrich", schemaPort("inlets", "orders", orderV1), `config_secrets = { key = { secret = "bank", key = "api-key" } }`, `labels = { team = "a" }`),
		),
		topics(orders))
	generations := map[string]int64{}
	f.run(
		resource.TestStep{
			Config: f.environment() + application,
			Check: check(func() error {
				for _, name := range []string{"payments-ingest", "payments-enrich"} {
					generations[name] = f.get(acctest.FlinkDeployments, name).GetGeneration()
				}
				return nil
			}),
		},
		resource.TestStep{Config: f.environment() + "removed {\n from = " + payments + "\n lifecycle { destroy = false }\n}\n"},
		resource.TestStep{
			Config: f.environment() + application, ResourceName: payments, ImportState: true, ImportStateId: "operator/" + f.namespace + "/payments", ImportStatePersist: true,
		},
		resource.TestStep{
			Config: f.environment() + application,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate),
				// Only the timeouts are new, which no object has.
				planned("rollout", "ingest", "action", "metadata"), planned("rollout", "enrich", "action", "metadata"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("streamlets"), knownvalue.MapSizeExact(2)),
				is("status", "ingest", "job_state", "RUNNING"),
			},
			Check: check(func() error {
				for name, before := range generations {
					if now := f.get(acctest.FlinkDeployments, name).GetGeneration(); now != before {
						return fmt.Errorf("%s was touched: generation %d after %d", name, now, before)
					}
				}
				return nil
			}),
		},
		resource.TestStep{Config: f.environment() + application, PlanOnly: true},
		resource.TestStep{
			Config: f.environment() + strings.Replace(application, `"payments"`, `"other"`, 1), ResourceName: "flink_stream_application.other", ImportState: true,
			ImportStateId: "operator/" + f.namespace + "/nothing", ExpectError: words(`The stream application "nothing" cannot be imported`),
		},
	)
}
