package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// choose decides of which objects the deployment shall consist. Only one with a
// job on a cluster of its own can take turns; what an environment says of the
// others is of no effect.
func (d *Decision) choose(want Desired) []flink.Finding {
	if d.Strategy != flink.StrategyBlueGreen || d.Spec.Job == nil || want.RunsOn != "" {
		return nil
	}
	d.Form = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: d.BlueGreen.Engine}
	if d.Form.Engine == flink.EngineAuto {
		d.Form.Engine = flink.EngineProvider
		if d.Kept.BlueGreen() {
			d.Form.Engine = d.Kept.Engine
		}
	}
	if engines := want.Rules.Engines(); !slices.Contains(engines, d.Form.Engine) {
		offer := "none"
		if len(engines) > 0 {
			offer = strings.Join(engines, ", ")
		}
		return fault(flink.Path{"upgrade", "blueGreen"}, fmt.Sprintf("The platform %q has no engine %q", want.Rules.Name(), d.Form.Engine),
			fmt.Sprintf("Engines that can make a blue/green switch there: %s. Take one of these, or upgrade.strategy = %q.", offer, flink.StrategyInPlace))
	}
	if longest := want.Rules.LongestName(d.Form); len(want.Name) > longest {
		return fault(flink.Path{"metadata", "name"}, fmt.Sprintf("The name %q is too long for the strategy blue_green", want.Name),
			fmt.Sprintf("It has %d characters. The objects of a blue/green deployment are called <name>-blue and <name>-green, which leaves %d for the name. Take a shorter name, or upgrade.strategy = %q.",
				len(want.Name), longest, flink.StrategyInPlace))
	}
	return nil
}

// offersBlueGreen tells whether the strategy blue_green is one for what is desired.
func offersBlueGreen(want Desired) bool {
	engines := want.Rules.Engines()
	return want.RunsOn == "" && len(engines) > 0 && len(want.Name) <= want.Rules.LongestName(flink.Form{Strategy: flink.StrategyBlueGreen, Engine: engines[0]})
}

// turnsOtherwise tells whether two choices differ in more than the engine, which
// the form has.
func turnsOtherwise(now, before flink.BlueGreen) bool {
	now.Engine, before.Engine = "", ""
	return now != before
}

// Writes tells whether the platform has to be written: specification, labels,
// annotations, or the form of the deployment differ, or somebody has deleted what
// it consists of.
func (d *Decision) Writes() bool {
	return d.Form != d.Kept || d.turns || d.Changes() || IsDeleted(d.Status)
}

// Changes tells whether specification, labels or annotations differ from those of
// the record.
func (d *Decision) Changes() bool { return !flink.Equal(d.Before, d.Effective) }

// goesBack tells whether the previous specification is to run when the new one
// does not. Other objects have taken the place of those that it had, when the
// form has changed.
func (d *Decision) goesBack() bool {
	if d.Rollout.Action == planner.ActionBlueGreen {
		return true
	}
	return restarts(d.Rollout) && !d.continues && d.Form == d.Kept
}
