package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Create creates the object and waits until it runs. What was created
// is in the state before the wait begins.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.create(ctx, req, resp, resp.Private)
}

func (r *Resource) create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse, private tfkit.PrivateWriter) {
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	own := plan.Shared()
	timeout, diags := own.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	resume{}.referPlanned(plan, nil, req.Config.Raw)
	decided, diags := r.decide(plan, nil, resume{})
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	defer decided.hide(&resp.Diagnostics)
	target := decided.target
	ref, id := target.Ref(*own.Name), target.ID(*own.Name)
	ctx, cancel := context.WithTimeout(Logged(decided.quiet(ctx), ref), timeout)
	defer cancel()

	deployments, err := r.connect(ctx, target)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("create", ref, id).Diagnostics(err)...)
		return
	}
	want, err := decided.Wanted(ref)
	if err != nil {
		resp.Diagnostics.AddError("The effective specification cannot be read", tfkit.Sentence(err.Error()))
		return
	}
	resp.Diagnostics.Append(r.keepSecret(ctx, deployments, ref, plan, req.Config.Raw, platform.OwnSecret{Create: true})...)
	if resp.Diagnostics.HasError() {
		return
	}
	begun, err := deployments.Begin(ctx, platform.Change{Deployment: want, Rollout: decided.Rollout, Awaited: own.waits(), Held: r.held})
	if err != nil {
		resp.Diagnostics.Append(r.attempt("create", ref, id).Diagnostics(err)...)
		resp.Diagnostics.Append(r.discardSecret(ctx, deployments, ref, plan, err)...)
		return
	}
	written := begun.Observed()
	if written.Resumed != nil {
		resp.Diagnostics.Append(r.resumedWarning(ref, *written.Resumed))
	}
	record := recorder{of: r.Type, raw: req.Plan, state: &resp.State, private: private, secretKeys: secretKeysOf(plan), secrets: resume{}.hasSecrets(plan)}
	own.ID = types.StringValue(id)
	own.EffectiveSpec = types.StringValue(decided.Text)
	own.Rollout = tfkit.RolloutObject(decided.Rollout)
	own.Status = ObservedStatus(own.ID.ValueString(), written)
	resp.Diagnostics.Append(record.write(ctx, own, resume{UID: written.UID, Form: written.Form, Unfinished: decided.Rollout.Action})...)
	if resp.Diagnostics.HasError() {
		return
	}

	finished, err := rollout.Finish(ctx, begun, own.waits())
	left := resumeOf(id, written)
	if finished != nil {
		own.Status = ObservedStatus(own.ID.ValueString(), finished)
		left.Enforced = rollout.Enforced(id, finished)
	}
	if err != nil {
		left.Unfinished = decided.Rollout.Action
		var failed *platform.RolloutError
		switch {
		case tfkit.Interrupted(ctx, err):
			resp.Diagnostics.Append(r.interruptedWarning(ref))
		case errors.As(err, &failed) && failed.Waiting:
			resp.Diagnostics.Append(r.waitingWarning(failed))
		default:
			resp.Diagnostics.Append(r.attempt("create", ref, id).Diagnostics(r.untaintable(err))...)
		}
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), own, left)...)
}

func (r *Resource) interruptedWarning(ref platform.Ref) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("Interrupted while waiting for the %s %q", r.Kind, ref.Name),
		"What was written to "+ref.String()+" stays and is in the state. The next plan shows that the wait is left to do, and the next apply goes on with it.")
}

// resumedWarning says what no plan could know: that a create is not from nothing.
func (r *Resource) resumedWarning(ref platform.Ref, from platform.Resumed) diag.Diagnostic {
	return diag.NewWarningDiagnostic(fmt.Sprintf("The job of %q starts from the state of an earlier deployment of this name", ref.Name),
		fmt.Sprintf("The state is in %s. It was noted at %s in %s, when the earlier deployment was deleted to be created again. "+
			"If this is another job, destroy it, delete the note, and apply again: it then starts empty.", from.Path, from.Since.UTC().Format(time.RFC3339), from.Place))
}

// waitingWarning says that a create ran out of time while nothing has failed. It
// is no error: Terraform would take that as leave to delete what may come up a
// minute later, and to start it empty.
func (r *Resource) waitingWarning(late *platform.RolloutError) diag.Diagnostic {
	return diag.NewWarningDiagnostic(late.Summary, late.Detail+"\n\nNothing has failed so far, so the "+string(r.Kind)+" is in the state and not tainted. The next plan shows that the wait is left to do, unless it runs by then. "+
		"The next apply goes on with the wait, and is an error when its time is over as well (timeouts.update). To have the first apply end with an error too, give the resource a postcondition on status.job_state.")
}

// untaintable adds to the error of a create what Terraform does about it.
func (r *Resource) untaintable(err error) error {
	var rollout *platform.RolloutError
	if !errors.As(err, &rollout) {
		return err
	}
	told := *rollout
	if r.PartOf != "" {
		told.Detail = fmt.Sprintf("To have the next apply go on with what is missing, and leave alone what runs, run `terraform untaint` on the %[1]s first. It is in the state and marked as tainted: "+
			"without that the next apply deletes all of it, with a savepoint of each job that runs by then, and creates it again from these.\n\n%[2]s", r.PartOf, told.Detail)
		return &told
	}
	told.Detail += "\n\nThe " + string(r.Kind) + " is in the state and marked as tainted: the next apply deletes it, with a savepoint if its job runs by then, and creates it again from that. " +
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
	// secretKeys and secrets are those of resume.
	secretKeys string
	secrets    bool
}

func (r recorder) write(ctx context.Context, m *Model, left resume) diag.Diagnostics {
	left.SecretKeys, left.Secrets = r.secretKeys, r.secrets
	computed := computedValues{id: m.ID, effective: m.EffectiveSpec, rollout: m.Rollout, status: m.Status}
	var diags diag.Diagnostics
	r.state.Raw, diags = computed.in(ctx, r.raw.Raw)
	return append(diags, r.of.writeResume(ctx, r.private, left)...)
}
