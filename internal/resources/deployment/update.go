package deployment

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Update performs what the plan says: it writes the new specification where the
// cluster is concerned, and waits until it runs. After a failure the state is
// the prior one when nothing was written or the previous specification runs
// again, and the new one otherwise.
func (r *deploymentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	decided, diags := decide(ctx, &plan, &prior, left.Unfinished)
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := decided.ref(*plan.Name)
	ctx, cancel := context.WithTimeout(logged(ctx, ref), timeout)
	defer cancel()

	plan.ID, plan.Status = prior.ID, prior.Status
	plan.Rollout = rolloutObject(decided.rollout)
	plan.EffectiveSpec = types.StringValue(decided.text)
	record := recorder{raw: req.Plan, state: &resp.State, private: resp.Private}
	rolling := decided.rollout.Revision != revisionOf(&prior)
	if !rolling || (!changes(&prior, decided) && left.Unfinished == "") {
		// Nothing that the cluster should know differs.
		resp.Diagnostics.Append(record.write(ctx, &plan, left)...)
		return
	}

	deployments, err := r.connect(ctx, r.data)
	if err != nil {
		resp.Diagnostics.Append(attempt("update", ref).Diagnostics(err)...)
		return
	}
	written, diags := r.submit(ctx, deployments, ref, &plan, &prior, decided)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	left = resume{UID: written.UID}
	finished, err := r.finish(ctx, deployments, &plan, written, decided.rollout)
	if finished == nil {
		finished = written
	}
	// A rollback may have created the object again.
	left.UID = finished.UID
	if err != nil {
		var failed *platform.RolloutError
		switch {
		case interrupted(ctx, err):
			resp.Diagnostics.Append(interruptedWarning(ref))
		case errors.As(err, &failed) && failed.RolledBack:
			// The change stays in the next plan: the state keeps what runs.
			resp.Diagnostics.Append(attempt("update", ref).Diagnostics(err)...)
			resp.Diagnostics.Append(resp.State.SetAttribute(context.WithoutCancel(ctx), path.Root("status"), statusObject(finished.Status))...)
			resp.Diagnostics.Append(writeResume(ctx, resp.Private, left)...)
			return
		default:
			resp.Diagnostics.Append(attempt("update", ref).Diagnostics(err)...)
		}
		left.Unfinished = decided.rollout.Action
	}
	if !keepsStatus(decided.rollout.Action) {
		plan.Status = statusObject(finished.Status)
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), &plan, left)...)
}

// submit writes the change, or returns what there is when an earlier apply has
// written it already.
func (r *deploymentResource) submit(ctx context.Context, deployments platform.Deployments, ref platform.Ref, plan, prior *model, decided decision) (*platform.Observed, diag.Diagnostics) {
	if !changes(prior, decided) {
		observed, err := deployments.Read(ctx, ref)
		if err != nil {
			return nil, attempt("read", ref).Diagnostics(err)
		}
		return observed, nil
	}
	want, err := wanted(ref, decided.effective)
	if err != nil {
		return nil, attempt("update", ref).Diagnostics(err)
	}
	previous, err := flink.SpecOf(decided.previous)
	if err != nil {
		return nil, attempt("update", ref).Diagnostics(err)
	}
	observed, err := deployments.Update(ctx, platform.Change{
		Deployment: want,
		Previous:   previous,
		Rollout:    decided.rollout,
		Awaited:    plan.waits() && decided.rollout.Action != planner.ActionMetadata,
		Rollback:   decided.OnFailure == defaults.OnFailureRollback && restarts(decided.rollout) && !decided.continues,

		AllowStateLoss: plan.allowStateLoss(),
	})
	if err != nil {
		return nil, attempt("update", ref).Diagnostics(err)
	}
	return observed, nil
}

// changes tells whether the cluster has to be written: specification, labels or
// annotations differ.
func changes(prior *model, decided decision) bool {
	return prior.EffectiveSpec.ValueString() != decided.text && !flink.Equal(effectiveOf(prior), decided.effective)
}

// restarts tells whether a rollout starts a job that had run before, so that a
// failure can be rolled back to that. A job that began from the start, as one
// that had finished, has nothing to go back to.
func restarts(rollout planner.Rollout) bool {
	switch rollout.Action {
	case planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless, planner.ActionScaleInPlace:
		return true
	case planner.ActionResume, planner.ActionRecreate:
		return rollout.State == planner.StateKept
	case planner.ActionRedeploy:
		return rollout.State != planner.StateFresh
	default:
		return false
	}
}
