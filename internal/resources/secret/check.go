package secret

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// single is the key of data_wo where a secret has one value: in an environment.
const single = "value"

// nameOfSingle is a name where a secret has one value (documentation of the vendor's REST
// API, "Names").
var nameOfSingle = regexp.MustCompile(`^[0-9A-Za-z_-]{1,250}$`)

// ValidateConfig checks what depends on whether the secret is in an environment, as far as
// that is known.
func (r *secretResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	values := map[string]tftypes.Value{}
	if err := req.Config.Raw.As(&values); err != nil || !values["environment"].IsKnown() {
		return
	}
	placed := !values["environment"].IsNull()
	var name string
	if at := values["name"]; at.IsKnown() && !at.IsNull() && at.As(&name) == nil {
		resp.Diagnostics.Append(checkName(ctx, placed, name)...)
	}
	// The values may not be known yet, and their names are.
	data := map[string]tftypes.Value{}
	if at := values["data_wo"]; at.IsKnown() && !at.IsNull() && at.As(&data) == nil {
		resp.Diagnostics.Append(checkKeys(placed, slices.Sorted(maps.Keys(data)))...)
	}
}

// checkName checks the name of a secret, in an environment or not.
func checkName(ctx context.Context, placed bool, name string) diag.Diagnostics {
	at := path.Root("name")
	if !placed {
		checked := validator.StringResponse{}
		tfkit.ObjectNameValidator().ValidateString(ctx, validator.StringRequest{Path: at, ConfigValue: types.StringValue(name)}, &checked)
		return checked.Diagnostics
	}
	if nameOfSingle.MatchString(name) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "This is no name of a secret",
		fmt.Sprintf("The name is %q. In an environment it has letters, digits, hyphens and underscores, at most 250.", name))}
}

// checkKeys checks the names of the values of a secret, in an environment or not.
func checkKeys(placed bool, keys []string) diag.Diagnostics {
	at := slices.IndexFunc(keys, func(key string) bool { return key != single })
	if !placed || at < 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("data_wo").AtMapKey(keys[at]), "A secret in an environment has one value, by the name value",
		fmt.Sprintf("There is one by the name %q. Write data_wo = { value = … }, and a secret for each value. Nothing was written.", keys[at]))}
}
