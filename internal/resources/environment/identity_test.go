package environment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestImportByIdentity asks the provider itself: a CLI imports by identity only
// from 1.12 on.
func TestImportByIdentity(t *testing.T) {
	server := acctest.ServerOn(t, newMemory())
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	stateType := schemas.ResourceSchemas["flink_environment"].ValueType()
	identityType := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"platform": tftypes.String, "namespace": tftypes.String, "name": tftypes.String}}
	identityOf := func(platformName any) *tfprotov6.ResourceIdentityData {
		value, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, map[string]tftypes.Value{
			"platform": tftypes.NewValue(tftypes.String, platformName), "namespace": tftypes.NewValue(tftypes.String, "flink-prod"),
			"name": tftypes.NewValue(tftypes.String, nil),
		}))
		if err != nil {
			t.Fatal(err)
		}
		return &tfprotov6.ResourceIdentityData{IdentityData: &value}
	}
	for name, given := range map[string]any{"with the platform": "operator", "without the platform": nil} {
		t.Run(name, func(t *testing.T) {
			resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "flink_environment", Identity: identityOf(given)})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range resp.Diagnostics {
				if d.Summary != "What the environment of namespace flink-prod says is not known" || d.Severity != tfprotov6.DiagnosticSeverityWarning {
					t.Fatalf("%s: %s", d.Summary, d.Detail)
				}
			}
			if len(resp.Diagnostics) != 1 {
				t.Error("nothing tells that the settings are not known")
			}
			state, err := resp.ImportedResources[0].State.Unmarshal(stateType)
			if err != nil {
				t.Fatal(err)
			}
			identity, err := resp.ImportedResources[0].Identity.IdentityData.Unmarshal(identityType)
			if err != nil {
				t.Fatal(err)
			}
			got := texts(t, state, "id", "name", "platform", "namespace", "settings")
			want := map[string]string{
				"id": "operator/flink-prod", "name": "flink-prod", "platform": "operator", "namespace": "flink-prod", "settings": `{"environment":"flink-prod"}`,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]string{"platform": "operator", "namespace": "flink-prod"}, texts(t, identity, "platform", "namespace")); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

// texts returns the given attributes of an object.
func texts(t *testing.T, object tftypes.Value, names ...string) map[string]string {
	t.Helper()
	values := map[string]tftypes.Value{}
	if err := object.As(&values); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		var text string
		if err := values[name].As(&text); err != nil {
			t.Fatalf("%s: %s", name, err)
		}
		out[name] = text
	}
	return out
}
