package kube

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Go's %q writes escapes that JSON does not know: a path with such a byte has to
// arrive as it is.
func TestPatchKeepsWhateverStandsInIt(t *testing.T) {
	const odd = "file:/savepoints/\a\x7f\x00\"\\é\u2028"
	text, err := json.Marshal(Patch{}.Set(odd, "spec", "job", "path").Set(nil, "spec", "job", odd).RemoveAnnotations("a/b"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	want := map[string]any{
		"spec":     map[string]any{"job": map[string]any{"path": odd, odd: nil}},
		"metadata": map[string]any{"annotations": map[string]any{"a/b": nil}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
