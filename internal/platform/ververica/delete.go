package ververica

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Delete stops and deletes a deployment: the platform deletes only what is cancelled.
func (j jobs) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	var out platform.Deleted
	live, err := j.client.same(ctx, ref, options.UID)
	if another := (*platform.OtherObjectError)(nil); isAbsent(err) || errors.As(err, &another) {
		// Somebody else's of the name stays.
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if err := j.client.protected(ctx, ref); err != nil {
		return out, err
	}
	id := text(live, "metadata", "id")
	if options.Savepoint {
		if out, live, err = j.suspend(ctx, ref, id, live, options.AllowStateLoss); err != nil {
			return out, err
		}
	}
	if target := text(live, "spec", "deploymentTargetName"); options.Replaced && out.SavepointPath != "" && target != "" {
		if err := j.client.noteRecreation(ctx, wholeRef(ref, live), target, out.SavepointPath); err != nil {
			return out, err
		}
	}
	if !options.Replaced {
		// A later deployment of the name is another one.
		j.client.forgetRecreation(ctx, wholeRef(ref, live), "")
	}
	if vvp.State(live) != vvp.StateCancelled || vvp.Desired(live) != vvp.StateCancelled {
		if err := j.ask(ctx, ref, id, vvp.StateCancelled); err != nil {
			return out, err
		}
		err = j.wait(ctx, ref, func(found object) bool { return vvp.State(found) == vvp.StateCancelled })
	}
	if err == nil {
		err = j.remove(ctx, ref)
	}
	if isAbsent(err) {
		err = nil
	}
	if err != nil && ctx.Err() != nil {
		return out, j.stuck(ctx, ref, id, err)
	}
	return out, err
}

// wholeRef names the deployment that an object is, or is a color of.
func wholeRef(ref platform.Ref, live object) platform.Ref {
	if of := texts(live, "metadata", "labels")[labelDeployment]; of != "" {
		ref.Name = of
	}
	return ref
}

// suspend stops a job that runs with a savepoint, and returns where that is.
func (j jobs) suspend(ctx context.Context, ref platform.Ref, id string, live object, allowLoss bool) (platform.Deleted, object, error) {
	var out platform.Deleted
	live, err := j.settled(ctx, ref, live)
	if err != nil {
		return out, live, err
	}
	switch state := vvp.State(live); state {
	case vvp.StateRunning:
		if err := j.ask(ctx, ref, id, vvp.StateSuspended); err != nil {
			return out, live, err
		}
		err = j.wait(ctx, ref, func(found object) bool {
			live = found
			state := vvp.State(found)
			return state == vvp.StateSuspended || state == vvp.StateFailed || state == vvp.StateFinished
		})
		if err != nil {
			return out, live, err
		}
		if vvp.State(live) == vvp.StateFailed && !allowLoss {
			return out, live, j.notSuspended(ctx, ref, id)
		}
	case vvp.StateFailed:
		saved := false
		if !allowLoss {
			if saved, err = j.mayCancel(ctx, ref, live); err != nil {
				return out, live, err
			}
		}
		if !saved {
			out.Note = "It had failed, so no savepoint could be taken of it."
		}
	default:
	}
	savepoints, err := j.client.savepointsOf(ctx, ref.Namespace, id)
	if err != nil {
		return out, live, err
	}
	if newest, found := vvp.Newest(j.client.used(ctx, ref.Namespace, id, savepoints)); found {
		out.SavepointPath = newest.Location
	} else if vvp.State(live) == vvp.StateFinished {
		out.Note = "It came to its end by itself."
	}
	return out, live, nil
}

// ask asks for another state of a deployment.
func (j jobs) ask(ctx context.Context, ref platform.Ref, id, state string) error {
	_, err := j.client.change(ctx, ref, id, func(deployment object) object {
		next := copied(deployment)
		specOf(next)["state"] = state
		return next
	})
	return asProtected(ref, err)
}

// remove deletes a deployment that is cancelled, and waits until it is gone. The server may
// refuse that for a while, as it still tears the cluster down.
func (j jobs) remove(ctx context.Context, ref platform.Ref) error {
	for try := 1; ; try++ {
		ends := j.client.writes(ref.Namespace, deployments, ref.Name)
		err := j.client.do(ctx, ref.Namespace, rest.Request{Method: http.MethodDelete, Path: at(ref.Namespace, deployments, ref.Name)}, nil)
		ends()
		switch code := rest.Code(err); {
		case code == http.StatusNotFound:
			return nil
		case code != http.StatusConflict && code != http.StatusBadRequest:
			if err == nil {
				return j.gone(ctx, ref)
			}
			return asProtected(ref, err)
		}
		if stop := pause(ctx, min(try, 10)); stop != nil {
			return fmt.Errorf("%w The server still refuses to delete it: %w", stop, err)
		}
	}
}

// gone waits until a deployment is not there any more.
func (j jobs) gone(ctx context.Context, ref platform.Ref) error {
	err := j.wait(ctx, ref, func(object) bool { return false })
	if isAbsent(err) {
		return nil
	}
	return err
}

// notSuspended is the error of a job that could not be stopped with a savepoint.
func (j jobs) notSuspended(ctx context.Context, ref platform.Ref, id string) error {
	r := &rollout{jobs: j, change: platform.Change{Deployment: platform.Deployment{Ref: ref}}, id: id, mark: vvp.Mark{Final: vvp.StateSuspended, Phase: vvp.PhaseStop}}
	found := r.ask(ctx)
	why := "the platform does not say why"
	if found.known {
		why = found.cause.Text
	}
	return &platform.ExplainedError{
		Cause:  "its job cannot be stopped with a savepoint",
		Err:    fmt.Errorf("deployment %s was not deleted: %s", ref, why),
		Remedy: "Correct the cause and destroy it again. To destroy it without a savepoint, apply savepoint_on_destroy = false or upgrade.allow_state_loss = true first. " + found.cause.Remedy,
	}
}

// stuck explains a deletion that does not come to its end.
func (j jobs) stuck(ctx context.Context, ref platform.Ref, id string, err error) error {
	r := &rollout{jobs: j, change: platform.Change{Deployment: platform.Deployment{Ref: ref}}, id: id}
	detail := err.Error()
	for _, line := range r.ask(ctx).events {
		detail += "\n  event " + line
	}
	return &platform.ExplainedError{Cause: "it takes too long", Err: errors.New(detail), Remedy: "Raise timeouts.delete, or look at the deployment in the platform, and destroy it again."}
}
