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
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/ververica"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
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
		want  *connections
		never bool
	}{
		"no block": {block: nil, want: &connections{Kubernetes: kube.Config{Version: "1.2.3"}}},
		"everything": {
			never: true,
			block: map[string]tftypes.Value{
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
			want: &connections{
				ForceConflicts: true,
				Kubernetes: kube.Config{
					ConfigPath: "a", ConfigPaths: []string{"b", "c"}, Context: "d", Host: "e", Token: "f", ClientCertificate: "g", ClientKey: "h",
					ClusterCACertificate: "i", Insecure: true, TLSServerName: "j", ProxyURL: "k", Version: "1.2.3",
					Exec:        &kube.Exec{APIVersion: "l", Command: "m", Args: []string{"n"}, Env: map[string]string{"O": "p"}},
					Impersonate: &kube.Impersonate{User: "q", UID: "r", Groups: []string{"s"}, Extra: map[string][]string{"t": {"u"}}},
				},
			},
		},
		"unknown values": {
			block: map[string]tftypes.Value{
				"force_conflicts": tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue),
				"kubernetes": fill("kubernetes", map[string]tftypes.Value{
					"host": unknown, "config_paths": strings(str("a"), unknown), "token": str("t"),
					"exec": fill("exec", map[string]tftypes.Value{"command": unknown}),
				}),
			},
			want: &connections{Unknown: []string{"force_conflicts", "kubernetes.config_paths", "kubernetes.exec.command", "kubernetes.host"}},
		},
		"confluent alone, with an unknown host of kubernetes": {
			block: map[string]tftypes.Value{
				"kubernetes": fill("kubernetes", map[string]tftypes.Value{"host": unknown}),
				"confluent": fill("confluent", map[string]tftypes.Value{
					"endpoint": str("a"), "token": str("b"), "ca_certificate": str("c"), "proxy_url": str("d"),
					"basic": fill("basic", map[string]tftypes.Value{"username": str("e"), "password": str("f")}),
					"oauth": fill("oauth", map[string]tftypes.Value{
						"token_url": str("g"), "client_id": str("h"), "client_secret": str("i"), "scopes": strings(str("j")), "audience": str("k"),
					}),
					"mtls": fill("mtls", map[string]tftypes.Value{"client_certificate": str("l"), "client_key": str("m")}),
				}),
			},
			want: &connections{
				Unknown: []string{"kubernetes.host"},
				Confluent: rest.Config{
					Endpoint: "a", Token: "b", CertificateAuthority: "c", ProxyURL: "d", Basic: &rest.Basic{Username: "e", Password: "f"},
					OAuth:       &rest.OAuth{TokenURL: "g", ClientID: "h", ClientSecret: "i", Scopes: []string{"j"}, Audience: "k"},
					Certificate: "l", Key: "m",
				},
			},
		},
		"ververica": {
			block: map[string]tftypes.Value{"ververica": fill("ververica", map[string]tftypes.Value{
				"endpoint": str("a"), "token": str("b"), "ca_certificate": str("c"), "proxy_url": str("d"), "flink_proxy_path": str("/e/{job}"),
				"tokens": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"f": str("g")}),
			})},
			want: &connections{Kubernetes: kube.Config{Version: "1.2.3"}, Ververica: ververica.Config{
				Config: rest.Config{Endpoint: "a", Token: "b", CertificateAuthority: "c", ProxyURL: "d"}, Tokens: map[string]string{"f": "g"}, FlinkProxyPath: "/e/{job}",
			}},
		},
		"an unknown token of one namespace of ververica": {
			block: map[string]tftypes.Value{"ververica": fill("ververica", map[string]tftypes.Value{
				"endpoint": str("a"), "tokens": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"f": unknown}),
			})},
			want: &connections{Unknown: []string{"ververica.tokens"}, Kubernetes: kube.Config{Version: "1.2.3"}, Ververica: ververica.Config{Config: rest.Config{Endpoint: "a"}}},
		},
		"an unknown token of confluent": {
			block: map[string]tftypes.Value{"confluent": fill("confluent", map[string]tftypes.Value{"endpoint": str("a"), "token": unknown})},
			want:  &connections{Unknown: []string{"confluent.token"}, Kubernetes: kube.Config{Version: "1.2.3"}, Confluent: rest.Config{Endpoint: "a"}},
		},
		"an unknown object": {
			block: map[string]tftypes.Value{"kubernetes": tftypes.NewValue(typeOf("kubernetes"), tftypes.UnknownValue)},
			want:  &connections{Unknown: []string{"kubernetes"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := tfsdk.Config{Schema: providerSchema(), Raw: fill("", test.block)}
			data, got, diags := configure(t.Context(), config, "1.2.3")
			for _, d := range diags {
				t.Errorf("%s: %s", d.Summary(), d.Detail())
			}
			test.want.Confluent.Agent, test.want.Ververica.Agent = "terraform-provider-flink/1.2.3", "terraform-provider-flink/1.2.3"
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(connections{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if data.NeverOnline != test.never {
				t.Errorf("never asked online: %t", data.NeverOnline)
			}
			_, err := data.Platform(t.Context(), "operator")
			var notKnown *tfkit.UnknownConfigError
			if errors.As(err, &notKnown) != (len(test.want.unknown("kubernetes")) > 0) {
				t.Errorf("the client came with %v", err)
			}
			_, err = data.ConnectSQL(t.Context(), tfkit.Target{Platform: "confluent"})
			if errors.As(err, &notKnown) != (len(test.want.unknown("confluent")) > 0) {
				t.Errorf("the client of confluent came with %v", err)
			}
			_, err = data.ConnectSecrets(t.Context(), tfkit.Target{Platform: "ververica"})
			if errors.As(err, &notKnown) != (len(test.want.unknown("ververica")) > 0) {
				t.Errorf("the client of ververica came with %v", err)
			}
		})
	}
}

// typeOf returns the type of the provider block, or of one of its objects.
func typeOf(object string) tftypes.Object {
	block := providerSchema().Type().TerraformType(context.Background()).(tftypes.Object)
	if object == "" {
		return block
	}
	if found, ok := block.AttributeTypes[object]; ok {
		return found.(tftypes.Object)
	}
	for _, inside := range []string{"kubernetes", "confluent", "ververica"} {
		if found, ok := block.AttributeTypes[inside].(tftypes.Object).AttributeTypes[object]; ok {
			return found.(tftypes.Object)
		}
	}
	panic("there is no object " + object)
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

// What is not known about one platform, also of one to come, keeps no other from
// being reached.
func TestUnknownOfOneBlock(t *testing.T) {
	c := &connections{Unknown: []string{"confluent.token", "force_conflicts", "kubernetes.host", "other.url"}}
	for block, want := range map[string][]string{
		"kubernetes": {"force_conflicts", "kubernetes.host"}, "confluent": {"confluent.token"}, "other": {"other.url"},
	} {
		if diff := cmp.Diff(want, c.unknown(block)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", block, diff)
		}
	}
}
