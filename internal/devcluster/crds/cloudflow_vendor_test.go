package crds

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// cloudflowVariable names the environment variable with the path of Cloudflow's own definition, which is no part of the
// project.
const cloudflowVariable = "FLINK_TEST_CLOUDFLOW_CRD"

// TestCloudflowDefinitionMatchesTheVendors holds the table against Cloudflow's own definition, where that is there.
// Descriptions are left out.
func TestCloudflowDefinitionMatchesTheVendors(t *testing.T) {
	t.Parallel()
	file := os.Getenv(cloudflowVariable)
	if file == "" {
		file = filepath.Join("..", "..", "..", "..", "shared", "upstream", "cloudflow", "cloudflow_cloudflowapplication_crd.yaml")
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("there is no definition of Cloudflow's at %s; name it in %s", file, cloudflowVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
	var theirs apiextensions.CustomResourceDefinition
	if err := yaml.Unmarshal(content, &theirs); err != nil {
		t.Fatal(err)
	}
	// Theirs says beside the version what is the version's.
	theirs.Spec.Versions[0].Subresources = &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}}
	if diff := cmp.Diff(bare(t, theirs.Spec), bare(t, CloudflowDefinition().Spec)); diff != "" {
		t.Errorf("Cloudflow's definition (-) and ours (+) differ:\n%s", diff)
	}
}

// bare is a specification as JSON has it, without descriptions.
func bare(t *testing.T, spec apiextensions.CustomResourceDefinitionSpec) any {
	t.Helper()
	body, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	return undescribedValue(value)
}

func undescribedValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if _, isText := v["description"].(string); isText {
			delete(v, "description")
		}
		for key, item := range v {
			v[key] = undescribedValue(item)
		}
	case []any:
		for i, item := range v {
			v[i] = undescribedValue(item)
		}
	}
	return value
}
