package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// AwaitRollout waits until what was written runs. A failure is a
// *platform.RolloutError; when the context is canceled it returns the
// context's error at once. The first result is what was last observed, also
// beside an error.
func (d *Deployments) AwaitRollout(ctx context.Context, written *platform.Observed, rollout planner.Rollout, options platform.WaitOptions) (*platform.Observed, error) {
	w := d.recall(written)
	bounded, cancel := ctx, func() {}
	if w.rollsBack() {
		bounded, cancel = reserve(ctx)
	}
	defer cancel()
	out := d.awaitWithJobs(bounded, written, w, wantOf(written, w, rollout), options)
	if errors.Is(ctx.Err(), context.Canceled) {
		return out.observed, ctx.Err()
	}
	if out.err == nil && w.after != nil {
		out = d.setBack(bounded, written, w, options)
	}
	switch {
	case out.err == nil && out.recreated != nil && out.observed.Status.Deployed && steadyState(out.observed.Spec) != Suspended:
		out.observed, out.err = d.concluded(ctx, out, options)
	case out.marked || w.marked:
		out.observed = d.end(ctx, out.observed)
	}
	if out.err != nil && w.rollsBack() && out.canRollBack {
		return d.rollBack(ctx, out, w, options)
	}
	return out.observed, out.err
}

// wantOf is what a write ends with.
func wantOf(written *platform.Observed, w write, rollout planner.Rollout) Want {
	steady := steadyState(w.applied)
	switch rollout.Action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionDeferred:
		return Deferred
	case planner.ActionConfigOnly:
		if steady == Suspended {
			return Deferred
		}
		return Acknowledged
	case planner.ActionSuspend:
		return Suspended
	default:
	}
	if steady == Suspended && (rollout.Action == planner.ActionCreate || !written.Status.Deployed) {
		return Deferred
	}
	return steady
}

// outcome is how a wait ended.
type outcome struct {
	observed *platform.Observed
	err      error
	// marked tells that the object still has the mark of an unfinished write.
	marked bool
	// recreated is the initial savepoint path to set in the end, when the
	// object was created in the place of another; nil otherwise.
	recreated *string
	// facts are the detail of a failure without what to do about it, and
	// afterwards what to do when the failure was rolled back.
	facts, afterwards string
	// lost tells that the operator does not know where the job's state is.
	lost bool
	// canRollBack tells that writing the previous specification can help: the
	// object is there, and it is ours to change.
	canRollBack bool
}

// await follows the object until a verdict, or until the context ends.
func (d *Deployments) await(ctx context.Context, written *platform.Observed, w write, want Want, options platform.WaitOptions) outcome {
	if want == Deferred {
		return outcome{observed: written}
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	r := &rollout{
		deployments: d, ref: written.Ref, write: w, want: want, began: time.Now(),
		outcome: outcome{observed: written},
		judge: NewJudge(Target{
			UID:                written.UID,
			Generation:         written.Generation,
			Want:               want,
			Steady:             steadyState(w.applied),
			SessionJob:         isSessionJob(w.applied),
			Inherited:          w.inherited,
			RestartsFailedJobs: isOn(w.applied, "kubernetes.operator.job.restart.failed"),
			OperatorRollsBack:  isOn(w.applied, "kubernetes.operator.deployment.rollback.enabled"),
			PodErrorGrace:      options.PodErrorGrace,
		}),
	}
	changes := d.cluster.Follow(following, d.kind, keyOf(written.Ref))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if next := r.judge.Next(); !next.IsZero() {
			timer.Reset(time.Until(next))
		} else {
			timer.Stop()
		}
		select {
		case change, open := <-changes:
			switch {
			case !open:
				// Only the end of the context closes it.
				<-ctx.Done()
				return r.interrupted(ctx)
			case change.Err != nil:
				if r.trouble = change.Err; r.mayNotWatch() {
					r.outcome.err = change.Err
					return r.outcome
				}
				continue
			case change.Object == nil:
				return r.gone()
			}
			r.trouble = nil
			if r.see(ctx, change.Object) {
				letSettle(ctx, changes)
				return r.outcome
			}
		case at := <-timer.C:
			if r.conclude(ctx, r.judge.Tick(at)) {
				letSettle(ctx, changes)
				return r.outcome
			}
		case <-ctx.Done():
			return r.interrupted(ctx)
		}
	}
}

// quiet is how long nothing is written after a status has been seen that ends a
// wait. The operator writes every status three times over
// (StatusRecorder.patchAndCacheStatus), and a write of somebody else in between
// makes it forget what it wrote: after a suspension it then took a checkpoint
// that Flink had deleted for the job's state, and lost the savepoint.
const quiet = time.Second

// letSettle gives the operator the time to write a status to its end. What
// follows is taken from the channel and of no more interest.
func letSettle(ctx context.Context, changes <-chan kube.Change) {
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case _, open := <-changes:
			if !open {
				changes = nil
			}
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// isOn tells whether a boolean configuration key is on.
func isOn(spec flink.Tree, key string) bool {
	value, _ := setting(spec, key)
	return strings.EqualFold(strings.TrimSpace(value), "true")
}

// rollout is one wait.
type rollout struct {
	deployments *Deployments
	ref         platform.Ref
	write       write
	want        Want
	began       time.Time
	judge       *Judge
	last        Status
	told        string
	// trouble is the last word about the connection, nil while it works.
	trouble error
	outcome outcome
}

// mayNotWatch tells that the access rules do not allow to follow the object,
// which no time heals.
func (r *rollout) mayNotWatch() bool {
	var denied *kube.DeniedError
	return errors.As(r.trouble, &denied)
}

// see takes note of a version of the object, and tells whether the wait is over.
func (r *rollout) see(ctx context.Context, object *unstructured.Unstructured) bool {
	status := StatusOf(object)
	if status.UID == r.write.uid {
		if observed, err := observe(object); err == nil {
			r.outcome.observed = observed
		}
		r.outcome.marked, r.outcome.recreated = isMarked(object), nil
		if configured, ok := object.GetAnnotations()[recreationAnnotation]; ok {
			r.outcome.recreated = &configured
		}
		r.last = status
		r.tell(ctx)
		if status.Generation > r.judge.Target().Generation && !status.Deleting {
			if changed := r.changed(object); len(changed) > 0 {
				r.outcome.err = r.takenOver(changed)
				return true
			}
			r.judge.Retarget(status.Generation)
		}
	}
	return r.conclude(ctx, r.judge.See(time.Now(), status))
}

// changed returns what somebody else wrote over what was applied. Fields that
// were not applied may change: the operator's defaults, an autoscaler's
// replicas.
func (r *rollout) changed(object *unstructured.Unstructured) []flink.Change {
	live, err := specTree(object)
	if err != nil {
		return nil
	}
	return flink.Diff(r.write.applied, flink.Observe(r.write.applied, live))
}

// conclude ends the wait when the verdict does.
func (r *rollout) conclude(ctx context.Context, v Verdict) bool {
	switch v.Progress {
	case Done:
		return true
	case Failed:
		r.outcome.canRollBack = !v.RolledBack && !r.last.Deleting && r.last.UID == r.write.uid
		switch {
		case v.RolledBack:
			r.outcome.err = r.operatorRolledBack(ctx, v)
		case r.last.Deleting || r.last.UID != r.write.uid:
			r.outcome.err = r.disappeared(v.Cause)
		default:
			r.outcome.lost = r.last.Error != nil && r.last.Error.isManualRestore()
			r.outcome.err = r.explain(ctx, v.Cause)
		}
		return true
	default:
		return false
	}
}

// interrupted ends the wait with the context: with what is known at its
// deadline, at once when it was canceled.
func (r *rollout) interrupted(ctx context.Context) outcome {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.outcome.err = ctx.Err()
		return r.outcome
	}
	r.outcome.canRollBack = true
	r.outcome.err = r.overdue(ctx, r.judge.verdict)
	return r.outcome
}

// tell logs every change of the status in one line.
func (r *rollout) tell(ctx context.Context) {
	line := fmt.Sprintf("%+v", r.last.Flink("")) + fmt.Sprint(r.last.Observed)
	if line == r.told {
		return
	}
	r.told = line
	attributes := []any{
		"lifecycle_state", r.last.LifecycleState,
		"job_state", r.last.JobState,
		"job_manager", r.last.JobManager,
		"generation", r.last.Generation,
		"observed_generation", r.last.Observed,
	}
	if r.last.Error != nil {
		attributes = append(attributes, "error", r.last.Error.Sentence())
	}
	logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: %s", r.ref, r.last), attributes...)
}

// end removes the mark of an unfinished write. That it fails does no harm: the
// next update removes it as well.
func (d *Deployments) end(ctx context.Context, observed *platform.Observed) *platform.Observed {
	ctx, cancel := lastWords(ctx)
	defer cancel()
	object, err := d.unmark(ctx, observed.Ref)
	if err == nil {
		if latest, err := observe(object); err == nil && latest.UID == observed.UID {
			return latest
		}
	} else {
		logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished write stays", "error", err.Error())
	}
	return observed
}

// lastWordsTimeout bounds what is done after the end of a wait.
const lastWordsTimeout = 5 * time.Second

// lastWords returns a context for what is left to do after a wait, which works
// also when the wait ended with its deadline.
func lastWords(ctx context.Context) (context.Context, context.CancelFunc) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		ctx = context.WithoutCancel(ctx)
	}
	return context.WithTimeout(ctx, lastWordsTimeout)
}
