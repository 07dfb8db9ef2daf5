package planner

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// Effect is what a platform does about one changed value; the strongest of a
// change decides.
type Effect int

const (
	// Ignored is taken up without touching the job.
	Ignored Effect = iota
	// Scales rescales the job where it runs, if it can be.
	Scales
	// Restarts upgrades the job by its upgrade mode.
	Restarts
	// Recreates is refused in place: it needs another object. Another color is one.
	Recreates
)

// Phase is what a job does, as far as a plan depends on it.
type Phase int

const (
	// PhaseUnknown is that of a job of which the platform says nothing.
	PhaseUnknown Phase = iota
	// PhaseRunning is that of a job that runs.
	PhaseRunning
	// PhaseDown is that of a job that does not run and may come up by itself.
	PhaseDown
	// PhaseFailed is that of a job that ended without being asked to.
	PhaseFailed
	// PhaseFinished is that of a job that came to its end, and not for the
	// platform's sake.
	PhaseFinished
)

// Stateless is a Semantics that knows of things which run and are no jobs of Flink.
type Stateless interface {
	// KeepsNothing tells whether what a specification runs has no state that Flink keeps: it is
	// restarted as it is, and has nothing to lose.
	KeepsNothing(spec flink.DeploymentSpec) bool
}

// Semantics is what a platform means: what it does about a change, and what its
// words for a status tell. It is pure, so a plan needs no platform.
type Semantics interface {
	// Subject names the platform at the beginning of a sentence. The article of one
	// that has no proper name is written in lower case elsewhere.
	Subject() string
	// Job returns the phase of a job, and the platform's word for it.
	Job(flink.Status) (Phase, string)
	// Effect is what the platform does about one changed value.
	Effect(flink.Change, Input) Effect
	// OverruledBy returns the path of the value that the platform uses in place of the
	// one at a path of a specification; nil when it uses that one.
	OverruledBy(path flink.Path, spec flink.DeploymentSpec) flink.Path
	// Savepoint is how the savepoint that an upgrade takes carries the state.
	Savepoint(Input) flink.Carried
	// Rescales tells how the platform rescales the job where it runs; false where
	// it cannot, and upgrades the job.
	Rescales(Input) (Rescale, bool)
	// WaitsFor names the setting by which an upgrade with a savepoint waits for a
	// job that does not run, instead of taking its last checkpoint; empty when it
	// does not wait.
	WaitsFor(Input) string
	// StopsIdleSessions tells whether the platform stops a session cluster only when
	// no job runs on it.
	StopsIdleSessions() bool
	// SwitchCosts says, as a sentence, what the two versions of a blue/green switch cost on
	// the platform beside what they need of the cluster; empty for nothing.
	SwitchCosts() string
}
