package confluent

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAnImportSaysOfASavepoint(t *testing.T) {
	for text, want := range map[string][2]string{
		`{"spec":{"formatType":"NATIVE","path":"s3://moves"},"status":{"path":"s3://moves/savepoint-1"}}`: {"native", "s3://moves"},
		`{"spec":{"formatType":"UNKNOWN"},"status":{"path":"s3://moves/savepoint-1"}}`:                    {"canonical", ""},
		// Somebody has made a detached one of a path.
		`{"spec":{"path":"s3://moves/savepoint-1"},"status":{"path":"s3://moves/savepoint-1"}}`: {"canonical", ""},
	} {
		var is savepoint
		if err := json.Unmarshal([]byte(text), &is); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, [2]string{formatOf(is.Spec), directoryOf(is)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
