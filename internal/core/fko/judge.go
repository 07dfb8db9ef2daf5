package fko

import (
	"fmt"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// defaultPodErrorGrace is how long pods may stay broken before that is a
// failure: long enough for a registry or a node that is slow to come back.
const defaultPodErrorGrace = 2 * time.Minute

const (
	// inheritedFor is how long an error from before the write is taken for an
	// old one. The operator takes a change up within seconds, and within one
	// reconcile interval at worst; if the same error still stands after this
	// time it has been found again, which the status does not show.
	inheritedFor = 30 * time.Second
	// retries is how often an error that comes and goes must have come back.
	retries = 3
	// retryingFor is the least time between its first and last coming.
	retryingFor = 15 * time.Second
	// steadyFor is how long such an error stands when it does not go away.
	steadyFor = 2 * time.Minute
)

// Target is what was written and what shall come of it.
type Target struct {
	UID string
	// Generation is metadata.generation as the write returned it.
	Generation int64
	Want       Want
	// Steady takes the place of Acknowledged when the operator restarts the job
	// all the same.
	Steady Want
	// SessionJob is true for a FlinkSessionJob, which has no JobManager of
	// its own.
	SessionJob bool
	// Inherited is the sentence of the error that the status had when the
	// specification was written. It says nothing about what was written.
	Inherited string
	// RestartsFailedJobs tells that the operator deploys a failed job again
	// (kubernetes.operator.job.restart.failed).
	RestartsFailedJobs bool
	// OperatorRollsBack tells that the operator goes back by itself when the
	// pods do not start (kubernetes.operator.deployment.rollback.enabled). It
	// is then left to it when to give up.
	OperatorRollsBack bool
	// PodErrorGrace replaces defaultPodErrorGrace when it is not zero.
	PodErrorGrace time.Duration
}

// Progress is the state of a wait.
type Progress int

// Waiting may still become Done or Failed; those two are the end.
const (
	Waiting Progress = iota
	Done
	Failed
)

func (p Progress) String() string { return [...]string{"waiting", "done", "failed"}[p] }

// Verdict is what a Judge makes of all it has seen.
type Verdict struct {
	Progress
	// Cause says why it failed, or what is still missing.
	Cause string
	// RolledBack tells that the operator itself went back to the last good
	// specification, whose job may still be starting.
	RolledBack bool
}

// Judge decides from a sequence of statuses whether what was written runs. It
// has no clock: the caller says what time it is. A verdict other than Waiting
// stays.
type Judge struct {
	target  Target
	since   time.Time
	last    Status
	seen    bool
	verdict Verdict
	record  record
}

// NewJudge returns a judge that has seen nothing.
func NewJudge(target Target) *Judge {
	if target.PodErrorGrace == 0 {
		target.PodErrorGrace = defaultPodErrorGrace
	}
	j := &Judge{target: target}
	if target.Want == Deferred {
		j.verdict = Verdict{Progress: Done}
	} else {
		j.verdict = j.waiting()
	}
	return j
}

// Verdict returns the last verdict.
func (j *Judge) Verdict() Verdict { return j.verdict }

// Target returns what the judge waits for.
func (j *Judge) Target() Target { return j.target }

// Retarget moves the target to a later generation, when the object's
// specification was written again without touching what was applied: operators
// before 1.8 add their defaults to it together with the finalizer.
func (j *Judge) Retarget(generation int64) { j.target.Generation = generation }

// See takes note of a status and returns the verdict.
func (j *Judge) See(at time.Time, status Status) Verdict {
	if j.verdict.Progress != Waiting {
		return j.verdict
	}
	switch {
	case j.target.UID != "" && status.UID != "" && status.UID != j.target.UID:
		return j.end(Failed, "the object was deleted and another one of the same name was created")
	case status.Generation < j.target.Generation:
		// A version from before the write.
		return j.verdict
	case status.Deleting:
		// The request to delete raises the generation too, so nothing else
		// of such an object can be trusted.
		return j.end(Failed, "the object is being deleted")
	}
	if !j.seen {
		j.seen, j.since = true, at
	}
	j.last = status
	if j.target.Want == Acknowledged && status.Observed >= j.target.Generation && status.ReconciliationState == ReconcileUpgrading {
		j.target.Want = j.target.Steady
	}
	j.record.take(at, status, j.symptom(at))
	return j.judge(at)
}

// Tick returns the verdict at a later time without news.
func (j *Judge) Tick(at time.Time) Verdict {
	if j.verdict.Progress != Waiting || !j.seen {
		return j.verdict
	}
	// An error that was taken for an old one may have become a new one.
	j.record.take(at, j.last, j.symptom(at))
	return j.judge(at)
}

// Next returns the earliest time at which Tick may return another verdict, or
// the zero time when only a new status can.
func (j *Judge) Next() time.Time {
	if j.verdict.Progress != Waiting || !j.seen {
		return time.Time{}
	}
	if j.isInherited() && j.last.Error != nil {
		return j.since.Add(inheritedFor)
	}
	return j.record.end(j.target)
}

func (j *Judge) judge(at time.Time) Verdict {
	s, current := j.last, j.last.Observed >= j.target.Generation
	if j.isDone(current) {
		return j.end(Done, "")
	}
	if s.LifecycleState == flink.LifecycleRolledBack && current {
		v := j.end(Failed, "the operator rolled the change back"+j.record.because())
		j.verdict.RolledBack = true
		v.RolledBack = true
		return v
	}
	if cause, failed := j.record.failed(at, j.target); failed {
		return j.end(Failed, cause)
	}
	j.verdict = j.waiting()
	return j.verdict
}

// isDone is the test for a specification that is rolled out. Every part of it
// is needed: the operator says STABLE before the job runs whenever it goes back
// to the last good specification, and the status of the old specification
// stands for a while after the write.
func (j *Judge) isDone(current bool) bool {
	s := j.last
	if !current {
		return false
	}
	steady := s.ReconciliationState == ReconcileDeployed && s.LifecycleState == flink.LifecycleStable && s.Error == nil
	manager := s.JobManager == ManagerReady || j.target.SessionJob
	switch j.target.Want {
	case Acknowledged, Deferred:
		return true
	case Launched:
		return s.ReconciliationState == ReconcileDeployed
	case Suspended:
		return s.LifecycleState == flink.LifecycleSuspended
	case SessionReady:
		// The job status of a session cluster means nothing.
		return steady && manager
	default:
		return steady && manager && (s.JobState == flink.StateRunning || s.JobState == flink.StateFinished)
	}
}

func (j *Judge) end(progress Progress, cause string) Verdict {
	j.verdict = Verdict{Progress: progress, Cause: cause}
	return j.verdict
}

// isInherited tells that the status still has the error from before the write.
func (j *Judge) isInherited() bool {
	return !j.record.fresh && j.last.Error != nil && j.last.Error.Sentence() == j.target.Inherited
}

// waiting is the verdict while nothing is decided: what is missing.
func (j *Judge) waiting() Verdict {
	s := j.last
	v := Verdict{Progress: Waiting}
	switch {
	case !j.seen:
		v.Cause = fmt.Sprintf("generation %d has not been seen yet", j.target.Generation)
	case s.Observed < j.target.Generation:
		v.Cause = fmt.Sprintf("the operator has not taken up generation %d", j.target.Generation)
	case j.record.latest != "":
		v.Cause = s.WithoutError().String()
	default:
		v.Cause = s.String()
	}
	v.Cause += j.record.because()
	return v
}
