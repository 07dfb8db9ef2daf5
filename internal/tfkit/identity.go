package tfkit

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Identifying is an attribute that says which object a resource is: another
// value is another object, so it replaces the resource.
//
// A value that is not known yet replaces nothing. Most often it turns out to be
// the one that it was, for example when a data source is read again in the apply.
type Identifying struct {
	// At are the names that lead to the attribute, for example
	// ["environment", "namespace"].
	At []string
	// Default is the value that null stands for, empty for null itself.
	Default string
	// When tells whether the attribute identifies a resource, by its prior state; nil
	// for always.
	When func(prior tftypes.Value) bool
}

// EnvironmentIdentity are the identifying attributes of the environment that a
// resource is in, on one of the platforms.
func EnvironmentIdentity(of platform.Known) []Identifying {
	out := []Identifying{environmentPlatform(of)}
	for _, by := range []string{platform.PlacedByNamespace, platform.PlacedByName} {
		out = append(out, Identifying{
			At:   []string{"environment", by},
			When: func(prior tftypes.Value) bool { return PlacedBy(of, prior) == by },
		})
	}
	return out
}

func environmentPlatform(of platform.Known) Identifying {
	return Identifying{At: []string{"environment", "platform"}, Default: of.Default()}
}

// PlacedBy returns the attribute of the environment of a resource that says where it
// is (platform.Rules.PlacedBy). The platform has to be known.
func PlacedBy(of platform.Known, raw tftypes.Value) string {
	var name string
	if err := environmentPlatform(of).in(raw).As(&name); err == nil {
		return of.PlacedBy(name)
	}
	return platform.PlacedByNamespace
}

// PlaceKnown tells whether a configuration or plan says where the object of a
// resource in an environment is: its platform, its namespace or environment, and its
// name.
func PlaceKnown(of platform.Known, raw tftypes.Value) bool {
	for _, at := range [][]string{{"environment", "platform"}, {"environment", PlacedBy(of, raw)}, {"name"}} {
		if !(Identifying{At: at}).KnownIn(raw) {
			return false
		}
	}
	return true
}

// IdentityChange is what a plan does to the identifying attributes of a resource
// that exists.
type IdentityChange struct {
	// Different have a known value that is another one than in the state.
	Different path.Paths
	// unknown are not known yet.
	unknown []Identifying
}

// Replaces tells whether the plan is for another object.
func (c IdentityChange) Replaces() bool { return len(c.Different) > 0 }

// CompareIdentity compares the identifying attributes of a plan with those of a
// prior state.
func CompareIdentity(plan, prior tftypes.Value, of []Identifying) IdentityChange {
	var out IdentityChange
	for _, attribute := range of {
		if attribute.When != nil && !attribute.When(prior) {
			continue
		}
		planned, before := attribute.in(plan), attribute.in(prior)
		switch {
		case differs(planned, before):
			out.Different.Append(attribute.path())
		case !planned.IsFullyKnown():
			out.unknown = append(out.unknown, attribute)
		}
	}
	return out
}

// Settle returns the plan with the state's values of identifying attributes that
// are not known yet: either they turn out to be these, or nothing is applied.
func (c IdentityChange) Settle(plan, prior tftypes.Value) tftypes.Value {
	for _, attribute := range c.unknown {
		plan = with(plan, attribute.at(prior), attribute.At...)
	}
	return plan
}

func (i Identifying) path() path.Path {
	at := path.Root(i.At[0])
	for _, name := range i.At[1:] {
		at = at.AtName(name)
	}
	return at
}

// at returns the value of the attribute in an object: unknown or null when one
// on the way to it is, null when there is no such attribute.
func (i Identifying) at(object tftypes.Value) tftypes.Value {
	for _, name := range i.At {
		values, ok := objectValues(object)
		if !ok {
			return tftypes.NewValue(tftypes.DynamicPseudoType, nullOrUnknown(object))
		}
		next, has := values[name]
		if !has {
			// A session cluster has no job.
			return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
		}
		object = next
	}
	return object
}

// NullIn tells whether the attribute is null in an object.
func (i Identifying) NullIn(object tftypes.Value) bool { return i.at(object).IsNull() }

// KnownIn tells whether the attribute has a known value in an object.
func (i Identifying) KnownIn(object tftypes.Value) bool { return i.at(object).IsFullyKnown() }

// in is at with the default in the place of null.
func (i Identifying) in(object tftypes.Value) tftypes.Value {
	value := i.at(object)
	if i.Default != "" && value.IsNull() {
		return tftypes.NewValue(tftypes.String, i.Default)
	}
	return value
}

func nullOrUnknown(value tftypes.Value) any {
	if value.IsKnown() {
		return nil
	}
	return tftypes.UnknownValue
}

// differs tells whether a value is another one, whatever its unknown parts turn
// out to be.
func differs(planned, prior tftypes.Value) bool {
	switch {
	case !planned.IsKnown():
		return false
	case planned.IsFullyKnown() || planned.IsNull() || prior.IsNull():
		return (!planned.IsNull() || !prior.IsNull()) && !planned.Equal(prior)
	}
	now, before := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if planned.As(&now) != nil || prior.As(&before) != nil || len(now) != len(before) {
		return true
	}
	for key, value := range now {
		old, had := before[key]
		if !had || differs(value, old) {
			return true
		}
	}
	return false
}

// with returns an object with another value at the end of a way. An object on
// the way that is null or unknown stays so.
func with(object, value tftypes.Value, at ...string) tftypes.Value {
	if len(at) == 0 {
		return value
	}
	values, ok := objectValues(object)
	if !ok {
		return object
	}
	values = maps.Clone(values)
	values[at[0]] = with(values[at[0]], value, at[1:]...)
	return tftypes.NewValue(object.Type(), values)
}

// WithAttribute returns an object with the attribute of another object of its
// type.
func WithAttribute(object, other tftypes.Value, name string) tftypes.Value {
	values, ok := objectValues(other)
	if !ok {
		return object
	}
	return with(object, values[name], name)
}

// WithInner returns an object with an attribute, inside of another one, of another object of its
// type. One that is null in either stays.
func WithInner(object, other tftypes.Value, outer, name string) tftypes.Value {
	from := Identifying{At: []string{outer, name}}.at(other)
	if !from.Type().Is(tftypes.String) {
		return object
	}
	return with(object, from, outer, name)
}

// NotPlannedAsReplaced refuses to go on with a resource whose identifying
// attributes differ from the state's in a run that has not refreshed it. That is
// an apply of a plan that did not know the values yet, and so planned the
// resource in place. what is for example `the deployment "orders"`.
//
// Terraform plans every resource again when it applies it, and tells neither
// plan from the other. A replacement that only this second plan finds ends with
// an error that calls it a bug of the provider. What an apply never does is to
// refresh.
func NotPlannedAsReplaced(what, id string, different path.Paths) diag.Diagnostic {
	names := make([]string, len(different))
	for i, at := range different {
		names[i] = at.String()
	}
	return diag.NewAttributeErrorDiagnostic(different[0], fmt.Sprintf("Another value of %s would replace %s, which is not planned", strings.Join(names, " and "), what),
		fmt.Sprintf("The state has %s. This run has not refreshed it, and no object is replaced on the word of an older refresh. Nothing was written.\n\n"+
			"In an apply: the value was not known when the plan was made, so an update in place was planned, and it has turned out to be another one than before. "+
			"Plan again: the value is known now, and the plan shows what the replacement does.\n"+
			"In a plan: make it with a refresh, without -refresh=false and -minimal-refresh.\n"+
			"If no plan ever knows the value, because it comes from something that each apply changes, write it in another way.", id))
}
