package planner

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// plan is a decision in the making.
type plan struct {
	Input
	changes []change
	// keep is how the state can be kept where the platform takes no savepoints (Unsaved).
	keep string
}

// change is one difference with what it does.
type change struct {
	flink.Change
	effect    Effect
	attribute string
	origin    string
	// overruled names the attribute that the platform uses in place of the value.
	overruled string
}

// outcome is what a plan comes to.
type outcome struct {
	action   Action
	state    State
	downtime bool
	// causes in the order in which they are told.
	causes []change
	// consequence ends the summary.
	consequence string
	// platform says what the platform does, in a sentence of a warning.
	platform string
	// keep says how the state can be kept, in an error about its loss; empty
	// where the upgrade mode decides.
	keep string
}

// Plan decides what a change does to the job. It is a pure function: the same
// input gives the same decision.
func Plan(in Input) Decision {
	if in.Old != nil && len(in.Provider) == 0 && in.OldForm == in.NewForm && !in.deleted() && reflect.DeepEqual(*in.Old, in.New) {
		return unchanged(in)
	}
	p := plan{Input: in}
	if in.Old != nil {
		if err := p.compare(); err != nil {
			return Decision{Errors: []Notice{{
				Summary: fmt.Sprintf("The change of %q cannot be planned", in.Name),
				Detail:  fmt.Sprintf("The two specifications cannot be compared: %s.", err),
			}}}
		}
	}
	p.unsave()
	out := p.decide()
	if out.state == StateLost && out.keep == "" {
		out.keep = p.keep
	}
	return p.finish(out)
}

func unchanged(in Input) Decision {
	return Decision{Rollout: Rollout{
		Revision: in.Revision,
		Action:   ActionNone,
		State:    StateNone,
		Summary:  fmt.Sprintf("#%d no change", in.Revision),
	}}
}

// compare finds the changes and what each does.
func (p *plan) compare() error {
	before, err := flink.TreeOf(*p.Old)
	if err != nil {
		return err
	}
	after, err := flink.TreeOf(p.New)
	if err != nil {
		return err
	}
	for _, difference := range flink.Diff(before, after) {
		given := difference
		if p.Given != nil {
			given.Path = p.Given(difference.Path)
		}
		p.changes = append(p.changes, change{
			Change:    difference,
			effect:    p.Effect(difference, p.Input),
			attribute: given.Path.Attribute(),
			origin:    p.origin(given),
			overruled: p.OverruledBy(difference.Path, p.New).Attribute(),
		})
	}
	return nil
}

// origin names the layer that gave the new value or, for a value that is gone,
// the layer that removed it or once gave it.
func (p *plan) origin(difference flink.Change) string {
	origin := ""
	if p.Origins != nil {
		origin = p.Origins.Of(difference.Path)
	}
	if origin == "" && difference.New == nil && p.OldOrigins != nil {
		origin = p.OldOrigins.Of(difference.Path)
	}
	return origin
}

// decide goes through the consequence table, the strongest first.
func (p *plan) decide() outcome {
	if p.Old == nil {
		return p.create()
	}
	if p.deleted() {
		return p.createAgain()
	}
	if causes := p.refused(); len(causes) > 0 {
		return p.recreate(causes)
	}
	if len(p.changes) == 0 {
		if len(p.Provider) == 0 {
			return outcome{action: ActionNone, state: StateNone}
		}
		return outcome{action: ActionMetadata, state: StateNone, consequence: "the job is not touched"}
	}
	was, will := suspended(*p.Old), suspended(p.New)
	switch {
	case p.redeploys() && !will && !was && p.runsOn():
		return p.blueGreen()
	case p.redeploys() && !will:
		return p.redeploy()
	case was && will:
		return p.deferred()
	case will:
		return p.suspend()
	case was:
		return p.resume()
	}
	strongest := p.strongest()
	if strongest == Scales && p.Deployed() {
		if how, ok := p.Rescales(p.Input); ok {
			return p.rescale(how)
		}
	}
	switch {
	case strongest == Ignored:
		return p.configOnly()
	case !p.Deployed():
		return p.firstStart()
	case p.New.Job == nil:
		return p.restartSession()
	case p.keepsNothing():
		return p.restart()
	case p.finished():
		return p.rerun()
	case p.switches():
		return p.blueGreen()
	}
	return p.upgrade()
}

// subject names the platform in the middle of a sentence.
func (p *plan) subject() string {
	if name, ok := strings.CutPrefix(p.Subject(), "The "); ok {
		return "the " + name
	}
	return p.Subject()
}

func (p *plan) strongest() Effect {
	strongest := Ignored
	for _, c := range p.changes {
		strongest = max(strongest, c.effect)
	}
	return strongest
}

// having returns the changes with at least an effect.
func (p *plan) having(least Effect) []change {
	var found []change
	for _, c := range p.changes {
		if c.effect >= least {
			found = append(found, c)
		}
	}
	return found
}

// at returns the changes at or below a path.
func (p *plan) at(path ...string) []change {
	var found []change
	for _, c := range p.changes {
		if len(c.Path) >= len(path) && slices.Equal(c.Path[:len(path)], path) {
			found = append(found, c)
		}
	}
	return found
}

// restarting returns the causes of a restart: what restarts the job, and a
// change of the mode that says how.
func (p *plan) restarting() []change {
	return append(p.having(Scales), p.at("job", "upgradeMode")...)
}

// first puts the changes at a path in front of the others.
func (p *plan) first(others []change, path ...string) []change {
	causes := p.at(path...)
	for _, c := range others {
		if !slices.Equal(c.Path, path) {
			causes = append(causes, c)
		}
	}
	return causes
}

// refused returns the changes that need another object: what the platform does
// not make in place, and another strategy or engine.
func (p *plan) refused() []change {
	if causes := p.reformed(); len(causes) > 0 {
		return causes
	}
	if !p.Deployed() {
		return nil
	}
	if (p.Old.Job == nil) != (p.New.Job == nil) {
		return p.at("job")
	}
	if p.switches() {
		return nil
	}
	return p.having(Recreates)
}

// redeploys tells whether the job is deployed anew from a savepoint: another
// path is given to a job that was deployed before. Taking the path away does nothing.
func (p *plan) redeploys() bool {
	path := initialSavepointPath(p.New)
	return p.Deployed() && path != "" && len(p.at("job", "initialSavepointPath")) > 0
}
