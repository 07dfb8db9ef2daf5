package deployment

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Create creates the deployment and waits until its job runs. What was created
// is in the state before the wait begins.
func (r *deploymentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	decided, diags := decide(ctx, &plan, nil, "")
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := decided.ref(*plan.Name)
	ctx, cancel := context.WithTimeout(logged(ctx, ref), timeout)
	defer cancel()

	deployments, err := r.connect(ctx, r.data)
	if err != nil {
		resp.Diagnostics.Append(attempt("create", ref).Diagnostics(err)...)
		return
	}
	want, err := wanted(ref, decided.effective)
	if err != nil {
		resp.Diagnostics.AddError("The effective specification cannot be read", tfkit.Sentence(err.Error()))
		return
	}
	written, err := deployments.Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(attempt("create", ref).Diagnostics(err)...)
		return
	}
	record := recorder{raw: req.Plan, state: &resp.State, private: resp.Private}
	plan.ID = types.StringValue(identifier(decided.target.Platform, ref.Namespace, ref.Name))
	plan.EffectiveSpec = types.StringValue(decided.text)
	plan.Rollout = rolloutObject(decided.rollout)
	plan.Status = statusObject(written.Status)
	resp.Diagnostics.Append(record.write(ctx, &plan, resume{UID: written.UID, Unfinished: decided.rollout.Action})...)
	if resp.Diagnostics.HasError() {
		return
	}

	finished, err := r.finish(ctx, deployments, &plan, written, decided.rollout)
	if finished != nil {
		plan.Status = statusObject(finished.Status)
	}
	left := resume{UID: written.UID}
	if err != nil {
		left.Unfinished = decided.rollout.Action
		if !interrupted(ctx, err) {
			resp.Diagnostics.Append(attempt("create", ref).Diagnostics(untaintable(err))...)
		} else {
			resp.Diagnostics.Append(interruptedWarning(ref))
		}
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), &plan, left)...)
}

// finish waits until what was written runs, or only records the end of a create
// that nobody waits for.
func (r *deploymentResource) finish(ctx context.Context, deployments platform.Deployments, plan *model, written *platform.Observed, rollout planner.Rollout) (*platform.Observed, error) {
	if !plan.waits() {
		return deployments.Settle(ctx, written)
	}
	return deployments.AwaitRollout(ctx, written, rollout, platform.WaitOptions{})
}

// interrupted tells whether a wait ended because Terraform was told to stop,
// which is no failure of the deployment.
func interrupted(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled)
}

func interruptedWarning(ref platform.Ref) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Interrupted while waiting for the deployment \""+ref.Name+"\"",
		"What was written to "+ref.String()+" stays and is in the state. The next plan shows that the wait is left to do, and the next apply goes on with it.")
}

// untaintable adds to the error of a create what Terraform does about it.
func untaintable(err error) error {
	var rollout *platform.RolloutError
	if !errors.As(err, &rollout) {
		return err
	}
	told := *rollout
	told.Detail += "\n\nThe deployment is in the state and marked as tainted: the next apply deletes it, with a savepoint if its job runs by then, and creates it again. " +
		"If it comes up by itself and shall stay, run `terraform untaint` on it."
	return &told
}

// recorder writes a model to the state: the plan's own values, so that what was
// configured comes back unchanged, and the computed ones.
type recorder struct {
	raw     tfsdk.Plan
	state   *tfsdk.State
	private tfkit.PrivateWriter
}

func (r recorder) write(ctx context.Context, m *model, left resume) diag.Diagnostics {
	computed := computedValues{id: m.ID, effective: m.EffectiveSpec, rollout: m.Rollout, status: m.Status}
	r.state.Raw = computed.in(ctx, r.raw.Raw)
	return writeResume(ctx, r.private, left)
}
