package lifecycle

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// in returns raw, a plan, with the computed attributes in it. It replaces them
// in one step; the framework's SetAttribute walks the whole schema for each.
func (c *computedValues) in(ctx context.Context, raw tftypes.Value) (tftypes.Value, diag.Diagnostics) {
	values := map[string]tftypes.Value{}
	if err := raw.As(&values); err != nil {
		return raw, notComputed(err)
	}
	values = maps.Clone(values)
	for name, value := range map[string]attr.Value{
		"id":             c.id,
		"effective_spec": c.effective,
		"rollout":        c.rollout,
		"status":         c.status,
	} {
		converted, err := value.ToTerraformValue(ctx)
		if err != nil {
			return raw, notComputed(err)
		}
		values[name] = converted
	}
	return tftypes.NewValue(raw.Type(), values), nil
}

func notComputed(err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("The computed attributes cannot be written",
		tfkit.Sentence(err.Error())+" This is a bug in the provider; please report it.")}
}
