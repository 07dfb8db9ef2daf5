package tfkit

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestOneSize(t *testing.T) {
	t.Parallel()
	of := map[string]attr.Type{"memory": types.StringType}
	component := map[string]attr.Type{"resource": types.ObjectType{AttrTypes: of}, "resources": types.ObjectType{AttrTypes: of}}
	given := types.ObjectValueMust(of, map[string]attr.Value{"memory": types.StringValue("1g")})
	null, unknown := types.ObjectNull(of), types.ObjectUnknown(of)
	for name, test := range map[string]struct {
		value   types.Object
		refused bool
	}{
		"one":            {types.ObjectValueMust(component, map[string]attr.Value{"resource": given, "resources": null}), false},
		"the other":      {types.ObjectValueMust(component, map[string]attr.Value{"resource": null, "resources": given}), false},
		"both":           {types.ObjectValueMust(component, map[string]attr.Value{"resource": given, "resources": given}), true},
		"not known yet":  {types.ObjectValueMust(component, map[string]attr.Value{"resource": given, "resources": unknown}), false},
		"no component":   {types.ObjectNull(component), false},
		"unknown itself": {types.ObjectUnknown(component), false},
	} {
		var resp validator.ObjectResponse
		oneSize{}.ValidateObject(t.Context(), validator.ObjectRequest{Path: path.Root("job_manager"), ConfigValue: test.value}, &resp)
		if resp.Diagnostics.HasError() != test.refused {
			t.Errorf("%s: %v", name, resp.Diagnostics)
		}
		for _, d := range resp.Diagnostics.Errors() {
			if !strings.Contains(d.Detail(), "job_manager has both resource and resources") {
				t.Errorf("%s: %s", name, d.Detail())
			}
		}
	}
}
