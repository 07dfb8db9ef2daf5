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
		// placed tells of the parent that only objects of some platforms have one.
		placed bool
	}{
		"flink_compute_pool":   {parent: "environment", id: "confluent/prod/sql", at: []string{"environment", "name"}},
		"flink_secret_mapping": {parent: "environment", id: "confluent/prod/sql", at: []string{"environment", "name"}},
		"flink_statement":      {parent: "environment", id: "confluent/prod/sql", at: []string{"environment", "name"}},
		"flink_kafka_catalog":  {id: "confluent/sql"},
		"flink_secret":         {id: "confluent/sql", parent: "environment", placed: true},
		"flink_kafka_database": {parent: "catalog", id: "confluent/prod/sql", at: []string{"catalog"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := server(t)
			values := map[string]tftypes.Value{"platform": tftypes.NewValue(tftypes.String, nil), "name": tftypes.NewValue(tftypes.String, "sql")}
			types := map[string]tftypes.Type{"platform": tftypes.String, "name": tftypes.String}
			if test.parent != "" {
				values[test.parent], types[test.parent] = tftypes.NewValue(tftypes.String, "prod"), tftypes.String
			}
			if test.placed {
				values[test.parent] = tftypes.NewValue(tftypes.String, nil)
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

// TestImportOfSecret imports a secret that is in an environment.
func TestImportOfSecret(t *testing.T) {
	t.Parallel()
	server := server(t)
	identityType := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"platform": tftypes.String, "name": tftypes.String, "environment": tftypes.String}}
	identity := func(platform, environment any) *tfprotov6.ImportResourceStateRequest {
		value, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, map[string]tftypes.Value{
			"platform": tftypes.NewValue(tftypes.String, platform), "name": tftypes.NewValue(tftypes.String, "KEY_1"), "environment": tftypes.NewValue(tftypes.String, environment),
		}))
		if err != nil {
			t.Fatal(err)
		}
		return &tfprotov6.ImportResourceStateRequest{Identity: &tfprotov6.ResourceIdentityData{IdentityData: &value}}
	}
	for how, request := range map[string]*tfprotov6.ImportResourceStateRequest{"by id": {ID: "ververica/prod/KEY_1"}, "by identity": identity("ververica", "prod")} {
		request.TypeName = "flink_secret"
		resp, err := server.ImportResourceState(t.Context(), request)
		if err != nil || len(resp.Diagnostics) > 0 {
			t.Fatalf("%s: %v, %v", how, err, resp.Diagnostics)
		}
		state, err := resp.ImportedResources[0].State.Unmarshal(schemas(t, server).ResourceSchemas["flink_secret"].ValueType())
		if err != nil {
			t.Fatal(err)
		}
		for want, at := range map[string][]string{"ververica/prod/KEY_1": {"id"}, "KEY_1": {"name"}, "ververica": {"environment", "platform"}, "prod": {"environment", "name"}} {
			if got := textAt(t, state, at...); got != want {
				t.Errorf("%s: %v is %q", how, at, got)
			}
		}
		known, err := resp.ImportedResources[0].Identity.IdentityData.Unmarshal(identityType)
		if err != nil {
			t.Fatal(err)
		}
		if got := textAt(t, known, "environment"); got != "prod" {
			t.Errorf("%s: the environment of the identity is %q", how, got)
		}
	}
	for how, request := range map[string]*tfprotov6.ImportResourceStateRequest{
		"no environment": {ID: "ververica/KEY_1"}, "an identity without one": identity("ververica", nil), "an identity with one too many": identity("confluent", "prod"),
	} {
		request.TypeName = "flink_secret"
		if resp, err := server.ImportResourceState(t.Context(), request); err != nil || len(resp.Diagnostics) == 0 {
			t.Errorf("%s is taken for a secret: %v", how, err)
		}
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
