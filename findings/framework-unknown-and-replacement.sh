#!/usr/bin/env bash
# Library: terraform-plugin-framework 1.19.0 (terraform-plugin-go 0.31.0), protocol 6.
# Input: a resource with a nested attribute { namespace } whose namespace has stringplanmodifier.RequiresReplace(), and two plans of
#   an update: one where the namespace is unknown, one where the whole object is.
# Behaviour: an unknown namespace asks for a replacement, although it may turn out to be the one that is there. An unknown object
#   asks for none, although it may turn out to have another namespace: modifiers of nested attributes are not called then.
# Seen: "unknown namespace: 1 attribute asks for a replacement" and "unknown object: 0 attributes ask for a replacement".
# What follows: no attribute of the provider has RequiresReplace. A place that is known and different replaces, and an apply that finds
#   another one ends before it writes (internal/tfkit/identity.go; TestUnknownNeverReplaces).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
look() { "$@" 2>log || { [ $? = 3 ] && exit 1; cat log >&2; exit 2; }; }
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type plain struct{}

func (plain) Metadata(_ context.Context, _ provider.MetadataRequest, r *provider.MetadataResponse) {
	r.TypeName = "plain"
}
func (plain) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (plain) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (plain) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (plain) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{} }}
}

type thing struct{}

func (thing) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = "plain_thing"
}
func (thing) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	r.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"place": schema.SingleNestedAttribute{Required: true, Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{Optional: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		}},
	}}
}
func (thing) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

var (
	place  = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"namespace": tftypes.String}}
	values = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"place": place}}
)

func in(namespace any) tftypes.Value {
	return tftypes.NewValue(place, map[string]tftypes.Value{"namespace": tftypes.NewValue(tftypes.String, namespace)})
}

func replacements(server tfprotov6.ProviderServer, planned tftypes.Value) int {
	value := func(inner tftypes.Value) *tfprotov6.DynamicValue {
		dynamic, err := tfprotov6.NewDynamicValue(values, tftypes.NewValue(values, map[string]tftypes.Value{"place": inner}))
		if err != nil {
			panic(err)
		}
		return &dynamic
	}
	resp, err := server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "plain_thing", PriorState: value(in("shop")), ProposedNewState: value(planned), Config: value(planned),
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		panic(fmt.Sprint(err, resp))
	}
	return len(resp.RequiresReplace)
}

func main() {
	server, err := providerserver.NewProtocol6WithError(plain{})()
	if err != nil {
		panic(err)
	}
	namespace, object := replacements(server, in(tftypes.UnknownValue)), replacements(server, tftypes.NewValue(place, tftypes.UnknownValue))
	fmt.Printf("unknown namespace: %d attribute asks for a replacement\nunknown object: %d attributes ask for a replacement\n", namespace, object)
	if namespace != 1 || object != 0 {
		fmt.Println("CHANGED")
		os.Exit(3)
	}
}
GO
prepare go mod init finding
prepare go get github.com/hashicorp/terraform-plugin-framework@v1.19.0 github.com/hashicorp/terraform-plugin-go@v0.31.0
prepare go mod tidy
prepare go build -o finding .
look ./finding
