package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// failure warns of a job that has failed (rollout.Failure).
func (r *Resource) failure(target tfkit.Target, state *Model) diag.Diagnostics {
	status := statusOf(state.Status)
	if !target.Rules.HasFailed(status) {
		return nil
	}
	spec, diags := state.spec()
	return append(diags, tfkit.Findings(rollout.Failure(target.Rules, target.Ref(*state.Name), spec, status))...)
}

// gone warns that an object has left the platform (rollout.Gone).
func (r *Resource) gone(ref platform.Ref, replaced bool, state *Model) diag.Diagnostics {
	spec, diags := state.spec()
	return append(diags, tfkit.Findings(rollout.Gone(r.Kind, ref, replaced, spec, statusOf(state.Status)))...)
}
