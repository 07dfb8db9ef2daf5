package vvp

import (
	"encoding/json"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// AnnotationUnfinished has the Mark of a change that is not seen through.
const AnnotationUnfinished = "flink-terraform.io/unfinished"

// Phase is how far a change has come.
type Phase string

const (
	// PhaseStop waits until the job has stopped, as the change asks or as the next phase
	// needs it.
	PhaseStop Phase = "stop"
	// PhaseStart waits until another job runs.
	PhaseStart Phase = "start"
)

// Mark is what has to be known of a change to go on with it, in this process or in another
// one. It stands beside what was written for it, so both are there or neither.
type Mark struct {
	// Action is that of the rollout.
	Action string `json:"action"`
	Phase  Phase  `json:"phase"`
	// Final is the state in which the Deployment shall end.
	Final string `json:"final"`
	// Job is the one before the change, empty for none.
	Job string `json:"job,omitempty"`
	// From is a path that has to be brought in before the job starts, empty for none, and
	// Brought tells that it was.
	From    string `json:"from,omitempty"`
	Brought bool   `json:"brought,omitempty"`
	// Restore is the kind of the restore strategy for this start, empty for that of the
	// specification.
	Restore string `json:"restore,omitempty"`
	// Mode is the upgrade mode that the strategies come to when the change is done, where
	// Restore is another one until then.
	Mode string `json:"mode,omitempty"`
	// Since is the server's time of the last write before the change.
	Since string `json:"since,omitempty"`
	// By tells the client that makes the change.
	By string `json:"by,omitempty"`
	// Wrote has the paths of the specification that was written, with its labels and
	// annotations below "metadata", and no values: what the server has filled in is not
	// among it.
	Wrote flink.Tree `json:"wrote,omitempty"`
}

// Shape is a specification without its values, as Mark.Wrote has it. A document is one value.
func Shape(spec flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range spec {
		inside, isTree := value.(flink.Tree)
		if !isTree || flink.IsDocument(key) {
			out[key] = nil
		} else {
			out[key] = Shape(inside)
		}
	}
	return out
}

// Written is, of what is observed of a Deployment, what was written for a change that is not seen
// through.
func (m Mark) Written(observed flink.Tree) flink.Tree { return within(observed, m.Wrote) }

// MarkOf reads the mark of a Deployment; false where it has none that can be read.
func MarkOf(deployment flink.Tree) (Mark, bool) {
	var mark Mark
	text, ok := at(deployment, "metadata", "annotations", AnnotationUnfinished).(string)
	return mark, ok && json.Unmarshal([]byte(text), &mark) == nil
}

// String is the text of AnnotationUnfinished.
func (m Mark) String() string {
	// Texts and booleans always have a JSON form.
	text, _ := json.Marshal(m)
	return string(text)
}

// Step is what comes next of a change.
type Step int

// The steps of a change.
const (
	// StepWait waits for the platform.
	StepWait Step = iota
	// StepBring brings the savepoint in that the job starts from.
	StepBring
	// StepCancel cancels what cannot be suspended and is to be dropped.
	StepCancel
	// StepStart asks for the job to run.
	StepStart
	// StepDone: the job is in the state that was asked for. Whether it works is another
	// question.
	StepDone
	// StepFailed: the platform has given up.
	StepFailed
	// StepOverruled: somebody else has asked for another state.
	StepOverruled
)

func (s Step) String() string {
	return [...]string{"wait", "bring", "cancel", "start", "done", "failed", "overruled"}[s]
}

// Seen is what a step depends on.
type Seen struct {
	// Desired and State are the state that the Deployment shall have, and the observed one.
	Desired, State string
	// Job is the one that runs, empty for none.
	Job string
}

// SeenOf reads a Deployment.
func SeenOf(deployment flink.Tree) Seen {
	job, _ := at(deployment, "status", "running", "jobId").(string)
	return Seen{Desired(deployment), State(deployment), job}
}

// stopped tells whether nothing runs and nothing is going to.
func stopped(state string) bool {
	return state == StateSuspended || state == StateCancelled
}

// Next is what comes next of a change, by what is seen of the Deployment. Transitions that
// nobody has seen are none: only where a job ends up counts.
func (m Mark) Next(seen Seen) Step {
	if m.Phase == PhaseStop {
		return m.stopping(seen)
	}
	switch {
	case seen.Desired != StateRunning:
		return StepOverruled
	case seen.State == StateFailed:
		return StepFailed
	case seen.State == StateFinished:
		return StepDone
	case seen.State == StateRunning && seen.Job != m.Job:
		return StepDone
	}
	return StepWait
}

func (m Mark) stopping(seen Seen) Step {
	switch {
	case seen.Desired == StateRunning:
		return StepOverruled
	case seen.State == StateFailed && seen.Desired == StateSuspended && m.From != "":
		return StepCancel
	case seen.State == StateFailed && seen.Desired == StateSuspended:
		// It stays so until the Deployment is cancelled.
		return StepFailed
	case seen.State == StateFinished && seen.Desired == StateSuspended && m.From != "":
		return StepCancel
	case seen.State == StateFinished && seen.Desired == StateSuspended:
		// The job came to its end before it could be stopped.
		return StepDone
	case !stopped(seen.State):
		return StepWait
	case m.Final != StateRunning:
		if seen.State != seen.Desired {
			return StepWait
		}
		return StepDone
	case m.From != "" && !m.Brought:
		return StepBring
	}
	return StepStart
}

// Settled tells whether the platform is not in the middle of a transition: what is asked for
// meanwhile has no defined outcome.
func Settled(state string) bool { return state != StateTransitioning && state != "" }
