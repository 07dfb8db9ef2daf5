package ververica

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// sessionRollout is a change of a session cluster that was written, and how it goes on. It
// implements platform.Rollout.
type sessionRollout struct {
	sessions sessions

	change   platform.Change
	id       string
	mark     vvp.SessionMark
	live     object
	observed *platform.Observed
	// over tells that nothing is left to do.
	over bool
	// began is when this apply began with it.
	began time.Time
	// last is when it was last written, and before the failure that the cluster had then; nil
	// for none.
	last   time.Time
	before any
}

// patience is how long a failure of before a write may still be seen: the platform has then not
// begun with what was written.
const patience = 30 * time.Second

// wrote notes that the cluster was written, and how it was before.
func (r *sessionRollout) wrote(before object) {
	r.last, r.before = time.Now(), nil
	if vvp.State(before) == vvp.StateFailed {
		r.before = part(before, "status")
	}
}

// stale tells whether the cluster is seen with the failure of before the last write.
func (r *sessionRollout) stale() bool {
	return r.before != nil && reflect.DeepEqual(r.before, any(part(r.live, "status"))) && time.Since(r.last) < patience
}

// Observed implements platform.Rollout.
func (r *sessionRollout) Observed() *platform.Observed { return r.observed }

// Settle implements platform.Rollout: it goes on until the platform does the rest by itself.
func (r *sessionRollout) Settle(ctx context.Context) (*platform.Observed, error) {
	if r.over {
		return r.observed, nil
	}
	if r.mark.Then != nil {
		if err := r.follow(ctx, func() bool { return r.mark.Then == nil }); err != nil {
			return r.observed, err
		}
	}
	return r.end(ctx)
}

// Await implements platform.Rollout.
func (r *sessionRollout) Await(ctx context.Context) (*platform.Observed, error) {
	if r.over {
		return r.observed, nil
	}
	err := r.follow(ctx, func() bool { return false })
	if told := (*platform.RolloutError)(nil); errors.As(err, &told) && !told.Waiting && r.change.Rollback {
		return r.rollBack(ctx, told)
	}
	if err != nil {
		return r.observed, err
	}
	return r.end(ctx)
}

// follow goes from step to step until the cluster runs, or until enough says so. Its error is a
// *platform.RolloutError where the platform has given up.
func (r *sessionRollout) follow(ctx context.Context, enough func() bool) error {
	for {
		over := false
		err := until(ctx, func(ctx context.Context) (bool, error) {
			live, err := r.sessions.same(ctx, r.change.Ref, r.id)
			if err != nil {
				return false, err
			}
			r.live, r.observed = live, observedSession(r.change.Ref, live)
			if mark, unfinished := vvp.SessionMarkOf(live); unfinished {
				// A write whose answer was lost is known by it.
				r.mark = mark
			}
			moved, done, err := r.see(ctx)
			over = done || enough()
			return over || moved, err
		})
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			return r.late()
		case err != nil || over:
			return err
		}
		// The next step is waited for from the beginning, with short pauses.
	}
}

// see makes the next step by what was seen last, and tells whether it was made and whether nothing
// is left to wait for.
func (r *sessionRollout) see(ctx context.Context) (moved, over bool, err error) {
	switch r.mark.Next(vvp.SeenOf(r.live), r.stale()) {
	case vvp.StepStart:
		return true, false, r.start(ctx)
	case vvp.StepDone:
		return false, true, nil
	case vvp.StepFailed:
		return false, false, r.failure()
	case vvp.StepOverruled:
		return false, false, &platform.RolloutError{
			Summary: fmt.Sprintf("Somebody else has changed the state of %q to %s", r.change.Name, vvp.Desired(r.live)),
			Detail:  "Nothing more was written. Find out who did that, in the web interface or by another tool, and apply again.",
		}
	case vvp.StepWait, vvp.StepBring, vvp.StepCancel:
	}
	return false, false, nil
}

// start gives the cluster, now that it is stopped, what was asked for, and has it run.
func (r *sessionRollout) start(ctx context.Context) error {
	mark, before := r.mark, r.live
	mark.Then, mark.Restart = nil, ""
	written, err := r.sessions.change(ctx, r.change.Ref, r.id, func(cluster object) object {
		next := copied(vvp.Whole(cluster))
		specOf(next)["state"] = vvp.StateRunning
		note(next, vvp.AnnotationUnfinished, mark.String())
		return next
	})
	if err != nil {
		return err
	}
	r.mark, r.live, r.observed = mark, written, observedSession(r.change.Ref, written)
	r.wrote(before)
	return nil
}

// end records that the change has come to its end.
func (r *sessionRollout) end(ctx context.Context) (*platform.Observed, error) {
	written, err := r.sessions.change(ctx, r.change.Ref, r.id, func(cluster object) object {
		next := copied(cluster)
		note(next, vvp.AnnotationUnfinished, "")
		return next
	})
	if err != nil {
		return r.observed, err
	}
	r.live, r.observed = written, observedSession(r.change.Ref, written)
	return r.observed, nil
}

// rollBack puts the previous specification back after a failure.
func (r *sessionRollout) rollBack(ctx context.Context, failed *platform.RolloutError) (*platform.Observed, error) {
	logctx.From(ctx).WarnContext(ctx, "Rolling back", "session cluster", r.change.String(), "cause", failed.Summary)
	back, err := r.backwards(ctx)
	observed := r.observed
	if err == nil {
		observed, err = back.Await(ctx)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return observed, ctx.Err()
	case err != nil:
		return observed, neither(*failed, err)
	}
	return observed, wentBack(*failed, r.change.Was.Spec, "")
}

// backwards writes the beginning of the way back to the previous specification.
func (r *sessionRollout) backwards(ctx context.Context) (*sessionRollout, error) {
	was := platform.Deployment{Ref: r.change.Ref, Labels: r.change.Was.Labels, Annotations: r.change.Was.Annotations, Spec: r.change.Was.Spec}
	want, err := sessionWanted(was, &platform.Was{Spec: r.change.Spec, Labels: r.change.Labels, Annotations: r.change.Annotations})
	if err != nil {
		return nil, err
	}
	live, err := r.sessions.same(ctx, r.change.Ref, r.id)
	if err != nil {
		return nil, err
	}
	change := r.change
	change.Deployment, change.Rollback = was, false
	return r.sessions.write(ctx, change, live, want)
}

// failure is the error of a cluster that does not come up.
func (r *sessionRollout) failure() error {
	why := hidingOf(r.live)(strings.Join(strings.Fields(cmp.Or(vvp.SessionFailure(r.live), "the platform does not say why")), " "))
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s does not start: %s", r.subject(), strings.TrimSuffix(why, ".")),
		Detail:  fmt.Sprintf("Waited %s for session cluster %s to be %s; it is %s.", r.waited(), r.change.Ref, vvp.StateRunning, vvp.State(r.live)),
	}
}

// late is the error of a wait whose time is over.
func (r *sessionRollout) late() error {
	how, what := "does not run yet", "It is "+vvp.State(r.live)+"."
	if r.mark.Then != nil {
		how, what = "is not stopped yet", fmt.Sprintf("It is %s, and gets the change when it is %s. The next apply goes on with it.", vvp.State(r.live), vvp.StateStopped)
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("%s %s after %s", r.subject(), how, r.waited()), Waiting: true,
		Detail: what + " The platform does not say what it waits for: look at the pods of the cluster, whether their image can be pulled and there is room for them. Raise the timeout in the attribute timeouts if it only takes long.",
	}
}

func (r *sessionRollout) waited() time.Duration { return time.Since(r.began).Round(time.Second) }

// subject says of what version an error speaks.
func (r *sessionRollout) subject() string {
	if r.change.Was == nil || r.change.Rollout.Action == planner.ActionCreate {
		return fmt.Sprintf("The session cluster %q", r.change.Name)
	}
	return fmt.Sprintf("The new version of the session cluster %q", r.change.Name)
}
