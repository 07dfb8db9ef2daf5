package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// nativeTurn is one change of a FlinkBlueGreenDeployment. The operator makes the
// switch; what is done here is to write only when it can be taken up, and to see
// what came of it.
type nativeTurn struct {
	*Applications

	change platform.Change
	began  time.Time
	// need is how long a new version has to run to prove itself, zero for no
	// proof; proof says how it has, trouble what the proof has found wrong with
	// it, and ran that it came to run.
	need           time.Duration
	proof, trouble string
	ran            bool
	// before is the color that was active before the write, empty for none.
	before string
	// wrote tells that the change has been written.
	wrote bool
}

// run makes the change, and waits for it unless nobody awaits it.
func (t *nativeTurn) run(ctx context.Context, await bool) (*platform.Observed, error) {
	t.began = time.Now()
	ref := t.change.Ref
	if await {
		t.need = t.change.Rollout.ProveFor
	}
	if t.change.Was == nil {
		return t.created(ctx, await)
	}
	if err := t.resume(ctx); err != nil {
		return t.told(ctx, err)
	}
	n, err := t.begin(ctx)
	if err != nil {
		return t.told(ctx, err)
	}
	sent, err := t.object(n)
	if err != nil {
		return nil, err
	}
	t.hold(ctx, n, sent)
	if state := n.State(); strings.HasPrefix(state, fko.StateActive) {
		t.before = n.Active()
	}
	before := fko.BlueGreenStatusOf(n.Parent)
	written, err := t.native.apply(ctx, n.Parent, sent)
	if err != nil {
		return nil, t.native.translate(err, ref)
	}
	t.wrote = true
	if !await {
		return t.finish(ctx, nil)
	}
	want := fko.BlueGreen{Parent: sent}.Template()
	goal := t.goal(n, want)
	switch same := flink.Equal((fko.BlueGreen{Parent: written}).Template(), n.Template()); {
	case !same || n.Unstarted():
	case t.change.Rollout.Action != planner.ActionCreate:
		// The operator looks at nothing but the template.
		goal = fko.Deferred
	case !n.GivenUp():
		// It has taken the template up already.
		before = fko.BlueGreenStatus{}
	}
	return t.finish(ctx, t.await(ctx, written, want, goal, before))
}

// created waits for the deployment that a create has written.
func (t *nativeTurn) created(ctx context.Context, await bool) (*platform.Observed, error) {
	t.wrote = true
	n, err := t.latest(ctx)
	if err == nil && await {
		template := n.Template()
		err = t.await(ctx, n.Parent, template, t.goal(n, template), fko.BlueGreenStatus{})
	}
	return t.finish(ctx, err)
}

// begin brings the deployment into a state in which the operator takes the change
// up. Nothing of the change is written before the guard has seen what is there.
func (t *nativeTurn) begin(ctx context.Context) (*fko.BlueGreen, error) {
	n, err := t.latest(ctx)
	if err != nil {
		return nil, err
	}
	if !t.unheeded(n) {
		if _, err = t.rest(ctx); err != nil {
			return nil, unwritten(err)
		}
		// The parts of what was followed are not of one moment.
		if n, err = t.latest(ctx); err != nil {
			return nil, err
		}
	}
	if err := t.checkSame(n); err != nil {
		return nil, err
	}
	if err := guardWhole(&located{form: byOperator, native: n}, t.change); err != nil {
		return nil, unwritten(err)
	}
	switch {
	case n.Stray() != nil && !t.unheeded(n):
		return nil, &platform.RolloutError{
			Summary: fmt.Sprintf("A change of %q would remove its job", t.change.Name), Detail: joinLines(t.straying(*n), "Nothing was written."), RolledBack: true,
		}
	case n.Unstarted(), t.unheeded(n) && !n.GivenUp():
		// The color that is on its way is the one that is asked for.
		return n, nil
	case t.startsAnew(n):
		return t.ready(ctx, n)
	case t.change.Rollout.Action == planner.ActionResume:
		return t.awake(ctx, n)
	}
	return n, nil
}

// unheeded tells whether the operator does not mind when the change is written: it
// has begun with nothing yet, or sees no other template.
func (t *nativeTurn) unheeded(n *fko.BlueGreen) bool {
	if n.Parent.GetDeletionTimestamp() != nil || n.Unstarted() {
		return n.Parent.GetDeletionTimestamp() == nil
	}
	switch t.change.Rollout.Action {
	case planner.ActionCreate, planner.ActionMetadata:
		sent, err := t.object(n)
		return err == nil && flink.Equal(fko.BlueGreen{Parent: sent}.Template(), n.Template())
	default:
		return false
	}
}

// unwritten marks an error from before the first write: the deployment is as it
// was, and the change stays in the next plan.
func unwritten(err error) error {
	var told *platform.RolloutError
	if errors.As(err, &told) {
		told.RolledBack = true
	}
	return err
}

// restarts tells whether the change needs a job that runs: a switch, or the
// restart of one that should.
func (t *nativeTurn) restarts() bool {
	switch t.change.Rollout.Action {
	case planner.ActionMetadata, planner.ActionConfigOnly, planner.ActionSuspend, planner.ActionResume, planner.ActionDeferred, planner.ActionNone:
		return false
	default:
		return true
	}
}

// startsAnew tells whether the change starts a job: one that restarts does, and so
// does one that is resumed of a version that was given up, which has nothing to
// be resumed from.
func (t *nativeTurn) startsAnew(n *fko.BlueGreen) bool {
	return t.restarts() || t.change.Rollout.Action == planner.ActionResume && n.GivenUp()
}

// goal is what the change ends with.
func (t *nativeTurn) goal(n *fko.BlueGreen, want flink.Tree) fko.Want {
	if fko.SteadyState(want) == fko.Suspended && n.Unstarted() {
		// Created as suspended: the operator gives no sign.
		return fko.Deferred
	}
	switch t.change.Rollout.Action {
	case planner.ActionMetadata, planner.ActionDeferred:
		return fko.Deferred
	case planner.ActionConfigOnly:
		if fko.SteadyState(want) == fko.Suspended {
			return fko.Deferred
		}
		return fko.Acknowledged
	default:
		return fko.SteadyState(want)
	}
}

// checkSame refuses a FlinkBlueGreenDeployment that came in the place of the one
// of the change while it was waited for.
func (t *nativeTurn) checkSame(n *fko.BlueGreen) error {
	return checkSame(blueGreenKind, t.change.Ref, n.Parent, t.change.Was.UID)
}

// latest reads what there is now.
func (t *nativeTurn) latest(ctx context.Context) (*fko.BlueGreen, error) {
	n, err := nativeOf(ctx, t.native.cluster.Get, t.change.Ref)
	if err == nil && n == nil {
		err = &platform.NotFoundError{Kind: blueGreenKind.Kind, Ref: t.change.Ref}
	}
	return n, err
}

// rest waits until the operator has nothing to do: a specification that comes
// while it is on its way to another may jam it for good (finding 36).
func (t *nativeTurn) rest(ctx context.Context) (*fko.BlueGreen, error) {
	var last fko.BlueGreen
	err := t.follow(ctx, nil, func(n fko.BlueGreen) bool {
		last = n
		return n.Parent == nil || n.Parent.GetDeletionTimestamp() != nil || n.Resting()
	})
	switch {
	case err != nil:
		return nil, t.overdue(ctx, err, last, "The operator is still on its way with an earlier change of %q")
	case last.Parent == nil:
		return nil, &platform.NotFoundError{Kind: blueGreenKind.Kind, Ref: t.change.Ref}
	case last.Parent.GetDeletionTimestamp() != nil:
		return nil, fmt.Errorf("%s %s is being deleted and takes no changes; apply again when it is gone", blueGreenKind.Kind, t.change.Ref)
	}
	return &last, nil
}

// object is the FlinkBlueGreenDeployment to write.
func (t *nativeTurn) object(n *fko.BlueGreen) (*unstructured.Unstructured, error) {
	sent, err := nativeObject(t.change.Deployment)
	if err != nil {
		return nil, err
	}
	if t.change.Awaited {
		annotate(sent, updateAnnotation, string(t.change.Rollout.Action))
	}
	template := n.Template()
	if configured, ok := n.Parent.GetAnnotations()[recreationAnnotation]; ok {
		startAt(sent, recreation{path: fko.InitialPath(template), configured: configured, replaces: n.Parent.GetAnnotations()[replacesAnnotation]})
	}
	set := func(value any, path ...string) {
		_ = unstructured.SetNestedField(sent.Object, value, append([]string{"spec", "template", "spec"}, path...)...)
	}
	if switches(t.change.Rollout.Action) && given(t.change) != "" {
		set(time.Now().Unix(), "job", redeployNonce)
	}
	if retried, ok := setting(template, retryKey); ok {
		set(retried, "flinkConfiguration", retryKey)
	}
	again, err := t.swallowed(n, fko.BlueGreen{Parent: sent}.Template())
	if again {
		set(fmt.Sprint(time.Now().UnixMilli()), "flinkConfiguration", retryKey)
	}
	return sent, err
}

// swallowed tells whether the operator takes what is wanted for reconciled, and
// it does not run.
func (t *nativeTurn) swallowed(n *fko.BlueGreen, wanted flink.Tree) (bool, error) {
	child, template := n.Children[n.Active()], n.Template()
	if !t.startsAnew(n) || n.Unstarted() || !flink.Equal(flink.Observe(wanted, template), wanted) {
		return false, nil
	}
	if n.GivenUp() {
		return true, nil
	}
	if child == nil {
		return false, nil
	}
	live, err := fko.SpecOf(child)
	bare := fko.WithoutPath(wanted)
	return err == nil && !flink.Equal(flink.Observe(bare, live), bare), err
}

// await waits until what was written runs. The operator is waited for until it
// has aborted a version that fails: a correction before that would jam it.
func (t *nativeTurn) await(ctx context.Context, written *unstructured.Unstructured, want flink.Tree, goal fko.Want, before fko.BlueGreenStatus) error {
	if goal == fko.Deferred {
		return nil
	}
	j := fko.NewBlueGreenJudge(fko.BlueGreen{Parent: written}, want, goal, before)
	var last fko.BlueGreen
	following, p := t.proving(ctx, want, goal)
	defer p.stop(nil)
	err := t.follow(following, p.told, func(n fko.BlueGreen) bool {
		last = n
		return p.see(following, n, j.See(n))
	})
	cause, v := context.Cause(following), j.Verdict
	result := p.end()
	t.proof, t.trouble, t.ran = orElse(result.proof, t.proof), result.trouble, result.ran
	if err == nil && v.Progress == fko.Done && result.err != nil {
		err, cause = result.err, result.err
	}
	missing := v.Cause
	if v.Progress == fko.Done {
		missing = "it has not proved itself"
	}
	switch {
	case err != nil && !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded):
		return cause
	case err != nil:
		return t.overdue(ctx, err, last, t.subject()+" within "+t.elapsed()+": "+strings.ReplaceAll(orElse(t.trouble, missing), "%", "%%"))
	case v.Progress == fko.Done && t.trouble == "":
		return nil
	}
	return t.failed(ctx, last, want, orElse(t.trouble, v.Cause))
}

func (t *nativeTurn) subject() string {
	switch {
	case t.ran && t.change.Rollout.Action == planner.ActionCreate:
		return "The deployment %q does not stay up"
	case t.ran:
		return "The new version of %q does not stay up"
	}
	if t.change.Rollout.Action == planner.ActionCreate {
		return "The deployment %q does not start"
	}
	return "The new version of %q does not start"
}

func (t *nativeTurn) elapsed() string { return time.Since(t.began).Round(time.Second).String() }

// told returns what there is beside an error from before the write.
func (t *nativeTurn) told(ctx context.Context, err error) (*platform.Observed, error) {
	words, cancel := lastWords(ctx)
	defer cancel()
	n, readErr := t.latest(words)
	if readErr != nil {
		return nil, err
	}
	observed, _ := observeNative(*n, t.change.Ref)
	return observed, err
}

// finish removes the marks of a change that has come to its end, and the path
// from which a job was started that was created in the place of another.
func (t *nativeTurn) finish(ctx context.Context, failure error) (*platform.Observed, error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		observed, err := t.told(ctx, ctx.Err())
		if observed != nil && t.change.Rollout.Action == planner.ActionCreate {
			t.native.part(ctx, observed)
		}
		return observed, err
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	n, err := t.latest(words)
	if err != nil {
		return nil, errors.Join(failure, err)
	}
	configured, recreated := n.Parent.GetAnnotations()[recreationAnnotation]
	if failure == nil && recreated && len(n.Children) > 0 {
		return t.conclude(ctx, n, configured)
	}
	if failure == nil && recreated {
		// Nobody waits for the job. The path is in the template, so the note has
		// come to its end.
		if err := t.native.forget(words, recordOf(t.change.Ref, byOperator)); err != nil {
			return nil, err
		}
	}
	if isMarked(n.Parent) {
		if object, err := t.native.unmark(words, t.change.Ref, n.Parent.GetUID()); err == nil {
			n.Parent = object
		} else {
			logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished write stays", "error", err.Error())
		}
	}
	if strings.HasPrefix(n.State(), fko.StateActive) {
		if object, err := t.release(words, n.Parent); err == nil {
			n.Parent = object
		} else {
			logctx.From(ctx).WarnContext(ctx, "The deletion delay of the proof stays until the next apply", "error", err.Error())
		}
	}
	observed, err := observeNative(*n, t.change.Ref)
	return withProof(observed, t.proof), errors.Join(failure, err)
}

// conclude ends the creation of a FlinkBlueGreenDeployment in the place of
// another form.
func (t *nativeTurn) conclude(ctx context.Context, n *fko.BlueGreen, configured string) (*platform.Observed, error) {
	ref := t.change.Ref
	if err := t.native.forget(ctx, recordOf(ref, byOperator)); err != nil {
		return nil, err
	}
	before := fko.BlueGreenStatusOf(n.Parent)
	patch := patchOf(n.Parent.GetUID()).RemoveAnnotations(append([]string{recreationAnnotation}, unfinishedMarks...)...).
		Set(orNil(configured), "spec", "template", "spec", "job", "initialSavepointPath")
	object, err := t.native.cluster.MergePatch(ctx, blueGreenKind, keyOf(ref), patch)
	if err != nil {
		return nil, t.native.translate(err, ref)
	}
	// Without a path in the template there is nothing for the operator to do.
	if template := (fko.BlueGreen{Parent: object}).Template(); !flink.Equal(template, n.Template()) {
		if err := t.await(ctx, object, template, fko.Acknowledged, before); err != nil {
			return t.told(ctx, err)
		}
	}
	latest, err := t.latest(ctx)
	if err != nil {
		return nil, err
	}
	observed, err := observeNative(*latest, ref)
	return withProof(observed, t.proof), err
}
