package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// A tool that writes each field it knows leaves empty lists and maps, which nobody
// configures. An empty object that the operator takes for another one than none
// stays.
func TestAnImportTakesNoEmptyListsAndMaps(t *testing.T) {
	t.Parallel()
	of := plainType
	of.Refuses = func(string, flink.DeploymentSpec) diag.Diagnostic { return nil }
	m := &Model{Record: Record{ID: types.StringValue("operator/flink-prod/orders")}}
	diags := (&Resource{Type: of}).adopt(m, &platform.Observed{
		Labels: map[string]string{}, Annotations: map[string]string{},
		Spec: flink.Tree{
			"image": "orders:1", "flinkConfiguration": flink.Tree{}, "logConfiguration": flink.Tree{}, "podTemplate": flink.Tree{},
			"job":         flink.Tree{"jarURI": "local:///a.jar", "args": []any{}},
			"jobManager":  flink.Tree{"resources": flink.Tree{"requests": flink.Tree{}, "limits": flink.Tree{}}},
			"taskManager": flink.Tree{"podTemplate": flink.Tree{}},
			"ingress": flink.Tree{
				"template": "{{name}}.example.com", "annotations": flink.Tree{}, "labels": flink.Tree{}, "tls": []any{},
			},
		},
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	want := flink.DeploymentSpec{
		Image: new("orders:1"), Job: &flink.Job{JarURI: new("local:///a.jar")},
		JobManager: &flink.JobManager{Resources: &flink.Resources{}}, TaskManager: &flink.TaskManager{},
		Ingress: &flink.Ingress{Template: new("{{name}}.example.com")},
	}
	if diff := cmp.Diff(want, m.Said().DeploymentSpec); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if said := m.Said(); said.Labels != nil || said.Annotations != nil {
		t.Errorf("labels %v, annotations %v", said.Labels, said.Annotations)
	}
}
