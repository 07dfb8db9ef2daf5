package savepoint

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ValidateConfig refuses a savepoint of two jobs, or of none. A name that is
// not known yet counts as given.
func (r *savepointResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var deployment, sessionJob types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("deployment"), &deployment)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("session_job"), &sessionJob)...)
	if resp.Diagnostics.HasError() || deployment.IsUnknown() || sessionJob.IsUnknown() {
		return
	}
	switch {
	case deployment.IsNull() && sessionJob.IsNull():
		resp.Diagnostics.AddError("The savepoint has no job",
			"Name the job that the savepoint is of: deployment = flink_deployment.<name>.name, or session_job = flink_session_job.<name>.name.")
	case !deployment.IsNull() && !sessionJob.IsNull():
		resp.Diagnostics.Append(diag.NewAttributeErrorDiagnostic(path.Root("session_job"), "The savepoint has two jobs",
			"A savepoint is of one job. Leave out deployment or session_job."))
	}
}

// ModifyPlan computes the id, keeps the location of a savepoint that is
// completed, and plans to go on with one that is not. A configuration that is for
// another savepoint replaces it.
func (r *savepointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	if !req.State.Raw.IsNull() {
		r.planExisting(ctx, req, resp)
		return
	}
	if !tfkit.PlaceKnown(r.platforms, req.Plan.Raw) {
		return
	}
	var plan model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	want, diags := r.want(&plan)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.unable(want)...)
	resp.Diagnostics.Append(r.unwritable(want)...)
	if names(r.platforms, want.target.Platform) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), want.id)...)
	}
}

// unwritable refuses a format that the job cannot write, of a job that this run has
// planned. What else runs is looked at before the savepoint is asked for.
func (r *savepointResource) unwritable(want wanted) diag.Diagnostics {
	kind := "deployment"
	if want.Job.Session {
		kind = "session_job"
	}
	why := r.data.NativeOnly(kind, want.target.ID(want.Job.Name))
	if why == "" || want.Format != platform.FormatCanonical {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("format"), fmt.Sprintf("No savepoint in canonical format can be taken of %q", want.Job.Name),
		fmt.Sprintf("With %s Flink writes only native ones, and the job would fail when it is asked for another. Set format = %q, or leave format out.", why, platform.FormatNative))}
}

// planExisting plans a savepoint that was asked for.
func (r *savepointResource) planExisting(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	var plan model
	if tfkit.PlaceKnown(r.platforms, req.Plan.Raw) {
		resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
		want, diags := r.want(&plan)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(r.unable(want)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	location := state.Location
	change := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identity())
	if left.Unpinnable && ptr.Deref(plan.Pinned, false) && !ptr.Deref(state.Pinned, false) {
		change.Different.Append(path.Root("pinned"))
	}
	switch {
	case change.Replaces() && !r.data.Refreshed(typeName, state.ID.ValueString()):
		resp.Diagnostics.Append(notPlannedAsReplaced(&state, change))
		return
	case change.Replaces():
		// Terraform plans the other savepoint by itself.
		resp.RequiresReplace = change.Different
	case location.IsNull():
		location = types.StringUnknown()
		if left.Failed {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("location"))
		}
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), state.ID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("location"), location)...)
	// What an environment says beside its place is nothing of the savepoint.
	same := tfkit.WithAttribute(resp.Plan.Raw, req.State.Raw, "environment")
	if !change.Replaces() && tfkit.Known(req.Plan.Raw, "environment") && same.Equal(req.State.Raw) {
		resp.Plan.Raw = same
	}
}

// notPlannedAsReplaced is the error of an apply that leads to another savepoint.
func notPlannedAsReplaced(state *model, change tfkit.IdentityChange) diag.Diagnostic {
	return tfkit.NotPlannedAsReplaced(fmt.Sprintf("the savepoint %q", ptr.Deref(state.Name, "")), state.ID.ValueString(), change.Different)
}
