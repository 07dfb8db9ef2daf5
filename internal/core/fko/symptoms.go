package fko

import (
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// symptom is what one status tells of a failure.
type symptom struct {
	kind     kind
	sentence string
}

// symptom reads the last status. It returns nil when nothing is wrong, or when
// what is wrong is older than what was written.
func (j *Judge) symptom(at time.Time) *symptom {
	s, f := j.last, j.last.Error
	current := s.Observed >= j.target.Generation
	if j.isInherited() {
		if at.Sub(j.since) < inheritedFor {
			return nil
		}
		j.record.fresh = true
	}
	if current && s.JobState == flink.StateFailed && s.LifecycleState == flink.LifecycleFailed {
		out := &symptom{kind: jobFailure, sentence: "the job failed"}
		if f != nil {
			out.sentence = f.Sentence()
		}
		if j.target.RestartsFailedJobs {
			out.kind = retried
		}
		return out
	}
	if f == nil {
		if current && s.JobManager == ManagerError {
			return &symptom{kind: podFailure, sentence: "the JobManager does not start"}
		}
		return nil
	}
	out := &symptom{sentence: f.Sentence()}
	switch {
	case f.IsJobNotFound(), f.isMount():
		out.kind = harmless
	case f.IsManualRestore():
		out.kind = final
	case f.IsValidation() && !current:
		out.kind = final
	case f.IsPod():
		// Before the operator takes the change up, the pods are the old ones.
		// Afterwards the text stays until the JobManager is ready, although
		// the pods have moved on.
		if current && s.JobManager == ManagerError {
			out.kind = podFailure
		}
	default:
		out.kind = retried
	}
	return out
}

// record collects symptoms over time: while the operator retries, errors come
// and go within seconds, so no single status is a failure or a recovery.
type record struct {
	// fresh tells that the error from before the write has gone.
	fresh  bool
	phases []phase
	now    *symptom
	// first is when symptoms of the present kind began, raised when the
	// present one came last, and count how often.
	kind   kind
	first  time.Time
	raised time.Time
	count  int
	// latest is the newest sentence, whether or not it still stands.
	latest string
}

// phase is how far a rollout has come. Symptoms of an earlier phase are
// overcome in a new one. One that comes back is none: after a first deployment
// that failed, operators before 1.8 take back that they have seen it, in turns.
type phase struct {
	current bool
	state   string
	running bool
}

func (r *record) take(at time.Time, status Status, now *symptom) {
	if now != nil || status.Error == nil {
		r.fresh = true
	}
	reached := phase{
		current: status.Observed >= status.Generation,
		state:   status.ReconciliationState,
		running: status.JobState == flink.StateRunning,
	}
	if !slices.Contains(r.phases, reached) {
		r.phases = append(r.phases, reached)
		r.count, r.now = 0, nil
	}
	if now != nil {
		r.latest = now.sentence
		if now.kind == harmless {
			now = nil
		}
	}
	if now != nil {
		if r.count == 0 || r.kind != now.kind {
			r.kind, r.first, r.count = now.kind, at, 0
		}
		if r.now == nil || r.now.sentence != now.sentence {
			r.raised = at
			r.count++
		}
	}
	r.now = now
}

// failed tells whether the symptoms are a failure at a time, and the cause.
func (r *record) failed(at time.Time, target Target) (string, bool) {
	if r.now == nil {
		return "", false
	}
	switch r.now.kind {
	case final, jobFailure:
		return r.now.sentence, true
	default:
		end := r.end(target)
		return r.now.sentence, !end.IsZero() && !at.Before(end)
	}
}

// end returns when the present symptom becomes a failure if nothing changes
// until then, or the zero time for never.
func (r *record) end(target Target) time.Time {
	if r.now == nil {
		return time.Time{}
	}
	grace := target.PodErrorGrace
	switch {
	case r.now.kind == podFailure && target.OperatorRollsBack:
		return time.Time{}
	case r.now.kind == podFailure && r.count > retries:
		// A container that crashes and starts again in turns.
		return r.first.Add(grace)
	case r.now.kind == podFailure:
		return r.raised.Add(grace)
	case r.count > retries:
		return r.first.Add(min(retryingFor, grace))
	default:
		return r.raised.Add(steadyFor)
	}
}

// because returns the newest symptom as the end of a sentence.
func (r *record) because() string {
	if r.latest == "" {
		return ""
	}
	return ": " + r.latest
}
