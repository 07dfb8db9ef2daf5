//go:build e2e

package crds

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// TestTopicDefinitionsMatchStrimzi holds the table against what Strimzi's own generator makes, in the folder that
// FLINK_TEST_STRIMZI_CRDS names: internal/devcluster/real/strimzi makes them. Descriptions are left out.
func TestTopicDefinitionsMatchStrimzi(t *testing.T) {
	folder := os.Getenv("FLINK_TEST_STRIMZI_CRDS")
	if folder == "" {
		t.Fatal("the definitions of Strimzi's generator are not here; internal/devcluster/real/strimzi has them")
	}
	for _, release := range StrimziVersions() {
		t.Run(release, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join(folder, release+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			var theirs apiextensions.CustomResourceDefinition
			if err := yaml.UnmarshalStrict(content, &theirs); err != nil {
				t.Fatal(err)
			}
			ours, err := TopicDefinition(release)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(t, theirs.Spec), plain(t, ours.Spec)); diff != "" {
				t.Errorf("Strimzi's definition (-) and ours (+) differ:\n%s", diff)
			}
			if diff := cmp.Diff(theirs.Labels, ours.Labels); diff != "" {
				t.Errorf("Strimzi's labels (-) and ours (+) differ:\n%s", diff)
			}
		})
	}
}

// plain is a specification as JSON has it, without descriptions.
func plain(t *testing.T, spec apiextensions.CustomResourceDefinitionSpec) any {
	t.Helper()
	body, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	return withoutDescriptions(value)
}

func withoutDescriptions(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if _, isText := v["description"].(string); isText {
			delete(v, "description")
		}
		for key, item := range v {
			v[key] = withoutDescriptions(item)
		}
	case []any:
		for i, item := range v {
			v[i] = withoutDescriptions(item)
		}
	}
	return value
}
