package cloudflow

import (
	"context"
	"encoding/base64"
	"log/slog"
	"maps"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/fake"
)

// world is an operator with a cluster in memory and a clock that the test sets.
type world struct {
	*testing.T
	*Operator
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		applications: "CloudflowApplicationList", deployments: "DeploymentList", pods: "PodList", secrets: "SecretList", configMaps: "ConfigMapList", namespaces: "NamespaceList",
	})
	w := &world{T: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.Operator = &Operator{
		Options: Options{Namespace: "cloudflow", SecretWait: 12 * time.Second, Step: time.Second, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)},
		client:  client, apps: map[types.UID]*app{},
	}
	w.create(namespaces, "", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "shop", "labels": object{OperatorLabel: "cloudflow"}}})
	return w
}

func (w *world) create(kind schema.GroupVersionResource, namespace string, content object) {
	w.Helper()
	if _, err := w.client.Resource(kind).Namespace(namespace).Create(w.Context(), &unstructured.Unstructured{Object: content}, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
}

// application creates an application of the entries.
func (w *world) application(labels object, entries ...any) {
	w.Helper()
	w.create(applications, "shop", object{
		"apiVersion": "cloudflow.lightbend.com/v1alpha1", "kind": "CloudflowApplication",
		"metadata": object{"name": "payments", "namespace": "shop", "uid": "u", "labels": labels},
		"spec":     object{"app_id": "payments", "deployments": entries},
	})
}

func (w *world) secret(name string, values map[string]string) {
	w.Helper()
	data := object{}
	for key, value := range values {
		data[key] = base64.StdEncoding.EncodeToString([]byte(value))
	}
	w.create(secrets, "shop", object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": name, "namespace": "shop"}, "data": data})
}

// pass lets some seconds pass, with a look in each.
func (w *world) pass(seconds int) {
	w.Helper()
	for range seconds {
		if err := w.Pass(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.now = w.now.Add(time.Second)
	}
}

func (w *world) get(kind schema.GroupVersionResource, name string) *unstructured.Unstructured {
	w.Helper()
	found, err := w.client.Resource(kind).Namespace("shop").Get(context.WithoutCancel(w.Context()), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// status is a text of the application's status.
func (w *world) status(field string) string {
	w.Helper()
	text, _, _ := unstructured.NestedString(w.get(applications, "payments").Object, "status", field)
	return text
}

func managed() object { return object{managedByLabel: managedBy} }

func akka(changes object) object {
	entry := object{"name": "payments.ingest", "streamlet_name": "ingest", "runtime": "akka", "image": "i:1", "class_name": "c", "secret_name": "s"}
	maps.Copy(entry, changes)
	return entry
}

const joined = `{"cloudflow":{"runner":{"streamlet":{"context":{"port_mappings":{"out":{"id":"orders","config":{"bootstrap":{"servers":"k:9092"},"partitions":-1,"replicas":-1}}}}}}}}`

func TestWithoutTheLabelItIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.secret("s", map[string]string{"pods-config.conf": `{}`})
	w.application(object{"other": "label"}, akka(nil))
	w.pass(20)
	if w.get(deployments, "payments-ingest") != nil || w.GaveUp() {
		t.Error("an application without the label is taken up")
	}
}

func TestAMissingSecretEndsTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.application(managed(), akka(nil))
	w.pass(12)
	if w.GaveUp() {
		t.Fatal("it gave up too early")
	}
	w.pass(1)
	if !w.GaveUp() {
		t.Fatal("it has not given up")
	}
	w.secret("s", map[string]string{"pods-config.conf": `{}`})
	w.pass(5)
	if w.get(deployments, "payments-ingest") != nil {
		t.Error("an operator that has given up goes on")
	}
	w.Restart()
	w.pass(1)
	if w.get(deployments, "payments-ingest") == nil {
		t.Error("an operator that was restarted does nothing")
	}
}

func TestAStatusComesWithTheFirstPod(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.application(managed(), object{"name": "payments.enrich", "streamlet_name": "enrich", "runtime": "flink", "image": "f:1", "class_name": "c", "secret_name": "f"})
	w.pass(5)
	if w.get(deployments, "payments-enrich") != nil || w.status("app_status") != "" {
		t.Fatalf("a streamlet of Flink is run, or has the status %q", w.status("app_status"))
	}
	w = newWorld(t)
	w.secret("s", map[string]string{"pods-config.conf": `{}`, "secret.conf": joined})
	w.application(managed(), akka(object{"replicas": int64(2), "port_mappings": object{"out": object{"id": "orders", "config": object{}}}}),
		object{"name": "payments.enrich", "streamlet_name": "enrich", "runtime": "flink", "image": "f:1", "class_name": "c", "secret_name": "f"})
	w.pass(1)
	if is := w.status("app_status"); is != "Pending" {
		t.Errorf("pods that start have the status %q", is)
	}
	w.pass(4)
	if is := w.status("app_status"); is != "Running" {
		t.Errorf("pods that run have the status %q", is)
	}
	streamlets, _, _ := unstructured.NestedSlice(w.get(applications, "payments").Object, "status", "streamlet_statuses")
	external, _, _ := unstructured.NestedSlice(streamlets[1].(object), "pod_statuses")
	if is := external[0].(object); is["name"] != "<external>" || is["ready"] != "True" {
		t.Errorf("the streamlet of Flink has the pod %v", is)
	}
	if w.get(configMaps, "topic-orders") == nil {
		t.Error("the topic has no ConfigMap")
	}
}

func TestTopicsWithoutBrokersFailTheApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.secret("s", map[string]string{"pods-config.conf": `{}`, "secret.conf": `{}`})
	w.application(managed(), akka(object{"port_mappings": object{"out": object{"id": "orders", "config": object{}}}}))
	w.pass(2)
	if is := w.status("app_status"); is != "Error" {
		t.Errorf("the status is %q", is)
	}
}

func TestPodsOfAWrongConfigurationAreWithoutAnyOfIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kubernetes":{"pods":{"pod":{"labels":{"team":"a"}}}}}`:                                                  "a",
		`{"kubernetes":{"pods":{"pod":{"labels":{"team":"a"},"hostNetwork":true}}}}`:                               "",
		`{"kubernetes":{"pods":{"pod":{"labels":{"team":"a"},"annotations":{"flink-terraform.io/runtime":"x"}}}}}`: "",
	} {
		w := newWorld(t)
		w.secret("s", map[string]string{"pods-config.conf": text, "secret.conf": `{}`})
		w.application(managed(), akka(nil))
		w.pass(1)
		labels, _, _ := unstructured.NestedStringMap(w.get(deployments, "payments-ingest").Object, "spec", "template", "metadata", "labels")
		if labels["team"] != want {
			t.Errorf("%s: the pods have the labels %v", text, labels)
		}
	}
}

func TestPodsFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entry  object
		config string
		want   string
	}{
		"an image that is nowhere": {object{"image": "i:nope"}, `{}`, "Pending"},
		"a crash loop":             {nil, `{"kubernetes":{"pods":{"pod":{"annotations":{"standin.cloudflow/crash":"boom"}}}}}`, "CrashLoopBackOff"},
	} {
		w := newWorld(t)
		w.secret("s", map[string]string{"pods-config.conf": test.config, "secret.conf": `{}`})
		w.application(managed(), akka(test.entry))
		w.pass(12)
		if is := w.status("app_status"); is != test.want {
			t.Errorf("%s: the status is %q", name, is)
		}
	}
}
