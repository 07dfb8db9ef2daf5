package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// The plan modifiers of this file keep the text of the prior state where the
// configuration says the same in other words. Terraform allows a provider to
// plan the prior value of an attribute instead of the configured one
// (https://github.com/hashicorp/terraform/blob/main/docs/resource-instance-change-lifecycle.md);
// the semantic equality of the framework's custom types would come too late, it
// runs after apply and refresh only.

// sameDocument keeps a YAML or JSON text whose meaning does not change.
func sameDocument() planmodifier.String {
	return keepText{"Texts with the same meaning are no change.", flink.SameDocument}
}

// sameMemory keeps a memory size that Flink reads as equal.
func sameMemory() planmodifier.String {
	return keepText{"Equal memory sizes are no change.", flink.SameMemory}
}

// sameQuantity keeps a Kubernetes quantity that is equal.
func sameQuantity() planmodifier.String {
	return keepText{"Equal quantities are no change.", flink.SameQuantity}
}

// SameConfiguration keeps a Flink configuration that Flink reads as equal: keys
// under their old and new names, values in other words. A map is kept as a
// whole or not at all, because Terraform compares it as one value.
func SameConfiguration() planmodifier.Map {
	return keepMap{"Configurations that Flink reads as equal are no change.", flink.CanonicalKey, flink.SameConfigValue}
}

// sameResources keeps Kubernetes requests or limits that are equal: memory among them
// is compared as a quantity too.
func sameResources() planmodifier.Map {
	return keepMap{"Equal quantities are no change.", func(key string) string { return key }, func(_, a, b string) bool { return flink.SameQuantity(a, b) }}
}

// keepText is the plan modifier of a text.
type keepText struct {
	description string
	same        func(a, b string) bool
}

// Description says what is kept.
func (k keepText) Description(context.Context) string { return k.description }

// MarkdownDescription says what is kept.
func (k keepText) MarkdownDescription(context.Context) string { return k.description }

// PlanModifyString plans the prior text where the planned one says the same.
func (k keepText) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	prior, planned := req.StateValue, req.PlanValue
	if prior.IsNull() || planned.IsNull() || planned.IsUnknown() || prior.Equal(planned) {
		return
	}
	if k.same(prior.ValueString(), planned.ValueString()) {
		resp.PlanValue = prior
	}
}

// keepMap is the plan modifier of a map of texts.
type keepMap struct {
	description string
	canonical   func(key string) string
	same        func(key, a, b string) bool
}

// Description says what is kept.
func (k keepMap) Description(context.Context) string { return k.description }

// MarkdownDescription says what is kept.
func (k keepMap) MarkdownDescription(context.Context) string { return k.description }

// PlanModifyMap plans the prior map where the planned one says the same.
func (k keepMap) PlanModifyMap(_ context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	prior, planned := req.StateValue, req.PlanValue
	if prior.IsNull() || planned.IsNull() || planned.IsUnknown() || prior.Equal(planned) {
		return
	}
	left, right := k.texts(prior.Elements()), k.texts(planned.Elements())
	if left == nil || right == nil || len(left) != len(right) {
		return
	}
	for key, a := range left {
		b, ok := right[key]
		switch {
		case !ok, (a == nil) != (b == nil), a != nil && !k.same(key, *a, *b):
			return
		}
	}
	resp.PlanValue = prior
}

// texts returns the elements by canonical key; nil when an element is unknown
// or two of them have one meaning.
func (k keepMap) texts(elements map[string]attr.Value) map[string]*string {
	out := make(map[string]*string, len(elements))
	for key, element := range elements {
		value, ok := element.(basetypes.StringValue)
		if !ok || value.IsUnknown() {
			return nil
		}
		key = k.canonical(key)
		if _, twice := out[key]; twice {
			return nil
		}
		out[key] = value.ValueStringPointer()
	}
	return out
}
