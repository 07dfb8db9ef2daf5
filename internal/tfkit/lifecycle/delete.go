package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Delete stops the job, with a savepoint where that is wanted and possible,
// deletes the object and waits until it is gone.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	data := r.New()
	resp.Diagnostics.Append(req.State.Get(ctx, data)...)
	state := data.Shared()
	left, diags := r.readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.protected() {
		resp.Diagnostics.Append(r.protectedError(state))
		return
	}
	ref, diags := state.refOf()
	resp.Diagnostics.Append(diags...)
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(Logged(ctx, ref), timeout)
	defer cancel()

	spec, err := flink.SpecOf(effectiveOf(state))
	if err != nil {
		resp.Diagnostics.AddError("The state cannot be read", tfkit.Sentence(err.Error()))
		return
	}
	_, takes := savepointDirectory(spec)
	deployments, err := r.Connect(ctx, r.data)
	if err != nil {
		resp.Diagnostics.Append(r.attempt("delete", ref).Diagnostics(err)...)
		return
	}
	deleted, err := deployments.Delete(ctx, ref, platform.DeleteOptions{
		UID:       objectOf(left, state),
		Savepoint: data.Choices().SavepointOnDestroy && takes,

		AllowStateLoss: data.Choices().AllowStateLoss,
	})
	switch {
	case deleted.SavepointPath != "":
		resp.Diagnostics.AddWarning(fmt.Sprintf("The state of %q is kept in %s", ref.Name, deleted.SavepointPath),
			fmt.Sprintf("%s was stopped. To start from its state again, set job.initial_savepoint_path = %q.%s", ref, deleted.SavepointPath, noteOf(deleted)))
	case deleted.Note != "":
		resp.Diagnostics.AddWarning(fmt.Sprintf("The job %q was destroyed without a savepoint", ref.Name), deleted.Note)
	}
	if err != nil {
		resp.Diagnostics.Append(r.attempt("delete", ref).Diagnostics(err)...)
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

func noteOf(deleted platform.Deleted) string {
	if deleted.Note == "" {
		return ""
	}
	return " " + deleted.Note
}
