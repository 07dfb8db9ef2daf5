package vvp

import (
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// Program is how a change of a Deployment begins: the state that is written with the
// template, and how it goes on.
type Program struct {
	// Mark is nil for a change that is done when it is written.
	Mark *Mark
	// State is the desired state that is written first, empty to leave it as it is.
	State string
	// StrategiesFirst has the upgrade strategy written before the template, which is
	// upgraded by it.
	StrategiesFirst bool
	// Asked is job.state in the provider's words where the platform has another one for
	// now; empty otherwise.
	Asked string
	// Cancels tells that a job which may still have state is stopped without a savepoint.
	Cancels bool
}

// Begin returns the program of a rollout for a Deployment that is settled. spec is what it
// shall be.
func Begin(rollout planner.Rollout, spec flink.DeploymentSpec, seen Seen, since string) Program {
	final := StateRunning
	if spec.Job != nil {
		final = desired(ptr.Deref(spec.Job.State, flink.JobRunning))
	}
	mark := &Mark{Action: string(rollout.Action), Final: final, Job: seen.Job, Since: since, Phase: PhaseStop}
	switch {
	case rollout.Action == planner.ActionMetadata, rollout.Action == planner.ActionConfigOnly, rollout.Action == planner.ActionNone:
		return Program{}
	case final != StateRunning:
		return stop(mark, seen)
	}
	if rollout.Action == planner.ActionRedeploy || !wasDeployed(seen) || rollout.Action == planner.ActionCreate {
		mark.From = initialPath(spec)
	}
	switch {
	case mark.From != "":
		mark.Restore = RestoreLatestSavepoint
	case !rollout.State.GoesOn(), seen.State == StateFinished:
		// The savepoints of a job that came to its end are older than that.
		mark.Restore = RestoreNone
	}
	switch {
	case stopped(seen.State) && mark.From == "":
		mark.Phase = PhaseStart
		return Program{Mark: mark, State: StateRunning}
	case stopped(seen.State):
		return Program{Mark: mark}
	case seen.State == StateRunning && rollout.Action != planner.ActionRedeploy:
		// Also where it was planned for a job that did not run: somebody has started it since.
		mark.Phase, mark.Restore = PhaseStart, ""
		return Program{Mark: mark, State: StateRunning, StrategiesFirst: true}
	}
	if seen.State == StateRunning {
		// Its state is dropped with leave. A savepoint leads back, where one can be taken.
		return Program{Mark: mark, State: StateSuspended}
	}
	return Program{Mark: mark, State: StateCancelled, Cancels: seen.State == StateFailed && rollout.State.GoesOn() && mark.From == ""}
}

// stop is the program that ends with no job.
func stop(mark *Mark, seen Seen) Program {
	switch {
	case mark.Final == StateCancelled:
		return Program{Mark: mark, State: StateCancelled}
	case seen.State == StateRunning || seen.State == StateSuspended:
		return Program{Mark: mark, State: StateSuspended}
	}
	// The platform suspends only what runs.
	mark.Final = StateCancelled
	return Program{Mark: mark, State: StateCancelled, Asked: flink.JobSuspended, Cancels: seen.State == StateFailed}
}

// wasDeployed tells whether the state may be that of a job which ran before.
func wasDeployed(seen Seen) bool { return seen.State != StateCancelled && seen.State != "" }

func initialPath(spec flink.DeploymentSpec) string {
	if spec.Job == nil {
		return ""
	}
	return ptr.Deref(spec.Job.InitialSavepointPath, "")
}

// Create returns the program of a Deployment that does not exist: it is created without a
// job where a savepoint has to be brought in, or nothing shall run.
func Create(spec flink.DeploymentSpec) Program {
	if spec.Job == nil {
		return Program{}
	}
	final := desired(ptr.Deref(spec.Job.State, flink.JobRunning))
	mark := &Mark{Action: string(planner.ActionCreate), Phase: PhaseStart, Final: final}
	switch path := initialPath(spec); {
	case final != StateRunning:
		mark.Phase, mark.Final = PhaseStop, StateCancelled
		asked := ""
		if final == StateSuspended {
			asked = flink.JobSuspended
		}
		return Program{Mark: mark, State: StateCancelled, Asked: asked}
	case path != "":
		mark.Phase, mark.From, mark.Restore = PhaseStop, path, RestoreLatestSavepoint
		return Program{Mark: mark, State: StateCancelled}
	}
	return Program{Mark: mark, State: StateRunning}
}

// GoOnFrom has a program bring a savepoint in before the job starts, if one shall start.
func (p *Program) GoOnFrom(path string) {
	p.Mark.From = path
	if p.Mark.Final == StateRunning {
		p.Mark.Phase, p.Mark.Restore, p.State = PhaseStop, RestoreLatestSavepoint, StateCancelled
	}
}

// Cancel has a program stop without a savepoint a job that runs, which can give none and has no
// state beyond what it was started from.
func (p *Program) Cancel() {
	p.Mark.Phase, p.State, p.StrategiesFirst = PhaseStop, StateCancelled, false
}
