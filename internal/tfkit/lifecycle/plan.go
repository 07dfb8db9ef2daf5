package lifecycle

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

// place are the attributes that make up the id.
var place = []string{"environment", "name"}

// ModifyPlan expands the resource and says what the change does to the job. It
// needs no cluster, and asks one that is there whether it would take the change.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req.State)...)
		return
	}
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	var prior Data
	if !req.State.Raw.IsNull() {
		prior = r.New()
		resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	computed := computedValues{
		id:        planID(req.Plan, plan.Shared()),
		effective: types.StringUnknown(),
		rollout:   types.ObjectUnknown(rolloutTypes),
		status:    types.ObjectUnknown(StatusTypes),
	}
	replaced := prior != nil && (!computed.id.IsUnknown() && computed.id != prior.Shared().ID || plan.RunsOn() != prior.RunsOn())
	if replaced {
		resp.Diagnostics.Append(r.guardReplace(plan, prior)...)
	}
	if tfkit.Known(req.Plan.Raw, place...) && tfkit.Known(req.Plan.Raw, r.Specification...) && !replaced {
		rest, diags := r.readResume(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		decided, diags := decide(ctx, plan, prior, rest)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		if prior == nil {
			computed.fill(decided, nil)
		} else {
			computed.fill(decided, prior.Shared())
		}
		resp.Diagnostics.Append(r.checkOnline(ctx, plan, prior, decided)...)
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
func (c *computedValues) fill(d decision, prior *Model) {
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
func revisionOf(m *Model) int64 {
	if revision, ok := m.Rollout.Attributes()["revision"].(types.Int64); ok {
		return revision.ValueInt64()
	}
	return 0
}

// effectiveOf returns the effective specification in a state, with its labels
// and annotations.
func effectiveOf(m *Model) flink.Tree {
	tree, err := flink.ParseTree([]byte(m.EffectiveSpec.ValueString()))
	if err != nil {
		return nil
	}
	return tree
}

// planID returns the id that a plan leads to, unknown while the environment or
// the name is.
func planID(plan tfsdk.Plan, m *Model) types.String {
	if !tfkit.Known(plan.Raw, place...) {
		return types.StringUnknown()
	}
	target, diags := m.Environment.Resolve(path.Root("environment"))
	if diags.HasError() {
		return types.StringUnknown()
	}
	return types.StringValue(Identifier(target.Platform, target.Namespace, *m.Name))
}

// guardReplace refuses a replacement that would lose state: the old job is
// stopped with a savepoint, but the new one would start empty.
func (r *Resource) guardReplace(plan, prior Data) diag.Diagnostics {
	var diags diag.Diagnostics
	last := prior.Shared()
	if last.protected() {
		diags.Append(r.protectedError(last))
	}
	layer, _ := plan.Layer()
	fromSavepoint := layer.Job != nil && layer.Job.InitialSavepointPath != nil
	spec, _ := flink.SpecOf(effectiveOf(last))
	if !statusOf(last.Status).Deployed || fromSavepoint || spec.IsSessionCluster() {
		return diags
	}
	what := "Another name or environment"
	if prior.RunsOn() != "" {
		what = "Another name, environment or session cluster"
	}
	detail := fmt.Sprintf("%s replaces %s: its job is destroyed, with a savepoint unless savepoint_on_destroy is false, and the new one starts empty.", what, last.ID.ValueString())
	if plan.Choices().AllowStateLoss {
		diags.AddWarning(fmt.Sprintf("The state of %q will be lost", *last.Name), detail)
		return diags
	}
	diags.AddError(fmt.Sprintf("The state of %q would be lost", *last.Name),
		detail+" To keep the state, set job.initial_savepoint_path to a savepoint of the old job; to start empty, set upgrade.allow_state_loss = true.")
	return diags
}

// planDestroy says what a destroy does to the job, and refuses it for a
// protected resource.
func (r *Resource) planDestroy(ctx context.Context, state tfsdk.State) diag.Diagnostics {
	data := r.New()
	diags := state.Get(ctx, data)
	prior := data.Shared()
	if diags.HasError() {
		return diags
	}
	if prior.protected() {
		diags.Append(r.protectedError(prior))
		return diags
	}
	if statusOf(prior.Status).JobState != flink.StateRunning {
		return diags
	}
	name := *prior.Name
	spec, _ := flink.SpecOf(effectiveOf(prior))
	if spec.IsSessionCluster() {
		return diags
	}
	if directory, takes := savepointDirectory(spec); data.Choices().SavepointOnDestroy && takes {
		diags.AddWarning(fmt.Sprintf("The job %q will be stopped with a savepoint and destroyed", name),
			fmt.Sprintf("The operator writes the savepoint to %s; the path is reported when it is done.", directory))
		return diags
	}
	diags.AddWarning(fmt.Sprintf("The job %q will be destroyed without a savepoint", name),
		"Its state is lost. Set savepoint_on_destroy = true and configure a savepoint directory (execution.checkpointing.savepoint-dir) to keep it.")
	return diags
}

// savepointDirectory names where savepoints of a specification's job go, and
// tells whether one can be taken. The directory may come from the operator's own
// configuration, or of a session job from its session cluster: that the job is
// upgraded by savepoints says that there is one, or the operator had refused it.
func savepointDirectory(spec flink.DeploymentSpec) (name string, takes bool) {
	if directory := flink.SavepointDirectory(spec.FlinkConfiguration); directory != "" {
		return directory, true
	}
	takes = spec.Job != nil && value(spec.Job.UpgradeMode) == flink.UpgradeSavepoint
	if spec.IsSessionJob() {
		return "the directory of the session cluster " + value(spec.DeploymentName), takes
	}
	return "the directory of its own configuration", takes
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func (r *Resource) protectedError(m *Model) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("deletion_protection"),
		fmt.Sprintf("The %s %q is protected", r.Noun, *m.Name),
		fmt.Sprintf("deletion_protection is true for %s, so it is neither destroyed nor replaced. Set it to false, apply, and try again.", m.ID.ValueString()))
}
