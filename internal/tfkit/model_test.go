package tfkit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func ptr[T any](value T) *T { return &value }

// attributes returns the paths of the errors.
func attributes(diags diag.Diagnostics) []string {
	var paths []string
	for _, d := range diags.Errors() {
		at := ""
		if withPath, ok := d.(diag.DiagnosticWithPath); ok {
			at = withPath.Path().String()
		}
		paths = append(paths, at)
	}
	return paths
}

// full is a layer with every attribute set.
func full() LayerModel {
	component := func() *ComponentModel {
		return &ComponentModel{
			Replicas:    ptr(int64(2)),
			Resource:    &ResourceModel{CPU: ptr(0.5), Memory: ptr("2g"), EphemeralStorage: ptr("5Gi")},
			Resources:   &ResourcesModel{Requests: map[string]string{"cpu": "1"}, Limits: map[string]string{"memory": "2Gi"}},
			PodTemplate: ptr("metadata:\n  labels:\n    a: b\n"),
		}
	}
	return LayerModel{
		SpecModel: SpecModel{
			Image: ptr("flink:1.20"), ImagePullPolicy: ptr("Always"), FlinkVersion: ptr("v1_20"), ServiceAccount: ptr("flink"), Mode: ptr("native"),
			FlinkConfiguration: map[string]*string{"a": ptr("1"), "b": nil},
			JobManager:         component(),
			TaskManager:        component(),
			PodTemplate:        ptr("spec:\n  priority: 1\n"),
			LogConfiguration:   map[string]string{"logback-console.xml": "<x/>"},
			Ingress: &IngressModel{
				Template: ptr("{{name}}.example.com"), ClassName: ptr("nginx"),
				Annotations: map[string]string{"c": "d"}, Labels: map[string]string{"e": "f"},
				TLS: []IngressTLSModel{{Hosts: []string{"g"}, SecretName: ptr("h")}},
			},
		},
		Labels: map[string]*string{"i": ptr("j"), "k": nil}, Annotations: map[string]*string{"l": ptr("m")},
		Upgrade: &LayerUpgradeModel{OnFailure: ptr("keep")},
	}
}

func TestLayerHasEveryAttribute(t *testing.T) {
	model := full()
	layer, diags := model.Layer(path.Root("deployment_defaults"))
	if diags.HasError() {
		t.Fatal(diags)
	}
	text, err := flink.TreeOf(layer)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{
		"image", "imagePullPolicy", "flinkVersion", "serviceAccount", "mode", "flinkConfiguration", "jobManager",
		"taskManager", "podTemplate", "logConfiguration", "ingress", "labels", "annotations", "upgrade",
	} {
		if _, ok := text[field]; !ok {
			t.Errorf("the layer lacks %s", field)
		}
	}
	if layer.FlinkConfiguration["b"] != nil || layer.Labels["k"] != nil || len(layer.FlinkConfiguration) != 2 || len(layer.Labels) != 2 {
		t.Errorf("null elements must stay, they remove inherited keys: %v %v", layer.FlinkConfiguration, layer.Labels)
	}
	back, err := SpecModelOf(layer.DeploymentSpec)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(model.SpecModel, back); diff != "" {
		t.Errorf("the attributes of the specification are others (-want +got):\n%s", diff)
	}
}

func TestEmptyLayerSaysNothing(t *testing.T) {
	layer, diags := (&LayerModel{}).Layer(path.Root("deployment_defaults"))
	if diags.HasError() {
		t.Fatal(diags)
	}
	tree, err := flink.TreeOf(layer)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) != 0 {
		t.Errorf("an empty layer says %v", tree)
	}
	if layer, _ := (*LayerModel)(nil).Layer(path.Empty()); layer != nil {
		t.Errorf("null is the layer %v", layer)
	}
}

func TestUnreadablePodTemplatesAreNamed(t *testing.T) {
	broken := SpecModel{PodTemplate: ptr("a: ["), JobManager: &ComponentModel{PodTemplate: ptr("- 1")}, TaskManager: &ComponentModel{PodTemplate: ptr(":")}}
	_, diags := broken.Spec(path.Root("deployment_defaults"))
	want := []string{"deployment_defaults.pod_template", "deployment_defaults.job_manager.pod_template", "deployment_defaults.task_manager.pod_template"}
	if diff := cmp.Diff(want, attributes(diags)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeTakesWhatIsKnown(t *testing.T) {
	s := schema.Schema{Attributes: LayerAttributes()}
	layer := s.Type().TerraformType(t.Context()).(tftypes.Object)
	manager := layer.AttributeTypes["job_manager"].(tftypes.Object)
	values := nulls(layer)
	values["image"] = tftypes.NewValue(tftypes.String, "flink:1.20")
	values["mode"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	values["flink_configuration"] = tftypes.NewValue(layer.AttributeTypes["flink_configuration"], map[string]tftypes.Value{
		"a": tftypes.NewValue(tftypes.String, "1"), "b": tftypes.NewValue(tftypes.String, nil),
	})
	values["log_configuration"] = tftypes.NewValue(layer.AttributeTypes["log_configuration"], map[string]tftypes.Value{
		"logback-console.xml": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
	})
	inner := nulls(manager)
	inner["replicas"] = tftypes.NewValue(tftypes.Number, 2)
	inner["resource"] = tftypes.NewValue(manager.AttributeTypes["resource"], tftypes.UnknownValue)
	values["job_manager"] = tftypes.NewValue(manager, inner)
	values["task_manager"] = tftypes.NewValue(manager, tftypes.UnknownValue)
	plan := tfsdk.Plan{Schema: s, Raw: tftypes.NewValue(layer, values)}

	var got LayerModel
	if diags := Decode(t.Context(), plan, &got); diags.HasError() {
		t.Fatal(diags)
	}
	want := LayerModel{SpecModel: SpecModel{
		Image:              ptr("flink:1.20"),
		FlinkConfiguration: map[string]*string{"a": ptr("1"), "b": nil},
		JobManager:         &ComponentModel{Replicas: ptr(int64(2))},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for attribute, want := range map[string]bool{
		"image": true, "mode": false, "flink_configuration": true, "log_configuration": false, "job_manager": false, "task_manager": false, "ingress": true,
	} {
		if got := Known(plan.Raw, attribute); got != want {
			t.Errorf("Known(%s) = %t", attribute, got)
		}
	}
	if Known(plan.Raw, "image", "mode") {
		t.Error("one unknown attribute of several is enough")
	}
	if Known(tftypes.NewValue(layer, tftypes.UnknownValue), "image") {
		t.Error("nothing of an unknown object is known")
	}
}

func nulls(object tftypes.Object) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		values[name] = tftypes.NewValue(typ, nil)
	}
	return values
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{"line 2: boom": "Line 2: boom.", " Why? ": "Why?", "": "", "äh": "Äh."} {
		if got := Sentence(text); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", text, got, want)
		}
	}
	if strings.Contains(Sentence("a.\n"), "..") {
		t.Error("a sentence has one full stop")
	}
}
