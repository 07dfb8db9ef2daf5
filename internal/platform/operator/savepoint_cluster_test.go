package operator_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

var flinkSnapshots = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkstatesnapshots"}

// TestFinding28_OnTheStandIn deletes a snapshot whose target does not exist,
// which somebody else created.
func TestFinding28_OnTheStandIn(t *testing.T) {
	cluster := acctest.Cluster(t, acctest.Newest())
	ref := platform.Ref{Namespace: cluster.Namespace(t), Name: "orphan"}
	snapshots := cluster.Client.Resource(flinkSnapshots).Namespace(ref.Namespace)
	watch, err := snapshots.Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	if _, err := snapshots.Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkStateSnapshot", "metadata": map[string]any{"name": ref.Name},
		"spec": map[string]any{"jobReference": map[string]any{"kind": "FlinkDeployment", "name": "missing"}, "savepoint": map[string]any{}},
	}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for event := range watch.ResultChan() {
		if object, ok := event.Object.(*unstructured.Unstructured); ok && len(object.GetFinalizers()) > 0 {
			break
		}
	}
	note, err := operator.NewSavepoints(connect(t, cluster)).Delete(t.Context(), platform.ObservedSavepoint{Savepoint: platform.Savepoint{Ref: ref}})
	if err != nil {
		t.Fatal(err)
	}
	mentions(t, note, "FlinkStateSnapshot "+ref.String(), "No savepoint was taken")
	if object, err := snapshots.Get(t.Context(), ref.Name, metav1.GetOptions{}); err == nil {
		t.Errorf("the object is still there: %v", object)
	}
}
