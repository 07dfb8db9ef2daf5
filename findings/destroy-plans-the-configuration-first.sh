#!/usr/bin/env bash
# Programs: OpenTofu 1.12.6, as .ci/cli pins it, and Terraform 1.11.4 where it is on PATH.
# Input: a provider made with terraform-plugin-framework 1.19.0 whose resource refuses one value at plan, and warns of another; a
#   resource that was applied with a value it takes, and a configuration that has come to have one of the two.
# Behaviour: `destroy` first plans the configuration as `plan` does, before the plan that destroys. An error of that plan ends the
#   destroy, and a warning of it is shown nowhere. With -refresh=false there is no such plan.
# Seen, with both: "refused value: destroy fails", "refused value: destroy -refresh=false works", "warned value: plan warns, destroy
#   does not".
# What follows: a provider that refuses a dangerous change at plan also keeps its users from destroying what they have. This one finds
#   out that it is asked on behalf of a destroy, and makes warnings of its errors (internal/provider/destroying.go;
#   TestAccDestroyOfWhatCannotBePlanned).
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
	resp.Schema.Attributes = map[string]schema.Attribute{"version": schema.StringAttribute{Required: true}}
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
func (thing) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (thing) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (thing) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var version types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("version"), &version)...)
	switch version.ValueString() {
	case "refused":
		resp.Diagnostics.AddError("Refused", "This version is refused.")
	case "warned":
		resp.Diagnostics.AddWarning("Warned", "This version is warned of.")
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

# Prints what a command with a release does: fails, or works, and whether it warns.
told() {
  local release=$1 output
  shift
  if ! output=$("$cli" "$@" -no-color -var "release=$release" 2>&1); then
    grep -q 'Error: Refused' <<<"$output" || { printf '%s\n' "$output" >&2; exit 2; }
    echo fails
  elif grep -q 'Warning: Warned' <<<"$output"; then
    echo "works, warns"
  else
    echo works
  fi
}

command -v terraform >/dev/null || echo "Terraform: not looked at"
for cli in "$tofu" $(command -v terraform); do
  rm -f terraform.tfstate*
  "$cli" version | sed -n 1p
  prepare "$cli" apply -auto-approve -var release=good
  refused=$(told refused destroy -auto-approve) || exit
  without=$(told refused destroy -auto-approve -refresh=false) || exit
  prepare "$cli" apply -auto-approve -var release=good
  plan=$(told warned plan) || exit
  warned=$(told warned destroy -auto-approve) || exit
  printf 'refused value: destroy %s\nrefused value: destroy -refresh=false %s\nwarned value: plan %s, destroy %s\n' "$refused" "$without" "$plan" "$warned"
  if [ "$refused, $without, $plan, $warned" != "fails, works, works, warns, works" ]; then
    echo "CHANGED"
    exit 1
  fi
done
