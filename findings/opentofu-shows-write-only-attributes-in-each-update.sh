#!/usr/bin/env bash
# Programs: OpenTofu 1.12.6, as .ci/cli pins it, and Terraform 1.11.4 where it is on PATH.
# Input: a provider made with terraform-plugin-framework 1.19.0 whose resource has a write-only attribute that the configuration does
#   not set, and a plan that changes another attribute.
# Behaviour: OpenTofu shows the write-only attribute as a change in each plan of an update, though it is null before and after.
#   Terraform counts it among what does not change.
# Seen: "OpenTofu: ~ secret_wo = (write-only attribute)", "Terraform: no line".
# What follows: a plan of OpenTofu does not tell whether a secret is written again. The version beside the attribute does, and the guide
#   "Secrets" says so (templates/guides/secrets.md).
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
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
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
		"secret_wo": schema.StringAttribute{Optional: true, WriteOnly: true},
	}
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
func (thing) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (thing) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
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
TF
cat >cli.tfrc <<END
provider_installation {
  dev_overrides { "finding/plain" = "$folder/provider" }
}
END
export TF_CLI_CONFIG_FILE=$folder/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset TF_WORKSPACE TF_DATA_DIR "${!TF_CLI_ARGS@}"

# Prints the line of a plan that has the write-only attribute.
told() {
  rm -f terraform.tfstate*
  prepare "$1" apply -auto-approve -var release=v1
  prepare "$1" plan -no-color -var release=v2
  grep -q '~ version  *= "v1" -> "v2"' log || exit 2
  sed -n 's/^ *\(.*secret_wo\) *=/\1 =/p' log
}

line=$(told "$tofu") || exit
echo "OpenTofu: $line"
[ "$line" = "~ secret_wo = (write-only attribute)" ] || { echo CHANGED; exit 1; }
if terraform=$(command -v terraform); then
  line=$(told "$terraform") || exit
  echo "Terraform: ${line:-no line}"
  [ -z "$line" ] || { echo CHANGED; exit 1; }
fi
