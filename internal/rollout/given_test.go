package rollout

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// TestWhatASecretGivesIsNamedAsItWasWritten names the attribute, not the
// configuration key by which the value gets into the pods.
func TestWhatASecretGivesIsNamedAsItWasWritten(t *testing.T) {
	t.Parallel()
	const carrier = "kubernetes.env.secretKeyRef"
	of := func(plain string, refs map[string]flink.SecretRef) Expansion {
		return Expansion{Result: defaults.Result{Plain: flink.Configuration{carrier: &plain}, Secrets: refs}}
	}
	from := func(secret string) map[string]flink.SecretRef {
		return map[string]flink.SecretRef{"s3.secret-key": {Secret: secret, Key: "k"}}
	}
	for _, test := range []struct {
		name, key     string
		before, after Expansion
		want          string
	}{
		{"another Secret", carrier, of("", from("a")), of("", from("b")), `secret_configuration["s3.secret-key"]`},
		{"a key that comes", "s3.secret-key", of("", nil), of("", from("b")), `secret_configuration["s3.secret-key"]`},
		{"a key that goes", "s3.secret-key", of("", from("a")), of("", nil), `secret_configuration["s3.secret-key"]`},
		{"another version of the values", carrier, of("", from("orders-1")), of("", from("own")), "secret_configuration_wo_version"},
		{"a variable of the user's own", carrier, of("env:A", from("a")), of("env:B", from("b")), `flink_configuration["kubernetes.env.secretKeyRef"]`},
		{"another key", "state.backend.type", of("", from("a")), of("", from("b")), `flink_configuration["state.backend.type"]`},
		{"no other Secret", "s3.secret-key", of("", from("a")), of("", from("a")), `flink_configuration["s3.secret-key"]`},
	} {
		if got := given(flink.Path{"flinkConfiguration", test.key}, test.before, test.after, "own").Attribute(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
