package planner

import (
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// reformed returns the change of the objects that make up the deployment, nil
// for none: between in place and blue/green, or from one engine to the other.
func (p *plan) reformed() []change {
	if p.Old == nil || p.OldForm == p.NewForm {
		return nil
	}
	difference := flink.Change{Path: flink.Path{"upgrade", "strategy"}, Old: strategyOf(p.OldForm), New: strategyOf(p.NewForm)}
	if p.OldForm.Strategy == p.NewForm.Strategy {
		difference = flink.Change{Path: flink.Path{"upgrade", "blueGreen", "engine"}, Old: p.OldForm.Engine, New: p.NewForm.Engine}
	}
	return []change{{Change: difference, effect: Restarts, attribute: difference.Path.Attribute(), origin: p.origin(difference)}}
}

func strategyOf(form flink.Form) string {
	if form.BlueGreen() {
		return flink.StrategyBlueGreen
	}
	return flink.StrategyInPlace
}

// whyRecreate says why the deployment is deleted and created again, as the
// beginning of a sentence.
func (p *plan) whyRecreate() string {
	if len(p.reformed()) > 0 {
		return "Another strategy or engine needs other objects"
	}
	return p.Subject() + " refuses this change in place"
}

// switches tells whether a change that restarts the job is made by the other
// color. A job that does not run has nothing that could run on: it is
// restarted where it is.
func (p *plan) switches() bool {
	return p.runsOn() && (p.redeploys() || !p.lacksSavepoints())
}

// runsOn tells whether a job runs that another color can take over from.
func (p *plan) runsOn() bool {
	return p.NewForm.BlueGreen() && p.OldForm == p.NewForm && !p.down()
}

// lacksSavepoints tells whether no savepoint can be taken of a job that a switch
// would need one of: it restarts from checkpoints, and has no directory for
// savepoints. In savepoint mode the platform's own configuration may have one.
func (p *plan) lacksSavepoints() bool {
	return upgradeMode(p.New) == flink.UpgradeLastState && flink.SavepointDirectory(p.Old.FlinkConfiguration) == ""
}

// colors returns the color that runs and the one that comes.
func (p *plan) colors() (active, next string) {
	active = p.Status.ActiveColor
	if active == "" {
		active = flink.Blue
	}
	return active, flink.OtherColor(active)
}

// blueGreen starts the other color beside the one that runs.
func (p *plan) blueGreen() outcome {
	active, next := p.colors()
	out := outcome{action: ActionBlueGreen, state: StateKept, causes: p.restarting()}
	const meanwhile = "both run for a while (at-least-once)"
	from := fmt.Sprintf("from a savepoint of %s%s, which is not stopped for it", active, p.savepointDirectory())
	out.consequence = fmt.Sprintf("%s starts from a savepoint of %s, which runs on until then; %s", next, active, meanwhile)
	switch {
	case p.redeploys():
		out.causes = p.first(out.causes, "job", "initialSavepointPath")
		out.state, from = StateLost, "from "+initialSavepointPath(p.New)
		out.consequence = fmt.Sprintf("%s starts from %s beside %s, whose state is dropped; %s", next, initialSavepointPath(p.New), active, meanwhile)
	case upgradeMode(p.New) == flink.UpgradeStateless:
		out.state, from = StateLost, "empty"
		out.consequence = fmt.Sprintf("%s starts empty beside %s, whose state is lost; %s", next, active, meanwhile)
	}
	out.platform = fmt.Sprintf("The new version starts as %s, %s. When it runs it takes over, and %s is deleted. %s", next, from, active, p.whileBothRun())
	return out
}

// whileBothRun says what a second job means, and what stays on failure.
func (p *plan) whileBothRun() string {
	active, next := p.colors()
	said := fmt.Sprintf("Until then both process the same input, so sinks see records twice (at-least-once). If %s does not start it is removed, and %s runs on.", next, active)
	return strings.TrimSpace(said + " " + p.SwitchCosts())
}
