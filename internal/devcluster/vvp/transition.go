package vvp

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// deployment follows a deployment.
type deployment struct {
	// template is what the last job was made from, and job that one, nil for none that
	// has to be ended.
	template, job object
	// idle is a desired state that nothing could be done about.
	idle string
	// restarts are when the job has restarted.
	restarts []time.Time
}

// next implements follower. Only a changed template, or another state, needs a
// transition.
func (d *deployment) next(s *Server, r *run) func(context.Context) {
	spec := part(r.o, "spec")
	desired, is := text(spec, "state"), state(r.o)
	if desired != d.idle {
		d.idle = ""
	}
	t := &transition{s: s, r: r, d: d, spec: clone(spec), from: is, to: desired}
	switch changed := !reflect.DeepEqual(clone(part(spec, "template")), d.template); {
	case desired == is, is == stateFailed && desired != stateCancelled:
		if desired != stateRunning || is != stateRunning || !changed {
			return nil
		}
		if text(part(spec, "upgradeStrategy"), "kind") == kindNone {
			return nil
		}
		return t.upgrade
	case desired == stateRunning && is == stateFinished:
		if !changed || text(part(spec, "upgradeStrategy"), "kind") == kindNone {
			return nil
		}
		return t.start
	case desired == stateRunning:
		return t.start
	case desired == stateCancelled:
		return t.cancel
	case d.job == nil || is != stateRunning:
		if d.idle == desired {
			return nil
		}
		d.idle = desired
		return func(context.Context) {
			t.event("COULD_NOT_FIND_A_JOB_TO_SUSPEND", "Could not find a job to suspend.")
		}
	}
	return t.suspend
}

// transition brings a deployment from one state to another. What it goes by is the
// specification of its beginning.
type transition struct {
	s        *Server
	r        *run
	d        *deployment
	spec     object
	from, to string
}

// event records an event of the deployment and of its job.
func (t *transition) event(name, format string, args ...any) {
	t.s.locked(func() { t.s.record(t.r.sp, t.r.o, t.d.job, name, format, args...) })
}

// begin shows that the deployment is in a transition.
func (t *transition) begin(ctx context.Context) {
	slow := ""
	t.s.locked(func() {
		o := t.r.o
		o["status"] = object{"state": stateTransitioning}
		annotations := part(o, "metadata", "annotations")
		annotations[transitioning], annotations[transitionSince] = "true", strconv.FormatInt(time.Now().UnixMilli(), 10)
		slow = text(annotations, annotationSlow)
		touch(o)
	})
	t.event("STATE_TRANSITION_IS_NEEDED", "A state transition from %s to %s is needed.", t.from, t.to)
	if longer, err := time.ParseDuration(slow); err == nil {
		_ = pause(ctx, longer)
	}
}

// end shows the state in which the transition has ended.
func (t *transition) end(state string) {
	t.s.locked(func() {
		status := object{"state": state}
		if state == stateRunning {
			status["running"] = object{"jobId": id(t.d.job), "transitionTime": now(), "conditions": conditions(nil, time.Now(), nil, "")}
		}
		t.settle(status)
		t.s.record(t.r.sp, t.r.o, t.d.job, "STATE_TRANSITION_IS_COMPLETED", "The state transition to %s is completed.", state)
	})
}

// fail shows that the transition has failed, by the event that says why.
func (t *transition) fail(name, format string, args ...any) {
	t.event(name, format, args...)
	t.s.locked(func() { t.settle(object{"state": stateFailed}) })
}

func (t *transition) settle(status object) {
	t.r.o["status"] = status
	annotations := part(t.r.o, "metadata", "annotations")
	annotations[transitioning] = "false"
	delete(annotations, transitionSince)
	touch(t.r.o)
}

// upgrade replaces a job by one of the template as it is now.
func (t *transition) upgrade(ctx context.Context) {
	t.begin(ctx)
	strategy := text(part(t.spec, "upgradeStrategy"), "kind")
	t.event("USING_AN_UPGRADE_STRATEGY", "Using the upgrade strategy %s.", strategy)
	if strategy == upgradeStateless {
		if !t.terminate(ctx) {
			return
		}
	} else if !t.stop(ctx, "SUSPEND_AND_UPGRADE") {
		return
	}
	t.create(ctx)
}

// suspend ends a job with a savepoint.
func (t *transition) suspend(ctx context.Context) {
	t.begin(ctx)
	if t.stop(ctx, "SUSPEND") {
		t.end(stateSuspended)
	}
}

// cancel ends a job without one.
func (t *transition) cancel(ctx context.Context) {
	t.begin(ctx)
	if t.terminate(ctx) {
		t.end(stateCancelled)
	}
}

// start runs a job where there is none.
func (t *transition) start(ctx context.Context) {
	t.begin(ctx)
	// One that has finished still has its cluster.
	if t.terminate(ctx) {
		t.create(ctx)
	}
}

// stop ends the job with a savepoint, and tells whether it did.
func (t *transition) stop(ctx context.Context, origin string) bool {
	if savepointDirectory(part(t.d.job, "spec")) == "" {
		t.fail("JOB_IS_NOT_CONFIGURED_WITH_SAVEPOINT_SUPPORT", "The job is not configured with savepoint support: set state.savepoints.dir.")
		return false
	}
	attempts := number(t.spec, "maxSavepointCreationAttempts", 1)
	for range attempts {
		var savepoint object
		var job Job
		t.s.locked(func() {
			t.s.record(t.r.sp, t.r.o, t.d.job, "CREATING_A_SAVEPOINT_BEFORE_SUSPENSION", "Creating a savepoint before suspension.")
			savepoint = t.s.newSavepoint(t.r.sp, t.r.o, t.d.job, origin)
			t.s.record(t.r.sp, t.r.o, t.d.job, "AWAITING_SAVEPOINT_COMPLETION_TO_TRANSITION_TO_SUSPENDED", "Awaiting completion of savepoint %s.", id(savepoint))
			job = t.s.jobOf(t.r.sp, t.r.o, t.d.job)
		})
		path, err := t.s.World.Suspend(ctx, job)
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			t.s.locked(func() { fail(savepoint, err.Error()) })
			t.event("AN_UNRECOVERABLE_FAILURE_WHILE_TAKING_A_SAVEPOINT", "Savepoint %s failed: %s", id(savepoint), err)
			continue
		}
		t.s.locked(func() {
			complete(savepoint, path)
			t.s.record(t.r.sp, t.r.o, t.d.job, "FOUND_A_COMPLETED_SAVEPOINT_READY_FOR_SUSPENSION", "Found the completed savepoint %s at %s.", id(savepoint), path)
			t.s.record(t.r.sp, t.r.o, t.d.job, "AWAITING_A_JOB_TO_TERMINATE", "Awaiting job %s to terminate.", id(t.d.job))
			t.s.terminated(t.d.job, "TERMINATED")
			t.d.job = nil
		})
		return true
	}
	t.fail("TOO_MANY_FAILED_SUSPENSION_ATTEMPTS", "Too many failed attempts to suspend: %d of %d.", attempts, attempts)
	return false
}

// terminate ends the job, if there is one, and tells whether it did.
func (t *transition) terminate(ctx context.Context) bool {
	if t.d.job == nil {
		return true
	}
	var job Job
	t.s.locked(func() {
		t.s.record(t.r.sp, t.r.o, t.d.job, "FOUND_A_JOB_TO_TERMINATE", "Found job %s to terminate.", id(t.d.job))
		if !ended(t.d.job) {
			part(t.d.job, "status")["state"] = "TERMINATING"
			touch(t.d.job)
		}
		t.s.record(t.r.sp, t.r.o, t.d.job, "AWAITING_A_JOB_TO_TERMINATE", "Awaiting job %s to terminate.", id(t.d.job))
		job = t.s.jobOf(t.r.sp, t.r.o, t.d.job)
	})
	retained, err := t.s.World.Cancel(ctx, job)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		t.fail("GENERAL_FAILURE", "Job %s cannot be terminated: %s", id(t.d.job), err)
		return false
	}
	t.s.locked(func() {
		if retained != "" {
			complete(t.s.newSavepoint(t.r.sp, t.r.o, t.d.job, originRetained), retained)
		}
		if !ended(t.d.job) {
			t.s.terminated(t.d.job, "TERMINATED")
		}
		t.d.job = nil
	})
	return true
}

// create runs a new job of the template, in as many attempts as it has.
func (t *transition) create(ctx context.Context) {
	attempts := number(t.spec, "maxJobCreationAttempts", 1)
	for range attempts {
		err := t.attempt(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			t.event("JOB_SUCCESSFULLY_STARTED", "Job %s successfully started.", id(t.d.job))
			t.end(stateRunning)
			return
		case errors.Is(err, errInterrupted):
			if t.terminate(ctx) {
				t.to = stateCancelled
				t.end(stateCancelled)
			}
			return
		case errors.Is(err, errNoTarget):
			t.fail("REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST", "The referenced deployment target does not exist: %s", err)
			return
		}
		t.event("FAILED_CREATING_A_NEW_JOB", "Failed creating a new job: %s", err)
		if t.d.job != nil {
			t.s.locked(func() { t.s.failed(t.d.job, "JobCreationFailed", err.Error()) })
			if !t.terminate(ctx) {
				return
			}
		}
	}
	t.fail("TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS", "Too many failed attempts to create a job: %d of %d.", attempts, attempts)
}

var (
	// errInterrupted is that a job is to be cancelled before it has come up.
	errInterrupted = errors.New("the deployment is to be cancelled")
	errNoTarget    = errors.New("no such deployment target")
)

// attempt runs a job once.
func (t *transition) attempt(ctx context.Context) error {
	starting, cancel := context.WithCancel(ctx)
	defer cancel()
	var job Job
	var err error
	t.s.locked(func() {
		t.s.record(t.r.sp, t.r.o, nil, "CREATING_A_NEW_JOB", "Creating a new job.")
		t.d.template, t.d.restarts = clone(part(t.spec, "template")), nil
		t.r.starting = cancel
		if text(part(t.r.o, "spec"), "state") == stateCancelled {
			cancel()
		}
	})
	defer t.s.locked(func() { t.r.starting = nil })
	if err := t.awaitCluster(starting); err != nil {
		if ctx.Err() == nil {
			err = errInterrupted
		}
		return err
	}
	t.s.locked(func() {
		if t.d.job, err = t.s.newJob(t.r.sp, t.r.o, t.spec); err != nil {
			return
		}
		if job = t.s.jobOf(t.r.sp, t.r.o, t.d.job); job.Cluster == "" {
			t.s.record(t.r.sp, t.r.o, t.d.job, "SPINNING_UP_A_CLUSTER_FOR_A_JOB", "Spinning up a cluster for job %s.", job.ID)
		}
		t.s.record(t.r.sp, t.r.o, t.d.job, "AWAITING_A_JOB_TO_START", "Awaiting job %s to start.", job.ID)
	})
	if err != nil {
		return err
	}
	err = t.s.World.Start(starting, job)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case starting.Err() != nil:
		return errInterrupted
	case err != nil:
		return err
	}
	seen, err := t.s.World.Observe(ctx, job)
	if err != nil {
		return err
	}
	t.s.locked(func() {
		t.d.job["status"] = object{"state": "STARTED", "started": object{
			"flinkJobId": seen.FlinkJobID, "startedAt": now(), "lastUpdateTime": now(),
			"observedFlinkJobRestarts": seen.Restarts, "observedFlinkJobStatus": seen.Status,
		}}
		touch(t.d.job)
	})
	return nil
}

// awaitCluster waits while the session cluster of the deployment is on its way up.
func (t *transition) awaitCluster(ctx context.Context) error {
	name := text(t.spec, "sessionClusterName")
	for told := false; ; told = true {
		coming := false
		t.s.locked(func() {
			cluster := t.r.sp.sessions.find(name)
			is := state(cluster)
			coming = text(part(cluster, "spec"), "state") == stateRunning && is != stateRunning && is != stateFailed
			if coming && !told {
				t.s.record(t.r.sp, t.r.o, nil, "AWAITING_FOR_A_CLUSTER_TO_SPIN_UP", "Awaiting session cluster '%s', which is %s.", name, is)
			}
		})
		if !coming {
			return ctx.Err()
		}
		if err := pause(ctx, t.s.Look); err != nil {
			return err
		}
	}
}

// abandon implements follower.
func (d *deployment) abandon(ctx context.Context, s *Server, r *run) {
	if d.job == nil {
		return
	}
	var job Job
	s.locked(func() { job = s.jobOf(r.sp, r.o, d.job) })
	_, _ = s.World.Cancel(ctx, job)
}

// pause waits, unless the context ends.
func pause(ctx context.Context, longer time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(longer):
		return nil
	}
}

// record keeps an event of a deployment, and of its job where there is one.
func (s *Server) record(sp *space, o, job object, name, format string, args ...any) {
	metadata := object{"id": uuid.NewString(), "name": name, "namespace": sp.name, "deploymentId": id(o), "createdAt": now(), "modifiedAt": now(), "resourceVersion": 1}
	if job != nil {
		metadata["jobId"] = id(job)
	}
	sp.eventsOfJobs.add(object{"kind": "Event", "apiVersion": "v1", "metadata": metadata, "spec": object{"message": fmt.Sprintf(format, args...)}})
}
