package crds

import (
	"strings"
	"testing"
)

// TestTopicDefinitions says what the table must give for each release.
func TestTopicDefinitions(t *testing.T) {
	for release, test := range map[string]struct {
		versions string
		stored   string
		required string
	}{
		"0.45": {"v1beta2 v1beta1 v1alpha1", "v1beta2", ""},
		"1.2":  {"v1", "v1", "spec"},
	} {
		t.Run(release, func(t *testing.T) {
			definition, err := TopicDefinition(release)
			if err != nil {
				t.Fatal(err)
			}
			var versions, stored []string
			for _, version := range definition.Spec.Versions {
				versions = append(versions, version.Name)
				if version.Storage {
					stored = append(stored, version.Name)
				}
				if required := strings.Join(version.Schema.OpenAPIV3Schema.Required, " "); required != test.required {
					t.Errorf("%s requires %q, want %q", version.Name, required, test.required)
				}
			}
			if got := strings.Join(versions, " "); got != test.versions {
				t.Errorf("got the versions %s, want %s", got, test.versions)
			}
			if got := strings.Join(stored, " "); got != test.stored {
				t.Errorf("%q is stored, want %s", got, test.stored)
			}
		})
	}
	if _, err := TopicDefinition("0.9"); err == nil || !strings.Contains(err.Error(), "0.45, 1.2") {
		t.Errorf("got the error %v, want one that names the releases there are", err)
	}
}
