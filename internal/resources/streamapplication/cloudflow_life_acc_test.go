package streamapplication_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
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
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// edit changes the entry of a streamlet as somebody else does.
func (f *flows) edit(streamlet string, change func(entry map[string]any)) {
	f.Helper()
	applications := f.cluster.Client.Resource(acctest.CloudflowApplications).Namespace(f.namespace)
	cr, err := applications.Get(f.Context(), "payments", metav1.GetOptions{})
	if err != nil {
		f.Fatal(err)
	}
	all, _, _ := unstructured.NestedSlice(cr.Object, "spec", "deployments")
	for _, item := range all {
		if entry, _ := item.(map[string]any); entry["streamlet_name"] == streamlet {
			change(entry)
		}
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"deployments": all}})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := applications.Patch(f.Context(), "payments", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		f.Fatal(err)
	}
}

// secretOf is the Secret of a streamlet.
func (f *flows) secretOf(streamlet string) string {
	f.Helper()
	name, _ := f.entry(streamlet)["secret_name"].(string)
	return name
}

// TestAccCloudflowReplicas keeps the number of pods that somebody has set, until the configuration says one.
func TestAccCloudflowReplicas(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	of := func(ingest ...string) string { return f.application(streamlets(akka("ingest", ingest...))) }
	replicas := func(want int64) resource.TestCheckFunc {
		return check(func() error {
			if is := f.entry("ingest")["replicas"]; is != want {
				return fmt.Errorf("the entry has %v replicas, want %d", is, want)
			}
			live, _, _ := unstructured.NestedInt64(f.get(workloads, "payments-ingest").Object, "status", "readyReplicas")
			if live != want {
				return fmt.Errorf("%d pods are ready, want %d", live, want)
			}
			return nil
		})
	}
	f.run(
		resource.TestStep{Config: of()},
		resource.TestStep{
			PreConfig: func() { f.edit("ingest", func(entry map[string]any) { entry["replicas"] = int64(3) }) },
			Config:    of(`config = { a = "b" }`),
			Check:     replicas(3),
		},
		resource.TestStep{Config: of(`config = { a = "b" }`), PlanOnly: true},
		resource.TestStep{
			Config: of(`config = { a = "b" }`, "parallelism = 2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#3 config only: parallelism set to 2; the job keeps running"),
			}},
			Check: replicas(2),
		},
		resource.TestStep{Config: of(`config = { a = "b" }`, "parallelism = 2"), PlanOnly: true},
	)
}

// TestAccCloudflowFails has a new version of each runtime fail: the error has the cause, what ran before runs again, and the
// change stays in the next plan.
func TestAccCloudflowFails(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	of := func(ingest, enrich string, more ...string) string {
		return f.application(
			streamlets(
				strings.Replace(akka("ingest", append(more, ingestPorts)...), "ingest:1", ingest, 1),
				strings.Replace(streamlet("enrich", `inlets = { orders = {} }`), "enrich:1", strings.Replace(enrich, ":fails", ":2\"\n args = [\"--fail-start\"]\n entry_class = \"Fails", 1), 1),
			),
			topics(orders))
	}
	has := func(streamlet, image string) resource.TestCheckFunc {
		return check(func() error {
			if is := f.entry(streamlet)["image"]; is != "registry.example.com/"+image {
				return fmt.Errorf("the entry of %s has the image %v", streamlet, is)
			}
			return nil
		})
	}
	f.run(
		resource.TestStep{
			Config:      f.application(streamlets(akka("ingest", `pod_template = "metadata: { annotations: { standin.cloudflow/crash: 'no such class' } }"`))),
			ExpectError: words(`CrashLoopBackOff: back-off restarting failed container; it ended with the code 1: no such class`),
		},
		resource.TestStep{Config: of("ingest:1", "enrich:1")},
		resource.TestStep{
			Config:      of("ingest:nope", "enrich:1"),
			ExpectError: words(`The new version of "payments-ingest" does not start: the pod`),
		},
		resource.TestStep{
			RefreshState: true,
			Check:        has("ingest", "ingest:1"), ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config:      of("ingest:1", "enrich:fails"),
			ExpectError: words(`The new version of "payments-enrich"`),
		},
		resource.TestStep{
			Config: of("ingest:2", "enrich:2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "savepoint_upgrade"), planned("rollout", "ingest", "action", "stateless_restart"),
			}},
			Check: resource.ComposeTestCheckFunc(has("ingest", "ingest:2"), has("enrich", "enrich:2")),
		},
		resource.TestStep{Config: of("ingest:2", "enrich:2"), PlanOnly: true},
	)
}

// TestAccCloudflowDrift finds what somebody has changed of entries and Secrets, and puts it back.
func TestAccCloudflowDrift(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	config := f.application(streamlets(akka("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders))
	image := func(streamlet string) resource.TestCheckFunc {
		return check(func() error {
			if is := f.entry(streamlet)["image"]; is != "registry.example.com/"+streamlet+":1" {
				return fmt.Errorf("the entry of %s has the image %v", streamlet, is)
			}
			return nil
		})
	}
	var generation int64
	f.run(
		resource.TestStep{Config: config, Check: check(func() error {
			generation = f.generation(acctest.FlinkDeployments, "payments-enrich")
			return nil
		})},
		resource.TestStep{
			PreConfig: func() {
				f.edit("ingest", func(entry map[string]any) { entry["image"] = "registry.example.com/other:1" })
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#2 stateless restart: image registry.example.com/other:1 -> registry.example.com/ingest:1; its pods stop, and others start in their place"),
				planned("rollout", "enrich", "summary", "#1 create"),
			}},
			Check: image("ingest"),
		},
		resource.TestStep{
			PreConfig: func() {
				f.edit("enrich", func(entry map[string]any) { entry["image"] = "registry.example.com/other:1" })
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				// The job is another object's.
				planned("rollout", "enrich", "action", "metadata"), planned("rollout", "ingest", "action", "stateless_restart"),
			}},
			Check: image("enrich"),
		},
		resource.TestStep{
			PreConfig: func() {
				f.patchSecret(f.secretOf("ingest"), `{"data":{"runtime-config.conf":"`+base64.StdEncoding.EncodeToString([]byte(`{"a":1}`))+`"}}`)
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "action", "stateless_restart"), planned("rollout", "enrich", "action", "metadata"),
			}},
		},
		resource.TestStep{
			PreConfig: func() { f.deleteSecret(f.secretOf("enrich")) },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "metadata"),
			}},
			Check: check(func() error {
				if f.get(secrets, f.secretOf("enrich")) == nil {
					return fmt.Errorf("the Secret is not put back")
				}
				if now := f.generation(acctest.FlinkDeployments, "payments-enrich"); now != generation {
					return fmt.Errorf("the job was touched: generation %d after %d", now, generation)
				}
				return nil
			}),
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}

func (f *flows) patchSecret(name, patch string) {
	f.Helper()
	if _, err := f.cluster.Client.Resource(secrets).Namespace(f.namespace).Patch(f.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		f.Fatal(err)
	}
}

func (f *flows) deleteSecret(name string) {
	f.Helper()
	if err := f.cluster.Client.Resource(secrets).Namespace(f.namespace).Delete(f.Context(), name, metav1.DeleteOptions{}); err != nil {
		f.Fatal(err)
	}
}

// TestAccCloudflowImport imports an application of both runtimes, and leaves everything as it is.
func TestAccCloudflowImport(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	application := f.bare(
		streamlets(
			akka("ingest", schemaPort("outlets", "valid", orderV1), `config = { "max-lag" = "5s" }`, "parallelism = 2", `labels = { team = "a" }`,
				`pod_template = "spec: { containers: [{ name: flink-main-container, env: [{ name: A, value: b }] }] }"`),
			streamlet("enrich", schemaPort("inlets", "orders", orderV1)),
		),
		topics(orders))
	generations := map[string]int64{}
	all := map[string]schema.GroupVersionResource{"payments": acctest.CloudflowApplications, "payments-ingest": workloads, "payments-enrich": acctest.FlinkDeployments}
	f.run(
		resource.TestStep{Config: f.environment() + application, Check: check(func() error {
			for name, kind := range all {
				generations[name] = f.generation(kind, name)
			}
			return nil
		})},
		resource.TestStep{Config: f.environment() + "removed {\n from = " + payments + "\n lifecycle { destroy = false }\n}\n"},
		resource.TestStep{
			Config: f.environment() + application, ResourceName: payments, ImportState: true, ImportStateId: "cloudflow/" + f.namespace + "/payments", ImportStatePersist: true,
		},
		resource.TestStep{
			Config: f.environment() + application,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				// Only the timeouts are new, which no object has.
				planned("rollout", "ingest", "action", "metadata"), planned("rollout", "enrich", "action", "metadata"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("streamlets").AtMapKey("ingest").AtMapKey("runtime"), knownvalue.StringExact("akka")),
				is("status", "ingest", "job_state", "RUNNING"),
			},
			Check: check(func() error {
				for name, kind := range all {
					if now := f.generation(kind, name); now != generations[name] {
						return fmt.Errorf("%s was touched: generation %d after %d", name, now, generations[name])
					}
				}
				return nil
			}),
		},
		resource.TestStep{Config: f.environment() + application, PlanOnly: true},
	)
}

// TestAccCloudflowLeavesNothing destroys an application, with what Cloudflow itself leaves behind.
func TestAccCloudflowLeavesNothing(t *testing.T) {
	t.Parallel()
	f := onCloudflow(t)
	f.run(
		resource.TestStep{
			Config: f.application(streamlets(akka("ingest", "outlets = { valid = {}, seen = {} }"), streamlet("enrich", enrichPorts)), topics(orders, `scored = { producers = ["enrich.out"] }`, `seen = { producers = ["ingest.seen"] }`)),
			Check: check(func() error {
				if f.get(configMaps, "topic-orders-v1") == nil || f.get(configMaps, "topic-seen") == nil {
					return fmt.Errorf("there is no ConfigMap of a topic: the operator calls it by its id")
				}
				if f.get(configMaps, "topic-scored") != nil {
					return fmt.Errorf("the operator is told of a topic that only streamlets of Flink have")
				}
				return nil
			}),
		},
		resource.TestStep{
			// A port that leaves takes its topic along.
			Config: f.application(streamlets(akka("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)), topics(orders)),
			Check: check(func() error {
				if f.get(configMaps, "topic-seen") != nil {
					return fmt.Errorf("the ConfigMap of the topic stays")
				}
				return nil
			}),
		},
	)
	for _, kind := range []schema.GroupVersionResource{acctest.CloudflowApplications, acctest.FlinkDeployments, workloads} {
		list, err := f.cluster.Client.Resource(kind).Namespace(f.namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil || len(list.Items) > 0 {
			t.Errorf("%d %s stay, %v", len(list.Items), kind.Resource, err)
		}
	}
	for _, kind := range []schema.GroupVersionResource{secrets, configMaps} {
		list, err := f.cluster.Client.Resource(kind).Namespace(f.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by"})
		if err != nil {
			t.Error(err)
			continue
		}
		for _, item := range list.Items {
			t.Errorf("%s %s stays", kind.Resource, item.GetName())
		}
	}
}

// TestAccCloudflowSecretsFirst has an operator that gives up at once when a Secret is missing: it never does.
func TestAccCloudflowSecretsFirst(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	f := flowsOn(t, acctest.PrivateCloudflow(t, acctest.Cluster(t, acctest.Newest()), "--secret-wait=0s", "--speed=10ms"))
	of := func(value string) string {
		return f.application(streamlets(akka("ingest", fmt.Sprintf("config = { a = %q }", value)), akka("report", fmt.Sprintf("config = { a = %q }", value))))
	}
	f.run(
		resource.TestStep{Config: of("1"), ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "report", "job_state", "RUNNING")}},
		resource.TestStep{Config: of("2"), ConfigStateChecks: []statecheck.StateCheck{is("status", "ingest", "job_state", "RUNNING"), is("status", "report", "job_state", "RUNNING")}},
	)
}

// TestAccCloudflowProtocol refuses an operator that speaks another protocol, before anything is written.
func TestAccCloudflowProtocol(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	f := flowsOn(t, acctest.PrivateCloudflow(t, acctest.Cluster(t, acctest.Newest()), "--protocol=6"))
	f.run(resource.TestStep{
		Config:      f.application(streamlets(akka("ingest"))),
		ExpectError: words(`speaks the protocol "6", and this provider "7"`),
	})
	for _, kind := range []schema.GroupVersionResource{acctest.CloudflowApplications, secrets, configMaps} {
		list, err := f.cluster.Client.Resource(kind).Namespace(f.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by"})
		if err != nil || len(list.Items) > 0 {
			t.Errorf("%d %s were written, %v", len(list.Items), kind.Resource, err)
		}
	}
}

// TestAccRuntimes refuses what a runtime does not have, at plan.
func TestAccRuntimes(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	f := onCloudflow(t)
	step := func(config, message string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectError: words(message)}
	}
	f.run(
		step(f.fixture.application(streamlets(akka("ingest"))), `The platform "operator" does not run streamlets of the runtime akka`),
		step(f.application(streamlets(akka("ingest", `jar_uri = "local:///a.jar"`))), `A streamlet of the runtime akka has no jar_uri`),
		step(f.application(streamlets(akka("ingest", `flink_version = "v1_20"`))), `A streamlet of the runtime akka has no flink_version`),
		step(f.application(streamlets(akka("ingest", `upgrade = { strategy = "blue_green" }`))), `A streamlet of the runtime akka has no strategy blue_green`),
		step(f.application(streamlets(akka("ingest", `pod_template = "spec: { hostNetwork: true }"`))), `Cloudflow cannot set spec.hostNetwork of the pods of a streamlet`),
		step(f.application(streamlets(strings.Replace(akka("ingest"), `entry_class = "com.example.ingest"`, "", 1))), `The class is missing`),
		resource.TestStep{Config: f.application(streamlets(akka("ingest")))},
		step(f.application(streamlets(streamlet("ingest"))), `The streamlet "ingest" cannot have another runtime`),
	)
}

// TestAccCloudflowBlueGreen switches a streamlet of Flink to another color and takes a savepoint of it: the entry has what is
// active.
func TestAccCloudflowBlueGreen(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	f := onCloudflow(t)
	of := func(image string) string {
		return f.application(streamlets(akka("ingest", ingestPorts),
			strings.Replace(streamlet("enrich", `inlets = { orders = {} }`, `upgrade = { strategy = "blue_green" }`), "enrich:1", image, 1)), topics(orders)) + `
resource "flink_savepoint" "before" {
  environment = flink_environment.shop
  name        = "before"
  deployment  = "payments-enrich"
  depends_on  = [flink_stream_application.payments]
}
`
	}
	f.run(
		resource.TestStep{Config: of("enrich:1")},
		resource.TestStep{
			Config: of("enrich:2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "enrich", "action", "blue_green"), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{is("status", "enrich", "job_state", "RUNNING"), is("status", "enrich", "active_color", "green")},
			Check: check(func() error {
				if is := f.entry("enrich")["image"]; is != "registry.example.com/enrich:2" {
					return fmt.Errorf("the entry has the image %v", is)
				}
				return nil
			}),
		},
		resource.TestStep{Config: of("enrich:2"), PlanOnly: true},
	)
}
