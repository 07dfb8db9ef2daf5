package cmf

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinkapi"
)

// inCluster is a cluster without an operator, which keeps what it is told.
func inCluster() *Kubernetes {
	client := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		namespaces: "NamespaceList", events: "EventList", flinkapi.FlinkDeployments: "FlinkDeploymentList", flinkapi.FlinkStateSnapshots: "FlinkStateSnapshotList",
	}, &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "flink"}}})
	client.PrependReactor("patch", "flinkdeployments", func(action clienttesting.Action) (bool, runtime.Object, error) {
		patch, _ := action.(clienttesting.PatchAction)
		applied := &unstructured.Unstructured{}
		if err := json.Unmarshal(patch.GetPatch(), &applied.Object); err != nil {
			return true, nil, err
		}
		_ = client.Tracker().Delete(flinkapi.FlinkDeployments, patch.GetNamespace(), patch.GetName())
		return true, applied, client.Tracker().Create(flinkapi.FlinkDeployments, applied, patch.GetNamespace())
	})
	return &Kubernetes{flinkapi.Client{Objects: client}}
}

// An application is created and replaced by one operation, which answers 201 both
// times. Whoever lists its instances and events stops at an empty page.
func TestRecordedApplications(t *testing.T) {
	c := standIn(t)
	const applications = "/environments/production/applications"
	application := func(parallelism int) string {
		return fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"FlinkApplication","metadata":{"name":"orders"},"spec":{"flinkConfiguration":{"a":"b"},"job":{"parallelism":%d}}}`, parallelism)
	}
	alpha := strings.Replace(base, "v1", "v1alpha1", 1) + applications
	c.all(
		get(applications+"/orders", http.StatusNotFound, nil),
		post(applications, application(2), http.StatusCreated, map[string]any{"metadata.name": "orders", "spec.job.parallelism": 2.0}),
		post("/environments/staging/applications", application(2), http.StatusBadRequest, nil),
		recorded{http.MethodGet, base + "/environments/staging/applications?page=0&size=100", "", http.StatusNotFound, nil},
		recorded{http.MethodGet, alpha + "/other/events?page=0&size=100", "", http.StatusNotFound, nil},
		get(applications+"/other/instances", http.StatusNotFound, nil),
	)
	c.lists(base+applications, "", "orders")

	first := c.list(base+applications+"/orders/instances", "", 100)
	c.all(post(applications, application(2), http.StatusCreated, nil), post(applications, application(4), http.StatusCreated, nil))
	instances := c.list(base+applications+"/orders/instances", "", 100)
	if len(first) != 1 || len(instances) != 2 || instances[0] != first[0] {
		t.Fatalf("its instances are %q, and then %q", first, instances)
	}
	for i, parallelism := range []float64{2, 4} {
		c.do(get(applications+"/orders/instances/"+instances[i], http.StatusOK, map[string]any{
			"metadata.name": instances[i], "metadata.uid": instances[i], "status.spec.job.parallelism": parallelism,
		}))
	}
	c.do(get(applications+"/orders/instances/other", http.StatusNotFound, nil))

	warning := &unstructured.Unstructured{Object: object{
		"apiVersion": "v1", "kind": "Event", "metadata": object{"name": "orders.1", "namespace": "flink"},
		"type": "Warning", "reason": "Failed", "message": "no slots", "involvedObject": object{"name": "orders"},
	}}
	if _, err := c.server.kubernetes.Objects.Resource(events).Namespace("flink").Create(t.Context(), warning, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c.do(recorded{http.MethodGet, alpha + "/orders/events?page=0&size=100", "", http.StatusOK, map[string]any{
		"items.0.metadata.flinkApplicationInstance": instances[1], "items.0.status.data.exceptionString": "no slots",
	}})
	c.lists(alpha+"/orders/events", "", "orders.1")

	c.all(
		remove(applications+"/orders", http.StatusNoContent),
		get(applications+"/orders", http.StatusNotFound, nil),
		get(applications+"/orders/instances", http.StatusNotFound, nil),
		remove(applications+"/orders", http.StatusNotModified),
		post(applications, application(2), http.StatusCreated, nil),
	)
	if again := c.list(base+applications+"/orders/instances", "", 100); len(again) != 1 || again[0] == instances[0] {
		t.Errorf("one of the same name has the instances %q", again)
	}
}

// A savepoint may come without a name, and with a status that nobody looks at. One
// from elsewhere is only a name and a path.
func TestRecordedSavepoints(t *testing.T) {
	c := standIn(t)
	const savepoints = "/environments/production/applications/orders/savepoints"
	savepoint := func(metadata, spec string) string {
		return `{"apiVersion":"cmf.confluent.io/v1","kind":"Savepoint","metadata":` + metadata + `,"spec":` + spec + `,"status":{"path":""}}`
	}
	named := savepoint(`{"name":"before"}`, `{"backoffLimit":0,"formatType":"CANONICAL"}`)
	elsewhere := savepoint(`{"name":"elsewhere"}`, `{"path":"s3://flink/elsewhere"}`)
	c.all(
		post(savepoints, named, http.StatusNotFound, nil),
		post("/environments/production/applications", `{"apiVersion":"cmf.confluent.io/v1","kind":"FlinkApplication","metadata":{"name":"orders"},"spec":{"job":{}}}`, http.StatusCreated, nil),
		post(savepoints, named, http.StatusCreated, map[string]any{"metadata.name": "before", "status.state": "TRIGGER_PENDING", "status.path": nil}),
		post(savepoints, named, http.StatusUnprocessableEntity, nil),
	)
	unnamed, _ := at(c.do(post(savepoints, savepoint(`{}`, `{"backoffLimit":3,"formatType":"NATIVE","path":"s3://flink/mine"}`), http.StatusCreated, map[string]any{"spec.path": "s3://flink/mine"})), "metadata.name").(string)
	if unnamed == "" || unnamed == "before" {
		t.Errorf("a savepoint without a name is called %q", unnamed)
	}
	c.lists(base+savepoints, "", "before", unnamed)
	c.all(
		get(savepoints+"/other", http.StatusNotFound, nil),
		post(savepoints+"/before/detach", "", http.StatusOK, map[string]any{"metadata.name": "before"}),
		post(savepoints+"/other/detach", "", http.StatusNotFound, nil),
		remove(savepoints+"/"+unnamed+"?force=true", http.StatusNoContent),
		post("/detached-savepoints", elsewhere, http.StatusCreated, map[string]any{"metadata.name": "elsewhere", "spec.path": "s3://flink/elsewhere", "status.path": "s3://flink/elsewhere"}),
		post("/detached-savepoints", elsewhere, http.StatusUnprocessableEntity, nil),
		get("/detached-savepoints/elsewhere", http.StatusOK, map[string]any{"status.state": "COMPLETED"}),
		get("/detached-savepoints/other", http.StatusNotFound, nil),
	)
	c.lists(base+savepoints, "")
	c.lists(base+"/detached-savepoints", "name=&", "before", "elsewhere")
	c.lists(base+"/detached-savepoints", "name=else&", "elsewhere")
	c.all(remove("/detached-savepoints/elsewhere", http.StatusNoContent), remove("/detached-savepoints/elsewhere", http.StatusNotFound))
}

// A browser behind the tool's forwarded web interface is given what the JobManager
// says that a file is.
func TestRecordedWebInterface(t *testing.T) {
	jobManager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/flink/services/orders-rest:8081/proxy/index.html" || r.URL.RawQuery != "a=b" {
			t.Errorf("the cluster is asked for %s", r.URL)
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>Flink</p>")
	}))
	defer jobManager.Close()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: %q}}]\ncontexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n", jobManager.URL)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadKubernetes(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	c := standIn(t)
	c.server.kubernetes.Raw = loaded.Raw
	got := httptest.NewRecorder()
	c.server.ServeHTTP(got, httptest.NewRequest(http.MethodGet, base+"/environments/production/applications/orders/flink-web-ui/index.html?a=b", http.NoBody))
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "text/html" || got.Body.String() != "<p>Flink</p>" {
		t.Errorf("the answer is %d %v: %s", got.Code, got.Header(), got.Body)
	}
}
