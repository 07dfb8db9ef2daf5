package fko

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Configuration keys that decide whether a job is rescaled where it runs, and their
// values.
const (
	keySchedulerMode  = "scheduler-mode"
	keyScheduler      = "jobmanager.scheduler"
	keyInPlaceScaling = "kubernetes.operator.job.upgrade.inplace-scaling.enabled"
	reactiveScheduler = "reactive"
	adaptiveScheduler = "adaptive"
)

// What rescaling depends on in Flink, by the first version that has it.
var (
	// inPlaceSince has a REST interface that takes new resource requirements of a
	// running job (JobResourcesRequirementsUpdateHeaders).
	inPlaceSince = flink.Version{Major: 1, Minor: 18}
	// cooldownSince keeps a time between two restarts for rescaling
	// (JobManagerOptions.SCHEDULER_SCALING_INTERVAL_MIN: 30 s), and renamedSince has
	// another key for it.
	cooldownSince = flink.Version{Major: 1, Minor: 19}
	renamedSince  = flink.Version{Major: 2, Minor: 0}
	// afterCheckpointSince waits for a checkpoint before it restarts the tasks
	// (DefaultStateTransitionManager, triggered by AdaptiveScheduler's
	// CheckpointStatsListener).
	afterCheckpointSince = flink.Version{Major: 2, Minor: 0}
)

// Rescales is NativeFlinkService.scale and StandaloneFlinkService.scale of the
// operator, 1.7 to 1.16, and what Flink's AdaptiveScheduler does then. Operators
// since 1.8 say that the job is deployed as soon as the JobManager has been asked.
func (Semantics) Rescales(in planner.Input) (planner.Rescale, bool) {
	configuration := in.New.FlinkConfiguration
	version, known := in.New.Version()
	how := planner.Rescale{NextCheckpoint: known && version.AtLeast(afterCheckpointSince)}
	if clusterMode(in.New) == flink.ModeStandalone {
		how.Does, how.When = "changes the number of TaskManagers", "that number of them is there"+cooldown(version, known)
		return how, chosen(configuration, keySchedulerMode, reactiveScheduler)
	}
	how.Does, how.When = "asks the JobManager for the other parallelism", "there are slots for it"+cooldown(version, known)
	if !known || !version.AtLeast(inPlaceSince) {
		return how, false
	}
	if !chosen(configuration, keyScheduler, adaptiveScheduler) || disabled(configuration, keyInPlaceScaling) {
		return how, false
	}
	switch in.Status.JobState {
	case flink.StateFinished, flink.StateFailed, flink.StateCanceled, flink.StateReconciling:
		return how, false
	}
	return how, overridesRemain(in)
}

// cooldown is what a job waits for beside its slots.
func cooldown(version flink.Version, known bool) string {
	switch {
	case !known || !version.AtLeast(cooldownSince):
		return ""
	case version.AtLeast(renamedSince):
		return " (and jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling has passed since its last start, by default 30 s)"
	}
	return " (and jobmanager.adaptive-scheduler.scaling-interval.min has passed since its last start, by default 30 s)"
}

// overridesRemain tells whether each vertex that had a parallelism of its own still
// has one: the operator upgrades the job when one is gone.
func overridesRemain(in planner.Input) bool {
	if _, ok := in.New.FlinkConfiguration.Get(flink.KeyParallelismOverrides); !ok {
		return false
	}
	wanted := overrides(in.New.FlinkConfiguration)
	for vertex := range overrides(in.Old.FlinkConfiguration) {
		if _, ok := wanted[vertex]; !ok {
			return false
		}
	}
	return true
}

// Parallelism is that of each vertex of the job graph which a specification gives
// one of its own (pipeline.jobvertex-parallelism-overrides), by its hexadecimal id;
// empty in standalone mode, where the number of slots decides.
func Parallelism(spec flink.DeploymentSpec) map[string]int {
	if clusterMode(spec) == flink.ModeStandalone {
		return nil
	}
	return overrides(spec.FlinkConfiguration)
}

// ReactiveSlots is how many slots a job in reactive mode has when its TaskManagers are
// there; each vertex takes as many of them as its max parallelism allows (Flink's
// AdaptiveScheduler). False for another job, and where the number is not known.
func ReactiveSlots(spec flink.DeploymentSpec) (int64, bool) {
	if clusterMode(spec) != flink.ModeStandalone || !chosen(spec.FlinkConfiguration, keySchedulerMode, reactiveScheduler) {
		return 0, false
	}
	return flink.Slots(spec)
}

// overrides is the parallelism of each vertex that has one of its own; none where they
// cannot be read, which a plan refuses.
func overrides(c flink.Configuration) map[string]int {
	found := map[string]int{}
	own, _ := flink.ParallelismOverrides(c)
	for _, o := range own {
		found[o.Vertex] = int(o.Parallelism)
	}
	return found
}
