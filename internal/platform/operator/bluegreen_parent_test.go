package operator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
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
		if child := p.objects[childKey(color)]; child != nil && fko.IsChild(child) {
			children[color] = child
		}
	}
	if parent == nil {
		for color := range children {
			p.drop(color)
		}
		return
	}
	n := fko.BlueGreen{Parent: parent, Children: children}
	s := fko.BlueGreenStatusOf(parent)
	color := fko.ColorIn(s.State)
	switch {
	case s.State == "" && fko.SteadyState(n.Template()) == fko.Suspended:
		p.note(parent, fko.StateInitializing, flink.Blue, flink.StateSuspended, "", false)
	case s.State == "":
		p.start(n, flink.Blue, fko.InitialPath(n.Template()))
	case strings.HasPrefix(s.State, fko.StateInitializing):
		p.initializing(n, s)
	case strings.HasPrefix(s.State, fko.StateSavepointing):
		if !time.Now().Before(p.until) {
			p.mu.Lock()
			p.taken++
			path := fmt.Sprintf("s3://sp/%d", p.taken)
			p.mu.Unlock()
			p.start(n, flink.OtherColor(color), path)
		}
	case strings.HasPrefix(s.State, fko.StateTransitioning):
		p.transition(n, color)
	default:
		p.active(n, s, color)
	}
}

// initializing starts blue when it is no longer suspended, or when another version
// comes after one that was given up.
func (p *parentOperator) initializing(n fko.BlueGreen, s fko.BlueGreenStatus) {
	switch {
	case fko.SteadyState(n.Template()) == fko.Suspended && s.Job != flink.StateSuspended:
		p.note(n.Parent, fko.StateInitializing, flink.Blue, flink.StateSuspended, s.Error, false)
	case fko.SteadyState(n.Template()) == fko.Suspended:
	case s.Reconciled == nil, s.Job == flink.StateFailing && !flink.Equal(n.Template(), s.Reconciled):
		p.start(n, flink.Blue, fko.InitialPath(n.Template()))
	}
}

// active takes a changed template up.
func (p *parentOperator) active(n fko.BlueGreen, s fko.BlueGreenStatus, color string) {
	template, child := n.Template(), n.Children[color]
	if flink.Equal(template, s.Reconciled) || child == nil {
		return
	}
	mine, last := fko.WithoutPath(template), fko.WithoutPath(s.Reconciled)
	status := fko.StatusOf(child)
	switch {
	case flink.Equal(mine, last), fko.SteadyState(mine) != fko.SteadyState(last):
		p.patch(n, color)
		p.note(n.Parent, fko.StateTransitioning, color, flink.StateReconciling, "", true)
	case status.LifecycleState == flink.LifecycleStable && status.JobState == flink.StateRunning:
		p.until = time.Now().Add(2 * time.Second)
		p.note(n.Parent, fko.StateSavepointing, color, s.Job, s.Error, false)
	case s.Job != flink.StateFailing:
		// The specification is swallowed.
		p.note(n.Parent, fko.StateActive, color, flink.StateFailing, "Transition not possible, "+child.GetName()+" is not READY", true)
	}
}

// transition ends a switch when its color runs, or gives it up.
func (p *parentOperator) transition(n fko.BlueGreen, color string) {
	child, other := n.Children[color], flink.OtherColor(color)
	switch status := fko.StatusOf(child); {
	case status.LifecycleState == flink.LifecycleStable && status.Observed == status.Generation,
		status.LifecycleState == flink.LifecycleSuspended && fko.SteadyState(n.Template()) == fko.Suspended:
		if n.Children[other] != nil {
			p.drop(other)
			return
		}
		p.note(n.Parent, fko.StateActive, color, flink.StateRunning, "", false)
	case !time.Now().Before(p.until):
		next := child.DeepCopy()
		_ = unstructured.SetNestedField(next.Object, flink.JobSuspended, "spec", "job", "state")
		p.store(childKey(color), child, next)
		state, back := fko.StateActive, other
		if n.Children[other] == nil {
			state, back = fko.StateInitializing, color
		}
		p.note(n.Parent, state, back, flink.StateFailing, "Aborting deployment '"+child.GetName()+"'", false)
	}
}

// start creates a color, or uses one again that is left.
func (p *parentOperator) start(n fko.BlueGreen, color, path string) {
	object := childOf(color, "", nil)
	object.SetFinalizers([]string{"operator"})
	object.Object["spec"], _, _ = unstructured.NestedMap(n.Parent.Object, "spec", "template", "spec")
	if path != "" {
		_ = unstructured.SetNestedField(object.Object, path, "spec", "job", "initialSavepointPath")
	}
	if old := n.Children[color]; old != nil {
		p.t.Errorf("the operator uses %s again, and its job goes back to where that was given up", color)
	}
	p.until = time.Now().Add(time.Minute)
	p.store(childKey(color), nil, object)
	p.note(n.Parent, fko.StateTransitioning, color, flink.StateReconciling, "", true)
}

// patch writes the template over a color.
func (p *parentOperator) patch(n fko.BlueGreen, color string) {
	child := n.Children[color]
	next := child.DeepCopy()
	next.Object["spec"], _, _ = unstructured.NestedMap(n.Parent.Object, "spec", "template", "spec")
	p.store(childKey(color), child, next)
}

// drop deletes a color.
func (p *parentOperator) drop(color string) {
	if child := p.objects[childKey(color)]; child.GetDeletionTimestamp() == nil {
		p.mark(childKey(color), child)
	}
}

// note writes the parent's status; reconciled takes its template up.
func (p *parentOperator) note(parent *unstructured.Unstructured, state, color, job, message string, reconciled bool) {
	next, noted := parent.DeepCopy(), fko.BlueGreenStatusOf(parent).Text
	if reconciled {
		text, err := json.Marshal(map[string]any{"spec": parent.Object["spec"]})
		if err != nil {
			p.t.Error(err)
		}
		noted = string(text)
	}
	next.Object["status"] = parentStatus(state+strings.ToUpper(color), job, message, noted)
	p.store(kube.Ref{Kind: blueGreenKind, Key: keyOf(orders)}, parent, next)
}

// parentStatus is the status of a FlinkBlueGreenDeployment.
func parentStatus(state, job, message, reconciled string) map[string]any {
	status := map[string]any{"blueGreenState": state, "jobStatus": map[string]any{"state": job}, "lastReconciledSpec": reconciled}
	if message != "" {
		status["error"] = message
	}
	return status
}

func childKey(color string) kube.Ref {
	return kube.Ref{Kind: deploymentKind, Key: keyOf(bluegreen.ColorRef(orders, color))}
}
