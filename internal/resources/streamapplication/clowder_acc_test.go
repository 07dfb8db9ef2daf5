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
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var workloads = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// clowder is a fixture on Clowder.
type clowder struct {
	*fixture
	name string
	// kafka is clowder.kafka, and layer deployment_defaults.
	kafka, layer string
}

func onClowder(t *testing.T) *clowder {
	t.Helper()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	acctest.WithClowder(t, cluster)
	return &clowder{&fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}, cluster.ClowdEnvironment(t), `{ mode = "local" }`, acctest.ClowderLayer()}
}

func (c *clowder) environment() string {
	return acctest.ProviderConfig(c.cluster) + fmt.Sprintf(`
resource "flink_environment" "shop" {
  platform            = "clowder"
  name                = %q
  namespace           = %q
  clowder             = { create_namespace = false, kafka = %s }
  deployment_defaults = %s
}
`, c.name, c.namespace, c.kafka, c.layer)
}

func (c *clowder) application(attributes ...string) string {
	return c.environment() + c.bare(attributes...)
}

// generations checks that the Deployments of some streamlets are the ones that they were.
func (c *clowder) untouched(names ...string) resource.TestCheckFunc {
	generations := map[string]int64{}
	return check(func() error {
		for _, name := range names {
			live := c.get(workloads, name)
			if live == nil {
				return fmt.Errorf("there is no Deployment %s", name)
			}
			now := live.GetGeneration()
			if before, seen := generations[name]; seen && before != now {
				return fmt.Errorf("%s was touched: generation %d after %d", name, now, before)
			}
			generations[name] = now
		}
		return nil
	})
}

// TestAccClowder creates an application, changes one streamlet, and destroys it.
func TestAccClowder(t *testing.T) {
	t.Parallel()
	c := onClowder(t)
	of := func(enrich ...string) string {
		return c.application(
			streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", append(enrich, enrichPorts)...), streamlet("score", scorePorts)),
			topics(orders, scored))
	}
	untouched := c.untouched("payments-ingest", "payments-score")
	c.run(
		resource.TestStep{
			Config: of(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("id"), knownvalue.StringExact("clowder/"+c.name+"/payments")),
				is("status", "ingest", "job_state", "RUNNING"), is("status", "enrich", "job_state", "RUNNING"), is("rollout", "score", "action", "create"),
				is("topic_status", "orders", "topic_name", "orders-v1"),
			},
			Check: untouched,
		},
		resource.TestStep{Config: of(), PlanOnly: true},
		resource.TestStep{
			Config: of(`config = { "max-lag" = "5s" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "summary", `#2 last state upgrade: config["max-lag"] changed; the job restarts from its last checkpoint`),
				planned("rollout", "ingest", "summary", "#1 create"),
			}},
			Check: resource.ComposeTestCheckFunc(untouched, check(func() error {
				text := fmt.Sprint(c.get(workloads, "payments-enrich").Object["spec"])
				for _, part := range []string{`"max-lag":"5s"`, `"file":"/cdapp/cdappconfig.json"`} {
					if !strings.Contains(text, part) {
						return fmt.Errorf("the pod lacks %s: %s", part, text)
					}
				}
				return nil
			})),
		},
	)
	if c.get(acctest.ClowdApps, "payments") != nil {
		t.Error("the ClowdApp stays")
	}
}
