package lifecycle

import (
	"cmp"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// planReplace refuses a replacement that nobody has planned, of what is
// protected, and one that would lose state. No other step of an apply can: it
// deletes the one object and creates the other.
func (r *Resource) planReplace(plan, prior Data, identity tfkit.IdentityChange, proposed tftypes.Value) diag.Diagnostics {
	last := prior.Shared()
	if !r.data.Refreshed(r.Name, last.ID.ValueString()) {
		return diag.Diagnostics{r.notPlannedAsReplaced(last, identity)}
	}
	var diags diag.Diagnostics
	if last.protected() {
		diags.Append(r.protectedError(last))
	}
	diags.Append(guardReplace(plan, prior, proposed)...)
	return diags
}

// notPlannedAsReplaced is the error of an apply that leads to another object.
func (r *Resource) notPlannedAsReplaced(last *Model, identity tfkit.IdentityChange) diag.Diagnostic {
	return tfkit.NotPlannedAsReplaced(fmt.Sprintf("the %s %q", r.Kind, *last.Name), last.ID.ValueString(), identity.Different)
}

// guardReplace refuses a replacement that would lose state (rollout.GuardReplace).
func guardReplace(plan, prior Data, proposed tftypes.Value) diag.Diagnostics {
	last := prior.Shared()
	spec, diags := last.spec()
	return append(diags, tfkit.Findings(rollout.GuardReplace(rollout.Replacement{
		Name: *last.Name, ID: last.ID.ValueString(), RunsOn: prior.RunsOn(), Spec: spec, Status: statusOf(last.Status),
		// The other name may not be known yet, where it is not what replaces.
		Next:  cmp.Or(ptr.Deref(plan.Shared().Name, ""), *last.Name),
		Given: initialPathOf(plan), Before: initialPathOf(prior),
		Unknown:        !(tfkit.Identifying{At: []string{"job", "initial_savepoint_path"}}).KnownIn(proposed),
		AllowStateLoss: plan.Choices().AllowStateLoss,
	}))...)
}

// initialPathOf is the path that a configuration gives to its job, empty for none.
func initialPathOf(data Data) string {
	layer := data.Layer()
	if layer.Job == nil {
		return ""
	}
	return ptr.Deref(layer.Job.InitialSavepointPath, "")
}
