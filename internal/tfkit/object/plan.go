package object

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ModifyPlan computes the id and replaces the resource whose configuration is for
// another object. It contacts nothing.
func (r *Resource[T]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	resp.Diagnostics.Append(r.check(ctx, req.Plan.Raw)...)
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	planned := types.StringUnknown()
	if r.placed(req.Plan.Raw) {
		planned = types.StringValue(r.id(plan))
	}
	if !req.State.Raw.IsNull() {
		state := r.New()
		resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), state)...)
		change := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identifying())
		switch {
		case change.Replaces() && !r.data.Refreshed(r.Name, ptr.Deref(state.Shared().ID, "")):
			resp.Diagnostics.Append(r.notPlannedAsReplaced(state, change))
		case change.Replaces():
			resp.RequiresReplace = change.Different
			if ends, ok := state.(Replaceable); ok {
				resp.Diagnostics.Append(ends.Replaced()...)
			}
		default:
			planned = types.StringPointerValue(state.Shared().ID)
			if unchanged := r.settled(req.Plan.Raw, req.State.Raw); unchanged.Equal(req.State.Raw) {
				resp.Plan.Raw = unchanged
				return
			}
		}
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), planned)...)
}

// settled returns a plan with the computed attributes of the state. The framework
// has made them unknown where the configuration differs from the state, if only in
// words.
func (r *Resource[T]) settled(plan, state tftypes.Value) tftypes.Value {
	for _, name := range append([]string{"id"}, r.Computed...) {
		plan = tfkit.WithAttribute(plan, state, name)
	}
	return plan
}

// notPlannedAsReplaced is the error of an apply that leads to another object.
func (r *Resource[T]) notPlannedAsReplaced(state Data[T], change tfkit.IdentityChange) diag.Diagnostic {
	return tfkit.NotPlannedAsReplaced(fmt.Sprintf("the %s %q", r.Noun, ptr.Deref(state.Shared().Name, "")), ptr.Deref(state.Shared().ID, ""), change.Different)
}
