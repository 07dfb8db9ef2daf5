package provider_test

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestImportOfSQL imports each type by its id and by its identity, which a CLI does
// only from 1.12 on. Nothing is contacted.
func TestImportOfSQL(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parent, id string
		at         []string // where the parent's name comes to be
	}{
		"flink_compute_pool":   {"environment", "confluent/prod/sql", []string{"environment", "name"}},
		"flink_secret_mapping": {"environment", "confluent/prod/sql", []string{"environment", "name"}},
		"flink_statement":      {"environment", "confluent/prod/sql", []string{"environment", "name"}},
		"flink_kafka_catalog":  {"", "confluent/sql", nil},
		"flink_secret":         {"", "confluent/sql", nil},
		"flink_kafka_database": {"catalog", "confluent/prod/sql", []string{"catalog"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := server(t)
			values := map[string]tftypes.Value{"platform": tftypes.NewValue(tftypes.String, nil), "name": tftypes.NewValue(tftypes.String, "sql")}
			types := map[string]tftypes.Type{"platform": tftypes.String, "name": tftypes.String}
			if test.parent != "" {
				values[test.parent], types[test.parent] = tftypes.NewValue(tftypes.String, "prod"), tftypes.String
			}
			identityType := tftypes.Object{AttributeTypes: types}
			identity := func(platform any) *tfprotov6.ResourceIdentityData {
				of := maps.Clone(values)
				of["platform"] = tftypes.NewValue(tftypes.String, platform)
				value, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, of))
				if err != nil {
					t.Fatal(err)
				}
				return &tfprotov6.ResourceIdentityData{IdentityData: &value}
			}
			for how, request := range map[string]*tfprotov6.ImportResourceStateRequest{
				"by id":                             {ID: test.id},
				"by identity":                       {Identity: identity("confluent")},
				"by identity, without the platform": {Identity: identity(nil)},
			} {
				request.TypeName = name
				resp, err := server.ImportResourceState(t.Context(), request)
				if err != nil || len(resp.Diagnostics) > 0 {
					t.Fatalf("%s: %v, %v", how, err, resp.Diagnostics)
				}
				state, err := resp.ImportedResources[0].State.Unmarshal(schemas(t, server).ResourceSchemas[name].ValueType())
				if err != nil {
					t.Fatal(err)
				}
				if got := textAt(t, state, "id"); got != test.id {
					t.Errorf("%s: the id is %q", how, got)
				}
				if got := textAt(t, state, "name"); got != "sql" {
					t.Errorf("%s: the name is %q", how, got)
				}
				if len(test.at) > 0 && textAt(t, state, test.at...) != "prod" {
					t.Errorf("%s: the %s is not there", how, test.parent)
				}
				known, err := resp.ImportedResources[0].Identity.IdentityData.Unmarshal(identityType)
				if err != nil {
					t.Fatal(err)
				}
				if got := textAt(t, known, "platform"); got != "confluent" {
					t.Errorf("%s: the platform of the identity is %q", how, got)
				}
			}
			for _, wrong := range []string{"sql", "operator/prod/sql", "confluent/a/b/c", "confluent//sql"} {
				resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: name, ID: wrong})
				if err != nil || len(resp.Diagnostics) == 0 {
					t.Errorf("%s is taken for an id: %v", wrong, err)
				}
			}
		})
	}
}

// textAt returns a text inside of an object.
func textAt(t *testing.T, object tftypes.Value, names ...string) string {
	t.Helper()
	for _, name := range names {
		values := map[string]tftypes.Value{}
		if err := object.As(&values); err != nil {
			t.Fatalf("%s: %s", name, err)
		}
		object = values[name]
	}
	var text string
	if err := object.As(&text); err != nil {
		t.Fatal(err)
	}
	return text
}
