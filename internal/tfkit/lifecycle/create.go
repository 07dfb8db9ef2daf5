package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Create creates the object and waits until it runs. What was created
// is in the state before the wait begins.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	own := plan.Shared()
	timeout, diags := own.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	decided, diags := decide(ctx, plan, nil, resume{})
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := decided.ref(*own.Name)
	ctx, cancel := context.WithTimeout(Logged(ctx, ref), timeout)
	defer cancel()

	deployments, err := r.Connect(ctx, r.data)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("create", ref).Diagnostics(err)...)
		return
	}
	want, err := decided.wanted(ref)
	if err != nil {
		resp.Diagnostics.AddError("The effective specification cannot be read", tfkit.Sentence(err.Error()))
		return
	}
	written, err := deployments.Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("create", ref).Diagnostics(err)...)
		return
	}
	record := recorder{of: r.Type, raw: req.Plan, state: &resp.State, private: resp.Private}
	own.ID = types.StringValue(Identifier(decided.target.Platform, ref.Namespace, ref.Name))
	own.EffectiveSpec = types.StringValue(decided.text)
	own.Rollout = rolloutObject(decided.rollout)
	own.Status = StatusObject(written.Status)
	resp.Diagnostics.Append(record.write(ctx, own, resume{UID: written.UID, Form: written.Form, Unfinished: decided.rollout.Action})...)
	if resp.Diagnostics.HasError() {
		return
	}

	finished, err := r.finish(ctx, deployments, own, written, decided.rollout)
	if finished != nil {
		own.Status = StatusObject(finished.Status)
	}
	left := resumeOf(written)
	if err != nil {
		left.Unfinished = decided.rollout.Action
		if !interrupted(ctx, err) {
			resp.Diagnostics.Append(r.attempt("create", ref).Diagnostics(r.untaintable(err))...)
		} else {
			resp.Diagnostics.Append(r.interruptedWarning(ref))
		}
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), own, left)...)
}

// finish waits until what was written runs, or only records the end of a create
// that nobody waits for.
func (r *Resource) finish(ctx context.Context, deployments platform.Deployments, plan *Model, written *platform.Observed, rollout planner.Rollout) (*platform.Observed, error) {
	if !plan.waits() {
		return deployments.Settle(ctx, written)
	}
	return deployments.AwaitRollout(ctx, written, rollout, platform.WaitOptions{})
}

// interrupted tells whether a wait ended because Terraform was told to stop,
// which is no failure of what it waits for.
func interrupted(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled)
}

func (r *Resource) interruptedWarning(ref platform.Ref) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Interrupted while waiting for the %s %q", r.Noun, ref.Name),
		"What was written to "+ref.String()+" stays and is in the state. The next plan shows that the wait is left to do, and the next apply goes on with it.")
}

// untaintable adds to the error of a create what Terraform does about it.
func (r *Resource) untaintable(err error) error {
	var rollout *platform.RolloutError
	if !errors.As(err, &rollout) {
		return err
	}
	told := *rollout
	told.Detail += "\n\nThe " + r.Noun + " is in the state and marked as tainted: the next apply deletes it, with a savepoint if its job runs by then, and creates it again. " +
		"If it comes up by itself and shall stay, run `terraform untaint` on it."
	return &told
}

// recorder writes a model to the state: the plan's own values, so that what was
// configured comes back unchanged, and the computed ones.
type recorder struct {
	of      Type
	raw     tfsdk.Plan
	state   *tfsdk.State
	private tfkit.PrivateWriter
}

func (r recorder) write(ctx context.Context, m *Model, left resume) diag.Diagnostics {
	computed := computedValues{id: m.ID, effective: m.EffectiveSpec, rollout: m.Rollout, status: m.Status}
	r.state.Raw = computed.in(ctx, r.raw.Raw)
	return r.of.writeResume(ctx, r.private, left)
}
