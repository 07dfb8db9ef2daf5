package tfkit

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

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

// full is an object of the attributes of a layer with every one of them set, and
// with a null in each map that can have one, under the key "b".
func full(t *testing.T) tftypes.Value {
	t.Helper()
	of := schema.Schema{Attributes: LayerAttributes()}
	raw := filled(of.Type().TerraformType(t.Context()), "")
	values, _ := objectValues(raw)
	for _, name := range []string{"flink_configuration", "secret_configuration", "labels", "annotations"} {
		var elements map[string]tftypes.Value
		if err := values[name].As(&elements); err != nil {
			t.Fatal(err)
		}
		elements = maps.Clone(elements)
		elements["b"] = tftypes.NewValue(elements["a"].Type(), nil)
		raw = with(raw, tftypes.NewValue(values[name].Type(), elements), name)
	}
	return raw
}

func filled(of tftypes.Type, name string) tftypes.Value {
	switch of := of.(type) {
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, attribute := range of.AttributeTypes {
			values[name] = filled(attribute, name)
		}
		return tftypes.NewValue(of, values)
	case tftypes.Map:
		return tftypes.NewValue(of, map[string]tftypes.Value{"a": filled(of.ElementType, name)})
	case tftypes.List:
		return tftypes.NewValue(of, []tftypes.Value{filled(of.ElementType, name)})
	}
	switch {
	case name == "savepoint_schedule", name == "deployment_template":
		return tftypes.NewValue(of, "paused: true\n")
	case name == "pod_template":
		return tftypes.NewValue(of, "metadata:\n  labels:\n    a: b\n")
	case of.Is(tftypes.String):
		return tftypes.NewValue(of, name)
	case of.Is(tftypes.Number):
		return tftypes.NewValue(of, big.NewFloat(2))
	}
	return tftypes.NewValue(of, true)
}

// layerIn decodes an object of the attributes of a layer.
func layerIn(t *testing.T, raw tftypes.Value) defaults.Layer {
	t.Helper()
	var layer defaults.Layer
	if unknown, diags := DecodeValue(t.Context(), raw, nil, &layer); len(diags)+len(unknown) > 0 {
		t.Fatal(unknown, diags)
	}
	return layer
}

func TestLayerHasEveryAttribute(t *testing.T) {
	raw := full(t)
	layer := layerIn(t, raw)
	text, err := flink.TreeOf(layer)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for field := range text {
		got[flink.Path{field}.Attribute()] = true
	}
	for attribute := range LayerAttributes() {
		if !got[attribute] {
			t.Errorf("the layer lacks %s", attribute)
		}
	}
	if layer.FlinkConfiguration["b"] != nil || layer.Labels["b"] != nil || len(layer.FlinkConfiguration) != 2 || len(layer.Labels) != 2 {
		t.Errorf("null elements must stay, they remove inherited keys: %v %v", layer.FlinkConfiguration, layer.Labels)
	}
}

func TestEmptyLayerSaysNothing(t *testing.T) {
	of := schema.Schema{Attributes: LayerAttributes()}
	tree, err := flink.TreeOf(layerIn(t, tftypes.NewValue(of.Type().TerraformType(t.Context()), nulls(full(t).Type().(tftypes.Object)))))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree) != 0 {
		t.Errorf("an empty layer says %v", tree)
	}
}

func TestUnreadablePodTemplatesAreNamed(t *testing.T) {
	raw := full(t)
	raw = with(raw, tftypes.NewValue(tftypes.String, "a: ["), "pod_template")
	raw = with(raw, tftypes.NewValue(tftypes.String, "- 1"), "job_manager", "pod_template")
	raw = with(raw, tftypes.NewValue(tftypes.String, ":"), "task_manager", "pod_template")
	environment := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"deployment_defaults": raw.Type()}}
	var target struct {
		Defaults *defaults.Layer `tfsdk:"deployment_defaults"`
	}
	_, diags := DecodeValue(t.Context(), tftypes.NewValue(environment, map[string]tftypes.Value{"deployment_defaults": raw}), nil, &target)
	want := []string{"deployment_defaults.job_manager.pod_template", "deployment_defaults.pod_template", "deployment_defaults.task_manager.pod_template"}
	got := attributes(diags)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
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

	var got defaults.Layer
	if diags := Decode(t.Context(), plan, &got); diags.HasError() {
		t.Fatal(diags)
	}
	want := defaults.Layer{DeploymentSpec: flink.DeploymentSpec{
		Image:              new("flink:1.20"),
		FlinkConfiguration: flink.Configuration{"a": new("1"), "b": nil},
		JobManager:         &flink.JobManager{Replicas: new(int64(2))},
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

// What an environment leaves for others comes back whole when it is imported.
func TestALayerComesBackFromTheSettings(t *testing.T) {
	want := full(t)
	layer := layerIn(t, want)
	text, err := defaults.Settings{Defaults: &layer}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := defaults.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	got, diags := Encode(t.Context(), want.Type(), decoded.Defaults)
	if diags.HasError() {
		t.Fatal(diags)
	}
	if !got.Equal(want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if none, diags := Encode(t.Context(), want.Type(), decoded.Overrides); !none.IsNull() || diags.HasError() {
		t.Errorf("no layer is %s, %v", none, diags)
	}
}
