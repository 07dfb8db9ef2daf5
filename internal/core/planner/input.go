package planner

import (
	"slices"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Origins names the layer that gave a value, for example
// "default of environment prod"; "" is the deployment itself.
type Origins interface {
	Of(path flink.Path) string
}

// Input is all that a decision depends on.
type Input struct {
	// Semantics is what the platform means.
	Semantics
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
	// Given says where a value was given that stands at a path of the
	// specification; nil when that is the path itself.
	Given func(flink.Path) flink.Path
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
	// AcceptStateRisk has the words of the risks to the state that are accepted
	// (flink.StateRisk.Accept), separated by commas.
	AcceptStateRisk string
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

// Findings are the errors and the warnings, in this order.
func (d Decision) Findings() []flink.Finding {
	return append(Findings(flink.Error, d.Errors), Findings(flink.Warning, d.Warnings)...)
}

// Findings are notices of a severity as findings.
func Findings(severity flink.Severity, notices []Notice) []flink.Finding {
	var out []flink.Finding
	for _, n := range notices {
		out = append(out, flink.Finding{Path: n.Path, Severity: severity, Summary: n.Summary, Detail: n.Detail})
	}
	return out
}

// Notice is a warning or an error about a value of the specification.
type Notice struct {
	// Path leads to the value in the specification.
	Path    flink.Path
	Summary string
	Detail  string
}

// Deployed tells whether the platform has ever taken a specification up.
func (in Input) Deployed() bool {
	return in.Status.Deployed || in.Status.SavepointPath != ""
}

// deleted tells whether somebody has deleted what ran the job, and the platform
// has nothing left of it but the object that leads to it.
func (in Input) deleted() bool { return in.Status.LifecycleState == flink.LifecycleDeleted }

// empty tells whether the job is known to have no state that a change could
// drop, and none that it could go on from. Where nobody has said where the state
// is, there may be some.
func (in Input) empty() bool {
	return !in.Deployed() || in.Status.StateLocation == flink.LocationNone
}

// finished tells whether the job came to its end by itself. One that is asked to
// stop may read so before the platform has noted why, and one that somebody
// stopped with a savepoint goes on from it.
func (in Input) finished() bool {
	return in.phase() == PhaseFinished && in.Old != nil && !suspended(*in.Old) && in.Status.StateLocation != flink.LocationPath
}

func (in Input) phase() Phase {
	phase, _ := in.Job(in.Status)
	return phase
}

// jobState is the platform's word for what the job does.
func (in Input) jobState() string {
	_, word := in.Job(in.Status)
	return word
}

// down tells whether the job is known not to run.
func (in Input) down() bool {
	phase := in.phase()
	return phase != PhaseUnknown && phase != PhaseRunning
}

// suspended tells whether a specification wants its job not to run: one that is
// cancelled does not either.
func suspended(spec flink.DeploymentSpec) bool {
	return spec.Job != nil && ptr.Deref(spec.Job.State, "") == flink.JobSuspended || cancelled(spec)
}

// cancelled tells whether a specification wants its job stopped without a savepoint.
func cancelled(spec flink.DeploymentSpec) bool {
	return spec.Job != nil && ptr.Deref(spec.Job.State, "") == flink.JobCancelled
}

// upgradeMode returns the mode of a specification: stateless when unset.
func upgradeMode(spec flink.DeploymentSpec) string {
	if spec.Job == nil || ptr.Deref(spec.Job.UpgradeMode, "") == "" {
		return flink.UpgradeStateless
	}
	return *spec.Job.UpgradeMode
}

func initialSavepointPath(spec flink.DeploymentSpec) string {
	if spec.Job == nil {
		return ""
	}
	return ptr.Deref(spec.Job.InitialSavepointPath, "")
}

func samePath(path flink.Path, steps ...string) bool { return slices.Equal(path, steps) }
