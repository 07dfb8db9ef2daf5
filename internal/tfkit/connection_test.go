package tfkit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestSecretsInAConnection(t *testing.T) {
	t.Parallel()
	options := types.MapValueMust(types.StringType, map[string]attr.Value{
		"bootstrap.servers": types.StringValue("kafka:9092"), "sasl.jaas.config": types.StringValue("a"),
		"schema.registry.basic.auth.user.info": types.StringValue("b"), "ssl.key.password": types.StringUnknown(),
	})
	var got []string
	for _, check := range ConnectionAttribute("", "").(schema.SingleNestedAttribute).Attributes["connection_config"].(schema.MapAttribute).Validators {
		var resp validator.MapResponse
		check.ValidateMap(t.Context(), validator.MapRequest{Path: path.Root("kafka_cluster").AtName("connection_config"), ConfigValue: options}, &resp)
		for _, d := range resp.Diagnostics.Warnings() {
			if at, ok := d.(diag.DiagnosticWithPath); ok {
				got = append(got, at.Path().String())
			}
		}
	}
	at := `kafka_cluster.connection_config["`
	want := []string{at + `sasl.jaas.config"]`, at + `schema.registry.basic.auth.user.info"]`, at + `ssl.key.password"]`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConnectionComesBack(t *testing.T) {
	t.Parallel()
	for _, want := range []platform.Connection{{Config: map[string]string{"a": "b"}, SecretID: "c"}, {Config: map[string]string{}}} {
		if diff := cmp.Diff(want, ConnectionOf(want).Want()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
