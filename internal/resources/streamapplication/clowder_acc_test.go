package streamapplication_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/retry"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

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
	return clowderOn(t, acctest.Cluster(t, acctest.Newest()))
}

func clowderOn(t *testing.T, cluster *acctest.ClusterHandle) *clowder {
	t.Helper()
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

// untouched checks that the pods of some streamlets are the ones that they were. The generation of a Deployment
// tells nothing: it counts the marks of the provider too.
func (c *clowder) untouched(names ...string) resource.TestCheckFunc {
	pods := map[string]string{}
	return check(func() error {
		for _, name := range names {
			list, err := c.cluster.Client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(c.namespace).List(context.WithoutCancel(c.Context()), metav1.ListOptions{LabelSelector: "pod=" + name})
			if err != nil || len(list.Items) != 1 {
				return fmt.Errorf("%s has %d pods: %w", name, len(list.Items), err)
			}
			now := string(list.Items[0].GetUID())
			if before, seen := pods[name]; seen && before != now {
				return fmt.Errorf("%s was touched: its pod is another one", name)
			}
			pods[name] = now
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
			// What Flink has written by then: the job to run, and where its newest checkpoint is.
			PreConfig: func() {
				c.put(configMaps, map[string]any{
					"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "payments-enrich-cluster-config-map", "labels": map[string]any{"app": "payments-enrich", "configmap-type": "high-availability"}},
					"data": map[string]any{"jobGraph-1": "the old one", "checkpointID-7": "the newest"},
				})
			},
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
				data, _, err := unstructured.NestedStringMap(c.get(configMaps, "payments-enrich-cluster-config-map").Object, "data")
				if data["jobGraph-1"] != "" || data["checkpointID-7"] == "" {
					return fmt.Errorf("the new version starts with %v: %w", data, err)
				}
				return nil
			})),
		},
	)
	if c.get(acctest.ClowdApps, "payments") != nil {
		t.Error("the ClowdApp stays")
	}
	if c.get(configMaps, "payments-enrich-cluster-config-map") == nil {
		t.Error("nothing leads to the newest checkpoint any more")
	}
}

// TestAccClowderFails changes a streamlet to a version that does not start: the error has the cause, the
// previous version runs again, and the change stays in the next plan.
func TestAccClowderFails(t *testing.T) {
	t.Parallel()
	c := onClowder(t)
	of := func(image string, more ...string) string {
		return c.application(streamlets(strings.Replace(streamlet("ingest", append(more, ingestPorts)...), "ingest:1", image, 1)), topics(`orders = { producers = ["ingest.valid"] }`))
	}
	c.run(
		resource.TestStep{Config: of("ingest:1")},
		resource.TestStep{Config: of("ingest:nope"), ExpectError: words(`The new version of "payments-ingest" does not start: the image cannot be pulled`)},
		resource.TestStep{
			Config:   of("ingest:1"),
			PlanOnly: true,
		},
		resource.TestStep{
			Config: of("ingest:2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#2 last state upgrade: image registry.example.com/ingest:1 -> registry.example.com/ingest:2; the job restarts from its last checkpoint"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING")},
		},
		resource.TestStep{Config: of("ingest:2", `args = ["--fail-start"]`), ExpectError: words("CrashLoopBackOff")},
		resource.TestStep{
			Config: of("ingest:2", `state = "suspended"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "suspend"), planned("rollout", "ingest", "state", "kept"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "lifecycle_state", "SUSPENDED")},
		},
		resource.TestStep{
			Config:            of("ingest:2"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned("rollout", "ingest", "action", "resume")}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING")},
		},
		resource.TestStep{Config: of("ingest:2"), PlanOnly: true},
	)
}

// TestAccClowderState has a job without high availability, whose state no change keeps.
func TestAccClowderState(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	c := onClowder(t)
	c.layer = `{
    flink_version       = "v1_20"
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    upgrade             = { prove_for = "0s" }
  }`
	of := func(image string, more ...string) string {
		return c.application(streamlets(strings.Replace(streamlet("ingest", append(more, ingestPorts)...), "ingest:1", image, 1)), topics(`orders = { producers = ["ingest.valid"] }`))
	}
	c.run(
		resource.TestStep{Config: of("ingest:1")},
		resource.TestStep{Config: of("ingest:2"), ExpectError: words("To keep the state, set high availability")},
		resource.TestStep{
			Config:            of("ingest:2", `upgrade = { allow_state_loss = true }`),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned("rollout", "ingest", "state", "lost")}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING")},
		},
		resource.TestStep{Config: of("ingest:2", `mode = "native"`), PlanOnly: true, ExpectError: words(`The platform "clowder" does not take this mode`)},
		resource.TestStep{Config: of("ingest:2", `ingress = { template = "/{{name}}" }`), PlanOnly: true, ExpectError: words(`The platform "clowder" does not take this ingress`)},
	)
}

// TestAccClowderImport takes an application over from what its ClowdApp has, and shows drift where it is said.
func TestAccClowderImport(t *testing.T) {
	t.Parallel()
	c := onClowder(t)
	config := c.application(
		streamlets(streamlet("ingest", ingestPorts, `args = ["--rate", "5"]`, `entry_class = "com.example.Ingest"`, `config = { "max-lag" = "5s" }`), streamlet("enrich", `inlets = { orders = {} }`)),
		topics(`orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], partitions = 6, config = { "retention.ms" = 60000 } }`))
	c.run(
		resource.TestStep{Config: config},
		resource.TestStep{Config: c.environment() + "removed {\n from = " + payments + "\n lifecycle { destroy = false }\n}\n"},
		resource.TestStep{Config: config, ResourceName: payments, ImportState: true, ImportStateId: "clowder/" + c.name + "/payments", ImportStatePersist: true},
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "metadata"), planned("rollout", "enrich", "action", "metadata"),
			}},
		},
		resource.TestStep{Config: config, PlanOnly: true},
		resource.TestStep{
			PreConfig: func() {
				c.patchApp("payments", func(entries []any) {
					for _, entry := range entries {
						entry, _ := entry.(map[string]any)
						if entry["name"] == "enrich" {
							pod, _ := entry["podSpec"].(map[string]any)
							pod["image"] = "registry.example.com/other:9"
						}
					}
				})
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(payments, at("rollout", "enrich", "summary"), knownvalue.StringRegexp(regexp.MustCompile(`^#2 last state upgrade: image registry\.example\.com/other:9 -> registry\.example\.com/enrich:1;.*restarts from its last checkpoint$`))),
				planned("rollout", "ingest", "action", "metadata"),
			}},
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}

// patchApp changes the entries of a ClowdApp behind Terraform's back.
func (c *clowder) patchApp(name string, change func(entries []any)) {
	c.Helper()
	client := c.cluster.Client.Resource(acctest.ClowdApps).Namespace(c.namespace)
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		live, err := client.Get(c.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		entries, _, _ := unstructured.NestedSlice(live.Object, "spec", "deployments")
		change(entries)
		if err := unstructured.SetNestedSlice(live.Object, entries, "spec", "deployments"); err != nil {
			return err
		}
		_, err = client.Update(c.Context(), live, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
}
