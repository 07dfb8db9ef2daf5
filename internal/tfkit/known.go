package tfkit

import (
	"slices"

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

// KnownWithout tells whether an object is known to its last leaf, apart from the
// named attributes, each the names that lead to it.
func KnownWithout(raw tftypes.Value, without ...[]string) bool {
	if raw.IsFullyKnown() {
		return true
	}
	values, ok := objectValues(raw)
	if !ok {
		return false
	}
	for name, value := range values {
		var inside [][]string
		whole := false
		for _, at := range without {
			if at[0] == name {
				whole = whole || len(at) == 1
				inside = append(inside, at[1:])
			}
		}
		if !whole && !KnownWithout(value, inside...) {
			return false
		}
	}
	return true
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

// AllNull tells whether none of the named attributes of an object has a value.
func AllNull(object tftypes.Value, names []string) bool {
	values, _ := objectValues(object)
	return !slices.ContainsFunc(names, func(name string) bool { return !values[name].IsNull() })
}
