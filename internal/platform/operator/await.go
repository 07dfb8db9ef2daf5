package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Await waits until what was written runs. A failure is a
// *platform.RolloutError; when the context is canceled it returns the
// context's error at once. The first result is what was last observed, also
// beside an error.
func (b *begun) Await(ctx context.Context) (*platform.Observed, error) {
	d, written, w := b.deployments, b.observed, b.write
	w.proveFor = b.rollout.ProveFor
	bounded, cancel := ctx, func() {}
	if w.rollsBack() {
		bounded, cancel = watch.Reserve(ctx)
	}
	defer cancel()
	out := d.awaitWithJobs(bounded, written, w, wantOf(written, w, b.rollout))
	proof := out.proof
	if errors.Is(ctx.Err(), context.Canceled) {
		if w.create {
			// The state has it from now on, and nobody else may go on with it.
			d.part(ctx, out.observed)
		}
		return out.observed, ctx.Err()
	}
	if out.err == nil && w.after != nil {
		out = d.setBack(bounded, written, w)
	}
	switch {
	case out.err == nil && out.recreated != nil && out.observed.Status.Deployed && fko.SteadyState(out.observed.Spec) != fko.Suspended:
		out.observed, out.err = d.concluded(ctx, out)
	case w.held != nil:
		d.hold(ctx, out.observed, w.held)
	case out.marked || w.marked:
		out.observed = d.end(ctx, out.observed)
	}
	if out.err != nil && w.rollsBack() && out.canRollBack {
		return d.rollBack(ctx, out, w)
	}
	return withProof(out.observed, proof), out.err
}

// withProof notes in the status of what was awaited how it has proved itself.
func withProof(observed *platform.Observed, proof string) *platform.Observed {
	if observed == nil || proof == "" {
		return observed
	}
	out := *observed
	out.Status.Proof = proof
	return &out
}

// wantOf is what a write ends with.
func wantOf(written *platform.Observed, w write, rollout planner.Rollout) fko.Want {
	steady := fko.SteadyState(w.applied)
	switch rollout.Action {
	case planner.ActionNone, planner.ActionMetadata, planner.ActionDeferred:
		return fko.Deferred
	case planner.ActionConfigOnly:
		if steady == fko.Suspended {
			return fko.Deferred
		}
		return fko.Acknowledged
	case planner.ActionSuspend:
		return fko.Suspended
	default:
	}
	if steady == fko.Suspended && (rollout.Action == planner.ActionCreate || !written.Status.Deployed) {
		return fko.Deferred
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
	// proof says what showed that the job works, empty when nothing was asked for.
	proof string
	// ran tells that what was written has come to run before it failed.
	ran bool
}

// await follows the object until a verdict, or until the context ends.
func (d *Deployments) await(ctx context.Context, written *platform.Observed, w write, want fko.Want) outcome {
	if want == fko.Deferred {
		return outcome{observed: written}
	}
	r := &rollout{
		deployments: d, ref: written.Ref, write: w, want: want, began: time.Now(),
		outcome: outcome{observed: written}, proof: newProver(w),
		judge: fko.NewJudge(fko.Target{
			UID:                written.UID,
			Generation:         written.Generation,
			Want:               want,
			Steady:             fko.SteadyState(w.applied),
			SessionJob:         fko.IsSessionJob(w.applied),
			Inherited:          w.inherited,
			RestartsFailedJobs: isOn(w.applied, "kubernetes.operator.job.restart.failed"),
			OperatorRollsBack:  isOn(w.applied, "kubernetes.operator.deployment.rollback.enabled"),
			PodErrorGrace:      d.podErrorGrace,
		}),
	}
	asking, stop := context.WithCancel(ctx)
	defer stop()
	timer, news := time.NewTimer(0), time.Now()
	defer timer.Stop()
	// bare tells that no status has ended the wait.
	bare := false
	err := watch.Wait[event]{
		Ready: func() {
			r.ask(asking, time.Now())
			if next := r.nextLook(time.Now()); !next.IsZero() {
				timer.Reset(time.Until(next))
			} else {
				timer.Stop()
			}
		},
		See: func(e event) bool {
			switch {
			case e.answer != nil:
				return r.hear(ctx, *e.answer)
			case e.Object == nil:
				r.outcome.err, bare = r.disappeared("the object was deleted"), true
				return true
			}
			r.trouble, news = nil, time.Now()
			return r.see(ctx, e.Object)
		},
		Trouble: r.mayFollow,
		Times:   timer.C,
		Look: func(at time.Time) bool {
			if r.late(at) {
				r.ranOut(ctx)
				bare = true
				return true
			}
			return r.conclude(ctx, r.judge.Tick(at)) || r.proves() && r.proved(ctx, at)
		},
	}.Until(ctx, watch.Join(r.proof.source, watch.Map(following(d.cluster, d.kind, keyOf(written.Ref)), func(c kube.Change) event { return event{Change: c} })))
	switch {
	case unhealing(err) != nil:
		r.outcome.err = err
	case err != nil:
		r.interrupted(ctx)
	case !bare:
		letSettle(ctx, news)
	}
	return r.outcome
}

// event is what a wait for a rollout hears of: a version of the object, or an
// answer of the JobManager.
type event struct {
	kube.Change
	answer *heard
}

// quiet is how long nothing is written after a status has been seen that ends a
// wait. The operator writes every status three times over
// (StatusRecorder.patchAndCacheStatus), and a write of somebody else in between
// makes it forget what it wrote: after a suspension it then took a checkpoint
// that Flink had deleted for the job's state, and lost the savepoint.
const quiet = time.Second

// letSettle gives the operator the time to write a status to its end that began
// to be seen at a time.
func letSettle(ctx context.Context, seen time.Time) {
	timer := time.NewTimer(time.Until(seen.Add(quiet)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
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
	want        fko.Want
	began       time.Time
	judge       *fko.Judge
	proof       *prover
	last        fko.Status
	told        string
	// trouble is the last word about the connection, nil while it works.
	trouble error
	outcome outcome
}

// mayFollow takes note of trouble with the connection, and returns it when it
// does not heal.
func (r *rollout) mayFollow(err error) error {
	r.trouble = err
	return unhealing(err)
}

// see takes note of a version of the object, and tells whether the wait is over.
func (r *rollout) see(ctx context.Context, object *unstructured.Unstructured) bool {
	status := fko.StatusOf(object)
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
		answer(ctx, r.deployments.cluster, r.deployments.kind, object)
		if status.Generation > r.judge.Target().Generation && !status.Deleting {
			if changed := r.changed(object); len(changed) > 0 {
				r.outcome.err = r.takenOver(changed)
				return true
			}
			r.judge.Retarget(status.Generation)
		}
	}
	v := r.judge.See(time.Now(), status)
	if v.Progress == fko.Waiting && r.proves() {
		return r.watchProof(ctx, v)
	}
	return r.conclude(ctx, v)
}

// changed returns what somebody else wrote over what was applied. Fields that
// were not applied may change: the operator's defaults, an autoscaler's
// replicas.
func (r *rollout) changed(object *unstructured.Unstructured) []flink.Change {
	live, err := fko.SpecOf(object)
	if err != nil {
		return nil
	}
	applied := r.write.applied
	if configured, recreated := object.GetAnnotations()[recreationAnnotation]; recreated {
		// The path that the job starts from is the provider's own.
		applied, live = fko.WithPath(applied, configured), fko.WithPath(live, configured)
	}
	return flink.Diff(applied, flink.Observe(applied, live))
}

// conclude ends the wait when the verdict does.
func (r *rollout) conclude(ctx context.Context, v fko.Verdict) bool {
	switch v.Progress {
	case fko.Done:
		return !r.proves() || r.watchProof(ctx, v)
	case fko.Failed:
		r.outcome.canRollBack = !v.RolledBack && !r.last.Deleting && r.last.UID == r.write.uid
		switch {
		case v.RolledBack:
			r.outcome.err = r.operatorRolledBack(ctx, v)
		case r.last.Deleting || r.last.UID != r.write.uid:
			r.outcome.err = r.disappeared(v.Cause)
		default:
			r.outcome.ran = r.proof.Ran()
			r.outcome.lost = r.last.Error != nil && r.last.Error.IsManualRestore()
			r.outcome.err = r.explain(ctx, v.Cause)
		}
		return true
	default:
		return false
	}
}

// interrupted ends the wait with the context: with what is known at its
// deadline, at once when it was canceled.
func (r *rollout) interrupted(ctx context.Context) {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.outcome.err = ctx.Err()
		return
	}
	r.ranOut(ctx)
}

// late tells that the job has not come to run within its grace period.
func (r *rollout) late(at time.Time) bool {
	return r.write.grace > 0 && !r.proof.Ran() && !at.Before(r.began.Add(r.write.grace))
}

// ranOut ends the wait because its time is over.
func (r *rollout) ranOut(ctx context.Context) {
	r.outcome.canRollBack = true
	v := r.judge.Verdict()
	if r.proves() && r.proof.Ran() {
		r.outcome.ran = true
		v.Cause = r.proof.Missing()
	}
	r.outcome.err = r.overdue(ctx, v)
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
	object, err := d.unmark(ctx, observed.Ref, types.UID(observed.UID))
	if err == nil {
		if latest, err := observe(object); err == nil && latest.UID == observed.UID {
			return latest
		}
	} else {
		logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished write stays", "error", err.Error())
	}
	return observed
}

// part removes the mark of a create that was interrupted.
func (d *Deployments) part(ctx context.Context, observed *platform.Observed) {
	ctx, cancel := parting(ctx)
	defer cancel()
	patch := patchOf(types.UID(observed.UID)).RemoveAnnotations(creationAnnotation, askedAnnotation)
	if _, err := d.cluster.MergePatch(ctx, d.kind, keyOf(observed.Ref), patch); err != nil {
		logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished create stays", "error", err.Error())
	}
}

// partingTimeout bounds the one write after an interrupt, as its user waits.
const partingTimeout = 2 * time.Second

// parting returns a context for the write that an interrupt leaves to do.
func parting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), partingTimeout)
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
