package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// decision is what a plan says and an apply does.
type decision struct {
	expansion
	rollout planner.Rollout
	// text is the attribute effective_spec.
	text string
	// status is the status of the prior state, which some actions keep.
	status flink.Status
	// previous is the effective specification of the prior state, nil when
	// there is none.
	previous flink.Tree
	// form is of which objects the deployment shall consist, and kept of which
	// it does.
	form, kept flink.Form
	// turns tells that the choices of the strategy blue_green have changed.
	turns bool
	// continues tells that the rollout is one that an earlier apply began.
	continues bool
}

// decide computes the consequence of going from the prior state, nil for none,
// to the plan. Its errors are the guards: nothing may be written after one. It
// serves plan and apply alike, so that what was unknown in the plan is guarded
// before the first write.
func decide(ctx context.Context, plan, prior Data, left resume) (decision, diag.Diagnostics) {
	var d decision
	expanded, diags := expand(plan)
	if diags.HasError() {
		return d, diags
	}
	d.expansion = expanded
	name := *plan.Shared().Name
	d.kept = left.Form
	diags.Append(d.choose(name, plan)...)
	diags.Append(tfkit.Findings(flink.Validate(name, d.Spec))...)

	input := planner.Input{
		Name: name, New: d.Spec, Origins: d.Origins, AllowStateLoss: plan.Choices().AllowStateLoss,
		OldForm: d.kept, NewForm: d.form, OffersBlueGreen: offersBlueGreen(name, plan),
	}
	var last planner.Rollout
	if prior != nil {
		var more diag.Diagnostics
		last, more = rolloutOf(ctx, prior.Shared().Rollout)
		diags.Append(more...)
		diags.Append(d.compare(&input, plan, prior)...)
	}
	if diags.HasError() {
		return d, diags
	}
	input.Revision = last.Revision

	planned := planner.Plan(input)
	diags.Append(tfkit.Notices(planned)...)
	d.rollout = planned.Rollout
	switch {
	case prior == nil:
	case left.Unfinished != "" && leavesJob(planned.Rollout.Action):
		d.continues = true
		d.rollout = continued(last, left.Unfinished, planned.Rollout)
	case planned.Rollout.Action == planner.ActionNone:
		d.rollout = last
	}

	text, err := defaults.EffectiveText(d.effective)
	if err != nil {
		diags.AddError("The effective specification cannot be written", tfkit.Sentence(err.Error()))
	}
	d.text = text
	return d, diags
}

// compare fills what the planner needs to know of the prior state. It keeps the
// prior words of values that mean the same: the operator compares texts, and
// would restart the job for "2048m" in place of "2g".
func (d *decision) compare(input *planner.Input, plan, prior Data) diag.Diagnostics {
	var diags diag.Diagnostics
	d.status = statusOf(prior.Shared().Status)
	input.Status = d.status
	old, metadata, err := splitEffective(prior.Shared().EffectiveSpec.ValueString())
	if err != nil {
		diags.AddError("The state cannot be read", tfkit.Sentence(err.Error())+" Refresh the state with `terraform apply -refresh-only`.")
		return diags
	}
	d.previous = old
	oldSpec, err := flink.SpecOf(old)
	if err != nil {
		diags.AddError("The state cannot be read", tfkit.Sentence(err.Error()))
		return diags
	}
	input.Old = &oldSpec

	newMetadata := d.effective["metadata"]
	delete(d.effective, "metadata")
	d.effective = flink.Keep(old, d.effective)
	if input.New, err = flink.SpecOf(d.effective); err != nil {
		diags.AddError("The effective specification cannot be read", tfkit.Sentence(err.Error()))
	}
	d.Spec = input.New
	if newMetadata != nil {
		d.effective["metadata"] = newMetadata
	}
	tree, _ := newMetadata.(flink.Tree)
	before := sync.OnceValue(func() expansion {
		before, _ := expand(prior)
		return before
	})
	input.OldOrigins = origins(func() defaults.Origins { return before().Origins })
	input.Provider = append(metadataChanges(metadata, tree), settingChanges(plan, prior)...)
	if d.turns = d.form.BlueGreen() && turnsOtherwise(d.BlueGreen, before().BlueGreen); d.turns {
		input.Provider = append(input.Provider, "upgrade.blue_green")
	}
	return diags
}

// origins are the origins of an expansion that is only made when somebody asks:
// most plans change nothing.
type origins func() defaults.Origins

// Of names the layer that gave a value.
func (o origins) Of(path flink.Path) string { return o().Of(path) }

// metadataChanges returns the labels and annotations that differ, as attribute
// paths.
func metadataChanges(old, wanted flink.Tree) []string {
	var out []string
	for _, name := range []string{"annotations", "labels"} {
		before, after := texts(old[name]), texts(wanted[name])
		keys := slices.Sorted(maps.Keys(after))
		for _, key := range slices.Sorted(maps.Keys(before)) {
			if _, kept := after[key]; !kept {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			a, had := before[key]
			b, has := after[key]
			if had != has || a != b {
				out = append(out, fmt.Sprintf("%s[%q]", name, key))
			}
		}
	}
	return out
}

// settingChanges returns the attributes that differ and concern the provider
// alone.
func settingChanges(plan, prior Data) []string {
	now, before := plan.Choices(), prior.Choices()
	own, last := plan.Shared(), prior.Shared()
	var out []string
	for _, setting := range []struct {
		name    string
		changed bool
	}{
		{"savepoint_on_destroy", now.SavepointOnDestroy != before.SavepointOnDestroy},
		{"deletion_protection", own.protected() != last.protected()},
		{"wait_for", own.waits() != last.waits()},
		// Triggers that come or go without another nonce restart nothing.
		{"restart_triggers", now.Triggered != before.Triggered},
		{"upgrade.allow_state_loss", now.AllowStateLoss != before.AllowStateLoss},
		{"upgrade.on_failure", now.OnFailure != before.OnFailure},
		{"timeouts", !own.Timeouts.Equal(last.Timeouts)},
	} {
		if setting.changed {
			out = append(out, setting.name)
		}
	}
	return out
}

// continued is the rollout of an apply that goes on with an action that an
// earlier one wrote and did not see through, and makes beside it a change that
// leaves the job alone.
func continued(last planner.Rollout, unfinished planner.Action, beside planner.Rollout) planner.Rollout {
	next := last
	next.Revision++
	next.Action = unfinished
	next.Because = append([]string{"the last apply ended before the job ran"}, beside.Because...)
	next.Downtime = false
	next.Summary = fmt.Sprintf("#%d goes on with what the last apply began (%s): waits until the job runs", next.Revision, unfinished)
	if len(beside.Because) > 0 {
		next.Summary += "; beside it " + strings.Join(beside.Because, ", ")
	}
	return next
}

// leavesJob tells whether an action does nothing to the job.
func leavesJob(action planner.Action) bool {
	switch action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionConfigOnly:
		return true
	default:
		return false
	}
}

// keepsStatus tells whether an action leaves the job as it is, so that the
// known status stays true.
func keepsStatus(action planner.Action) bool {
	switch action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionDeferred:
		return true
	default:
		return false
	}
}
