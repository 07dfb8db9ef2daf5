package rollout

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Decision is what a plan says and an apply does.
type Decision struct {
	Expansion
	Rollout planner.Rollout
	// Text is the effective specification as it is shown.
	Text string
	// Redactor redacts what is shown.
	Redactor flink.Redactor
	// Status is the last known one, which some actions keep.
	Status flink.Status
	// Before is the effective specification of the record, with labels and
	// annotations, nil when there is none. It has the secrets in it that the
	// configuration of then gives, and the fingerprints of those that somebody else
	// has changed.
	Before flink.Tree
	// Form is of which objects the deployment shall consist, and Kept of which it
	// does.
	Form, Kept flink.Form
	// KeptSavepoint is the way back from an earlier change, as long as a risk is
	// accepted; empty for none.
	KeptSavepoint string
	// Findings are what there is to say. With an error among them nothing may be
	// written.
	Findings []flink.Finding
	// Refused are those of the findings that rest on the last known status.
	Refused []flink.Finding
	// continues tells that the rollout is one that an earlier apply began.
	continues bool
	// endangers is Endangers.
	endangers bool
	// turns tells that the choices of the strategy blue_green have changed.
	turns bool
}

// Desired is what one thing that runs shall be.
type Desired struct {
	// Rules is what the platform of it means.
	Rules platform.Rules
	Name  string
	// ID is it wherever it is; what is redacted for one is no match for another.
	ID string
	// RunsOn is the session cluster that runs the job, empty for a cluster of its own.
	RunsOn    string
	Expansion Expansion
	Choices   Choices
	// OwnSecret is the Secret that the provider keeps for it, empty for none.
	OwnSecret string
}

// Choices are what a configuration decides about the provider's own doing.
type Choices struct {
	// AllowStateLoss accepts that the job's state is lost.
	AllowStateLoss bool
	// AcceptStateRisk has the words of the risks to the state that are accepted.
	AcceptStateRisk string
	// OnFailure is what the resource itself says about a failed upgrade, empty
	// for nothing.
	OnFailure string
	// ProveFor is what the resource itself says about the proof of a version,
	// empty for nothing.
	ProveFor string
	// Triggered tells that the resource has restart triggers.
	Triggered bool
	// SavepointOnDestroy stops a running job with a savepoint before it is
	// deleted.
	SavepointOnDestroy bool
}

// Record is what is known of a thing that was applied.
type Record struct {
	// Effective is the text of its effective specification, with fingerprints in the
	// place of secrets.
	Effective string
	Last      planner.Rollout
	Status    flink.Status
	// UID is the object's, Form of which objects it consists, and Unfinished the
	// action that an apply wrote and did not see through.
	UID        string
	Form       flink.Form
	Unfinished planner.Action
	// Words is the specification as the platform writes it, where it has other words
	// for values that mean the same as those in Effective; empty for none. A platform
	// may compare texts, so what is written keeps these words.
	Words string
	// Enforced is what runs beside Effective, as the platform adds it by itself; empty
	// for nothing.
	Enforced string
	// Said is the expansion of what was said when it was applied. It is asked for
	// once, and only where something changes.
	Said func() Expansion
	// Changed are the attributes that differ now and concern the provider alone.
	Changed []string
}

// Decide computes the consequence of going from what is recorded, nil for nothing,
// to what is desired. Its errors are the guards: nothing may be written after one. It
// serves plan and apply alike, so that what was unknown in the plan is guarded
// before the first write.
func Decide(want Desired, was *Record) Decision {
	d := Decision{Expansion: want.Expansion, Redactor: flink.Redactor{Owner: want.ID}}
	if was != nil {
		d.Kept = was.Form
	}
	d.Findings = d.choose(want)
	findings := want.Rules.Validate(want.Name, d.Spec)
	d.Findings = append(d.Findings, want.Rules.ValidateSecrets(d.Plain, d.Secrets)...)

	input := planner.Input{
		Semantics: want.Rules, Name: want.Name, New: d.Spec, Origins: d.Origins, AllowStateLoss: want.Choices.AllowStateLoss, AcceptStateRisk: want.Choices.AcceptStateRisk,
		OldForm: d.Kept, NewForm: d.Form, OffersBlueGreen: offersBlueGreen(want),
	}
	var last planner.Rollout
	if was != nil {
		last = was.Last
		d.Findings = append(d.Findings, d.compare(&input, want, *was)...)
		findings = d.accepted(findings)
	}
	d.Findings = append(d.Findings, findings...)
	if flink.HasErrors(d.Findings) {
		return d
	}
	input.Revision = last.Revision

	planned := planner.Plan(input)
	d.Rollout, d.Refused = planned.Rollout, planner.Findings(flink.Error, planned.Errors)
	d.Findings = append(d.Findings, planned.Findings()...)
	switch {
	case was == nil:
	case was.Unfinished != "" && leavesJob(planned.Rollout.Action):
		d.continues = true
		d.Rollout = continued(last, was.Unfinished, planned.Rollout)
		if last.Action != was.Unfinished && d.Rollout.State == planner.StateKept && want.Choices.AcceptStateRisk != "" && d.Status.KeptSavepoint == "" {
			// What is accepted has kept no savepoint yet, so it may be this change.
			d.Rollout.State = planner.StateAtRisk
		}
	case planned.Rollout.Action == planner.ActionNone:
		d.Rollout = last
	}

	d.endangers = LeavesSavepoint(planned.Rollout)
	if want.Choices.AcceptStateRisk != "" || d.continues || planned.Rollout.Action == planner.ActionNone || d.endangers {
		d.KeptSavepoint = d.Status.KeptSavepoint
	}
	d.Findings = append(d.Findings, forgets(d.Status.KeptSavepoint, d.KeptSavepoint)...)
	d.Findings = append(d.Findings, d.unable(want)...)
	d.Rollout.ProveFor = d.ProveFor
	text, err := defaults.EffectiveText(d.Redactor.Redact(d.Effective))
	if err != nil {
		d.Findings = append(d.Findings, unwritable(err)...)
	}
	d.Text = text
	return d
}

// compare fills what the planner needs to know of the record. It keeps its words of
// values that mean the same, the platform's where it has others:
// a platform may compare texts, and would restart the job for "2048m" in place of
// "2g".
func (d *Decision) compare(input *planner.Input, want Desired, was Record) []flink.Finding {
	d.Status = was.Status
	input.Status = d.Status
	before := sync.OnceValue(was.Said)
	old, metadata, err := Split(was.Effective)
	if err != nil {
		return fault(nil, "The state cannot be read", sentence(err)+" Refresh the state with `terraform apply -refresh-only`.")
	}
	if old = was.inWords(d.Redactor.Redact(old)); flink.HasFingerprints(old) {
		// The prior configuration first, so that no other secret with the same
		// fingerprint is taken for the one that runs.
		old = d.Redactor.Restore(old, before().Effective, d.Effective)
	}
	d.Before = maps.Clone(old)
	if metadata != nil {
		d.Before["metadata"] = metadata
	}
	// What runs already is no change for the job, though it has yet to be written.
	old, enforced := was.withEnforced(old, d.Effective, d.Redactor)
	oldSpec, err := flink.SpecOf(old)
	if err != nil {
		return fault(nil, "The state cannot be read", sentence(err))
	}
	input.Old = &oldSpec

	newMetadata := d.Effective["metadata"]
	delete(d.Effective, "metadata")
	d.Effective = flink.Keep(old, d.Effective)
	var findings []flink.Finding
	if input.New = oldSpec; !reflect.DeepEqual(old, d.Effective) {
		if input.New, err = flink.SpecOf(d.Effective); err != nil {
			findings = fault(nil, "The effective specification cannot be read", sentence(err))
		}
	}
	d.Spec = input.New
	if newMetadata != nil {
		d.Effective["metadata"] = newMetadata
	}
	tree, _ := newMetadata.(flink.Tree)
	input.OldOrigins = origins(func() defaults.Origins { return before().Origins })
	input.Given = func(at flink.Path) flink.Path { return given(at, before(), d.Expansion, want.OwnSecret) }
	input.Provider = append(metadataChanges(metadata, tree), was.Changed...)
	for _, at := range enforced {
		attribute := at.Attribute()
		if origin := d.Origins.Of(at); origin != "" {
			attribute += " (" + origin + ")"
		}
		input.Provider = append(input.Provider, attribute)
	}
	if d.turns = d.Form.BlueGreen() && turnsOtherwise(d.BlueGreen, before().BlueGreen); d.turns {
		input.Provider = append(input.Provider, "upgrade.blue_green")
	}
	return findings
}

// accepted makes a warning of each error about a specification that is the
// cluster's already, as that of an object which was imported: this plan does not
// change it, and whoever made it may know why the rule does not bind it.
func (d *Decision) accepted(findings []flink.Finding) []flink.Finding {
	wrong := func(f flink.Finding) bool { return f.Severity == flink.Error }
	if !slices.ContainsFunc(findings, wrong) {
		return findings
	}
	before, after := maps.Clone(d.Before), maps.Clone(d.Effective)
	delete(before, "metadata")
	delete(after, "metadata")
	if d.Before == nil || !flink.Equal(before, after) {
		return findings
	}
	for i := range findings {
		if wrong(findings[i]) {
			findings[i].Severity = flink.Warning
			findings[i].Detail += " The cluster has it so already, and this plan leaves it."
		}
	}
	return findings
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
		before, after := Texts(old[name]), Texts(wanted[name])
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

// continued is the rollout of an apply that goes on with an action that an
// earlier one wrote and did not see through, and makes beside it a change that
// leaves the job alone. The last rollout is another one when the apply was killed
// before it could record its own.
func continued(last planner.Rollout, unfinished planner.Action, beside planner.Rollout) planner.Rollout {
	next := last
	if last.Action != unfinished {
		next.State = unfinished.Fate()
	}
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

// KeepsStatus tells whether an action leaves the job as it is, so that the
// known status stays true.
func KeepsStatus(action planner.Action) bool {
	return leavesJob(action) || action == planner.ActionDeferred
}
