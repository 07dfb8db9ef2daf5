package defaults

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestOwn(t *testing.T) {
	const settings = `
deployment_defaults:
  image: base:1
  flinkConfiguration: {given: "1", both: "1"}
  labels: {team: a, zone: x}
  podTemplate:
    spec:
      containers:
      - name: sidecar
        image: proxy:1
      - name: flink-main-container
        env: [{name: GIVEN, value: "1"}]
deployment_overrides:
  flinkConfiguration: {ruled: "1"}
`
	const own = `
image: orders:1
job: {parallelism: 2, args: [a, b], upgradeMode: savepoint}
flinkConfiguration: {both: "2", own: "1", ruled: "2", state.checkpoints.dir: s3://a, unwanted: null}
labels: {team: b}
jobManager: {resource: {cpu: 1, memory: 1g}}
ingress: {template: a, tls: [{hosts: [a]}]}
podTemplate:
  spec:
    containers:
    - name: flink-main-container
      env: [{name: OWN, value: "1"}]
`
	for _, test := range []struct {
		name   string
		change func(live flink.Tree)
		want   []Own
	}{
		{"nothing", func(flink.Tree) {}, []Own{}},
		{"a scalar", func(live flink.Tree) { live["image"] = "orders:2" }, []Own{{Path: flink.Path{"image"}, Value: "orders:2"}}},
		{"a scalar below", func(live flink.Tree) { object(live, "job")["upgradeMode"] = "stateless" }, []Own{{Path: flink.Path{"job", "upgradeMode"}, Value: "stateless"}}},
		{"a scalar that is gone", func(live flink.Tree) { delete(object(live, "job"), "parallelism") }, []Own{{Path: flink.Path{"job", "parallelism"}}}},
		{"an object that is gone", func(live flink.Tree) { delete(object(live, "jobManager"), "resource") }, []Own{{Path: flink.Path{"jobManager", "resource"}}}},
		{"a list", func(live flink.Tree) { object(live, "job")["args"] = []any{"c"} }, []Own{{Path: flink.Path{"job", "args"}, Value: []any{"c"}}}},
		{"a key", func(live flink.Tree) { object(live, "flinkConfiguration")["own"] = "3" }, []Own{{Path: flink.Path{"flinkConfiguration", "own"}, Value: "3"}}},
		{"a key that is gone", func(live flink.Tree) { delete(object(live, "flinkConfiguration"), "own") }, []Own{{Path: flink.Path{"flinkConfiguration", "own"}}}},
		{"a key that is gone and has a default", func(live flink.Tree) { delete(object(live, "flinkConfiguration"), "both") }, []Own{{Path: flink.Path{"flinkConfiguration", "both"}, Inherited: true}}},
		{"a default", func(live flink.Tree) { object(live, "flinkConfiguration")["given"] = "3" }, []Own{}},
		{"an override", func(live flink.Tree) { object(live, "flinkConfiguration")["ruled"] = "3" }, []Own{}},
		{"a label", func(live flink.Tree) { object(live, "metadata", "labels")["team"] = "c" }, []Own{{Path: flink.Path{"labels", "team"}, Value: "c"}}},
		{"a label by default", func(live flink.Tree) { object(live, "metadata", "labels")["zone"] = "y" }, []Own{}},
		{"all labels gone", func(live flink.Tree) { delete(live, "metadata") }, []Own{{Path: flink.Path{"labels"}}}},
		{"certificates", func(live flink.Tree) {
			object(live, "ingress")["tls"] = []any{flink.Tree{"hosts": []any{"b"}}, flink.Tree{"hosts": []any{"c"}}}
		}, []Own{{Path: flink.Path{"ingress", "tls"}, Value: []any{flink.Tree{"hosts": []any{"b"}}, flink.Tree{"hosts": []any{"c"}}}}}},
		{"a value of the own pod template", func(live flink.Tree) { variable(live, "OWN")["value"] = "2" }, podOf(t, `{spec: {containers: [{name: flink-main-container, env: [{name: OWN, value: "2"}]}]}}`)},
		{"a value of the environment's pod template", func(live flink.Tree) { variable(live, "GIVEN")["value"] = "2" }, []Own{}},
		{"a value that is gone from the own pod template", func(live flink.Tree) { delete(variable(live, "OWN"), "value") }, podOf(t, `{spec: {containers: [{name: flink-main-container, env: [{name: OWN}]}]}}`)},
		{"another element behind", func(live flink.Tree) {
			spec := object(live, "podTemplate", "spec")
			containers, _ := spec["containers"].([]any)
			spec["containers"] = append(containers, flink.Tree{"name": "debug", "image": "b"})
		}, podOf(t, `{spec: {containers: [{name: flink-main-container, env: [{name: OWN, value: "1"}]}, {name: debug, image: b}]}}`)},
		{"the pod template is gone", func(live flink.Tree) { delete(live, "podTemplate") }, []Own{{Path: flink.Path{"podTemplate"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var given Settings
			var layer Layer
			for text, into := range map[string]any{settings: &given, own: &layer} {
				if err := yaml.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			result, err := Expand(given, layer)
			if err != nil {
				t.Fatal(err)
			}
			applied, err := result.Effective()
			if err != nil {
				t.Fatal(err)
			}
			live, err := result.Effective()
			if err != nil {
				t.Fatal(err)
			}
			test.change(live)
			before := encoded(t, layer)
			got := result.Origins.Own(flink.Diff(applied, live), live)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("own (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, encoded(t, layer)); diff != "" {
				t.Errorf("the layer was changed:\n%s", diff)
			}
		})
	}
}

func podOf(t *testing.T, text string) []Own {
	t.Helper()
	var tree flink.Tree
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	return []Own{{Path: flink.Path{"podTemplate"}, Value: tree}}
}

func object(tree flink.Tree, path ...string) flink.Tree {
	found, _ := flink.ValueAt(tree, path).(flink.Tree)
	return found
}

// variable returns a variable of the main container.
func variable(live flink.Tree, name string) flink.Tree {
	containers, _ := flink.ValueAt(live, flink.Path{"podTemplate", "spec", "containers"}).([]any)
	for _, container := range containers {
		env, _ := flink.ValueAt(container, flink.Path{"env"}).([]any)
		for _, item := range env {
			if entry, ok := item.(flink.Tree); ok && entry["name"] == name {
				return entry
			}
		}
	}
	return nil
}
