package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Delete stops the job, with a savepoint where that is wanted and possible,
// deletes the object and waits until it is gone.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.delete(ctx, req, resp, req.Private)
}

func (r *Resource) delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse, private tfkit.PrivateReader) {
	data, diags := r.decodeState(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	state := data.Shared()
	left, diags := r.readResume(ctx, private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.protected() {
		resp.Diagnostics.Append(r.protectedError(state))
		return
	}
	target, diags := r.target(state)
	resp.Diagnostics.Append(diags...)
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref, id := target.Ref(*state.Name), state.ID.ValueString()
	left.refer(data)
	known := r.inState(data)
	defer known.hide(&resp.Diagnostics)
	ctx, cancel := context.WithTimeout(Logged(known.quiet(ctx), ref), timeout)
	defer cancel()

	spec, diags := state.spec()
	resp.Diagnostics.Append(diags...)
	_, takes := rollout.SavepointDirectory(spec)
	deployments, err := r.connect(ctx, target)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("delete", ref, id).Diagnostics(err)...)
		return
	}
	deleted, err := deployments.Delete(ctx, ref, platform.DeleteOptions{
		UID:       objectOf(left, state),
		Savepoint: data.Choices().SavepointOnDestroy && takes,

		AllowStateLoss: data.Choices().AllowStateLoss,
		Replaced:       isReplaced(left, state),
	})
	switch {
	case deleted.SavepointPath != "":
		resp.Diagnostics.AddWarning(fmt.Sprintf("The state of %q is kept in %s", ref.Name, deleted.SavepointPath),
			fmt.Sprintf("%s was stopped. To start from its state again, set job.initial_savepoint_path = %q.%s", ref, deleted.SavepointPath, noteOf(deleted)))
	case deleted.Note != "":
		resp.Diagnostics.AddWarning(fmt.Sprintf("The job %q was destroyed without a savepoint", ref.Name), deleted.Note)
	}
	if err != nil {
		resp.Diagnostics.Append(r.attempt("delete", ref, id).Diagnostics(err)...)
		return
	}
	if left.hasSecrets(data) {
		_, diags := r.dropSecrets(ctx, deployments, ref)
		resp.Diagnostics.Append(diags...)
	}
}

// objectOf returns the uid of a state's object. Terraform drops the private state
// of a tainted object that it replaces, and the status has it as well.
func objectOf(left resume, state *Model) string {
	if left.UID != "" {
		return left.UID
	}
	return statusOf(state.Status).UID
}

// isReplaced tells that a create follows the delete. Only of a tainted object that
// it replaces does Terraform drop the private state and keep the rest; with
// -replace both look like a destroy.
func isReplaced(left resume, state *Model) bool {
	return left.UID == "" && statusOf(state.Status).UID != ""
}

func noteOf(deleted platform.Deleted) string {
	if deleted.Note == "" {
		return ""
	}
	return " " + deleted.Note
}
