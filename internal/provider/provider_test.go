package provider_test

import (
	"context"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

func server(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func schemas(t *testing.T, server tfprotov6.ProviderServer) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	return resp
}

func TestEveryAttributeIsDescribed(t *testing.T) {
	resp := schemas(t, server(t))
	blocks := map[string]*tfprotov6.SchemaBlock{"provider": resp.Provider.Block}
	for name, schema := range resp.ResourceSchemas {
		blocks[name] = schema.Block
	}
	for name, schema := range resp.DataSourceSchemas {
		blocks["data."+name] = schema.Block
	}
	if len(resp.ResourceSchemas) == 0 {
		t.Fatal("there are no resources")
	}
	for name, block := range blocks {
		if block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		if len(block.BlockTypes) > 0 {
			t.Errorf("%s has nested blocks; attributes are the manner of protocol 6", name)
		}
		walk(name, block.Attributes, func(path string, attribute *tfprotov6.SchemaAttribute) {
			if attribute.Description == "" {
				t.Errorf("%s has no description", path)
			}
		})
	}
}

func TestSecretsAreSensitive(t *testing.T) {
	var sensitive []string
	walk("provider", schemas(t, server(t)).Provider.Block.Attributes, func(path string, attribute *tfprotov6.SchemaAttribute) {
		if attribute.Sensitive {
			sensitive = append(sensitive, path)
		}
	})
	slices.Sort(sensitive)
	want := []string{
		"provider.confluent.basic.password", "provider.confluent.mtls.client_key", "provider.confluent.oauth.client_secret", "provider.confluent.token",
		"provider.kubernetes.client_key", "provider.kubernetes.exec.env", "provider.kubernetes.token",
		"provider.ververica.token", "provider.ververica.tokens",
	}
	if !slices.Equal(sensitive, want) {
		t.Errorf("sensitive are %v, want %v", sensitive, want)
	}
}

func walk(path string, attributes []*tfprotov6.SchemaAttribute, visit func(string, *tfprotov6.SchemaAttribute)) {
	for _, attribute := range attributes {
		at := path + "." + attribute.Name
		visit(at, attribute)
		if attribute.NestedType != nil {
			walk(at, attribute.NestedType.Attributes, visit)
		}
	}
}

func TestProviderBlockIsValidated(t *testing.T) {
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	exec := func(version string) map[string]tftypes.Value {
		return map[string]tftypes.Value{"api_version": text(version), "command": text("aws")}
	}
	for name, test := range map[string]struct {
		kubernetes map[string]any
		want       string // the attribute of the error, or empty for none
	}{
		"nothing":                    {map[string]any{}, ""},
		"a path":                     {map[string]any{"config_path": text("~/.kube/config"), "context": text("prod")}, ""},
		"two ways of paths":          {map[string]any{"config_path": text("a"), "config_paths": []string{"b"}}, "config_path"},
		"no paths":                   {map[string]any{"config_paths": []string{}}, "config_paths"},
		"token and program":          {map[string]any{"host": text("https://a"), "token": text("t"), "exec": exec("client.authentication.k8s.io/v1")}, "token"},
		"certificate without key":    {map[string]any{"client_certificate": text("c")}, "client_certificate"},
		"key without certificate":    {map[string]any{"client_key": text("k")}, "client_key"},
		"insecure with authorities":  {map[string]any{"insecure": tftypes.NewValue(tftypes.Bool, true), "cluster_ca_certificate": text("c")}, "insecure"},
		"program of another version": {map[string]any{"exec": exec("client.authentication.k8s.io/v1alpha1")}, "exec"},
		"a program":                  {map[string]any{"exec": exec("client.authentication.k8s.io/v1beta1")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := server(t)
			resp, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{
				Config: block(t, schemas(t, server), test.kubernetes),
			})
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				for _, d := range resp.Diagnostics {
					t.Errorf("%s: %s: %s", d.Attribute, d.Summary, d.Detail)
				}
				return
			}
			want := tftypes.NewAttributePath().WithAttributeName("kubernetes").WithAttributeName(test.want)
			if test.want == "exec" {
				want = want.WithAttributeName("api_version")
			}
			if !slices.ContainsFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Attribute.Equal(want) }) {
				t.Errorf("there is no error at %s: %v", want, resp.Diagnostics)
			}
		})
	}
}

// block returns a provider block with the given attributes of kubernetes.
func block(t *testing.T, schemas *tfprotov6.GetProviderSchemaResponse, kubernetes map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	blockType := schemas.Provider.ValueType().(tftypes.Object)
	value := tftypes.NewValue(blockType, map[string]tftypes.Value{
		"force_conflicts": tftypes.NewValue(tftypes.Bool, nil),
		"validate_online": tftypes.NewValue(tftypes.String, nil),
		"confluent":       tftypes.NewValue(blockType.AttributeTypes["confluent"], nil),
		"ververica":       tftypes.NewValue(blockType.AttributeTypes["ververica"], nil),
		"kubernetes":      object(blockType.AttributeTypes["kubernetes"].(tftypes.Object), kubernetes),
	})
	dynamic, err := tfprotov6.NewDynamicValue(blockType, value)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// object returns an object with the given attributes, the others null.
func object(typ tftypes.Object, given map[string]any) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attributeType := range typ.AttributeTypes {
		switch value := given[name].(type) {
		case tftypes.Value:
			values[name] = value
		case []string:
			elements := []tftypes.Value{}
			for _, element := range value {
				elements = append(elements, tftypes.NewValue(tftypes.String, element))
			}
			values[name] = tftypes.NewValue(attributeType, elements)
		case map[string]tftypes.Value:
			inner := map[string]any{}
			for key, element := range value {
				inner[key] = element
			}
			values[name] = object(attributeType.(tftypes.Object), inner)
		default:
			values[name] = tftypes.NewValue(attributeType, nil)
		}
	}
	return tftypes.NewValue(typ, values)
}

func TestConfigureContactsNothing(t *testing.T) {
	server := server(t)
	resp, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: block(t, schemas(t, server), map[string]any{
			"host":  tftypes.NewValue(tftypes.String, "https://127.0.0.1:1"),
			"token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		t.Errorf("a block with an unknown value is legal, but: %s: %s", d.Summary, d.Detail)
	}
}
