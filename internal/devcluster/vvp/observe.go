package vvp

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"time"
)

// observe implements follower: it looks at the job of a deployment that runs.
func (d *deployment) observe(ctx context.Context, s *Server, r *run) {
	var job Job
	s.locked(func() {
		if d.job != nil && state(r.o) == stateRunning {
			job = s.jobOf(r.sp, r.o, d.job)
		}
	})
	if job.ID == "" {
		return
	}
	seen, err := s.World.Observe(ctx, job)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		seen.Unreachable = err.Error()
	}
	s.locked(func() { d.see(s, r, seen) })
}

// see takes over what was observed.
func (d *deployment) see(s *Server, r *run, seen Observation) {
	started := part(d.job, "status", "started")
	if seen.Unreachable == "" {
		for range seen.Restarts - number(started, "observedFlinkJobRestarts", 0) {
			d.restarts = append(d.restarts, time.Now())
		}
		after := maps.Clone(started)
		after["observedFlinkJobRestarts"], after["observedFlinkJobStatus"], after["flinkJobId"] = seen.Restarts, seen.Status, seen.FlinkJobID
		if !reflect.DeepEqual(after, started) {
			after["lastUpdateTime"] = now()
			part(d.job, "status")["started"] = after
			touch(d.job)
		}
	}
	switch seen.Status {
	case "FINISHED":
		s.terminated(d.job, stateFinished)
		s.record(r.sp, r.o, d.job, "JOB_SUCCESSFULLY_FINISHED", "Job %s successfully finished.", id(d.job))
		s.record(r.sp, r.o, d.job, "TRANSITIONED_TO_FINISHED_STATE", "The deployment is %s.", stateFinished)
		r.o["status"] = object{"state": stateFinished}
		touch(r.o)
		return
	case "FAILED":
		s.failed(d.job, "JobFailed", seen.Failure)
		s.record(r.sp, r.o, d.job, "TERMINATING_A_JOB_DUE_TO_AN_UNRECOVERABLE_FAILURE", "Terminating job %s due to an unrecoverable failure: %s", id(d.job), seen.Failure)
		r.o["status"] = object{"state": stateFailed}
		touch(r.o)
		return
	}
	running := part(r.o, "status", "running")
	before, _ := running["conditions"].([]any)
	if after := conditions(before, time.Now(), d.restarts, seen.Unreachable); !reflect.DeepEqual(before, after) {
		running["conditions"] = after
		touch(r.o)
	}
}

// What makes a job one that fails, or that is unstable: so many restarts in that time.
const (
	restartsThatTell = 3
	failingWindow    = 10 * time.Minute
	unstableWindow   = 60 * time.Minute
)

// conditions are those of a deployment that runs, of which those that have not changed
// are as they were.
func conditions(before []any, at time.Time, restarts []time.Time, unreachable string) []any {
	within := func(window time.Duration) int {
		count := 0
		for _, restart := range restarts {
			if at.Sub(restart) < window {
				count++
			}
		}
		return count
	}
	out := []any{}
	tell := func(kind string, holds bool, message, reason string) {
		status := "False"
		if holds {
			status = "True"
		} else {
			message, reason = "", ""
		}
		for _, condition := range before {
			if is, _ := condition.(object); is["type"] == kind && is["status"] == status {
				out = append(out, is)
				return
			}
		}
		out = append(out, object{"type": kind, "status": status, "message": message, "reason": reason, "lastTransitionTime": now(), "lastUpdateTime": now()})
	}
	tell("ClusterUnreachable", unreachable != "", unreachable, "ClusterUnreachable")
	tell("JobFailing", within(failingWindow) >= restartsThatTell, fmt.Sprintf("The job has restarted at least %d times in %s.", restartsThatTell, failingWindow), "TooManyRestarts")
	tell("JobUnstable", within(unstableWindow) >= restartsThatTell, fmt.Sprintf("The job has restarted at least %d times in %s.", restartsThatTell, unstableWindow), "TooManyRestarts")
	return out
}
