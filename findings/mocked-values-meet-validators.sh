#!/usr/bin/env bash
# Programs: Terraform 1.11.4 where it is on PATH, and OpenTofu 1.12.6, as .ci/cli pins it: `test` with mock_provider.
# Library: terraform-plugin-framework 1.19.0 with terraform-plugin-framework-validators 0.19.0.
# Input: a resource with a computed attribute, a second one that takes this value and has the validator OneOf for it, and a test that
#   mocks the provider.
# Behaviour: the mock makes a random text of the computed attribute, and the validators of the real provider judge it. OpenTofu makes
#   it at plan already, so that no run passes; Terraform leaves it unknown in a plan, fails in an apply, and then cannot take away what
#   it has made up.
# Seen: "OpenTofu: plan fail, apply skip, left behind: ", "Terraform: plan pass, apply fail, left behind: plain_place.a".
# What follows: a validator that judges values of other resources keeps a module from being tested. This provider judges such values
#   when it plans, which a mock does not reach (internal/resources/deployment/mocked_acc_test.go,
#   TestAccMockedProvider).
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

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

type plain struct{}

func (plain) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "plain"
}
func (plain) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (plain) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (plain) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (plain) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{"place"} }, func() resource.Resource { return thing{"thing"} }}
}

type thing struct{ name string }

func (t thing) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + t.name
}

// Schema lets a place compute its kind, and a thing take one.
func (t thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	kinds := []validator.String{stringvalidator.OneOf("round", "square")}
	resp.Schema.Attributes = map[string]schema.Attribute{
		"kind": schema.StringAttribute{Optional: t.name == "thing", Computed: t.name == "place", Validators: kinds},
	}
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (thing) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
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
  go get github.com/hashicorp/terraform-plugin-framework@v1.19.0 github.com/hashicorp/terraform-plugin-framework-validators@v0.19.0
  go mod tidy
  go build -o terraform-provider-plain .
}
prepare bash -ec "$(declare -f build); build"
cat >main.tf <<'TF'
terraform {
  required_providers { plain = { source = "finding/plain" } }
}
resource "plain_place" "a" {}
resource "plain_thing" "b" { kind = plain_place.a.kind }
TF
cat >main.tftest.hcl <<'TF'
mock_provider "plain" {}
run "plan" { command = plan }
run "apply" {}
TF
cat >cli.tfrc <<END
provider_installation {
  dev_overrides { "finding/plain" = "$folder/provider" }
}
END
export TF_CLI_CONFIG_FILE=$folder/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset TF_WORKSPACE TF_DATA_DIR "${!TF_CLI_ARGS@}"

# Prints what becomes of the runs of the test, and what is left behind.
told() {
  local output run
  output=$("$1" test -no-color 2>&1) || true
  grep -q "Invalid Attribute Value Match" <<<"$output" || { printf '%s\n' "$output" >&2; exit 2; }
  for run in plan apply; do
    printf '%s %s, ' "$run" "$(sed -n "s/^ *run \"$run\"\.\.\. //p" <<<"$output" | tail -n 1)"
  done
  printf 'left behind: %s\n' "$(sed -n 's/^ *- \(plain_.*\)/\1/p' <<<"$output")"
}

tests=$(told "$tofu") || exit
echo "OpenTofu: $tests"
[ "$tests" = "plan fail, apply skip, left behind: " ] || { echo CHANGED; exit 1; }
if terraform=$(command -v terraform); then
  tests=$(told "$terraform") || exit
  echo "Terraform: $tests"
  [ "$tests" = "plan pass, apply fail, left behind: plain_place.a" ] || { echo CHANGED; exit 1; }
fi
