package lifecycle

import (
	"context"
	"strings"

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

// ImportState takes "operator/<namespace>/<name>". The refresh that follows
// fills in what the cluster has.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, "/")
	if len(parts) != 3 || parts[0] != tfkit.PlatformOperator || parts[1] == "" || parts[2] == "" {
		resp.Diagnostics.AddError("The import id is not one of a "+r.Noun,
			"The id "+req.ID+" does not have the form operator/<namespace>/<name>, for example operator/flink-prod/orders.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("namespace"), parts[1])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), parts[2])...)
}

// adopt fills every attribute from an object that is imported. What the
// provider does not manage (nonces, what the operator added) stays out of the
// attributes.
func (r *Resource) adopt(data Data, observed *platform.Observed) diag.Diagnostics {
	spec, err := flink.SpecOf(observed.Spec)
	if err != nil {
		return r.notImported(err)
	}
	diags := data.Adopt(observed, spec)
	if diags.HasError() {
		return diags
	}
	tree, err := defaults.Result{Spec: spec, Labels: observed.Labels, Annotations: observed.Annotations}.Effective()
	if err != nil {
		return r.notImported(err)
	}
	text, err := defaults.EffectiveText(tree)
	if err != nil {
		return r.notImported(err)
	}
	m := data.Shared()
	m.EffectiveSpec = types.StringValue(text)
	m.Rollout = rolloutObject(planner.Rollout{Action: planner.ActionNone, State: planner.StateNone, Summary: "#0 imported"})
	m.Status = StatusObject(observed.Status)
	return diags
}

func (r *Resource) notImported(err error) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("The "+r.Noun+" cannot be imported", tfkit.Sentence(err.Error()))}
}

// Nullable returns labels or annotations as a map whose values may be null; nil
// for an empty one.
func Nullable(values map[string]string) map[string]*string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]*string, len(values))
	for key, value := range values {
		out[key] = &value
	}
	return out
}
