#!/usr/bin/env bash
# Programs: OpenTofu 1.12.6, as .ci/cli pins it, and Terraform 1.11.4 where it is on PATH.
# Input: a provider made with terraform-plugin-framework 1.19.0, whose resource plans a computed attribute to a known value, fails
#   to update, and gives back the state that there was; and an output of the root module with that attribute as its value.
# Behaviour: after the failed apply the state holds the old value of the attribute, and the output the one that was planned. A
#   refresh puts the output right.
# Seen, with both: "after the failed apply: resource v1, output v2", "after a refresh: resource v1, output v1".
# What follows: a failed update that was rolled back leaves outputs that claim the new version. No provider can change them; the
#   guide "What an update does to a running job" says so (templates/guides/updates.md, TestAccOutputOfAFailedUpdate).
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

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
		"version":   schema.StringAttribute{Required: true},
		"effective": schema.StringAttribute{Computed: true},
	}
}

// ModifyPlan plans the computed attribute to the version that is wanted.
func (thing) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var version types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("version"), &version)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("effective"), version)...)
}
func (thing) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update fails; the framework has put the old state into the answer.
func (thing) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("Rolled back", "The old version runs.")
}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

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
output "effective" { value = plain_thing.a.effective }
TF
cat >cli.tfrc <<END
provider_installation {
  dev_overrides { "finding/plain" = "$folder/provider" }
}
END
export TF_CLI_CONFIG_FILE=$folder/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset TF_WORKSPACE TF_DATA_DIR "${!TF_CLI_ARGS@}"

# Prints what the state has: the attribute of the resource, and the output.
seen() {
  local resource output
  resource=$("$cli" state show -no-color plain_thing.a | sed -n 's/^ *effective *= "\(.*\)"$/\1/p')
  output=$("$cli" output -raw effective 2>/dev/null)
  echo "resource $resource, output $output"
}

command -v terraform >/dev/null || echo "Terraform: not looked at"
for cli in "$tofu" $(command -v terraform); do
  rm -f terraform.tfstate*
  "$cli" version | sed -n 1p
  prepare "$cli" apply -auto-approve -var release=v1
  if "$cli" apply -auto-approve -var release=v2 >/dev/null 2>&1; then
    echo "the update did not fail"
    exit 1
  fi
  failed=$(seen)
  "$cli" apply -refresh-only -auto-approve -var release=v2 >/dev/null 2>&1
  refreshed=$(seen)
  printf 'after the failed apply: %s\nafter a refresh: %s\n' "$failed" "$refreshed"
  if [ "$failed" != "resource v1, output v2" ] || [ "$refreshed" != "resource v1, output v1" ]; then
    echo "CHANGED"
    exit 1
  fi
done
