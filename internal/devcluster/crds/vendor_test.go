package crds

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// vendorFolders are where the operator's own definitions can be found on a machine that has them: beside the
// repository, and in the cache of the real cluster.
func vendorFolders(t *testing.T) map[string]string {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	upstream := filepath.Join(repositoryRoot(t), "..", "shared", "upstream", "flink-operator")
	return map[string]string{
		"1.7":  filepath.Join(home, ".cache", "realcluster", "operators", "1.7.0", "crds"),
		"1.15": filepath.Join(upstream, "crds-1.15.0"),
		"main": filepath.Join(upstream, "crds-main"),
	}
}

// repositoryRoot is the folder of the main module, above this one.
func repositoryRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// olderKubernetes are the fields of pod templates that Kubernetes has taken away since a release of the operator was
// made. A path covers everything below it.
var olderKubernetes = map[string][]string{
	"1.7": {
		"spec.resourceClaims[].source",
		"spec.volumes[].ephemeral.volumeClaimTemplate.spec.resources.claims",
	},
}

// TestDefinitionsMatchVendor holds the table against the operator's own definitions: names, columns, subresources and
// every field with its type, enumeration and treatment of unknown fields.
func TestDefinitionsMatchVendor(t *testing.T) {
	for version, folder := range vendorFolders(t) {
		t.Run(version, func(t *testing.T) {
			if _, err := os.Stat(folder); err != nil {
				t.Logf("the operator's own definitions are not here, only the table's own tests run: %s", err)
				return
			}
			ours, err := Definitions(version)
			if err != nil {
				t.Fatal(err)
			}
			theirs := readDefinitions(t, folder)
			if len(ours) != len(theirs) {
				t.Errorf("%d definitions, the operator has %d", len(ours), len(theirs))
			}
			for _, our := range ours {
				t.Run(our.Spec.Names.Kind, func(t *testing.T) {
					compareDefinitions(t, our, theirs[our.Name], olderKubernetes[version])
				})
			}
		})
	}
}

func readDefinitions(t *testing.T, folder string) map[string]*apiextensions.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.flink.apache.org-v1.yml"))
	if err != nil {
		t.Fatal(err)
	}
	definitions := map[string]*apiextensions.CustomResourceDefinition{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var definition apiextensions.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(content, &definition); err != nil {
			t.Fatalf("%s: %s", file, err)
		}
		definitions[definition.Name] = &definition
	}
	return definitions
}

func compareDefinitions(t *testing.T, ours, theirs *apiextensions.CustomResourceDefinition, removed []string) {
	t.Helper()
	if theirs == nil {
		t.Fatal("the operator has no such kind")
	}
	our, their := flatten(ours), flatten(theirs)
	gone := map[string]bool{}
	for path := range their {
		for _, pattern := range removed {
			if _, ok := our[path]; !ok && below(path, pattern) {
				delete(their, path)
				gone[pattern] = true
			}
		}
	}
	if diff := cmp.Diff(their, our); diff != "" {
		t.Errorf("the operator's fields (-) and ours (+) differ:\n%s", diff)
	}
	if ours.Spec.Names.Kind == "FlinkDeployment" && len(gone) != len(removed) {
		t.Errorf("of the allowed differences %v only %v exist", removed, gone)
	}
	withoutSchema := cmp.Options{
		cmpopts.IgnoreFields(apiextensions.CustomResourceDefinitionVersion{}, "Schema"),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(theirs.Spec, ours.Spec, withoutSchema); diff != "" {
		t.Errorf("the operator's definition (-) and ours (+) differ beside the schema:\n%s", diff)
	}
}

// below tells whether a field of a pod template is the field of a pod that the pattern names, or inside of it.
func below(path, pattern string) bool {
	_, inPod, found := strings.Cut(path, ".podTemplate.")
	return found && (inPod == pattern || strings.HasPrefix(inPod, pattern+".") || strings.HasPrefix(inPod, pattern+"["))
}

// flatten gives one line for each field of a definition's schema: everything that it says about the field itself.
// The order of an enumeration's values has no meaning.
func flatten(definition *apiextensions.CustomResourceDefinition) map[string]string {
	fields := map[string]string{}
	var walk func(path string, s apiextensions.JSONSchemaProps)
	walk = func(path string, s apiextensions.JSONSchemaProps) {
		for name, property := range s.Properties {
			walk(path+"."+name, property)
		}
		if s.Items != nil {
			walk(path+"[]", *s.Items.Schema)
		}
		if s.AdditionalProperties != nil {
			walk(path+"{}", *s.AdditionalProperties.Schema)
		}
		s.Properties, s.Items, s.AdditionalProperties = nil, nil, nil
		slices.SortFunc(s.Enum, func(a, b apiextensions.JSON) int { return bytes.Compare(a.Raw, b.Raw) })
		line, err := yaml.Marshal(s)
		if err != nil {
			panic(err)
		}
		fields[path] = string(line)
	}
	for _, version := range definition.Spec.Versions {
		walk(version.Name, *version.Schema.OpenAPIV3Schema)
	}
	return fields
}
