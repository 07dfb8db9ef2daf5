package crds

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// TestPodMatchesOpenAPI holds the schemas that come from Go types against the OpenAPI definitions in the Kubernetes
// module that the control plane is built from.
func TestPodMatchesOpenAPI(t *testing.T) {
	const newest release = 1 << 10
	document := readOpenAPI(t)
	for name, schema := range map[string]schema{
		"io.k8s.api.core.v1.Pod":                          pod,
		"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": objectMeta,
	} {
		t.Run(name, func(t *testing.T) {
			ours := schema(newest)
			got, want := map[string]string{}, map[string]string{}
			kindsOf(got, "", ours)
			document.kindsOf(t, want, "", openAPISchema{Ref: reference + name})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Kubernetes' OpenAPI (-) and ours (+) differ:\n%s", diff)
			}
		})
	}
}

// kindsOf collects the type of each field.
func kindsOf(kinds map[string]string, path string, s apiextensions.JSONSchemaProps) {
	kinds[path] = s.Type
	if s.XIntOrString {
		kinds[path] = "integer or string"
	}
	for name, property := range s.Properties {
		kindsOf(kinds, path+"."+name, property)
	}
	if s.Items != nil {
		kindsOf(kinds, path+"[]", *s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		kindsOf(kinds, path+"{}", *s.AdditionalProperties.Schema)
	}
}

const reference = "#/components/schemas/"

type openAPIDocument struct {
	Components struct {
		Schemas map[string]openAPISchema `json:"schemas"`
	} `json:"components"`
}

type openAPISchema struct {
	Ref                  string                   `json:"$ref"`
	AllOf                []openAPISchema          `json:"allOf"`
	Type                 string                   `json:"type"`
	Properties           map[string]openAPISchema `json:"properties"`
	Items                *openAPISchema           `json:"items"`
	AdditionalProperties *openAPISchema           `json:"additionalProperties"`
}

// intOrString are the definitions that OpenAPI calls strings though they may be numbers in JSON.
var intOrString = map[string]bool{
	"io.k8s.apimachinery.pkg.api.resource.Quantity":   true,
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": true,
}

func (d *openAPIDocument) kindsOf(t *testing.T, kinds map[string]string, path string, s openAPISchema) {
	t.Helper()
	if len(s.AllOf) == 1 {
		s = s.AllOf[0]
	}
	if name, isReference := strings.CutPrefix(s.Ref, reference); isReference {
		if intOrString[name] {
			kinds[path] = "integer or string"
			return
		}
		definition, ok := d.Components.Schemas[name]
		if !ok {
			t.Fatalf("%s refers to %s, which is not there", path, name)
		}
		s = definition
	}
	kinds[path] = s.Type
	for name, property := range s.Properties {
		d.kindsOf(t, kinds, path+"."+name, property)
	}
	if s.Items != nil {
		d.kindsOf(t, kinds, path+"[]", *s.Items)
	}
	if s.AdditionalProperties != nil {
		d.kindsOf(t, kinds, path+"{}", *s.AdditionalProperties)
	}
}

// readOpenAPI reads the definitions of the core group from the Kubernetes module, which the Go command downloads
// unless the control plane has been built here already.
func readOpenAPI(t *testing.T) *openAPIDocument {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "k8s.io/kubernetes")
	cmd.Dir = filepath.Join("..", "kubernetes")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("finding the Kubernetes module: %s\n%s", err, output)
	}
	var module struct {
		Dir string `json:"Dir"`
	}
	if err := json.Unmarshal(output, &module); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(module.Dir, "api", "openapi-spec", "v3", "api__v1_openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	var document openAPIDocument
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	return &document
}
