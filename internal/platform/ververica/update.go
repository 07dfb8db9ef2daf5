package ververica

import (
	"context"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
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
	if before, unfinished := vvp.MarkOf(live); unfinished && before.From != "" && !before.Brought && program.Mark != nil && program.Mark.From == "" && change.Rollout.State.GoesOn() {
		// An apply that was killed had not brought in yet what the job starts from.
		program.GoOnFrom(before.From)
	}
	if program.Cancels && !change.AllowStateLoss {
		if err := j.mayCancel(ctx, change.Ref, live); err != nil {
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
	mark := program.Mark
	written, err := j.client.change(ctx, change.Ref, id, func(deployment object) object {
		next := want.in(deployment)
		j.follow(next, change.Deployment, program)
		if mark != nil && mark.Phase == vvp.PhaseStart && program.StrategiesFirst && sameTemplate(deployment, next) {
			// Nothing restarts for it.
			mark = nil
			note(next, vvp.AnnotationUnfinished, "")
		}
		return next
	})
	if err != nil {
		return nil, asProtected(change.Ref, err)
	}
	return j.begun(ctx, change, written, mark)
}

// sameTemplate tells whether two documents have the same template.
func sameTemplate(a, b object) bool {
	return len(vvp.MergePatch(flink.Tree{"template": part(a, "spec")["template"]}, flink.Tree{"template": part(b, "spec")["template"]})) == 0
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

// mayCancel refuses to cancel a job that may still have state which nothing keeps: the
// platform has failed, and perhaps not the job.
func (j jobs) mayCancel(ctx context.Context, ref platform.Ref, live object) error {
	spec, err := flink.SpecOf(vvp.Back(live))
	if err != nil || flink.RetainsOnCancellation(spec.FlinkConfiguration) {
		return err
	}
	started, err := j.client.about(ctx, ref.Namespace, jobsIn, text(live, "metadata", "id"))
	if err != nil {
		return err
	}
	for _, job := range started {
		if text(job, "status", "state") != "STARTED" {
			continue
		}
		return &platform.ExplainedError{
			Cause: "its job would lose its state",
			Err:   fmt.Errorf("deployment %s has failed, and its job %s still runs: the change would cancel it, and Flink then deletes its checkpoints", ref, text(job, "metadata", "id")),
			Remedy: "Take a savepoint of the job with Flink itself, or let it retain its checkpoints (" + flink.KeyCheckpointRetention + "). " +
				"To go on without its state, set upgrade.allow_state_loss = true.",
		}
	}
	return nil
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
