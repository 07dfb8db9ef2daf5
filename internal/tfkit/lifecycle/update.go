package lifecycle

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Update performs what the plan says: it writes the new specification where the
// cluster is concerned, and waits until it runs. After a failure the state is
// the prior one when nothing was written or the previous specification runs
// again, and the new one otherwise.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.update(ctx, req, resp, req.Private, resp.Private)
}

func (r *Resource) update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse, before tfkit.PrivateReader, private tfkit.PrivateWriter) {
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	prior, diags := r.decodeState(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	left, diags := r.readResume(ctx, before)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	own, last := plan.Shared(), prior.Shared()
	if identity := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identity()); identity.Replaces() {
		resp.Diagnostics.Append(r.notPlannedAsReplaced(last, identity))
		return
	}
	timeout, diags := own.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	left.referPlanned(plan, prior, req.Config.Raw)
	decided, diags := r.decide(plan, prior, left)
	resp.Diagnostics.Append(diags.Errors()...)
	if resp.Diagnostics.HasError() {
		return
	}
	defer decided.hide(&resp.Diagnostics)
	ref, id := decided.target.Ref(*own.Name), last.ID.ValueString()
	ctx, cancel := context.WithTimeout(Logged(decided.quiet(ctx), ref), timeout)
	defer cancel()

	if decided.moves {
		moved, diags := r.takeOver(ctx, decided.target, ref, id)
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
		last.Status = withKept(ObservedStatus(id, moved), statusOf(last.Status).KeptSavepoint)
		left.UID = moved.UID
	}
	planned := own.Status
	own.ID, own.Status = last.ID, withKept(last.Status, decided.KeptSavepoint)
	own.Rollout = tfkit.RolloutObject(decided.Rollout)
	computed := computedValues{}
	computed.fill(decided, last)
	own.EffectiveSpec = computed.effective
	record := recorder{of: r.Type, raw: req.Plan, state: &resp.State, private: private, secretKeys: secretKeysOf(plan), secrets: left.hasSecrets(prior) || left.hasSecrets(plan)}
	keptVersion, keptBefore := left.KeptVersion, left.KeptVersion
	switch {
	case decided.Endangers():
		keptVersion = decided.VersionBefore()
	case decided.KeptSavepoint == "":
		keptVersion = ""
	}
	rolling := decided.Rollout.Revision != revisionOf(last)
	if !rolling || (!decided.Writes() && left.Unfinished == "") {
		// Nothing that the cluster should know differs.
		left.KeptVersion = keptVersion
		resp.Diagnostics.Append(record.write(ctx, own, left)...)
		return
	}

	deployments, err := r.connect(ctx, decided.target)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("update", ref, id).Diagnostics(err)...)
		return
	}
	if anotherSecret(plan, prior) {
		resp.Diagnostics.Append(r.keepSecret(ctx, deployments, ref, plan, req.Config.Raw, platform.OwnSecret{UID: objectOf(left, last)})...)
	}
	var begun platform.Rollout
	if !resp.Diagnostics.HasError() {
		begun, err = rollout.Begin(ctx, deployments, ref, recordOf(last, left), &decided.Decision, plan.Choices(), own.waits(), r.Kind)
		if err != nil {
			resp.Diagnostics.Append(r.attempt("update", ref, id).Diagnostics(err)...)
		}
	}
	if resp.Diagnostics.HasError() {
		if record.secrets && !left.Secrets {
			// The state does not name the Secret of the version that was planned.
			left.Secrets = true
			resp.Diagnostics.Append(r.writeResume(ctx, private, left)...)
		}
		return
	}
	finished, err := rollout.Finish(ctx, begun, own.waits())
	if finished == nil {
		finished = begun.Observed()
	}
	kept := rollout.Kept(decided.KeptBefore(), decided.Rollout, statusOf(last.Status), finished)
	words, secretKeys, had := left.Words, left.SecretKeys, left.hasSecrets(prior)
	// A rollback may have created the object again, and a switch another one.
	left = resumeOf(id, finished)
	left.KeptVersion = keptVersion
	if err != nil {
		var failed *platform.RolloutError
		switch {
		case tfkit.Interrupted(ctx, err):
			resp.Diagnostics.Append(r.interruptedWarning(ref))
		case errors.As(err, &failed) && failed.RolledBack:
			// The change stays in the next plan: the state keeps what runs.
			resp.Diagnostics.Append(r.attempt("update", ref, id).Diagnostics(err)...)
			resp.Diagnostics.Append(resp.State.SetAttribute(context.WithoutCancel(ctx), path.Root("status"), withKept(ObservedStatus(own.ID.ValueString(), finished), statusOf(last.Status).KeptSavepoint))...)
			left.Words, left.SecretKeys, left.Secrets, left.KeptVersion = words, secretKeys, record.secrets, keptBefore
			resp.Diagnostics.Append(r.writeResume(ctx, private, left)...)
			return
		default:
			resp.Diagnostics.Append(r.attempt("update", ref, id).Diagnostics(withWayBack(err, decided.WayBack(kept, keptVersion)))...)
		}
		left.Unfinished = decided.Rollout.Action
	}
	if err == nil && had {
		users := []Data{plan}
		if !own.waits() {
			// What ran before may run on for a while.
			users = append(users, prior)
		}
		dropped, diags := r.dropSecrets(ctx, deployments, ref, users...)
		resp.Diagnostics.Append(diags...)
		// Those of the users are left.
		record.secrets = !dropped || slices.ContainsFunc(users, resume{}.hasSecrets)
	}
	if !rollout.KeepsStatus(decided.Rollout.Action) {
		own.Status = withKept(ObservedStatus(own.ID.ValueString(), finished), kept)
	}
	if err == nil && rollout.LeavesSavepoint(decided.Rollout) && own.waits() {
		resp.Diagnostics.Append(r.keepSavepoint(ctx, deployments, ref, decided.Spec, kept)...)
	}
	if !resp.Diagnostics.HasError() {
		own.Status = asPlanned(planned, own.Status)
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), own, left)...)
}
