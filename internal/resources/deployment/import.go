package deployment

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
func (r *deploymentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, "/")
	if len(parts) != 3 || parts[0] != tfkit.PlatformOperator || parts[1] == "" || parts[2] == "" {
		resp.Diagnostics.AddError("The import id is not one of a deployment",
			"The id "+req.ID+" does not have the form operator/<namespace>/<name>, for example operator/flink-prod/orders.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("namespace"), parts[1])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), parts[2])...)
}

// adopt fills every attribute from an object that is imported. What the
// provider does not manage (nonces, what the operator added) stays out.
func (m *model) adopt(observed *platform.Observed) diag.Diagnostics {
	var diags diag.Diagnostics
	spec, err := flink.SpecOf(observed.Spec)
	if err != nil {
		diags.AddError("The deployment cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	if spec.Job == nil {
		diags.AddError("The object is a session cluster",
			observed.String()+" has no job, so it is no flink_deployment.")
		return diags
	}
	spec.RestartNonce = nil
	if m.SpecModel, err = tfkit.SpecModelOf(spec); err != nil {
		diags.AddError("The deployment cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	m.Job = &tfkit.JobModel{
		JarURI:                spec.Job.JarURI,
		EntryClass:            spec.Job.EntryClass,
		Args:                  spec.Job.Args,
		Parallelism:           spec.Job.Parallelism,
		State:                 spec.Job.State,
		AllowNonRestoredState: spec.Job.AllowNonRestoredState,
		InitialSavepointPath:  spec.Job.InitialSavepointPath,
	}
	if mode := tfkit.UpgradeModeName(spec.Job.UpgradeMode); mode != nil {
		m.Upgrade = &tfkit.UpgradeModel{Mode: mode}
	}
	if observed.Applied {
		m.dropDefaults(spec)
	}
	m.Labels, m.Annotations = pointers(observed.Labels), pointers(observed.Annotations)
	tree, err := defaults.Result{Spec: spec, Labels: observed.Labels, Annotations: observed.Annotations}.Effective()
	if err != nil {
		diags.AddError("The deployment cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	text, err := defaults.EffectiveText(tree)
	if err != nil {
		diags.AddError("The deployment cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	m.EffectiveSpec = types.StringValue(text)
	m.Rollout = rolloutObject(planner.Rollout{Action: planner.ActionNone, State: planner.StateNone, Summary: "#0 imported"})
	m.Status = statusObject(observed.Status)
	return diags
}

// dropDefaults leaves out what the provider fills in when nobody says it: most
// configurations do not.
func (m *model) dropDefaults(spec flink.DeploymentSpec) {
	if state := m.Job.State; state != nil && *state == flink.JobRunning {
		m.Job.State = nil
	}
	if mode := spec.Job.UpgradeMode; mode != nil && *mode == flink.DefaultUpgradeMode(spec) {
		m.Upgrade = nil
	}
}

// pointers returns a map as one whose values may be null; nil for an empty one.
func pointers(values map[string]string) map[string]*string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]*string, len(values))
	for key, value := range values {
		out[key] = &value
	}
	return out
}
