package crds

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// confluentSchemas names the environment variable with the folder of the vendor's JSON schemas, which are no part of the
// project.
const confluentSchemas = "FLINK_TEST_CFK_SCHEMAS"

// TestConfluentDefinitionsMatchTheVendors holds the table against the JSON schemas that were made of the vendor's
// definitions. They say that nothing else is allowed, which a definition cannot, and descriptions, which are left out.
func TestConfluentDefinitionsMatchTheVendors(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(confluentSchemas)
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "upstream", "confluent", "cfk-crd-schemas")
	}
	for _, definition := range ConfluentDefinitions() {
		t.Run(definition.Spec.Names.Kind, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join(folder, strings.ToLower(definition.Spec.Names.Kind)+"_v1beta1.json"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("the vendor's schemas are not here; name their folder in %s", confluentSchemas)
			}
			if err != nil {
				t.Fatal(err)
			}
			ours, err := json.Marshal(definition.Spec.Versions[0].Schema.OpenAPIV3Schema)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stripped(t, content), stripped(t, ours)); diff != "" {
				t.Errorf("the vendor's definition (-) and ours (+) differ:\n%s", diff)
			}
		})
	}
}

// stripped is a schema without descriptions, without the ban of other fields, and with the names of required fields in order.
func stripped(t *testing.T, content []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		t.Fatal(err)
	}
	var strip func(value any, names bool) any
	strip = func(value any, names bool) any {
		switch v := value.(type) {
		case map[string]any:
			out := map[string]any{}
			for key, item := range v {
				if _, isText := item.(string); key == "description" && isText && !names || key == "additionalProperties" && item == false {
					continue
				}
				out[key] = strip(item, key == "properties" && !names)
			}
			return out
		case []any:
			out := make([]any, len(v))
			texts := true
			for i, item := range v {
				out[i] = strip(item, false)
				_, isText := item.(string)
				texts = texts && isText
			}
			if texts {
				slices.SortFunc(out, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			}
			return out
		}
		return value
	}
	return strip(value, false)
}
