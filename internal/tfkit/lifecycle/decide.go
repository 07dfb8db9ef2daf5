package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// decision is what the engine has decided about a resource, and where that is.
type decision struct {
	rollout.Decision
	target tfkit.Target
	// moves tells that the object is to be managed in another way than before.
	moves bool
}

// decide computes the consequence of going from the prior state, nil for none, to the
// plan (rollout.Decide).
func (t Type) decide(plan, prior Data, left resume) (decision, diag.Diagnostics) {
	target, expanded, diags := t.expand(plan)
	d := decision{target: target}
	if diags.HasError() {
		return d, diags
	}
	name := *plan.Shared().Name
	want := rollout.Desired{
		Rules: target.Rules, Name: name, ID: target.ID(name), RunsOn: plan.RunsOn(),
		Expansion: expanded, Choices: plan.Choices(), OwnSecret: ownSecrets(plan).SecretOf(name),
	}
	if prior == nil {
		d.Decision = rollout.Decide(want, nil)
	} else {
		var more diag.Diagnostics
		d.moves, more = t.changeOfWay(target, prior)
		if diags.Append(more...); diags.HasError() {
			return d, diags
		}
		record := recordOf(prior.Shared(), left)
		record.Changed = settingChanges(plan, prior)
		record.Said = func() rollout.Expansion {
			if plan == prior {
				return expanded
			}
			_, before, _ := t.expand(prior)
			return before
		}
		d.Decision = rollout.Decide(want, &record)
	}
	diags.Append(tfkit.Findings(d.Findings)...)
	return d, diags
}

// recordOf is what a state and its private state say.
func recordOf(m *Model, left resume) rollout.Record {
	status := statusOf(m.Status)
	status.KeptVersion = left.KeptVersion
	return rollout.Record{
		Effective: m.EffectiveSpec.ValueString(), Last: tfkit.RolloutOf(m.Rollout), Status: status,
		UID: objectOf(left, m), Form: left.Form, Unfinished: left.Unfinished, Words: left.Words, Enforced: left.Enforced,
	}
}

// expand merges the environment's settings with what the resource says. All
// of the configuration must be known.
func (t Type) expand(data Data) (tfkit.Target, rollout.Expansion, diag.Diagnostics) {
	target, diags := data.Shared().Environment.Resolve(t.Platforms, t.offered(), path.Root("environment"))
	if diags.HasError() {
		return target, rollout.Expansion{}, diags
	}
	expanded, findings := rollout.Expand(target.Settings, data.Layer())
	return target, expanded, append(diags, tfkit.Findings(findings)...)
}

// setting is an attribute that concerns the provider alone.
type setting struct {
	name    string
	changed func(plan, prior Data) bool
}

// ownSettings are the attributes that have no part in the specification, so that
// a create is the same whatever they are.
var ownSettings = []setting{
	{"savepoint_on_destroy", func(plan, prior Data) bool {
		return plan.Choices().SavepointOnDestroy != prior.Choices().SavepointOnDestroy
	}},
	{"deletion_protection", func(plan, prior Data) bool { return plan.Shared().protected() != prior.Shared().protected() }},
	{"wait_for", func(plan, prior Data) bool { return plan.Shared().waits() != prior.Shared().waits() }},
	{"timeouts", func(plan, prior Data) bool { return !plan.Shared().Timeouts.Equal(prior.Shared().Timeouts) }},
}

// otherSettings are those of which a part is in the specification, or decides
// about it.
var otherSettings = []setting{
	// Triggers that come or go without another nonce restart nothing.
	{"restart_triggers", func(plan, prior Data) bool { return plan.Choices().Triggered != prior.Choices().Triggered }},
	{"upgrade.allow_state_loss", func(plan, prior Data) bool { return plan.Choices().AllowStateLoss != prior.Choices().AllowStateLoss }},
	{"upgrade.accept_state_risk", func(plan, prior Data) bool { return plan.Choices().AcceptStateRisk != prior.Choices().AcceptStateRisk }},
	{"upgrade.on_failure", func(plan, prior Data) bool { return plan.Choices().OnFailure != prior.Choices().OnFailure }},
	{"upgrade.prove_for", func(plan, prior Data) bool { return plan.Choices().ProveFor != prior.Choices().ProveFor }},
}

// settingChanges returns the attributes that differ and concern the provider
// alone.
func settingChanges(plan, prior Data) []string {
	var out []string
	for _, settings := range [][]setting{ownSettings, otherSettings} {
		for _, s := range settings {
			if s.changed(plan, prior) {
				out = append(out, s.name)
			}
		}
	}
	return out
}
