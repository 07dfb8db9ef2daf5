package planner

import (
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// effect is what the operator does about one changed value; the strongest of a
// change decides (the operator's DiffType, annotations of its spec classes).
type effect int

const (
	// ignored: taken up without touching the job.
	ignored effect = iota
	// scales: the job is rescaled where it runs, if it can be.
	scales
	// restarts: the job is upgraded by its upgrade mode.
	restarts
)

// Configuration keys that decide what a change does.
const (
	keyOverrides        = "pipeline.jobvertex-parallelism-overrides"
	keySchedulerMode    = "scheduler-mode"
	keyScheduler        = "jobmanager.scheduler"
	keyInPlaceScaling   = "kubernetes.operator.job.upgrade.inplace-scaling.enabled"
	keyLastStateFalls   = "kubernetes.operator.job.upgrade.last-state-fallback.enabled"
	reactiveScheduler   = "reactive"
	adaptiveScheduler   = "adaptive"
	operatorKeyPrefix   = "kubernetes.operator"
	autoscalerKeyPrefix = "job.autoscaler"
	parallelismKey      = "parallelism.default"
)

// managerError is the JobManager's deployment status while its pods do not start.
const managerError = "ERROR"

// inPlaceSince is the first Flink version whose REST interface takes new
// resource requirements of a running job.
var inPlaceSince = flink.Version{Major: 1, Minor: 18}

// rolledBack tells whether the operator has put an earlier version back by
// itself. The object has the version that failed, so any other specification
// replaces it, and the operator restarts the job.
func (in Input) rolledBack() bool { return in.Status.LifecycleState == flink.LifecycleRolledBack }

// effectOf returns what the operator does about a change.
func (in Input) effectOf(change flink.Change) effect {
	path := change.Path
	standalone := clusterMode(in.New) == flink.ModeStandalone
	switch {
	case in.rolledBack():
		return restarts
	case len(path) == 2 && path[0] == "flinkConfiguration":
		return keyEffect(path[1], standalone)
	case samePath(path, "job", "upgradeMode"), samePath(path, "job", "allowNonRestoredState"):
		return ignored
	case samePath(path, "job", "initialSavepointPath"):
		// Read on the first deployment only. Later, see redeploys.
		if in.hasState() {
			return ignored
		}
		return restarts
	case path[0] == "ingress" && in.NewForm.BlueGreen():
		// It leads to whichever color is active, and is none of theirs.
		return ignored
	case samePath(path, "restartNonce"):
		if change.New == nil {
			return ignored
		}
		return restarts
	case samePath(path, "job", "parallelism"):
		if standalone {
			return scales
		}
		return restarts
	case samePath(path, "taskManager", "replicas"):
		// A whole object that comes or goes is not a matter of its fields.
		if standalone && in.Old.TaskManager != nil && in.New.TaskManager != nil {
			return scales
		}
		return restarts
	default:
		return restarts
	}
}

// keyEffect returns what the operator does about a changed configuration key.
// Like the operator, it compares prefixes as text.
func keyEffect(key string, standalone bool) effect {
	for _, prefix := range []string{operatorKeyPrefix, autoscalerKeyPrefix, parallelismKey} {
		if strings.HasPrefix(key, prefix) {
			return ignored
		}
	}
	if strings.HasPrefix(key, keyOverrides) && !standalone {
		return scales
	}
	return restarts
}

// scalesInPlace tells whether the operator can rescale the job where it runs;
// otherwise it upgrades it (NativeFlinkService.scale,
// StandaloneFlinkService.scale).
func (in Input) scalesInPlace() bool {
	configuration := in.New.FlinkConfiguration
	if clusterMode(in.New) == flink.ModeStandalone {
		return chosen(configuration, keySchedulerMode, reactiveScheduler)
	}
	version, err := flink.ParseVersion(text(in.New.FlinkVersion))
	if err != nil || !version.AtLeast(inPlaceSince) {
		return false
	}
	if !chosen(configuration, keyScheduler, adaptiveScheduler) || disabled(configuration, keyInPlaceScaling) {
		return false
	}
	if _, ok := configuration.Get(keyOverrides); !ok {
		return false
	}
	switch in.Status.JobState {
	case flink.StateFinished, flink.StateFailed, flink.StateCanceled, flink.StateReconciling:
		return false
	}
	return true
}
