package lifecycle

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// choose decides of which objects the deployment shall consist. Only one with a
// job on a cluster of its own can take turns; what an environment says of the
// others is of no effect.
func (d *decision) choose(name string, plan Data) diag.Diagnostics {
	var diags diag.Diagnostics
	if d.Strategy != flink.StrategyBlueGreen || !hasOwnCluster(d.Spec, plan) {
		return diags
	}
	d.form = flink.Form{Strategy: flink.StrategyBlueGreen, Engine: d.BlueGreen.Engine}
	if d.form.Engine == flink.EngineAuto {
		d.form.Engine = flink.EngineProvider
		if d.kept.BlueGreen() {
			d.form.Engine = d.kept.Engine
		}
	}
	if len(name) > flink.LongestBlueGreenName {
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("The name %q is too long for the strategy blue_green", name),
			fmt.Sprintf("It has %d characters. The objects of a blue/green deployment are called <name>-blue and <name>-green, which leaves %d for the name. Take a shorter name, or upgrade.strategy = %q.",
				len(name), flink.LongestBlueGreenName, flink.StrategyInPlace))
	}
	return diags
}

func hasOwnCluster(spec flink.DeploymentSpec, plan Data) bool {
	return spec.Job != nil && plan.RunsOn() == ""
}

// offersBlueGreen tells whether the strategy blue_green is one for the resource.
func offersBlueGreen(name string, plan Data) bool {
	return plan.RunsOn() == "" && len(name) <= flink.LongestBlueGreenName
}

// turnsOtherwise tells whether two choices differ in more than the engine, which
// the form has.
func turnsOtherwise(now, before flink.BlueGreen) bool {
	now.Engine, before.Engine = "", ""
	return now != before
}

// writes tells whether the cluster has to be written: specification, labels,
// annotations, or the form of the deployment differ.
func (d *decision) writes(prior *Model) bool {
	return d.form != d.kept || d.turns || changes(prior, *d)
}

// goesBack tells whether the previous specification is to run when the new one
// does not. Other objects have taken the place of those that it had, when the
// form has changed.
func (d *decision) goesBack() bool {
	if d.rollout.Action == planner.ActionBlueGreen {
		return true
	}
	return restarts(d.rollout) && !d.continues && d.form == d.kept
}
