package savepoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
// completed, and plans to go on with one that is not.
func (r *savepointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	if tfkit.Known(req.Plan.Raw, "environment", "name") {
		var plan model
		resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
		if resp.Diagnostics.HasError() {
			return
		}
		_, diags := plan.want()
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), plan.ID)...)
	}
	if req.State.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	var location types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("location"), &location)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case resp.Diagnostics.HasError():
	case !location.IsNull():
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("location"), location)...)
	default:
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("location"), types.StringUnknown())...)
		if left.Failed {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("location"))
		}
	}
}
