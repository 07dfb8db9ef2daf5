package lifecycle

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// in returns raw, a plan, with the computed attributes in it. It replaces them
// in one step; the framework's SetAttribute walks the whole schema for each.
func (c *computedValues) in(ctx context.Context, raw tftypes.Value) tftypes.Value {
	values := map[string]tftypes.Value{}
	if raw.As(&values) != nil {
		return raw
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
			continue
		}
		values[name] = converted
	}
	return tftypes.NewValue(raw.Type(), values)
}
