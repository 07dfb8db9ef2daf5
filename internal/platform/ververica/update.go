package ververica

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// update begins a change of a deployment that exists. What the platform is in the middle of
// comes to its end first: the outcome of a change meanwhile is not defined.
func (j jobs) update(ctx context.Context, change platform.Change) (*rollout, error) {
	live, err := j.client.same(ctx, change.Ref, change.Was.UID)
	if err != nil {
		return nil, err
	}
	if err := j.client.protected(ctx, change.Ref); err != nil {
		return nil, err
	}
	if live, err = j.settled(ctx, change.Ref, live); err != nil {
		return nil, err
	}
	want, err := wantedOf(change.Deployment, change.Was)
	if err != nil {
		return nil, err
	}
	program := vvp.Begin(change.Rollout, change.Spec, vvp.SeenOf(live), text(live, "metadata", "modifiedAt"))
	if before, unfinished := vvp.MarkOf(live); unfinished && before.Action == string(change.Rollout.Action) && vvp.State(live) != vvp.StateFailed && sameTemplate(live, want.in(live)) {
		// What an earlier apply has written of it is on its way, and is not done twice.
		program = vvp.Program{Mark: &before}
	} else if unfinished && before.From != "" && !before.Brought && program.Mark != nil && program.Mark.From == "" && change.Rollout.State.GoesOn() {
		// An apply that was killed had not brought in yet what the job starts from.
		program.GoOnFrom(before.From)
	}
	if program.StrategiesFirst && j.onlyRestarts(ctx, change.Ref, live) {
		program.Cancel()
	}
	if program.Cancels && !change.AllowStateLoss {
		if _, err := j.mayCancel(ctx, change.Ref, live); err != nil {
			return nil, err
		}
	}
	return j.write(ctx, change, live, want, program)
}

// write writes the beginning of a program.
func (j jobs) write(ctx context.Context, change platform.Change, live object, want wanted, program vvp.Program) (*rollout, error) {
	id := text(live, "metadata", "id")
	if program.StrategiesFirst {
		// The platform upgrades by the strategy that it knows when the template comes.
		_, err := j.client.change(ctx, change.Ref, id, func(deployment object) object {
			next := copied(deployment)
			spec := specOf(next)
			for field, value := range vvp.Strategies(change.Spec) {
				spec[field] = value
			}
			return next
		})
		if err != nil {
			return nil, asProtected(change.Ref, err)
		}
	}
	written, err := j.client.change(ctx, change.Ref, id, func(deployment object) object {
		next := want.in(deployment)
		j.follow(next, change.Deployment, program)
		if program.StrategiesFirst && sameTemplate(deployment, next) {
			// Nothing restarts for it.
			note(next, vvp.AnnotationUnfinished, "")
		}
		return next
	})
	if err != nil {
		return nil, asProtected(change.Ref, err)
	}
	mark, unfinished := vvp.MarkOf(written)
	if unfinished && program.StrategiesFirst && sameTemplate(live, written) && vvp.State(written) == vvp.StateRunning {
		// The server has put back what the change takes away.
		unfinished = false
		written, err = j.client.change(ctx, change.Ref, id, func(deployment object) object {
			next := copied(deployment)
			note(next, vvp.AnnotationUnfinished, "")
			return next
		})
		if err != nil {
			return nil, asProtected(change.Ref, err)
		}
	}
	if !unfinished {
		return j.begun(ctx, change, written, nil)
	}
	begun, err := j.begun(ctx, change, written, &mark)
	if err == nil && !sameTemplate(live, written) {
		begun.version = numberOf(written)
	}
	return begun, err
}

// sameTemplate tells whether two documents have the same template.
func sameTemplate(a, b object) bool {
	return len(flink.MergePatch(flink.Tree{"template": part(a, "spec")["template"]}, flink.Tree{"template": part(b, "spec")["template"]})) == 0
}

func part(of object, field string) flink.Tree {
	inside, _ := of[field].(flink.Tree)
	return inside
}

// settled waits until the platform is not in the middle of a transition.
func (j jobs) settled(ctx context.Context, ref platform.Ref, live object) (object, error) {
	if vvp.Settled(vvp.State(live)) {
		return live, nil
	}
	err := j.wait(ctx, ref, func(found object) bool {
		live = found
		return vvp.Settled(vvp.State(found))
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("nothing was written: %s is still in a transition, which has to end first: %w", ref, context.Cause(ctx))
	}
	return live, err
}

// wait follows a deployment until something is seen of it.
func (j jobs) wait(ctx context.Context, ref platform.Ref, see func(object) bool) error {
	return watch.Wait[seen]{
		See:     func(s seen) bool { return see(s.object) },
		Trouble: lasting,
	}.Until(ctx, j.client.waitsIn(ref.Namespace).Source(ref.Name))
}

// mayCancel has the platform keep the state of a job that it would cancel: it has failed, and
// perhaps not the job. A savepoint is tried first. Where there is none, and the job has checkpoints
// that Flink deletes, it refuses. saved tells of a savepoint.
func (j jobs) mayCancel(ctx context.Context, ref platform.Ref, live object) (saved bool, err error) {
	id := text(live, "metadata", "id")
	started, err := j.client.about(ctx, ref.Namespace, jobsIn, id)
	if err != nil {
		return false, err
	}
	for _, job := range started {
		if text(job, "status", "state") != jobStarted {
			continue
		}
		if err := j.saveFailed(ctx, ref, id); err == nil {
			saved = true
			continue
		}
		if j.nothingSince(ctx, ref, job) {
			continue
		}
		// The job has the configuration with which it was started, whatever came after.
		spec, err := flink.SpecOf(flink.Tree{"flinkConfiguration": part(part(job, "spec"), "flinkConfiguration")})
		if err != nil || flink.RetainsOnCancellation(spec.FlinkConfiguration) {
			return saved, err
		}
		return saved, &platform.ExplainedError{
			Cause:  "its job would lose its state",
			Err:    fmt.Errorf("deployment %s has failed, and its job %s still runs: no savepoint of it can be taken, and Flink deletes its checkpoints when it is cancelled", ref, text(job, "metadata", "id")),
			Remedy: "Correct the cause for which no savepoint can be taken, and apply again. To go on without the state, set upgrade.allow_state_loss = true.",
		}
	}
	return saved, nil
}

// onlyRestarts tells that the job of a deployment that runs restarts for ever and has nothing to
// lose. The platform would try to take a savepoint of it until it gives up.
func (j jobs) onlyRestarts(ctx context.Context, ref platform.Ref, live object) bool {
	id := text(live, "status", "running", "jobId")
	if id == "" {
		return false
	}
	job, err := j.client.job(ctx, ref.Namespace, id)
	return err == nil && (restartsOf(job) > 0 || slices.Contains(conditions(live), jobFailing)) && j.nothingSince(ctx, ref, job)
}

// nothingSince tells that a job has no state beyond what it was started from: Flink says that it
// has completed no checkpoint.
func (j jobs) nothingSince(ctx context.Context, ref platform.Ref, job object) bool {
	known, err := prove.AskCheckpoints(ctx, j.client.flinkOf(ref.Namespace, text(job, "metadata", "id")), text(job, "status", "started", "flinkJobId"))
	return err == nil && known.Told && known.Completed == ""
}

// jobStarted is the state of a job that was started and has not ended (JobStatus.state).
const jobStarted = "STARTED"

// saveFailed takes a savepoint of a job that runs on below a deployment that has failed.
func (j jobs) saveFailed(ctx context.Context, ref platform.Ref, deployment string) error {
	var asked object
	err := j.client.do(ctx, ref.Namespace, rest.Request{Method: http.MethodPost, Path: at(ref.Namespace, savepointsIn), Body: flink.Tree{
		"kind": savepointKind, "apiVersion": apiVersion, "metadata": flink.Tree{"namespace": ref.Namespace, "deploymentId": deployment},
	}}, &asked)
	if err != nil {
		return err
	}
	taken := vvp.SavepointOf(asked)
	err = until(ctx, func(ctx context.Context) (bool, error) {
		var found object
		err := j.client.do(ctx, ref.Namespace, rest.Request{Method: http.MethodGet, Path: at(ref.Namespace, savepointsIn, taken.ID)}, &found)
		taken = vvp.SavepointOf(found)
		return taken.State != vvp.SavepointStarted, err
	})
	if err == nil && taken.State != vvp.SavepointCompleted {
		err = errors.New(taken.Failure)
	}
	return err
}

// recreate deletes a deployment with a savepoint and creates it again from that.
func (j jobs) recreate(ctx context.Context, change platform.Change) (*rollout, error) {
	live, err := j.client.same(ctx, change.Ref, change.Was.UID)
	if err != nil {
		return nil, err
	}
	id := text(live, "metadata", "id")
	deleted, err := j.Delete(ctx, change.Ref, platform.DeleteOptions{UID: id, Savepoint: change.Rollout.State.GoesOn(), AllowStateLoss: change.AllowStateLoss, Replaced: true})
	if err != nil {
		return nil, err
	}
	program := vvp.Create(change.Spec)
	if program.Mark != nil {
		program.Mark.Action = string(planner.ActionRecreate)
	}
	created, err := j.create(ctx, change, program, live)
	if err != nil {
		return nil, afterDelete(err, change.Ref, deleted)
	}
	// It was to go on from there, and not from the state of something else.
	created.observed.Resumed = nil
	return created, nil
}

// afterDelete says where the state is of a deployment that was deleted and could not be created
// again.
func afterDelete(err error, ref platform.Ref, deleted platform.Deleted) error {
	if deleted.SavepointPath == "" {
		return err
	}
	return &platform.ExplainedError{
		Cause: "it was deleted to be created again, and that failed", Err: err,
		Remedy: fmt.Sprintf("Correct the cause and apply again: the state of %s is in %s, which is noted at its deployment target, and the next create starts from it.", ref, deleted.SavepointPath),
	}
}
