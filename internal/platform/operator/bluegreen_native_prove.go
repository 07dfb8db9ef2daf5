package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file keeps the old color of a FlinkBlueGreenDeployment until the new one
// has proved itself. The operator deletes the old one as soon as the new one has
// run for a moment, so it is asked to wait before (the deletion delay), and the
// delay is set back after the proof.

// heldFor is how long the old color stays at most when nobody sets the delay
// back, beyond the time that abort and proof may take.
const heldFor = 10 * time.Minute

// hold has the operator wait with the deletion of the old color, at least as long
// as the change is waited for. Operators until 1.15 count the delay from the time
// at which the color of an aborted switch was ready (apache/flink-kubernetes-operator#1159).
func (t *nativeTurn) hold(ctx context.Context, n *fko.BlueGreen, sent *unstructured.Unstructured) {
	if t.need == 0 || !t.restarts() {
		return
	}
	turns := t.change.BlueGreen
	delay := max(turns.DeletionDelay, turns.AbortGracePeriod+t.need+heldFor)
	if deadline, ok := ctx.Deadline(); ok {
		delay = max(delay, time.Until(deadline)+heldFor)
	}
	if ready := n.Stamp("deploymentReadyTimestamp"); ready.After(time.Unix(0, 0)) {
		delay += time.Since(ready)
	}
	_ = unstructured.SetNestedField(sent.Object, flinkMillis(delay), "spec", "configuration", keyDeletionDelay)
}

// release sets the deletion delay to what is configured, so that the operator
// deletes the old color when that is over.
func (t *nativeTurn) release(ctx context.Context, parent *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	configured := flinkMillis(t.change.BlueGreen.DeletionDelay)
	if live, _, _ := unstructured.NestedString(parent.Object, "spec", "configuration", keyDeletionDelay); live == configured {
		return parent, nil
	}
	patch := patchOf(parent.GetUID()).Set(configured, "spec", "configuration", keyDeletionDelay)
	object, err := t.native.cluster.MergePatch(ctx, blueGreenKind, keyOf(t.change.Ref), patch)
	if err != nil {
		return nil, t.native.translate(err, t.change.Ref)
	}
	return object, nil
}

// proved is how a proof ended.
type proved struct {
	// proof says what showed that the version works, and trouble what is wrong
	// with it; both are empty when the operator took the version away.
	proof, trouble string
	// ran tells that the version came to run.
	ran bool
	err error
}

// prove waits until a color runs and has shown that it works, and then lets the
// old one go.
func (t *nativeTurn) prove(ctx context.Context, n fko.BlueGreen, child *unstructured.Unstructured) proved {
	observed, err := observe(child)
	if err != nil {
		return proved{err: err}
	}
	w := foreign(observed)
	w.whole, w.change, w.proveFor = t.change.Name, &t.change, t.need
	out := t.single.await(ctx, observed, w, fko.SteadyState(observed.Spec))
	var told *platform.RolloutError
	switch {
	case out.err == nil:
		_, err := t.release(ctx, n.Parent)
		return proved{proof: out.proof, err: err}
	case ctx.Err() != nil:
		return proved{err: ctx.Err()}
	case !errors.As(out.err, &told):
		return proved{err: out.err}
	case !out.canRollBack:
		// The operator has changed or deleted it: it is giving it up.
		return proved{}
	}
	_, trouble, _ := strings.Cut(told.Summary, ": ")
	return proved{trouble: trouble, ran: out.ran}
}

// resume goes on with the proof of a version to which the operator is on its way,
// because an earlier apply has ended before it came.
func (t *nativeTurn) resume(ctx context.Context) error {
	n, err := t.latest(ctx)
	if err != nil {
		return err
	}
	child, seen := n.Coming(), time.Now()
	switch {
	case child == nil || len(n.Children) < 2:
		return nil
	case t.need == 0:
		_, err = t.release(ctx, n.Parent)
		return err
	}
	was := t.prove(ctx, *n, child)
	if t.proof = was.proof; was.trouble != "" {
		t.refuse(ctx, *n, child, seen, was.trouble)
	}
	return was.err
}

// proving is the proof of a version beside the wait for the operator.
type proving struct {
	turn *nativeTurn
	want flink.Tree
	// asked tells that the change needs a proof, and begun that it is under way.
	asked, begun bool
	// stop ends the wait and the proof.
	stop context.CancelCauseFunc
	// found is closed when the result is there, and told when it came; over is
	// closed when nothing is done about it any more.
	found, over chan struct{}
	told        chan time.Time
	result      proved
}

// proving prepares the proof of what a change ends with. The returned context is
// that of the wait and of the proof, and ends with either.
func (t *nativeTurn) proving(ctx context.Context, want flink.Tree, goal fko.Want) (context.Context, *proving) {
	p := &proving{turn: t, want: want, found: make(chan struct{}), told: make(chan time.Time, 1), over: make(chan struct{})}
	p.asked = t.need > 0 && goal == fko.Running && (t.restarts() || t.change.Rollout.Action == planner.ActionResume)
	ctx, p.stop = context.WithCancelCause(ctx)
	return ctx, p
}

// see begins the proof as soon as the operator is on its way to the wanted
// version, and tells whether the wait is over. A version that the operator calls
// running still has to prove itself.
func (p *proving) see(ctx context.Context, n fko.BlueGreen, v fko.Verdict) (over bool) {
	if !p.asked || n.Parent == nil || v.Progress == fko.Failed {
		return v.Progress != fko.Waiting
	}
	child := n.Coming()
	if v.Progress == fko.Done {
		child = n.Children[n.Active()]
	}
	if !p.begun && child != nil && (v.Progress == fko.Done || fko.IsWanted(child, p.want)) {
		p.begin(ctx, n, child)
	}
	if v.Progress == fko.Done {
		return !p.begun || p.isFound()
	}
	return p.isFound() && p.result.trouble != "" && p.turn.replaced(n)
}

// begin begins the proof. An error of it ends the wait.
func (p *proving) begin(ctx context.Context, n fko.BlueGreen, child *unstructured.Unstructured) {
	p.begun = true
	seen := time.Now()
	go func() {
		defer close(p.over)
		p.result = p.turn.prove(ctx, n, child)
		close(p.found)
		p.told <- time.Now()
		switch {
		case p.result.err != nil:
			p.stop(p.result.err)
		case p.result.trouble != "":
			p.turn.refuse(ctx, n, child, seen, p.result.trouble)
		}
	}()
}

// isFound tells whether the result is there.
func (p *proving) isFound() bool {
	select {
	case <-p.found:
		return true
	default:
		return false
	}
}

// end ends the proof and returns what has come of it.
func (p *proving) end() proved {
	p.stop(nil)
	if p.begun {
		<-p.over
	}
	return p.result
}
