package clowd

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// TestDefinitionsMatchVendor holds the table against the vendor's files, in the folder that FLINK_TEST_CLOWDER_CRDS names or beside
// the project: names, types, what is required, and the bounds of values. What the table leaves open is not looked into.
func TestDefinitionsMatchVendor(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("FLINK_TEST_CLOWDER_CRDS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "upstream", "clowder")
	}
	for _, ours := range Definitions() {
		t.Run(ours.Name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join(folder, "clowder_"+Group+"_"+ours.Spec.Names.Plural+".yaml"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("the vendor's definitions are not in %s; name their folder in FLINK_TEST_CLOWDER_CRDS", folder)
			}
			if err != nil {
				t.Fatal(err)
			}
			var theirs apiextensions.CustomResourceDefinition
			if err := yaml.UnmarshalStrict(content, &theirs); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(theirs.Spec.Names, ours.Spec.Names); diff != "" || theirs.Spec.Scope != ours.Spec.Scope {
				t.Errorf("names (-theirs +ours):\n%s", diff)
			}
			compare(t, "", theirs.Spec.Versions[0].Schema.OpenAPIV3Schema, ours.Spec.Versions[0].Schema.OpenAPIV3Schema)
		})
	}
}

func compare(t *testing.T, at string, theirs, ours *apiextensions.JSONSchemaProps) {
	t.Helper()
	if ours.XPreserveUnknownFields != nil || ours.Type == "object" && at == ".metadata" {
		return
	}
	if plain(t, theirs) != plain(t, ours) {
		t.Errorf("%s is %s, want %s", at, plain(t, ours), plain(t, theirs))
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(theirs.Properties)), slices.Sorted(maps.Keys(ours.Properties))); diff != "" {
		t.Errorf("fields of %s (-theirs +ours):\n%s", at, diff)
	}
	for name, property := range ours.Properties {
		if other, has := theirs.Properties[name]; has {
			compare(t, at+"."+name, &other, &property)
		}
	}
	if theirs.Items != nil && ours.Items != nil {
		compare(t, at+"[]", theirs.Items.Schema, ours.Items.Schema)
	}
}

// plain is what a schema says of a value itself.
func plain(t *testing.T, of *apiextensions.JSONSchemaProps) string {
	t.Helper()
	var values []string
	for _, value := range of.Enum {
		values = append(values, string(value.Raw))
	}
	slices.Sort(values)
	text, err := json.Marshal(map[string]any{
		"type": of.Type, "format": of.Format, "pattern": of.Pattern, "enum": values, "min": of.Minimum, "max": of.Maximum, "minLength": of.MinLength, "maxLength": of.MaxLength,
		"required": slices.Sorted(slices.Values(of.Required)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
