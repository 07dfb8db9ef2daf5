package streamapplication_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccConfluent runs an application on Confluent Manager, where pods carry the document themselves: the
// provider may write no Secret there.
func TestAccConfluent(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	manager := acctest.CMFOn(t, "2.3.1", cluster)
	runsOnConfluent(t, manager, manager.ProviderConfig(), manager.EnvironmentIn(t, cluster.Namespace(t)), "", "")
}

// TestAccCustomResources runs the same by custom resources of Confluent for Kubernetes, with no other connection than to
// Kubernetes.
func TestAccCustomResources(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	c := acctest.CFK(t, "2.3.1", acctest.Cluster(t, acctest.Newest()))
	environment := c.Manager.EnvironmentIn(t, c.Namespace)
	runsOnConfluent(t, c.Manager, c.ProviderConfig(), environment,
		fmt.Sprintf("environment = %q, custom_resources = { namespace = %q, pod_namespace = %[2]q }", environment, c.Namespace), "@"+c.Namespace)
}

// runsOnConfluent is the life of an application in an environment whose settings say more; in is what an import says of
// where its custom resources are.
func runsOnConfluent(t *testing.T, manager *acctest.CMFHandle, provider, environment, more, in string) {
	t.Helper()
	of := func(enrich ...string) string {
		return provider + fmt.Sprintf(`
resource "flink_stream_application" "payments" {
  environment = {
    platform = "confluent", name = %q
    settings = jsonencode({
      %s
      kafka = { provider = "external", bootstrapServers = "kafka:9092" }
      deployment_defaults = {
        flinkVersion = "v1_20", serviceAccount = "flink", image = "registry.example.com/payments:1"
        flinkConfiguration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
        jobManager = { resource = { cpu = 0.5, memory = "1g" } }, taskManager = { resource = { cpu = 1, memory = "2g" } }
        upgrade = { proveFor = "0s" }
      }
    })
  }
  name     = "payments"
  timeouts = { create = "90s", update = "90s", delete = "90s" }
  %s
  %s
}
`, environment, more, streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, `inlets = { orders = {} }`)...)), topics(orders))
	}
	document := func(name string) (string, error) {
		code, text := manager.Call(t, http.MethodGet, "environments/"+environment+"/applications/"+name, "")
		if code != http.StatusOK {
			return "", fmt.Errorf("the server answers %d: %s", code, text)
		}
		var answer struct {
			Spec struct {
				PodTemplate struct {
					Metadata struct {
						Annotations map[string]string `json:"annotations"`
					} `json:"metadata"`
				} `json:"podTemplate"`
			} `json:"spec"`
		}
		err := json.Unmarshal([]byte(text), &answer)
		return answer.Spec.PodTemplate.Metadata.Annotations["flink-terraform.io/application-document"], err
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config:            of(),
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING")},
			Check: check(func() error {
				text, err := document("payments-enrich")
				if !strings.Contains(text, `"topic":"orders-v1"`) {
					return fmt.Errorf("the document is %q, %w", text, err)
				}
				return nil
			}),
		},
		{Config: of(), PlanOnly: true},
		{
			Config: of(`config = { "max-lag" = "5s" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "savepoint_upgrade"), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			Check: check(func() error {
				text, err := document("payments-enrich")
				if !strings.Contains(text, `"max-lag":"5s"`) {
					return fmt.Errorf("the document is %q, %w", text, err)
				}
				return nil
			}),
		},
		{Config: provider + "removed {\n from = " + payments + "\n lifecycle { destroy = false }\n}\n"},
		{
			// The blueprint comes back from what the pods carry.
			Config: of(`config = { "max-lag" = "5s" }`), ResourceName: payments, ImportState: true, ImportStateId: "confluent/" + environment + "/payments" + in, ImportStatePersist: true,
		},
		{
			Config: of(`config = { "max-lag" = "5s" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "metadata"), planned("rollout", "enrich", "action", "metadata"),
			}},
		},
	}})
}
