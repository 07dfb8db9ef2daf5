package provider

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

func TestConfigure(t *testing.T) {
	str := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	strings := func(values ...tftypes.Value) tftypes.Value {
		return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, values)
	}
	for name, test := range map[string]struct {
		block map[string]tftypes.Value
		want  *tfkit.ProviderData
	}{
		"no block": {nil, &tfkit.ProviderData{Version: "1.2.3", KubernetesConfig: kube.Config{Version: "1.2.3"}}},
		"everything": {
			map[string]tftypes.Value{
				"force_conflicts": tftypes.NewValue(tftypes.Bool, true),
				"validate_online": str("never"),
				"kubernetes": fill("kubernetes", map[string]tftypes.Value{
					"config_path": str("a"), "config_paths": strings(str("b"), str("c")), "context": str("d"), "host": str("e"), "token": str("f"),
					"client_certificate": str("g"), "client_key": str("h"), "cluster_ca_certificate": str("i"), "insecure": tftypes.NewValue(tftypes.Bool, true),
					"tls_server_name": str("j"), "proxy_url": str("k"),
					"exec": fill("exec", map[string]tftypes.Value{
						"api_version": str("l"), "command": str("m"), "args": strings(str("n")),
						"env": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"O": str("p")}),
					}),
					"impersonate": fill("impersonate", map[string]tftypes.Value{
						"user": str("q"), "uid": str("r"), "groups": strings(str("s")),
						"extra": tftypes.NewValue(tftypes.Map{ElementType: tftypes.List{ElementType: tftypes.String}},
							map[string]tftypes.Value{"t": strings(str("u"))}),
					}),
				}),
			},
			&tfkit.ProviderData{
				Version: "1.2.3", ForceConflicts: true, NeverOnline: true,
				KubernetesConfig: kube.Config{
					ConfigPath: "a", ConfigPaths: []string{"b", "c"}, Context: "d", Host: "e", Token: "f", ClientCertificate: "g", ClientKey: "h",
					ClusterCACertificate: "i", Insecure: true, TLSServerName: "j", ProxyURL: "k", Version: "1.2.3",
					Exec:        &kube.Exec{APIVersion: "l", Command: "m", Args: []string{"n"}, Env: map[string]string{"O": "p"}},
					Impersonate: &kube.Impersonate{User: "q", UID: "r", Groups: []string{"s"}, Extra: map[string][]string{"t": {"u"}}},
				},
			},
		},
		"unknown values": {
			map[string]tftypes.Value{
				"force_conflicts": tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue),
				"kubernetes": fill("kubernetes", map[string]tftypes.Value{
					"host": unknown, "config_paths": strings(str("a"), unknown), "token": str("t"),
					"exec": fill("exec", map[string]tftypes.Value{"command": unknown}),
				}),
			},
			&tfkit.ProviderData{Version: "1.2.3", Unknown: []string{"force_conflicts", "kubernetes.config_paths", "kubernetes.exec.command", "kubernetes.host"}},
		},
		"an unknown object": {
			map[string]tftypes.Value{"kubernetes": tftypes.NewValue(typeOf("kubernetes"), tftypes.UnknownValue)},
			&tfkit.ProviderData{Version: "1.2.3", Unknown: []string{"kubernetes"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := tfsdk.Config{Schema: providerSchema(), Raw: fill("", test.block)}
			got, diags := configure(t.Context(), config, "1.2.3")
			for _, d := range diags {
				t.Errorf("%s: %s", d.Summary(), d.Detail())
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(tfkit.ProviderData{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			_, err := got.Kubernetes(t.Context())
			var notKnown *tfkit.UnknownConfigError
			if errors.As(err, &notKnown) != (len(test.want.Unknown) > 0) {
				t.Errorf("the client came with %v", err)
			}
		})
	}
}

// typeOf returns the type of the provider block, or of one of its objects.
func typeOf(object string) tftypes.Object {
	block := providerSchema().Type().TerraformType(context.Background()).(tftypes.Object)
	kubernetes := block.AttributeTypes["kubernetes"].(tftypes.Object)
	switch object {
	case "":
		return block
	case "kubernetes":
		return kubernetes
	default:
		return kubernetes.AttributeTypes[object].(tftypes.Object)
	}
}

// fill returns an object of the provider block with the given attributes, the
// others null.
func fill(object string, given map[string]tftypes.Value) tftypes.Value {
	typ := typeOf(object)
	values := map[string]tftypes.Value{}
	for name, attributeType := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(attributeType, nil)
		if value, ok := given[name]; ok {
			values[name] = value
		}
	}
	return tftypes.NewValue(typ, values)
}
