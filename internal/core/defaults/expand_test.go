package defaults

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// expandCase is one file of testdata.
type expandCase struct {
	Defaults    *Layer            `json:"defaults"`
	Deployment  Layer             `json:"deployment"`
	Overrides   *Layer            `json:"overrides"`
	Want        flink.Tree        `json:"want"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	OnFailure   string            `json:"onFailure"`
	Origins     []struct {
		Path flink.Path `json:"path"`
		Is   string     `json:"is"`
	} `json:"origins"`
}

func TestExpand(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var test expandCase
			if err := yaml.UnmarshalStrict(text, &test); err != nil {
				t.Fatal(err)
			}
			settings := Settings{Environment: "prod", Defaults: test.Defaults, Overrides: test.Overrides}
			before := encoded(t, []any{settings, test.Deployment})
			result, err := Expand(settings, test.Deployment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(encoded(t, test.Want), encoded(t, specTree(t, result.Spec))); diff != "" {
				t.Errorf("specification (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.Labels, result.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.Annotations, result.Annotations); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
			if want := orRollback(test.OnFailure); result.OnFailure != want {
				t.Errorf("on failure %q, want %q", result.OnFailure, want)
			}
			for _, origin := range test.Origins {
				if got := result.Origins.Of(origin.Path); got != origin.Is {
					t.Errorf("origin of %s is %q, want %q", origin.Path.Attribute(), got, origin.Is)
				}
			}
			if after := encoded(t, []any{settings, test.Deployment}); after != before {
				t.Errorf("the layers were changed:\n%s", cmp.Diff(before, after))
			}
			// Map iteration is random in Go; the result must not be.
			for range 20 {
				again, err := Expand(settings, test.Deployment)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(encoded(t, result.Spec), encoded(t, again.Spec)); diff != "" {
					t.Fatalf("expanded again (-first +now):\n%s", diff)
				}
			}
		})
	}
}

func orRollback(onFailure string) string {
	if onFailure == "" {
		return OnFailureRollback
	}
	return onFailure
}

// encoded returns a value as indented JSON: keys sorted, numbers as they are
// written to a platform.
func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func specTree(t *testing.T, spec flink.DeploymentSpec) flink.Tree {
	t.Helper()
	tree, err := flink.TreeOf(spec)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func layerOf(t *testing.T, text string) Layer {
	t.Helper()
	var layer Layer
	if err := yaml.UnmarshalStrict([]byte(text), &layer); err != nil {
		t.Fatal(err)
	}
	return layer
}

func TestOriginsByElement(t *testing.T) {
	defaults := layerOf(t, `podTemplate: {spec: {containers: [{name: shipper, image: "shipper:1"}, {name: flink-main-container, env: [{name: REGION, value: eu}]}]}}`)
	own := layerOf(t, `podTemplate: {spec: {containers: [{name: flink-main-container, image: "a:1"}]}}`)
	result, err := Expand(Settings{Defaults: &defaults}, own)
	if err != nil {
		t.Fatal(err)
	}
	containers := result.Spec.PodTemplate["spec"].(map[string]any)["containers"].([]any)
	for index, container := range containers {
		at := []string{"0", "1"}[index]
		path := flink.Path{"podTemplate", "spec", "containers", at, "image"}
		want := map[string]string{"shipper": "default of the environment", "flink-main-container": ""}[container.(map[string]any)["name"].(string)]
		if got := result.Origins.Of(path); got != want {
			t.Errorf("origin of the image of container %s is %q, want %q", at, got, want)
		}
	}
}

// TestPodTemplatesKeepValues merges the texts of pod templates, which have more ways to write a value than one, and
// reads the result as it travels: as JSON.
func TestPodTemplatesKeepValues(t *testing.T) {
	template := func(text string) *Layer {
		t.Helper()
		document, err := flink.ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		return &Layer{DeploymentSpec: flink.DeploymentSpec{PodTemplate: document}}
	}
	defaults := template(`
x-common: &common {name: ROLE, value: "0644"}
spec:
  containers:
    - name: flink-main-container
      env:
        - *common
        - {name: COUNT, value: "1e3"}
        - name: SCRIPT
          value: |
            first
              second
  activeDeadlineSeconds: 12345678901234567
`)
	own := template(`{"spec": {"containers": [{"name": "flink-main-container", "env": [{"name": "YES", "value": "yes"}]}], "fieldOfTomorrow": 123456789012345678901234567890}}`)
	result, err := Expand(Settings{Defaults: defaults}, *own)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Settings{Defaults: &Layer{DeploymentSpec: result.Spec}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	arrived, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	variable := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	env := []any{variable("ROLE", "0644"), variable("COUNT", "1e3"), variable("SCRIPT", "first\n  second\n"), variable("YES", "yes")}
	want := map[string]any{
		"containers":            []any{map[string]any{"name": "flink-main-container", "env": env}},
		"activeDeadlineSeconds": json.Number("12345678901234567"), "fieldOfTomorrow": json.Number("123456789012345678901234567890"),
	}
	for name, template := range map[string]flink.Document{"merged": result.Spec.PodTemplate, "arrived": arrived.Defaults.PodTemplate} {
		if diff := cmp.Diff(want, template["spec"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOriginsWithoutLayers(t *testing.T) {
	if got := (Origins{}).Of(flink.Path{"image"}); got != "" {
		t.Errorf("origin %q of a value nobody gave", got)
	}
}

func TestMergeErrors(t *testing.T) {
	const main = `podTemplate: {spec: {containers: [{name: flink-main-container}]}}`
	for _, test := range []struct {
		name, defaults, deployment, overrides string
		want, wantLayer, wantPath             string
	}{
		{
			name: "element without key", deployment: main,
			defaults:  main,
			overrides: `podTemplate: {spec: {containers: [{image: "confidential:1"}]}}`,
			want:      "spec.containers", wantLayer: "override of environment prod", wantPath: "pod_template",
		},
		{
			name: "unknown directive", defaults: `taskManager: {podTemplate: {spec: {}}}`,
			deployment: `taskManager: {podTemplate: {spec: {$patch: confidential}}}`,
			want:       "spec", wantPath: "task_manager.pod_template",
		},
		{
			name: "unknown directive at the top", defaults: `jobManager: {podTemplate: {spec: {}}}`,
			deployment: `jobManager: {podTemplate: {$patch: confidential}}`,
			want:       "unknown directive", wantPath: "job_manager.pod_template",
		},
		{
			name:       "unknown directive where there is nothing below",
			deployment: `podTemplate: {spec: {containers: [{name: a, resources: {$patch: confidential}}]}}`,
			want:       "spec.containers.resources has an unknown directive", wantPath: "pod_template",
		},
		{
			name:       "a merge that is no element of a list",
			deployment: `podTemplate: {spec: {$patch: merge, mergeKey: confidential}}`,
			want:       "spec has an unknown directive", wantPath: "pod_template",
		},
		{
			name:       "two directives for one list",
			deployment: `podTemplate: {spec: {tolerations: [{$patch: merge}, {$patch: merge, mergeKey: confidential}]}}`,
			want:       "spec.tolerations: the list has more than one", wantPath: "pod_template",
		},
		{
			name:       "merged and replaced",
			deployment: `podTemplate: {spec: {tolerations: [{$patch: merge}, {$patch: replace}]}}`,
			want:       "spec.tolerations: beside", wantPath: "pod_template",
		},
		{
			name:       "merged and ordered",
			deployment: `podTemplate: {spec: {volumes: [{$patch: merge, mergeKey: name}], $setElementOrder/volumes: [{name: a}]}}`,
			want:       "$setElementOrder exclude each other", wantPath: "pod_template",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := Settings{Environment: "prod"}
			if test.defaults != "" {
				layer := layerOf(t, test.defaults)
				settings.Defaults = &layer
			}
			if test.overrides != "" {
				layer := layerOf(t, test.overrides)
				settings.Overrides = &layer
			}
			_, err := Expand(settings, layerOf(t, test.deployment))
			var merge *MergeError
			if !errors.As(err, &merge) {
				t.Fatalf("error %v is no *MergeError", err)
			}
			if merge.Layer != test.wantLayer || merge.Path.Attribute() != test.wantPath {
				t.Errorf("error of layer %q at %s, want %q at %s", merge.Layer, merge.Path.Attribute(), test.wantLayer, test.wantPath)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
			if strings.Contains(err.Error(), "confidential") {
				t.Errorf("error %q shows the content of a template", err)
			}
		})
	}
}

func TestSettingsRoundTrip(t *testing.T) {
	defaults := layerOf(t, `{flinkConfiguration: {a: "1", b: null}, labels: {x: null}, podTemplate: {spec: {volumes: [{name: s, emptyDir: {}}]}}}`)
	defaults.PodTemplate["large"] = json.Number("12345678901234567")
	settings := Settings{Environment: "prod", Defaults: &defaults}
	text, err := settings.Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decoded.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if again != text {
		t.Errorf("settings changed on their way:\n%s\n%s", text, again)
	}
	if value, ok := decoded.Defaults.FlinkConfiguration["b"]; !ok || value != nil {
		t.Error("the null that removes a key got lost on the way")
	}
	if _, err := Decode("{"); err == nil {
		t.Error("broken settings were accepted")
	}
	if empty, err := Decode(""); err != nil || empty.Defaults != nil {
		t.Errorf("the empty text gave %v, %v", empty, err)
	}
}
