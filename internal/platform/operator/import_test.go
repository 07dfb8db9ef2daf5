package operator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

func TestImportLeavesOutWhatNobodySaid(t *testing.T) {
	entry := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationApply, Subresource: subresource,
			FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
		}
	}
	const said = `{"f:metadata":{"f:labels":{"f:team":{}}},"f:spec":{"f:image":{},"f:job":{"f:jarURI":{}},"f:podTemplate":{}}}`
	operator := []metav1.ManagedFieldsEntry{
		entry("okhttp", "status", `{"f:status":{}}`),
		entry("okhttp", "", `{"f:spec":{"f:job":{"f:args":{}},"f:jobManager":{"f:replicas":{}}}}`),
		entry("kube-controller-manager", "scale", `{"f:spec":{"f:taskManager":{"f:replicas":{}}}}`),
	}
	all := flink.Tree{
		"image": "a", "job": map[string]any{"jarURI": "b", "args": []any{}}, "podTemplate": map[string]any{"kind": "Pod"},
		"jobManager": map[string]any{"replicas": int64(1)}, "taskManager": map[string]any{"replicas": int64(3)},
	}
	claimed := flink.Tree{"image": "a", "job": map[string]any{"jarURI": "b"}, "podTemplate": map[string]any{"kind": "Pod"}}
	for _, test := range []struct {
		name    string
		entries []metav1.ManagedFieldsEntry
		want    flink.Tree
		labels  map[string]string
		applied bool
	}{
		{"by an applying tool", append(operator, entry("helm", "", said)), claimed, map[string]string{"team": "a"}, false},
		{"by somebody unknown", append(operator, entry("deployer", "", said)), claimed, map[string]string{"team": "a"}, false},
		{"by a tool, and a controller beside it", append(operator, entry("helm", "", said), entry("mesh", "", `{"f:metadata":{"f:labels":{"f:mesh":{}}}}`)), claimed, map[string]string{"team": "a"}, false},
		{"by this provider, and kubectl beside it", append(operator, entry(kube.FieldManager, "", `{"f:spec":{"f:image":{}}}`), entry("kubectl-edit", "", said)), flink.Tree{"image": "a"}, map[string]string{}, true},
		{"without a record", nil, all, map[string]string{"team": "a", "mesh": "on"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, d, _ := begin(t, silent, "flink:1")
			object := f.live(t)
			object.Object["spec"] = toWire(all)
			object.SetLabels(map[string]string{"team": "a", "mesh": "on"})
			object.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"})
			object.SetManagedFields(test.entries)
			f.put(deploymentKind, object)
			got, err := d.Import(t.Context(), orders)
			if err != nil {
				t.Fatal(err)
			}
			if !flink.Equal(test.want, got.Spec) || len(got.Spec) != len(test.want) {
				t.Errorf("specification (-want +got):\n%s", cmp.Diff(test.want, got.Spec))
			}
			if diff := cmp.Diff(test.labels, got.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if len(got.Annotations) > 0 || got.Applied != test.applied {
				t.Errorf("annotations %v, applied %t", got.Annotations, got.Applied)
			}
		})
	}
}

// What no attribute holds is told by an import, and stays on the object when
// Terraform writes it for the first time and later.
func TestWhatAnImportLeavesOutStays(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	object := f.live(t)
	set := func(value any, path ...string) {
		if err := unstructured.SetNestedField(object.Object, value, append([]string{"spec"}, path...)...); err != nil {
			t.Fatal(err)
		}
	}
	set(int64(3), "job", "autoscalerResetNonce")
	set(int64(7), "job", redeployNonce)
	set([]any{map[string]any{"name": "gpu"}}, "taskManager", "resources", "claims")
	set([]any{map[string]any{"name": "gpu"}}, "jobManager", "resources", "claims")
	set(map[string]any{"type": "rocksdb"}, "flinkConfiguration", "state.backend")
	f.put(deploymentKind, object)
	imported, err := d.Import(t.Context(), orders)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, path := range imported.LeftOut {
		told = append(told, strings.Join(path, "."))
	}
	want := []string{"spec.job.autoscalerResetNonce", "spec.job.savepointRedeployNonce", "spec.jobManager.resources.claims", "spec.taskManager.resources.claims"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	change := changeTo("flink:2")
	change.Spec.TaskManager = &flink.TaskManager{Resources: &flink.Resources{Requests: flink.Amounts{"cpu": "1"}}}
	change.Spec.JobManager = nil
	for range 2 {
		if _, err := d.begin(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		live := f.live(t)
		nonce, _, _ := unstructured.NestedInt64(live.Object, "spec", "job", "autoscalerResetNonce")
		claims, _, _ := unstructured.NestedSlice(live.Object, "spec", "taskManager", "resources", "claims")
		if nonce != 3 || len(claims) != 1 {
			t.Errorf("the nonce is %d, the claims are %v", nonce, claims)
		}
		// What holds it is gone, and a redeploy is over.
		_, manager, _ := unstructured.NestedMap(live.Object, "spec", "jobManager", "resources")
		_, redeploys, _ := unstructured.NestedInt64(live.Object, "spec", "job", redeployNonce)
		if manager || redeploys {
			t.Errorf("jobManager.resources is there: %t, the nonce of a redeploy: %t", manager, redeploys)
		}
	}
}

func TestImportOfABlueGreenDeployment(t *testing.T) {
	s := newNativeStage(t)
	parent, err := s.Get(t.Context(), blueGreenKind, keyOf(orders))
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]any{
		"spec/configuration/" + keyDeletionDelay:              "5 min",
		"spec/configuration/" + keyAbortGracePeriod:           "10 min",
		"spec/configuration/kubernetes.operator.other":        "1",
		"spec/template/metadata":                              map[string]any{"labels": map[string]any{"team": "a"}},
		"spec/template/spec/job/savepointTriggerNonce":        int64(1),
		"spec/template/spec/flinkConfiguration/rest.port":     int64(8082),
		"spec/template/spec/taskManager/resource/cpu":         int64(1),
		"spec/template/spec/flinkConfiguration/state/backend": map[string]any{"type": "rocksdb"},
	} {
		if err := unstructured.SetNestedField(parent.Object, value, strings.Split(path, "/")...); err != nil {
			t.Fatal(err)
		}
	}
	s.put(blueGreenKind, parent)
	imported, err := NewApplications(s, Options{}).Import(t.Context(), orders)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, path := range imported.LeftOut {
		told = append(told, strings.Join(path, "."))
	}
	want := []string{"spec.configuration.kubernetes.operator.other", "spec.template.metadata", "spec.template.spec.job.savepointTriggerNonce"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"deletion_delay": "5 min"}, imported.Choices); diff != "" {
		t.Errorf("choices (-want +got):\n%s", diff)
	}
	spec, err := flink.SpecOf(imported.Spec)
	if err != nil {
		t.Fatal(err)
	}
	if port, _ := spec.FlinkConfiguration.Get("rest.port"); port != "8082" {
		t.Errorf("the port is %q", port)
	}
}
