package fko

import (
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Semantics is what the operator does about a change: its DiffType, annotations of
// its spec classes, and its services.
type Semantics struct{}

// Configuration keys that decide what a change does.
const (
	keyLastStateFalls = "kubernetes.operator.job.upgrade.last-state-fallback.enabled"
)

// ignoredKeys begin the keys that the operator takes up without touching the job.
// It compares them as text.
var ignoredKeys = []string{"kubernetes.operator", "job.autoscaler", "parallelism.default"}

// Subject names the operator.
func (Semantics) Subject() string { return "The operator" }

// Job returns the phase of a job. One that the operator has stopped reads FINISHED
// until it is deployed again, so its word is then that of the deployment.
func (Semantics) Job(s flink.Status) (planner.Phase, string) {
	phase, word := planner.PhaseDown, s.JobState
	switch {
	case Finished(s):
		phase = planner.PhaseFinished
	case s.JobState == "":
		phase = planner.PhaseUnknown
	case s.JobState == flink.StateRunning:
		phase = planner.PhaseRunning
	case s.JobState == flink.StateFailed, s.JobState == flink.StateCanceled:
		phase = planner.PhaseFailed
	}
	switch {
	case s.LifecycleState == flink.LifecycleSuspended:
		word = flink.StateSuspended
	case s.JobState == flink.StateFinished && phase != planner.PhaseFinished && s.LifecycleState != "":
		word = s.LifecycleState
	}
	return phase, word
}

// Effect returns what the operator does about a change. Once it has put an earlier
// version back by itself, the object has the version that failed, so any other
// specification replaces it, and the operator restarts the job.
func (Semantics) Effect(change flink.Change, in planner.Input) planner.Effect {
	path := change.Path
	standalone := clusterMode(in.New) == flink.ModeStandalone
	switch {
	case is(path, "mode") && in.Deployed() && clusterMode(*in.Old) != clusterMode(in.New):
		// Its validator: "Cannot switch from …".
		return planner.Recreates
	case path[0] == "savepointSchedule":
		// Whoever keeps the object for the operator acts on it, and never hands it on.
		return planner.Ignored
	case in.Status.LifecycleState == flink.LifecycleRolledBack:
		return planner.Restarts
	case len(path) == 2 && path[0] == "flinkConfiguration":
		return keyEffect(path[1], standalone)
	case is(path, "job", "upgradeMode"), is(path, "job", "allowNonRestoredState"):
		return planner.Ignored
	case is(path, "job", "initialSavepointPath"):
		// Read on the first deployment only. Later the planner redeploys.
		if in.Deployed() {
			return planner.Ignored
		}
		return planner.Restarts
	case path[0] == "ingress" && in.NewForm.BlueGreen():
		// It leads to whichever color is active, and is none of theirs.
		return planner.Ignored
	case is(path, "restartNonce"):
		if change.New == nil {
			return planner.Ignored
		}
		return planner.Restarts
	case is(path, "job", "parallelism"):
		if standalone {
			return planner.Scales
		}
		return planner.Restarts
	case is(path, "taskManager", "replicas"):
		// A whole object that comes or goes is not a matter of its fields.
		if standalone && in.Old.TaskManager != nil && in.New.TaskManager != nil {
			return planner.Scales
		}
		return planner.Restarts
	default:
		return planner.Restarts
	}
}

// keyEffect returns what the operator does about a changed configuration key.
func keyEffect(key string, standalone bool) planner.Effect {
	for _, prefix := range ignoredKeys {
		if strings.HasPrefix(key, prefix) {
			return planner.Ignored
		}
	}
	if strings.HasPrefix(key, flink.KeyParallelismOverrides) && !standalone {
		return planner.Scales
	}
	return planner.Restarts
}

// Savepoint is KubernetesOperatorConfigOptions.OPERATOR_SAVEPOINT_FORMAT_TYPE, which the
// specification to come decides (FlinkConfigManager.getObserveConfig). The operator's own
// blue/green switch takes it of the active color, which still has the one of before.
func (Semantics) Savepoint(in planner.Input) flink.Carried {
	decides := in.New
	if in.Old != nil && in.OldForm == in.NewForm && in.NewForm.ByPlatform() {
		decides = *in.Old
	}
	if flink.NativeSavepoints(decides.FlinkConfiguration) {
		return flink.NativeSavepoint
	}
	return flink.CanonicalSavepoint
}

// WaitsFor names the fallback to the last state, where it is switched off.
func (Semantics) WaitsFor(in planner.Input) string {
	if disabled(in.New.FlinkConfiguration, keyLastStateFalls) {
		return keyLastStateFalls
	}
	return ""
}

// StopsIdleSessions implements planner.Semantics: the operator restarts a session cluster under
// its jobs.
func (Semantics) StopsIdleSessions() bool { return false }

// SwitchCosts implements planner.Semantics.
func (Semantics) SwitchCosts() string { return "" }

// KeySavepointCleanup switches off that the operator deletes what falls out of its history
// of savepoints.
const KeySavepointCleanup = "kubernetes.operator.savepoint.cleanup.enabled"

// KeepsSavepoints tells whether a configuration has the operator delete no savepoints of
// its history.
func KeepsSavepoints(configuration flink.Configuration) bool {
	return disabled(configuration, KeySavepointCleanup)
}

// clusterMode returns the mode that the operator reads: native when unset.
func clusterMode(spec flink.DeploymentSpec) string {
	if spec.Mode == nil || *spec.Mode == "" {
		return flink.ModeNative
	}
	return *spec.Mode
}

func is(path flink.Path, steps ...string) bool { return slices.Equal(path, steps) }

// disabled tells whether a configuration sets a boolean option to false.
func disabled(configuration flink.Configuration, key string) bool {
	value, given := configuration.Flag(key)
	return given && !value
}

// chosen tells whether a configuration sets an option to one of an enum's
// values, which Flink reads in any case.
func chosen(configuration flink.Configuration, key, want string) bool {
	value, ok := configuration.Get(key)
	return ok && strings.EqualFold(strings.TrimSpace(value), want)
}
