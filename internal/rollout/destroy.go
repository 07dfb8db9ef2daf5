package rollout

import (
	"cmp"
	"fmt"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Destroy says what a destroy does to a job and its state. fresh tells whether the
// status is from this run.
func Destroy(rules platform.Rules, name string, spec flink.DeploymentSpec, status flink.Status, choices Choices, fresh bool) []flink.Finding {
	if spec.IsSessionCluster() || !status.Deployed {
		return nil
	}
	phase, word := rules.Job(status)
	runs := phase == planner.PhaseRunning
	var out []flink.Finding
	warn := func(summary, detail string) { out = append(out, warning(nil, summary, detail)...) }
	if !planner.TakesSavepoints(rules) {
		if runs || !fresh && status.StateLocation != flink.LocationNone {
			warn(fmt.Sprintf("The job %q will be destroyed", name),
				rules.Subject()+" takes no savepoint. Where the job has high availability, what leads to its newest checkpoint stays, and the destroy says where; without it, its state is lost.")
		}
		return out
	}
	const remedy = "Set savepoint_on_destroy = true and configure a savepoint directory (execution.checkpointing.savepoint-dir) to keep it."
	directory, takes := SavepointDirectory(spec)
	switch takes = takes && choices.SavepointOnDestroy; {
	case status.StateLocation == flink.LocationNone && !runs:
	case !fresh && takes && runs:
		warn(ifItRuns(name), fmt.Sprintf("It was %s when it was last refreshed. ", word)+stops(rules, directory))
	case !fresh && takes:
		warn(ifItRuns(name), stateOfStopped(choices, status))
	case !fresh:
		warn(fmt.Sprintf("The job %q will be destroyed without a savepoint", name),
			"If it runs, its state is lost. "+remedy)
	case runs && takes:
		warn(fmt.Sprintf("The job %q will be stopped with a savepoint and destroyed", name),
			stops(rules, directory))
	case runs:
		warn(fmt.Sprintf("The job %q will be destroyed without a savepoint", name), "Its state is lost. "+remedy)
	default:
		warn(fmt.Sprintf("The job %q does not run and will be destroyed", name), stateOfStopped(choices, status))
	}
	return out
}

func ifItRuns(name string) string {
	return fmt.Sprintf("The job %q will be destroyed, with a savepoint if it runs", name)
}

// stops says how a job is stopped.
func stops(rules platform.Rules, directory string) string {
	return rules.Subject() + fmt.Sprintf(" writes the savepoint to %s; the path is reported when it is done. To stop the job and keep its deployment, set job.state = %q instead.", directory, flink.JobSuspended)
}

// stateOfStopped says what is known of the state of a job that does not run, and
// what a destroy does about it.
func stateOfStopped(choices Choices, status flink.Status) string {
	seen := fmt.Sprintf("It was %s when it was last refreshed (lifecycle state %s). No savepoint can be taken of a job that does not run.", cmp.Or(status.JobState, "nowhere"), cmp.Or(status.LifecycleState, "unknown"))
	const remedy = " To start from it again, set job.initial_savepoint_path."
	switch {
	case status.StateLocation == flink.LocationPath:
		return fmt.Sprintf("%s Its state is in %s, which stays.%s", seen, status.SavepointPath, remedy)
	case status.SavepointPath != "":
		return fmt.Sprintf("%s The newest savepoint or checkpoint that is known is %s, which stays. There may be a newer checkpoint in its checkpoint directory.%s", seen, status.SavepointPath, remedy)
	case choices.SavepointOnDestroy && !choices.AllowStateLoss:
		return seen + " No path of its state is known. If none is found, the destroy is refused until upgrade.allow_state_loss = true is applied, or savepoint_on_destroy = false."
	}
	return seen + " No path of its state is known, so the state is lost, unless there is a checkpoint in its checkpoint directory."
}

// SavepointDirectory names where savepoints of a specification's job go, and
// tells whether one can be taken. The directory may come from the platform's own
// configuration, or of a session job from its session cluster: that the job is
// upgraded by savepoints says that there is one, or the platform had refused it.
func SavepointDirectory(spec flink.DeploymentSpec) (name string, takes bool) {
	if directory := flink.SavepointDirectory(spec.FlinkConfiguration); directory != "" {
		return directory, true
	}
	takes = spec.Job != nil && ptr.Deref(spec.Job.UpgradeMode, "") == flink.UpgradeSavepoint
	if spec.IsSessionJob() {
		return "the directory of the session cluster " + ptr.Deref(spec.DeploymentName, ""), takes
	}
	return "the directory of its own configuration", takes
}
