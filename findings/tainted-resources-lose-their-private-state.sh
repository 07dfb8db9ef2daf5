#!/usr/bin/env bash
# Programs: OpenTofu 1.12.6, as .ci/cli pins it, and Terraform 1.11.4 where it is on PATH.
# Input: a provider made with terraform-plugin-framework 1.19.0 whose resource keeps something in its private state, and is deleted
#   in three ways: by a destroy, by a replacement that an attribute causes, and by a replacement because it is tainted.
# Behaviour: the delete of a destroy and of a replacement has the private state. That of a tainted resource has an empty one, though
#   its attributes are all there.
# Seen, with both: "destroy: kept, replacement: kept, tainted: gone".
# What follows: what a delete needs to know for certain, such as which of two objects of one name is its own, cannot be left to the
#   private state. This provider has the uid among the attributes too (internal/tfkit/lifecycle/delete.go, objectOf;
#   TestObjectOfAStateWithoutPrivateState).
set -euo pipefail
tofu=$("$(dirname "${BASH_SOURCE[0]}")/../.ci/cli" tofu)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
mkdir provider
cat >provider/main.go <<'GO'
package main

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
)

type plain struct{}

func (plain) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "plain"
}
func (plain) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (plain) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (plain) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (plain) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{} }}
}

type thing struct{}

func (thing) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_thing"
}
func (thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"version": schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
	}
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
func (thing) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, "uid", []byte(`"1"`))...)
}
func (thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

// Delete notes whether the private state is there.
func (thing) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	private, diags := req.Private.GetKey(ctx, "uid")
	resp.Diagnostics.Append(diags...)
	told := "gone"
	if private != nil {
		told = "kept"
	}
	if err := os.WriteFile(os.Getenv("FINDING_DELETED"), []byte(told), 0o600); err != nil {
		resp.Diagnostics.AddError("Not noted", err.Error())
	}
}

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return plain{} },
		providerserver.ServeOpts{Address: "example.com/finding/plain"})
	if err != nil {
		panic(err)
	}
}
GO
build() {
  cd provider
  go mod init finding
  go get github.com/hashicorp/terraform-plugin-framework@v1.19.0
  go mod tidy
  go build -o terraform-provider-plain .
}
prepare bash -ec "$(declare -f build); build"
cat >main.tf <<'TF'
terraform {
  required_providers { plain = { source = "finding/plain" } }
}
variable "release" { type = string }
resource "plain_thing" "a" { version = var.release }
TF
cat >cli.tfrc <<END
provider_installation {
  dev_overrides { "finding/plain" = "$folder/provider" }
}
END
export TF_CLI_CONFIG_FILE=$folder/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset TF_WORKSPACE TF_DATA_DIR "${!TF_CLI_ARGS@}"
export FINDING_DELETED=$folder/deleted

# Deletes with a command, and prints what the delete has noted.
deleted() {
  rm -f "$FINDING_DELETED"
  "$cli" "$@" -auto-approve >/dev/null 2>&1
  cat "$FINDING_DELETED"
}

command -v terraform >/dev/null || echo "Terraform: not looked at"
for cli in "$tofu" $(command -v terraform); do
  rm -f terraform.tfstate*
  "$cli" version | sed -n 1p
  prepare "$cli" apply -auto-approve -var release=v1
  replaced=$(deleted apply -var release=v2)
  "$cli" taint plain_thing.a >/dev/null 2>&1
  tainted=$(deleted apply -var release=v2)
  destroyed=$(deleted destroy -var release=v2)
  echo "destroy: $destroyed, replacement: $replaced, tainted: $tainted"
  if [ "$destroyed $replaced $tainted" != "kept kept gone" ]; then
    echo "CHANGED"
    exit 1
  fi
done
