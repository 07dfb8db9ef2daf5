package defaults

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestSecretsAreMergedKeyByKey(t *testing.T) {
	layer := func(refs map[string]*flink.SecretRef) Layer {
		return Layer{SecretConfiguration: refs, DeploymentSpec: flink.DeploymentSpec{Job: &flink.Job{}}}
	}
	below, above := layer(map[string]*flink.SecretRef{
		"s3.access-key": {Secret: "env", Key: "access"}, "s3.secret-key": {Secret: "env", Key: "secret"}, "s3.session.token": {Secret: "env", Key: "token"},
	}), layer(map[string]*flink.SecretRef{"s3.access-key": {Secret: "policy", Key: "access"}})
	own := layer(map[string]*flink.SecretRef{"s3.secret-key": {Secret: "own", Key: "secret"}, "s3.session.token": nil})
	own.FlinkConfiguration = flink.Configuration{"a": new("b")}

	settings := Settings{Environment: "prod", Defaults: &below, Overrides: &above}
	text, err := settings.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if settings, err = Decode(text); err != nil {
		t.Fatal(err)
	}
	got, err := Expand(settings, own)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]flink.SecretRef{"s3.access-key": {Secret: "policy", Key: "access"}, "s3.secret-key": {Secret: "own", Key: "secret"}}
	if diff := cmp.Diff(want, got.Secrets); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(flink.Configuration{"a": new("b")}, got.Plain); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(flink.Flatten(flink.WithSecrets(got.Plain, want)), flink.Flatten(got.Spec.FlinkConfiguration)); diff != "" {
		t.Error(diff)
	}
}
