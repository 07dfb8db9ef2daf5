package cloudflow

import (
	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// Name is the value of environment.platform.
const Name = "cloudflow"

// Rules is what Cloudflow means: what the operator of Flink means of streamlets of Flink, and its own of the others.
// It implements platform.Rules.
type Rules struct{ operator.Rules }

var (
	_ platform.Rules    = Rules{}
	_ platform.Runtimes = Rules{}
	_ planner.Stateless = Rules{}
)

// Name implements platform.Rules.
func (Rules) Name() string { return Name }

// Has implements platform.Rules: what runs there is part of an application.
func (Rules) Has(kind platform.Kind) bool {
	return kind == platform.KindEnvironment || kind == platform.KindStreamApplication || kind == platform.KindSavepoint
}

// Runtimes implements platform.Runtimes.
func (Rules) Runtimes() []string { return []string{core.RuntimeAkka} }

// Takes implements platform.Runtimes.
func (Rules) Takes(_ string, layer defaults.Layer) defaults.Layer { return core.Takes(layer) }

// KeepsNothing implements planner.Stateless.
func (Rules) KeepsNothing(spec flink.DeploymentSpec) bool { return core.IsAkka(spec) }

// Effect implements planner.Semantics. Another number of pods leaves those that are there alone.
func (r Rules) Effect(change flink.Change, in planner.Input) planner.Effect {
	if !core.IsAkka(in.New) {
		return r.Rules.Effect(change, in)
	}
	if len(change.Path) == 2 && change.Path[0] == "job" && change.Path[1] != "entryClass" {
		return planner.Ignored
	}
	return planner.Restarts
}

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	if core.IsAkka(spec) {
		return core.Validate(name, spec)
	}
	return append(append(fko.Validate(name, spec), unscheduled(spec)...), fko.Foreign(spec)...)
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return append(append(fko.ValidateLayer(spec), unscheduled(spec)...), fko.Foreign(spec)...)
}

// unscheduled refuses a schedule of savepoints, which the operator of Flink has in its configuration.
func unscheduled(spec flink.DeploymentSpec) []flink.Finding {
	if len(spec.SavepointSchedule) == 0 {
		return nil
	}
	return []flink.Finding{{
		Path: flink.Path{"savepointSchedule"}, Severity: flink.Error, Summary: `The platform "cloudflow" has no schedule of savepoints`,
		Detail: "Remove savepoint_schedule, and have the operator of Flink take savepoints by flink_configuration: kubernetes.operator.periodic.savepoint.interval says when, " +
			"and kubernetes.operator.savepoint.history.max.count and kubernetes.operator.savepoint.history.max.age say which of them it keeps.",
	}}
}
