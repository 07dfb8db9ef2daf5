package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// planDestroy says what a destroy does to the job, and refuses it for a
// protected resource.
func (r *Resource) planDestroy(ctx context.Context, state tfsdk.State) diag.Diagnostics {
	data, diags := r.decodeState(ctx, state)
	prior := data.Shared()
	if diags.HasError() {
		return diags
	}
	if prior.protected() {
		diags.Append(r.protectedError(prior))
		return diags
	}
	target, more := r.target(prior)
	if diags.Append(more...); diags.HasError() {
		return diags
	}
	diags.Append(destroyWarnings(target.Rules, data, r.data.Refreshed(r.Name, prior.ID.ValueString()))...)
	return diags
}

// destroyWarnings say what a destroy does to the job and its state. fresh tells
// whether this run has refreshed the status: the plan of what leaves the
// configuration has, that of `terraform destroy` (which refreshes in a run of its
// own) and the apply, which plans the destroy again, have not.
func destroyWarnings(rules platform.Rules, data Data, fresh bool) diag.Diagnostics {
	prior := data.Shared()
	spec, diags := prior.spec()
	return append(diags, tfkit.Findings(rollout.Destroy(rules, *prior.Name, spec, statusOf(prior.Status), data.Choices(), fresh))...)
}

func (r *Resource) protectedError(m *Model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"),
		fmt.Sprintf("The %s %q is protected", r.Kind, *m.Name),
		fmt.Sprintf("deletion_protection is true for %s, so it is neither destroyed nor replaced. Set it to false, apply, and try again.", m.ID.ValueString()))
}
