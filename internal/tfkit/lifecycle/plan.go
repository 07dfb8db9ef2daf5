package lifecycle

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ModifyPlan expands the resource and says what the change does to the job. It
// needs no cluster, and asks one that is there whether it would take the change.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.modifyPlan(ctx, req, resp, req.Private)
}

func (r *Resource) modifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, private tfkit.PrivateReader) {
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req.State)...)
		return
	}
	plan := r.New()
	var prior Data
	var identity tfkit.IdentityChange
	proposed := req.Plan
	if !req.State.Raw.IsNull() {
		var diags diag.Diagnostics
		prior, diags = r.decodeState(ctx, req.State)
		resp.Diagnostics.Append(diags...)
		identity = tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identity())
		if !identity.Replaces() {
			proposed.Raw = identity.Settle(req.Plan.Raw, req.State.Raw)
		}
	}
	resp.Diagnostics.Append(tfkit.Decode(ctx, proposed, plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	computed := computedValues{
		id:        r.planID(proposed.Raw, plan.Shared()),
		effective: types.StringUnknown(),
		rollout:   types.ObjectUnknown(tfkit.RolloutTypes),
		status:    types.ObjectUnknown(StatusTypes),
	}
	settled := false
	switch {
	case identity.Replaces():
		resp.Diagnostics.Append(r.planReplace(plan, prior, identity, proposed.Raw)...)
		resp.RequiresReplace = identity.Different
	default:
		if prior != nil {
			computed.id = prior.Shared().ID
		}
		if !r.decidable(req.Config.Raw, prior != nil) {
			break
		}
		decided, diags := r.planChange(ctx, plan, prior, req.Config.Raw, private)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		if prior == nil {
			computed.fill(decided, nil)
		} else {
			computed.fill(decided, prior.Shared())
			settled = tfkit.Known(req.Plan.Raw, "environment") && !decided.moves
			if decided.moves {
				// Another object stands for it then.
				computed.status = types.ObjectUnknown(StatusTypes)
			}
		}
	}
	raw, diags := computed.in(ctx, req.Plan.Raw)
	resp.Diagnostics.Append(diags...)
	if same := tfkit.WithAttribute(raw, req.State.Raw, "environment"); settled && same.Equal(req.State.Raw) {
		// The environment's settings have changed, and nothing of them concerns
		// this resource. Terraform takes the state's value for what is equal.
		raw = same
	}
	resp.Plan.Raw = raw
}

// planChange decides what a create or an update in place does, and asks the
// platform about it.
func (r *Resource) planChange(ctx context.Context, plan, prior Data, config tftypes.Value, private tfkit.PrivateReader) (decision, diag.Diagnostics) {
	var left resume
	var diags diag.Diagnostics
	if prior != nil {
		// Terraform hands the private state of what is replaced to its successor.
		left, diags = r.readResume(ctx, private)
	}
	left.referPlanned(plan, prior, config)
	decided, more := r.decide(plan, prior, left)
	if prior != nil && !r.data.Refreshed(r.Name, prior.Shared().ID.ValueString()) {
		more = withHint(more, decided.Refused)
	}
	diags.Append(more...)
	if !diags.HasError() {
		why, _ := flink.NativeOnly(decided.Spec.FlinkConfiguration)
		r.data.NoteNativeOnly(r.Name, decided.target.ID(*plan.Shared().Name), why)
		diags.Append(r.checkOnline(ctx, plan, prior, decided)...)
		decided.hide(&diags)
	}
	return decided, diags
}

// withHint adds to errors of the planner that the status which they rest on is not
// from this run.
func withHint(diags diag.Diagnostics, refused []flink.Finding) diag.Diagnostics {
	const hint = "\n\nThis rests on the status of an earlier refresh. If something has changed since, plan again without -refresh=false and -minimal-refresh."
	hinted := slices.Clone(refused)
	for i := range hinted {
		hinted[i].Detail += hint
	}
	without := tfkit.Findings(refused)
	out := tfkit.Findings(hinted)
	for _, given := range diags {
		if !without.Contains(given) {
			out.Append(given)
		}
	}
	return out
}

// decidable tells whether a configuration has everything that decide reads. That
// is all of it, but what says where an existing object is, as the state knows
// that too, what a create does not look at, and values that are only written.
func (r *Resource) decidable(config tftypes.Value, exists bool) bool {
	if _, known := writeOnly(config); !known {
		return false
	}
	// Where it is not the place, the name is for messages only, and the namespace for
	// nothing.
	other := platform.PlacedByName
	if tfkit.PlacedBy(r.Platforms, config) == other {
		other = platform.PlacedByNamespace
	}
	without := [][]string{{"environment", other}, {tfkit.SecretConfigurationWO}}
	if exists {
		for _, attribute := range r.identity() {
			without = append(without, attribute.At)
		}
	} else {
		for _, setting := range ownSettings {
			without = append(without, []string{setting.name})
		}
	}
	return tfkit.KnownWithout(config, without...)
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
	c.effective = types.StringValue(d.Text)
	c.rollout = tfkit.RolloutObject(d.Rollout)
	if prior == nil {
		return
	}
	unchanged := d.Rollout.Revision == revisionOf(prior)
	switch {
	case unchanged, rollout.KeepsStatus(d.Rollout.Action):
		c.status = prior.Status
	case d.KeepsAddress():
		c.status = statusAt(prior.Status)
	}
	// A change that puts the state at risk names a savepoint when it is there.
	if !rollout.LeavesSavepoint(d.Rollout) {
		c.status = withKept(c.status, d.KeptSavepoint)
	}
	if unchanged && !d.Changes() {
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

// effective returns the effective specification in a state, with its labels and
// annotations, nil for none.
func (m *Model) effective() (flink.Tree, error) {
	if m.EffectiveSpec.IsNull() {
		return nil, nil
	}
	return flink.ParseTree([]byte(m.EffectiveSpec.ValueString()))
}

// spec returns the effective specification in a state. One that cannot be read
// counts as that of a job with state, so that nothing is lost for it.
func (m *Model) spec() (flink.DeploymentSpec, diag.Diagnostics) {
	if m.EffectiveSpec.IsNull() {
		return flink.DeploymentSpec{}, nil
	}
	spec, findings := rollout.Spec(m.EffectiveSpec.ValueString())
	return spec, tfkit.Findings(findings)
}

// planID returns the id that a plan leads to, unknown while the platform, the
// namespace or the name is.
func (t Type) planID(plan tftypes.Value, m *Model) types.String {
	if !tfkit.PlaceKnown(t.Platforms, plan) {
		return types.StringUnknown()
	}
	target, diags := t.target(m)
	if diags.HasError() {
		return types.StringUnknown()
	}
	return types.StringValue(target.ID(*m.Name))
}
