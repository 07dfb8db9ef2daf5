package cfk

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestNoErrorHasASecret takes the values of a secret out of what the server says, and shows nothing of it where
// nobody knows them.
func TestNoErrorHasASecret(t *testing.T) {
	t.Parallel()
	const planted = "p1anted-value"
	failed := &platform.RolloutError{Summary: "the server does not take it: 422 data=" + planted, Detail: "It was sent " + planted + "."}
	for name, values := range map[string]map[string][]byte{"known": {"password": []byte(planted)}, "not known": nil} {
		got := withoutValues(failed, values)
		if got == nil || strings.Contains(got.Error(), planted) {
			t.Errorf("%s: the error is %v", name, got)
		}
	}
	if got := withoutValues(failed, map[string][]byte{"password": []byte(planted)}); !strings.Contains(got.Error(), "422") {
		t.Errorf("the server's words are gone: %v", got)
	}
}
