package lifecycle

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
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, prior := r.New(), r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	left, diags := r.readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	own, last := plan.Shared(), prior.Shared()
	timeout, diags := own.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	decided, diags := decide(ctx, plan, prior, left)
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := decided.ref(*own.Name)
	ctx, cancel := context.WithTimeout(Logged(ctx, ref), timeout)
	defer cancel()

	own.ID, own.Status = last.ID, last.Status
	own.Rollout = rolloutObject(decided.rollout)
	own.EffectiveSpec = types.StringValue(decided.text)
	record := recorder{of: r.Type, raw: req.Plan, state: &resp.State, private: resp.Private}
	rolling := decided.rollout.Revision != revisionOf(last)
	if !rolling || (!decided.writes(last) && left.Unfinished == "") {
		// Nothing that the cluster should know differs.
		resp.Diagnostics.Append(record.write(ctx, own, left)...)
		return
	}

	deployments, err := r.Connect(ctx, r.data)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("update", ref).Diagnostics(err)...)
		return
	}
	written, diags := r.submit(ctx, deployments, ref, plan, last, decided)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	finished, err := r.finish(ctx, deployments, own, written, decided.rollout)
	if finished == nil {
		finished = written
	}
	// A rollback may have created the object again, and a switch another one.
	left = resumeOf(finished)
	if err != nil {
		var failed *platform.RolloutError
		switch {
		case interrupted(ctx, err):
			resp.Diagnostics.Append(r.interruptedWarning(ref))
		case errors.As(err, &failed) && failed.RolledBack:
			// The change stays in the next plan: the state keeps what runs.
			resp.Diagnostics.Append(r.attempt("update", ref).Diagnostics(err)...)
			resp.Diagnostics.Append(resp.State.SetAttribute(context.WithoutCancel(ctx), path.Root("status"), StatusObject(finished.Status))...)
			resp.Diagnostics.Append(r.writeResume(ctx, resp.Private, left)...)
			return
		default:
			resp.Diagnostics.Append(r.attempt("update", ref).Diagnostics(err)...)
		}
		left.Unfinished = decided.rollout.Action
	}
	if !keepsStatus(decided.rollout.Action) {
		own.Status = StatusObject(finished.Status)
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), own, left)...)
}

// submit writes the change, or returns what there is when an earlier apply has
// written it already.
func (r *Resource) submit(ctx context.Context, deployments platform.Deployments, ref platform.Ref, plan Data, prior *Model, decided decision) (*platform.Observed, diag.Diagnostics) {
	if !decided.writes(prior) && !decided.form.BlueGreen() {
		observed, err := deployments.Read(ctx, ref)
		if err != nil {
			return nil, r.attempt("read", ref).Diagnostics(err)
		}
		return observed, nil
	}
	want, err := decided.wanted(ref)
	if err != nil {
		return nil, r.attempt("update", ref).Diagnostics(err)
	}
	previous, err := flink.SpecOf(decided.previous)
	if err != nil {
		return nil, r.attempt("update", ref).Diagnostics(err)
	}
	observed, err := deployments.Update(ctx, platform.Change{
		Deployment: want,
		Previous:   previous,
		Rollout:    decided.rollout,
		Awaited:    plan.Shared().waits() && decided.rollout.Action != planner.ActionMetadata,
		Rollback:   decided.OnFailure == defaults.OnFailureRollback && decided.goesBack(),

		AllowStateLoss: plan.Choices().AllowStateLoss,
	})
	if err != nil {
		return nil, r.attempt("update", ref).Diagnostics(err)
	}
	return observed, nil
}

// changes tells whether the cluster has to be written: specification, labels or
// annotations differ.
func changes(prior *Model, decided decision) bool {
	return prior.EffectiveSpec.ValueString() != decided.text && !flink.Equal(effectiveOf(prior), decided.effective)
}

// restarts tells whether a rollout starts a job that had run before, so that a
// failure can be rolled back to that. A job that began from the start, as one
// that had finished, has nothing to go back to.
func restarts(rollout planner.Rollout) bool {
	switch rollout.Action {
	case planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless, planner.ActionScaleInPlace, planner.ActionBlueGreen:
		return true
	case planner.ActionResume, planner.ActionRecreate:
		return rollout.State == planner.StateKept
	case planner.ActionRedeploy:
		return rollout.State != planner.StateFresh
	default:
		return false
	}
}
