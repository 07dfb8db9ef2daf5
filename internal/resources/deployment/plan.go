package deployment

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// specAttributes are the attributes that make up the effective specification.
var specAttributes = []string{
	"environment", "name", "labels", "annotations", "image", "image_pull_policy", "flink_version", "service_account", "mode",
	"flink_configuration", "job", "job_manager", "task_manager", "pod_template", "log_configuration", "ingress", "upgrade", "restart_triggers",
}

// ModifyPlan expands the deployment and says what the change does to the job.
// It needs no cluster.
func (r *deploymentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(planDestroy(ctx, req.State)...)
		return
	}
	var plan model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	var prior *model
	if !req.State.Raw.IsNull() {
		prior = &model{}
		resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	computed := computedValues{
		id:        planID(req.Plan, &plan),
		effective: types.StringUnknown(),
		rollout:   types.ObjectUnknown(rolloutTypes),
		status:    types.ObjectUnknown(statusTypes),
	}
	replaced := prior != nil && !computed.id.IsUnknown() && computed.id != prior.ID
	if replaced {
		resp.Diagnostics.Append(guardReplace(&plan, prior)...)
	}
	if tfkit.Known(req.Plan.Raw, specAttributes...) && !replaced {
		rest, diags := readResume(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		decided, diags := decide(ctx, &plan, prior, rest.Unfinished)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		computed.fill(decided, prior)
	}
	resp.Plan.Raw = computed.in(ctx, req.Plan.Raw)
}

// computedValues are the attributes that the provider computes.
type computedValues struct {
	id        types.String
	effective types.String
	rollout   types.Object
	status    types.Object
}

// fill sets what a decision makes known.
func (c *computedValues) fill(d decision, prior *model) {
	c.effective = types.StringValue(d.text)
	c.rollout = rolloutObject(d.rollout)
	if prior == nil {
		return
	}
	unchanged := d.rollout.Revision == revisionOf(prior)
	if unchanged || keepsStatus(d.rollout.Action) {
		c.status = prior.Status
	}
	if unchanged && flink.Equal(effectiveOf(prior), d.effective) {
		c.effective = prior.EffectiveSpec
	}
}

// revisionOf returns the revision of the last rollout in a state.
func revisionOf(m *model) int64 {
	if revision, ok := m.Rollout.Attributes()["revision"].(types.Int64); ok {
		return revision.ValueInt64()
	}
	return 0
}

// effectiveOf returns the effective specification in a state, with its labels
// and annotations.
func effectiveOf(m *model) flink.Tree {
	tree, err := flink.ParseTree([]byte(m.EffectiveSpec.ValueString()))
	if err != nil {
		return nil
	}
	return tree
}

// planID returns the id that a plan leads to, unknown while the environment or
// the name is.
func planID(plan tfsdk.Plan, m *model) types.String {
	if !tfkit.Known(plan.Raw, "environment", "name") {
		return types.StringUnknown()
	}
	target, diags := m.Environment.Resolve(path.Root("environment"))
	if diags.HasError() {
		return types.StringUnknown()
	}
	return types.StringValue(identifier(target.Platform, target.Namespace, *m.Name))
}

// identifier is the resource's id.
func identifier(platform, namespace, name string) string {
	return fmt.Sprintf("%s/%s/%s", platform, namespace, name)
}

// guardReplace refuses a replacement that would lose state: the old job is
// stopped with a savepoint, but the new one would start empty.
func guardReplace(plan, prior *model) diag.Diagnostics {
	var diags diag.Diagnostics
	if prior.protected() {
		diags.Append(protectedError(prior))
	}
	fromSavepoint := plan.Job != nil && plan.Job.InitialSavepointPath != nil
	if !statusOf(prior.Status).Deployed || fromSavepoint {
		return diags
	}
	detail := fmt.Sprintf("Another name or environment replaces %s: its job is destroyed, with a savepoint unless savepoint_on_destroy is false, and the new one starts empty.", prior.ID.ValueString())
	if plan.allowStateLoss() {
		diags.AddWarning(fmt.Sprintf("The state of %q will be lost", *prior.Name), detail)
		return diags
	}
	diags.AddError(fmt.Sprintf("The state of %q would be lost", *prior.Name),
		detail+" To keep the state, set job.initial_savepoint_path to a savepoint of the old job; to start empty, set upgrade.allow_state_loss = true.")
	return diags
}

// planDestroy says what a destroy does to the job, and refuses it for a
// protected deployment.
func planDestroy(ctx context.Context, state tfsdk.State) diag.Diagnostics {
	var prior model
	diags := state.Get(ctx, &prior)
	if diags.HasError() {
		return diags
	}
	if prior.protected() {
		diags.Append(protectedError(&prior))
		return diags
	}
	if statusOf(prior.Status).JobState != flink.StateRunning {
		return diags
	}
	name := *prior.Name
	if directory := prior.savepointDirectory(); prior.savepointOnDestroy() && directory != "" {
		diags.AddWarning(fmt.Sprintf("The job %q will be stopped with a savepoint and destroyed", name),
			fmt.Sprintf("The operator writes the savepoint to %s; the path is reported when it is done.", directory))
		return diags
	}
	diags.AddWarning(fmt.Sprintf("The job %q will be destroyed without a savepoint", name),
		"Its state is lost. Set savepoint_on_destroy = true and configure a savepoint directory (execution.checkpointing.savepoint-dir) to keep it.")
	return diags
}

// savepointDirectory returns the savepoint directory of the effective
// specification, or empty.
func (m *model) savepointDirectory() string {
	spec, err := flink.SpecOf(effectiveOf(m))
	if err != nil {
		return ""
	}
	return flink.SavepointDirectory(spec.FlinkConfiguration)
}

func protectedError(m *model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"),
		fmt.Sprintf("The deployment %q is protected", *m.Name),
		fmt.Sprintf("deletion_protection is true for %s, so it is neither destroyed nor replaced. Set it to false, apply, and try again.", m.ID.ValueString()))
}
