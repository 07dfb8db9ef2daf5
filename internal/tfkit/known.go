package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Known tells whether the named attributes of an object, a plan or a
// configuration, are known to their last leaf.
func Known(raw tftypes.Value, attributes ...string) bool {
	values, ok := objectValues(raw)
	if !ok {
		return false
	}
	for _, name := range attributes {
		if value, has := values[name]; has && !value.IsFullyKnown() {
			return false
		}
	}
	return true
}

// Decode decodes a plan into a model of plain Go values. What is unknown
// becomes null, and so does a map or list with an unknown element: ask Known
// before drawing a conclusion from a null. A configuration decodes as
// tfsdk.Plan(config), a state as tfsdk.Plan(state).
func Decode(ctx context.Context, plan tfsdk.Plan, target any) diag.Diagnostics {
	plan.Raw = nullUnknown(plan.Raw)
	if plan.Schema != nil && DecodeValue(ctx, plan.Raw, TypesOf(plan.Schema.GetAttributes()), target) == nil {
		return nil
	}
	return plan.Get(ctx, target)
}

// nullUnknown replaces what is unknown by null.
func nullUnknown(value tftypes.Value) tftypes.Value {
	if value.IsFullyKnown() {
		return value
	}
	values, ok := objectValues(value)
	if !ok {
		return tftypes.NewValue(value.Type(), nil)
	}
	// The map is the one inside of the value, which is the caller's.
	known := make(map[string]tftypes.Value, len(values))
	for name, field := range values {
		known[name] = nullUnknown(field)
	}
	return tftypes.NewValue(value.Type(), known)
}

// objectValues returns the attributes of a known object.
func objectValues(value tftypes.Value) (map[string]tftypes.Value, bool) {
	if !value.Type().Is(tftypes.Object{}) || !value.IsKnown() || value.IsNull() {
		return nil, false
	}
	values := map[string]tftypes.Value{}
	return values, value.As(&values) == nil
}
