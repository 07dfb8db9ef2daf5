package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// parentOperator exchanges the colors of the FlinkBlueGreenDeployment of an
// exchange, as far as the recorded timelines of the real one show it. It looks
// at it once in a second.
type parentOperator struct {
	*exchange
	t *testing.T
	// until is when a savepoint is taken, or a new color is given up.
	until time.Time
}

// newOperated returns an exchange whose operator has blue/green deployments too.
func newOperated(t *testing.T) *exchange {
	t.Helper()
	e := newExchange(t)
	p := &parentOperator{exchange: e, t: t}
	go func() {
		for {
			select {
			case <-time.After(time.Second):
				p.look()
			case <-e.done:
				return
			}
		}
	}()
	return e
}

// look is one reconciliation.
func (p *parentOperator) look() {
	p.fake.mu.Lock()
	defer p.fake.mu.Unlock()
	parent := p.objects[kube.Ref{Kind: blueGreenKind, Key: keyOf(orders)}]
	children := colors{}
	for _, color := range []string{flink.Blue, flink.Green} {
		if child := p.objects[childKey(color)]; child != nil && isChild(child) {
			children[color] = child
		}
	}
	if parent == nil {
		for color := range children {
			p.drop(color)
		}
		return
	}
	n := native{parent: parent, children: children}
	s := nativeStatusOf(parent)
	color := colorIn(s.State)
	switch {
	case s.State == "":
		p.start(n, flink.Blue, initialPathIn(n.template()))
	case strings.HasPrefix(s.State, stateSavepointing):
		if !time.Now().Before(p.until) {
			p.exchange.mu.Lock()
			p.taken++
			path := fmt.Sprintf("s3://sp/%d", p.taken)
			p.exchange.mu.Unlock()
			p.start(n, flink.OtherColor(color), path)
		}
	case strings.HasPrefix(s.State, stateTransitioning):
		p.transition(n, color)
	default:
		p.active(n, s, color)
	}
}

// active takes a changed template up.
func (p *parentOperator) active(n native, s nativeStatus, color string) {
	template, child := n.template(), n.children[color]
	if flink.Equal(template, s.Reconciled) || child == nil {
		return
	}
	mine, last := withoutPath(template), withoutPath(s.Reconciled)
	status := StatusOf(child)
	switch {
	case flink.Equal(mine, last), steadyState(mine) != steadyState(last):
		p.patch(n, color)
		p.note(n.parent, stateTransitioning, color, flink.StateReconciling, "", true)
	case status.LifecycleState == flink.LifecycleStable && status.JobState == flink.StateRunning:
		p.until = time.Now().Add(2 * time.Second)
		p.note(n.parent, stateSavepointing, color, s.Job, s.Error, false)
	case s.Job != flink.StateFailing:
		// The specification is swallowed.
		p.note(n.parent, stateActive, color, flink.StateFailing, "Transition not possible, "+child.GetName()+" is not READY", true)
	}
}

// transition ends a switch when its color runs, or gives it up.
func (p *parentOperator) transition(n native, color string) {
	child, other := n.children[color], flink.OtherColor(color)
	switch status := StatusOf(child); {
	case status.LifecycleState == flink.LifecycleStable && status.Observed == status.Generation,
		status.LifecycleState == flink.LifecycleSuspended && steadyState(n.template()) == Suspended:
		if n.children[other] != nil {
			p.drop(other)
			return
		}
		p.note(n.parent, stateActive, color, flink.StateRunning, "", false)
	case n.children[other] != nil && !time.Now().Before(p.until):
		next := child.DeepCopy()
		_ = unstructured.SetNestedField(next.Object, flink.JobSuspended, "spec", "job", "state")
		p.store(childKey(color), child, next)
		p.note(n.parent, stateActive, other, flink.StateFailing, "Aborting deployment '"+child.GetName()+"'", false)
	}
}

// start creates a color, or uses one again that is left.
func (p *parentOperator) start(n native, color, path string) {
	want := platform.Deployment{Ref: colorRef(orders, color), Labels: map[string]string{childLabel: strings.ToUpper(color)}}
	object, err := objectOf(deploymentKind, want)
	if err != nil {
		p.t.Error(err)
		return
	}
	object.SetFinalizers([]string{"operator"})
	object.Object["spec"], _, _ = unstructured.NestedMap(n.parent.Object, "spec", "template", "spec")
	if path != "" {
		_ = unstructured.SetNestedField(object.Object, path, "spec", "job", "initialSavepointPath")
	}
	if old := n.children[color]; old != nil {
		p.t.Errorf("the operator uses %s again, and its job goes back to where that was given up", color)
	}
	p.until = time.Now().Add(time.Minute)
	p.store(childKey(color), nil, object)
	p.note(n.parent, stateTransitioning, color, flink.StateReconciling, "", true)
}

// patch writes the template over a color.
func (p *parentOperator) patch(n native, color string) {
	child := n.children[color]
	next := child.DeepCopy()
	next.Object["spec"], _, _ = unstructured.NestedMap(n.parent.Object, "spec", "template", "spec")
	p.store(childKey(color), child, next)
}

// drop deletes a color.
func (p *parentOperator) drop(color string) {
	child := p.objects[childKey(color)]
	if child.GetDeletionTimestamp() != nil {
		return
	}
	next, now := child.DeepCopy(), metav1.Now()
	next.SetDeletionTimestamp(&now)
	next.SetGeneration(child.GetGeneration() + 1)
	p.store(childKey(color), next, next)
}

// note writes the parent's status; reconciled takes its template up.
func (p *parentOperator) note(parent *unstructured.Unstructured, state, color, job, message string, reconciled bool) {
	next := parent.DeepCopy()
	status := map[string]any{"blueGreenState": state + strings.ToUpper(color), "jobStatus": map[string]any{"state": job}, "lastReconciledSpec": nativeStatusOf(parent).text}
	if message != "" {
		status["error"] = message
	}
	if reconciled {
		text, err := json.Marshal(map[string]any{"spec": parent.Object["spec"]})
		if err != nil {
			p.t.Error(err)
		}
		status["lastReconciledSpec"] = string(text)
	}
	next.Object["status"] = status
	p.store(kube.Ref{Kind: blueGreenKind, Key: keyOf(orders)}, parent, next)
}

func childKey(color string) kube.Ref {
	return kube.Ref{Kind: deploymentKind, Key: keyOf(colorRef(orders, color))}
}

func initialPathIn(spec flink.Tree) string {
	job, _ := spec["job"].(map[string]any)
	path, _ := job["initialSavepointPath"].(string)
	return path
}

// startNative creates the deployment with the operator's engine.
func (e *exchange) startNative(t *testing.T, image string) *platform.Observed {
	t.Helper()
	a := NewApplications(e, Options{})
	written, err := a.Create(t.Context(), byOperatorWant(image))
	if err != nil {
		t.Fatal(err)
	}
	observed, err := a.AwaitRollout(t.Context(), written, create, platform.WaitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return observed
}

// Wherever a provider dies while the operator makes a switch, the next apply ends
// in exactly one running color with the wanted specification, started from the
// savepoint that was taken last, and there was a running job all the time.
func TestANativeSwitchKilledAnywhereGoesOn(t *testing.T) {
	for _, test := range []struct {
		name          string
		first, second platform.Change
	}{
		{"to the same specification", byOperatorTo("flink:2"), byOperatorTo("flink:2")},
		{"to a third specification", byOperatorTo("flink:2"), byOperatorTo("flink:3")},
		{"a failing version, then the corrected one", byOperatorTo("flink:nope"), byOperatorTo("flink:3")},
		{"back to the first specification", byOperatorTo("flink:2"), byOperatorTo("flink:1")},
	} {
		t.Run(test.name, func(t *testing.T) {
			killEverywhere(t,
				func(t *testing.T, e *exchange) { e.startNative(t, "flink:1") },
				func(ctx context.Context, e *exchange) error { _, err := e.apply(ctx, test.first); return err },
				func(t *testing.T, e *exchange) {
					observed, err := NewApplications(e, Options{}).Read(t.Context(), orders)
					if err != nil || observed.UID != "uid-1" {
						t.Fatalf("the deployment is not found: %+v, %v", observed, err)
					}
					if observed, err = e.apply(t.Context(), test.second); err != nil {
						t.Fatal(err)
					}
					if observed.Status.JobState != flink.StateRunning || observed.Spec["image"] != *test.second.Spec.Image || !observed.RolledOut {
						t.Errorf("ended with %+v", observed)
					}
					if got, want := e.state(), fmt.Sprintf("orders-%s %s RUNNING", observed.Status.ActiveColor, *test.second.Spec.Image); got != want {
						t.Errorf("ended with %s", got)
					}
					if e.gap != "" {
						t.Errorf("no job ran at %q", e.gap)
					}
					if last := e.starts[len(e.starts)-1]; e.taken > 0 && !strings.HasSuffix(last, fmt.Sprintf(" from s3://sp/%d", e.taken)) {
						t.Errorf("the colors were started %q, %d savepoints were taken", e.starts, e.taken)
					}
				})
		})
	}
}

func TestANativeDeleteKilledAnywhereGoesOn(t *testing.T) {
	destroy := func(ctx context.Context, e *exchange) (platform.Deleted, error) {
		return NewApplications(e, Options{}).Delete(ctx, orders, platform.DeleteOptions{UID: "uid-1", Savepoint: true})
	}
	killEverywhere(t,
		func(t *testing.T, e *exchange) { e.startNative(t, "flink:1") },
		func(ctx context.Context, e *exchange) error { _, err := destroy(ctx, e); return err },
		func(t *testing.T, e *exchange) {
			if _, err := NewApplications(e, Options{}).Read(t.Context(), orders); err == nil {
				deleted, err := destroy(t.Context(), e)
				if err != nil || deleted.SavepointPath == "" {
					t.Errorf("the delete left %+v, %v", deleted, err)
				}
			}
			// What is left follows its owner.
			time.Sleep(5 * time.Second)
			e.fake.mu.Lock()
			defer e.fake.mu.Unlock()
			if len(e.objects) != 0 {
				t.Errorf("left %v", e.objects)
			}
		})
}
