// Package planner decides what a change does to a running job: from the old and
// the new specification, the upgrade mode and the last known status to a
// Rollout. It is pure, so a plan needs no cluster.
package planner

import "time"

// Action is what a change does to the job.
type Action string

// The actions, in the words of the attribute rollout.action.
const (
	ActionCreate       Action = "create"
	ActionNone         Action = "none"
	ActionMetadata     Action = "metadata"
	ActionConfigOnly   Action = "config_only"
	ActionScaleInPlace Action = "scale_in_place"
	ActionSavepoint    Action = "savepoint_upgrade"
	ActionLastState    Action = "last_state_upgrade"
	ActionStateless    Action = "stateless_restart"
	ActionRedeploy     Action = "redeploy_from_savepoint"
	ActionSuspend      Action = "suspend"
	ActionResume       Action = "resume"
	ActionBlueGreen    Action = "blue_green"
	ActionRerun        Action = "rerun"
	ActionDeferred     Action = "deferred"
	ActionRecreate     Action = "recreate"
)

// State is what becomes of the job's state.
type State string

// The fates of a job's state, in the words of the attribute rollout.state.
const (
	StateKept  State = "kept"
	StateLost  State = "lost"
	StateFresh State = "fresh"
	StateNone  State = "none"
	// StateAtRisk is that of a state that goes on, and of which nobody promises that
	// it restores, or comes back with the same values.
	StateAtRisk State = "at_risk"
)

// GoesOn tells whether the job of after starts from the state of before.
func (s State) GoesOn() bool { return s == StateKept || s == StateAtRisk }

// Fate is what an action does to the state of a job that has one, where the
// change that caused it is not known. A change that drops the state for another
// reason than its action, or puts it at risk, was refused, or allowed by its
// configuration.
func (a Action) Fate() State {
	switch a {
	case ActionStateless, ActionRedeploy:
		return StateLost
	case ActionCreate, ActionRerun:
		return StateFresh
	case ActionNone, ActionMetadata:
		return StateNone
	default:
		return StateKept
	}
}

// Rollout is the consequence of a change: planned before, recorded after.
type Rollout struct {
	// Revision counts up with every action; a deployment begins with 1.
	Revision int64
	Action   Action
	// Because lists the attribute paths that cause the action, each with its
	// origin when the deployment itself does not say it, for example
	// `flink_configuration["state.backend.type"] (default of environment prod)`.
	Because  []string
	State    State
	Downtime bool
	// Summary is one line that begins with the revision: `#4 savepoint upgrade: …`.
	Summary string
	// ProveFor is how long what was rolled out has to run without a restart,
	// unless its first checkpoint completes before; zero asks for no proof. It is
	// not recorded.
	ProveFor time.Duration
}
