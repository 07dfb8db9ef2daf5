package operator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
