package vvp

import (
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Product is the platform's name in messages.
const Product = "Ververica Platform"

// Semantics is what the platform does about a change: another template restarts the job,
// and nothing else does.
type Semantics struct{}

// Subject implements planner.Semantics.
func (Semantics) Subject() string { return Product }

// Job implements planner.Semantics.
func (Semantics) Job(s flink.Status) (planner.Phase, string) {
	switch s.LifecycleState {
	case StateRunning:
		return planner.PhaseRunning, s.LifecycleState
	case StateFinished:
		return planner.PhaseFinished, s.LifecycleState
	case StateFailed:
		return planner.PhaseFailed, s.LifecycleState
	case "":
		return planner.PhaseUnknown, ""
	}
	return planner.PhaseDown, s.LifecycleState
}

// ignored are the fields outside of the template.
var ignored = []flink.Path{
	{"job", "upgradeMode"},
	{"job", "allowNonRestoredState"},
	{"ververica", "maxJobCreationAttempts"},
	{"ververica", "maxSavepointCreationAttempts"},
	{"ververica", "jobFailureExpirationTime"},
}

// Effect implements planner.Semantics.
func (Semantics) Effect(change flink.Change, in planner.Input) planner.Effect {
	path := change.Path
	switch {
	case slices.ContainsFunc(ignored, func(p flink.Path) bool { return slices.Equal(p, path) }):
		return planner.Ignored
	case in.New.IsSessionCluster() && slices.Equal(path, flink.Path{"ververica", "deploymentTarget"}):
		// Once it is stopped, a session cluster takes another target too.
		return planner.Restarts
	case in.New.IsSessionCluster() && slices.Equal(path, flink.Path{"ververica"}):
		return min(effectOfOwn(change), planner.Restarts)
	case slices.Equal(path, flink.Path{"ververica"}):
		return effectOfOwn(change)
	case slices.Equal(path, flink.Path{"job", "initialSavepointPath"}) && in.Deployed():
		// It is brought in once. Later the planner redeploys.
		return planner.Ignored
	case slices.Equal(path, flink.Path{"ververica", "deploymentTarget"}):
		// What the platform does with the job of a deployment that is given another target
		// is not documented.
		return planner.Recreates
	case in.New.IsSessionCluster() && slices.Equal(path, flink.Path{"taskManager", "replicas"}):
		// The one thing that may change while a session cluster runs.
		return planner.Ignored
	case slices.Equal(path, flink.Path{"jobManager", "replicas"}):
		return planner.Ignored
	}
	return planner.Restarts
}

// effectOfOwn is that of all fields of the platform's own, which come or go at once.
func effectOfOwn(change flink.Change) planner.Effect {
	effect := planner.Ignored
	for _, value := range []any{change.Old, change.New} {
		fields, _ := value.(flink.Tree)
		switch {
		case fields["deploymentTarget"] != nil:
			return planner.Recreates
		case fields["deploymentTemplate"] != nil:
			effect = planner.Restarts
		}
	}
	return effect
}

// OverruledBy implements planner.Semantics: what would overrule is refused (Validate).
func (Semantics) OverruledBy(flink.Path, flink.DeploymentSpec) flink.Path { return nil }

// Rescales implements planner.Semantics: each change of the template starts another job.
func (Semantics) Rescales(planner.Input) (planner.Rescale, bool) { return planner.Rescale{}, false }

// Savepoint implements planner.Semantics.
func (Semantics) Savepoint(planner.Input) flink.Carried { return flink.CanonicalSavepoint }

// WaitsFor implements planner.Semantics: a job that does not run is never waited for.
func (Semantics) WaitsFor(planner.Input) string { return "" }

// StopsIdleSessions implements planner.Semantics.
func (Semantics) StopsIdleSessions() bool { return true }

// SwitchCosts implements planner.Semantics: a license allows so much CPU
// (SystemInformation.resourceQuota).
func (Semantics) SwitchCosts() string {
	return "Meanwhile the CPU of both counts against the quota of the platform's license: where it is not enough, the new version does not start."
}
