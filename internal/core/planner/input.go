package planner

import (
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Origins names the layer that gave a value, for example
// "default of environment prod"; "" is the deployment itself.
type Origins interface {
	Of(path flink.Path) string
}

// Input is all that a decision depends on.
type Input struct {
	// Name is the deployment's name, for messages.
	Name string
	// Revision is that of the rollout before, 0 for none.
	Revision int64
	// Old is the specification that the platform has, drift included; nil when
	// the object does not exist. Differences are taken from what is there, so
	// putting drift back is a change like any other.
	Old *flink.DeploymentSpec
	// New is the specification to come, after expansion.
	New flink.DeploymentSpec
	// Origins are those of New; nil when the deployment says everything.
	Origins Origins
	// OldOrigins are those of Old, when known. They name the layer that stopped
	// saying something.
	OldOrigins Origins
	// Provider are the attribute paths of changed labels, annotations and
	// settings of the provider's own, which the platform's job does not see.
	Provider []string
	// OldForm is of which objects the deployment consists, and NewForm of which
	// it shall.
	OldForm, NewForm flink.Form
	// Status is what was last observed.
	Status flink.Status
	// AllowStateLoss lets a change drop state that exists.
	AllowStateLoss bool
	// OffersBlueGreen lets messages recommend upgrade.strategy = "blue_green".
	OffersBlueGreen bool
}

// Decision is what a change does, and what to tell about it.
type Decision struct {
	// Rollout has the action. With ActionNone there is nothing to record: the
	// caller keeps the rollout that it has.
	Rollout Rollout
	// Warnings tell of downtime and of state that will be dropped.
	Warnings []Notice
	// Errors forbid the change.
	Errors []Notice
}

// Notice is a warning or an error about a value of the specification.
type Notice struct {
	// Path leads to the value in the specification.
	Path flink.Path
	// Attribute is the same as a Terraform attribute path.
	Attribute string
	Summary   string
	Detail    string
}

// lastStatePlaceholder stands in status.jobStatus.upgradeSavepointPath for the
// checkpoint that the high-availability metadata know (the operator's
// AbstractJobReconciler.LAST_STATE_DUMMY_SP_PATH).
const lastStatePlaceholder = "KUBERNETES_OPERATOR_LAST_STATE"

// savepointPath returns the path from which the job can be restored, "" for
// none that is known.
func (in Input) savepointPath() string {
	if in.Status.SavepointPath == lastStatePlaceholder {
		return ""
	}
	return in.Status.SavepointPath
}

// hasState tells whether state may exist that a change could drop.
func (in Input) hasState() bool {
	return in.Status.Deployed || in.Status.SavepointPath != ""
}

// finished tells whether the job came to its end by itself. One that is asked to
// stop may read FINISHED before the operator has noted why.
func (in Input) finished() bool {
	return in.Status.Finished() && in.Old != nil && !suspended(*in.Old)
}

// terminated tells whether the job ended without being asked to.
func (in Input) terminated() bool {
	return in.Status.JobState == flink.StateFailed || in.Status.JobState == flink.StateCanceled
}

// jobState names the state of a job that does not run. One that the operator has
// stopped reads FINISHED until it is deployed again.
func (in Input) jobState() string {
	switch {
	case in.Status.LifecycleState == flink.LifecycleSuspended:
		return flink.StateSuspended
	case in.Status.JobState == flink.StateFinished && !in.Status.Finished() && in.Status.LifecycleState != "":
		return in.Status.LifecycleState
	default:
		return in.Status.JobState
	}
}

// down tells whether the job is known not to run.
func (in Input) down() bool {
	return in.Status.JobState != "" && in.Status.JobState != flink.StateRunning
}

func suspended(spec flink.DeploymentSpec) bool {
	return spec.Job != nil && text(spec.Job.State) == flink.JobSuspended
}

// upgradeMode returns the mode that the operator reads: stateless when unset
// (JobSpec.upgradeMode).
func upgradeMode(spec flink.DeploymentSpec) string {
	if spec.Job == nil || text(spec.Job.UpgradeMode) == "" {
		return flink.UpgradeStateless
	}
	return *spec.Job.UpgradeMode
}

// clusterMode returns the mode that the operator reads: native when unset.
func clusterMode(spec flink.DeploymentSpec) string {
	if text(spec.Mode) == "" {
		return flink.ModeNative
	}
	return *spec.Mode
}

func initialSavepointPath(spec flink.DeploymentSpec) string {
	if spec.Job == nil {
		return ""
	}
	return text(spec.Job.InitialSavepointPath)
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func samePath(path flink.Path, steps ...string) bool { return slices.Equal(path, steps) }

// disabled tells whether a configuration sets a boolean option to false.
func disabled(configuration flink.Configuration, key string) bool {
	value, ok := configuration.Get(key)
	return ok && strings.EqualFold(strings.TrimSpace(value), "false")
}

// chosen tells whether a configuration sets an option to one of an enum's
// values, which Flink reads in any case.
func chosen(configuration flink.Configuration, key, want string) bool {
	value, ok := configuration.Get(key)
	return ok && strings.EqualFold(strings.TrimSpace(value), want)
}
