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
	resp.Diagnostics.Append(r.lacks(plan)...)
	var does Consequence
	if req.State.Raw.IsNull() {
		does = r.decide(plan, nil, tfkit.IdentityChange{}, req.Plan.Raw)
		resp.Diagnostics.Append(does.Diagnostics...)
	} else {
		state := r.New()
		resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), state)...)
		unchanged := r.settled(req.Plan.Raw, req.State.Raw)
		moves, diags := r.moves(plan, state)
		resp.Diagnostics.Append(diags...)
		if same := r.sameWay(unchanged, req.State.Raw); !moves && same.Equal(req.State.Raw) {
			resp.Plan.Raw = same
			return
		}
		change := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identifying())
		does = r.decide(plan, state, change, req.Plan.Raw)
		switch replaces := len(does.Replace) > 0; {
		case replaces && !r.data.Refreshed(r.Name, ptr.Deref(state.Shared().ID, "")):
			resp.Diagnostics.Append(r.notPlannedAsReplaced(state, does))
		case replaces:
			resp.RequiresReplace = does.Replace
		case does.Nothing:
			resp.Plan.Raw = unchanged
			return
		default:
			planned = types.StringPointerValue(state.Shared().ID)
		}
		resp.Diagnostics.Append(does.Diagnostics...)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), planned)...)
	if !does.Unknown && !resp.Diagnostics.HasError() {
		var diags diag.Diagnostics
		resp.Plan.Raw, diags = r.withRollout(ctx, resp.Plan.Raw, plan, nil)
		resp.Diagnostics.Append(diags...)
	}
}

// settled returns a plan with the computed attributes of the state. The framework
// has made them unknown where the configuration differs from the state, if only in
// words.
func (r *Resource[T]) settled(plan, state tftypes.Value) tftypes.Value {
	for _, name := range append([]string{"id"}, append(r.Planned, r.Computed...)...) {
		plan = tfkit.WithAttribute(plan, state, name)
	}
	return plan
}

// notPlannedAsReplaced is the error of an apply that leads to another object.
func (r *Resource[T]) notPlannedAsReplaced(state Data[T], does Consequence) diag.Diagnostic {
	return tfkit.NotPlannedAsReplaced(fmt.Sprintf("the %s %q", r.Noun, ptr.Deref(state.Shared().Name, "")), ptr.Deref(state.Shared().ID, ""), does.Replace)
}
