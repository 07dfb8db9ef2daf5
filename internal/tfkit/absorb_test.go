package tfkit

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestAbsorb(t *testing.T) {
	priority := map[string]any{"spec": map[string]any{"priority": json.Number("2")}}
	for name, test := range map[string]struct {
		own  []defaults.Own
		want func(m *defaults.Layer)
	}{
		"nothing": {nil, func(*defaults.Layer) {}},
		"a text":  {[]defaults.Own{{Path: flink.Path{"image"}, Value: "flink:2"}}, func(m *defaults.Layer) { m.Image = new("flink:2") }},
		"a number below": {
			[]defaults.Own{{Path: flink.Path{"jobManager", "resource", "cpu"}, Value: json.Number("0.7")}},
			func(m *defaults.Layer) { m.JobManager.Resource.CPU = new(0.7) },
		},
		"a whole number":         {[]defaults.Own{{Path: flink.Path{"taskManager", "replicas"}, Value: json.Number("5")}}, func(m *defaults.Layer) { m.TaskManager.Replicas = new(int64(5)) }},
		"a value that is gone":   {[]defaults.Own{{Path: flink.Path{"mode"}}}, func(m *defaults.Layer) { m.Mode = nil }},
		"an object that is gone": {[]defaults.Own{{Path: flink.Path{"jobManager", "resources"}}}, func(m *defaults.Layer) { m.JobManager.Resources = nil }},
		"a key":                  {[]defaults.Own{{Path: flink.Path{"flinkConfiguration", "a"}, Value: "2"}}, func(m *defaults.Layer) { m.FlinkConfiguration["a"] = new("2") }},
		"a key that is gone":     {[]defaults.Own{{Path: flink.Path{"flinkConfiguration", "a"}}}, func(m *defaults.Layer) { delete(m.FlinkConfiguration, "a") }},
		"a key that is gone and has a default": {
			[]defaults.Own{{Path: flink.Path{"flinkConfiguration", "a"}, Inherited: true}}, func(m *defaults.Layer) { m.FlinkConfiguration["a"] = nil },
		},
		"a number in a map of texts": {
			[]defaults.Own{{Path: flink.Path{"jobManager", "resources", "requests", "a"}, Value: json.Number("2")}},
			func(m *defaults.Layer) { m.JobManager.Resources.Requests["a"] = "2" },
		},
		"a key named like a field": {
			[]defaults.Own{{Path: flink.Path{"flinkConfiguration", "podTemplate"}, Value: "x"}},
			func(m *defaults.Layer) { m.FlinkConfiguration["podTemplate"] = new("x") },
		},
		"certificates": {
			[]defaults.Own{{Path: flink.Path{"ingress", "tls"}, Value: []any{map[string]any{"hosts": []any{"x", "y"}}, map[string]any{"secretName": "z"}}}},
			func(m *defaults.Layer) {
				m.Ingress.TLS = []flink.IngressTLS{{Hosts: []string{"x", "y"}}, {SecretName: new("z")}}
			},
		},
		"a document": {
			[]defaults.Own{{Path: flink.Path{"podTemplate"}, Value: priority}},
			func(m *defaults.Layer) { m.PodTemplate = priority },
		},
		"a document in JSON": {
			[]defaults.Own{{Path: flink.Path{"taskManager", "podTemplate"}, Value: priority}},
			func(m *defaults.Layer) { m.TaskManager.PodTemplate = priority },
		},
		"what does not fit":          {[]defaults.Own{{Path: flink.Path{"taskManager", "replicas"}, Value: "many"}}, func(*defaults.Layer) {}},
		"what replaces the resource": {[]defaults.Own{{Path: flink.Path{"deploymentName"}, Value: "other"}}, func(*defaults.Layer) {}},
	} {
		t.Run(name, func(t *testing.T) {
			raw := with(full(t), tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{
				"a": tftypes.NewValue(tftypes.String, "1"), "podTemplate": tftypes.NewValue(tftypes.String, "1"),
			}), "flink_configuration")
			before := raw.Copy()
			model, got := layerIn(t, raw), layerIn(t, Absorb(t.Context(), raw, test.own))
			test.want(&model)
			if diff := cmp.Diff(model, got); diff != "" {
				t.Errorf("model (-want +got):\n%s", diff)
			}
			if !raw.Equal(before) {
				t.Error("the values were changed in place")
			}
		})
	}
}

func TestAbsorbKeepsTheNotationOfADocument(t *testing.T) {
	value := map[string]any{"spec": map[string]any{"priority": json.Number("2")}}
	for before, want := range map[string]string{
		"metadata: {}": "spec:\n  priority: 2\n",
		`{"spec":{}}`:  `{"spec":{"priority":2}}`,
	} {
		raw := with(full(t), tftypes.NewValue(tftypes.String, before), "task_manager", "pod_template")
		got := Identifying{At: []string{"task_manager", "pod_template"}}.at(Absorb(t.Context(), raw, []defaults.Own{{Path: flink.Path{"taskManager", "podTemplate"}, Value: value}}))
		if !got.Equal(tftypes.NewValue(tftypes.String, want)) {
			t.Errorf("%s became %s, want %q", before, got, want)
		}
	}
}

func TestAbsorbLeavesOutWhatIsNotConfigured(t *testing.T) {
	of := full(t).Type().(tftypes.Object)
	raw := with(tftypes.NewValue(of, nulls(of)), tftypes.NewValue(tftypes.String, "flink:1.20"), "image")
	got := Absorb(t.Context(), raw, []defaults.Own{
		{Path: flink.Path{"mode"}, Value: "native"},
		{Path: flink.Path{"jobManager", "resource", "memory"}, Value: "1g"},
		{Path: flink.Path{"flinkConfiguration", "a"}, Value: "1"},
	})
	if !got.Equal(raw) {
		t.Errorf("got %s, want %s", got, raw)
	}
}
