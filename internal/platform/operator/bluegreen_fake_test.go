package operator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// exchange is a cluster in memory whose operator runs colors, and takes
// savepoints of those that run.
type exchange struct {
	*fake
	deployed sync.Map // the image that runs, by uid
	mu       sync.Mutex
	taken    int
	// fails makes savepoints fail.
	fails bool
	// starts are the colors that were created, with what they start from.
	starts []string
	// gap is set once a color ran, and then found that none does.
	ran bool
	gap string
}

func newExchange(t *testing.T) *exchange {
	t.Helper()
	e := &exchange{fake: newFake(t)}
	e.operator = e.plays
	e.fail = e.watch
	return e
}

// plays is an operator that restarts a job for another image only.
func (e *exchange) plays(object *unstructured.Unstructured) []step {
	generation, runs := object.GetGeneration(), image(object)
	if object.GetDeletionTimestamp() != nil {
		return []step{{time.Second, nil}}
	}
	before, deployed := e.deployed.Swap(object.GetUID(), runs)
	state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
	if generation == 1 {
		e.mu.Lock()
		e.starts = append(e.starts, fmt.Sprintf("%s from %s", object.GetName(), initialPath(object)))
		e.mu.Unlock()
	}
	if deployed && before == runs && state == flink.JobRunning && isRunning(object) {
		return []step{{0, statusOf(generation, "STABLE", "DEPLOYED", "RUNNING", "READY")}}
	}
	return obedient(object)
}

func isRunning(object *unstructured.Unstructured) bool {
	return object.GetDeletionTimestamp() == nil && fko.StatusOf(object).JobState == flink.StateRunning
}

// watch looks at every call whether a job runs. The fake is locked.
func (e *exchange) watch(call string) error {
	running := false
	for ref, object := range e.objects {
		running = running || ref.Kind == deploymentKind && isRunning(object)
	}
	if e.ran && !running && e.gap == "" {
		e.gap = call
	}
	e.ran = e.ran || running
	return nil
}

func (e *exchange) Create(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	object = object.DeepCopy()
	if kind == deploymentKind {
		object.SetFinalizers([]string{"operator"})
	}
	created, err := e.fake.Create(ctx, kind, object)
	if err == nil && kind == snapshotKind {
		e.mu.Lock()
		e.taken++
		status := inState("COMPLETED", "path", fmt.Sprintf("s3://sp/%d", e.taken))
		if e.fails {
			status = inState("ABANDONED", "error", "the disk is full")
		}
		e.mu.Unlock()
		ref := kube.Ref{Kind: kind, Key: kube.KeyOf(created)}
		go e.play(ref, created.GetUID(), created.GetGeneration(), []step{{2 * time.Second, status}})
	}
	return created, err
}

// Apply keeps what others set, as server-side apply does.
func (e *exchange) Apply(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error) {
	e.fake.mu.Lock()
	live := e.objects[kube.Ref{Kind: kind, Key: kube.KeyOf(object)}]
	e.fake.mu.Unlock()
	if live != nil {
		object = object.DeepCopy()
		object.SetFinalizers(live.GetFinalizers())
		if since, ok := live.GetAnnotations()[activeAnnotation]; ok {
			annotate(object, activeAnnotation, since)
		}
		if color, ok := live.GetLabels()[fko.ChildLabel]; ok {
			labels := object.GetLabels()
			if labels == nil {
				labels = map[string]string{}
			}
			labels[fko.ChildLabel] = color
			object.SetLabels(labels)
		}
	}
	return e.fake.Apply(ctx, kind, object, o)
}

// colors are the colors that exist with their images, and what the Service
// leads to.
func (e *exchange) state() string {
	e.fake.mu.Lock()
	defer e.fake.mu.Unlock()
	var out []string
	for _, ref := range slices.SortedFunc(maps.Keys(e.objects), func(a, b kube.Ref) int { return strings.Compare(a.Key.Name, b.Key.Name) }) {
		object := e.objects[ref]
		switch ref.Kind {
		case deploymentKind:
			out = append(out, fmt.Sprintf("%s %s %s", ref.Key.Name, image(object), fko.StatusOf(object).JobState))
		case serviceKind:
			selector, _, _ := unstructured.NestedString(object.Object, "spec", "selector", "app")
			out = append(out, "service to "+selector)
		case ingressKind, configMapKind:
			out = append(out, ref.Kind.Kind+" "+ref.Key.Name)
		}
	}
	return strings.Join(out, ", ")
}

// want is the blue/green deployment of the tests with an image.
func want(image string) platform.Deployment {
	out := deployment(image)
	out.Form = bluegreen.ByProvider
	out.BlueGreen = flink.BlueGreen{AbortGracePeriod: 10 * time.Minute, ServiceType: "ClusterIP"}
	out.Spec.FlinkConfiguration["state.savepoints.dir"] = new("s3://sp")
	return out
}

// to is the change to an image.
func to(image string) platform.Change {
	previous := want("flink:1").Spec
	return platform.Change{Deployment: want(image), Was: &platform.Was{Spec: previous}, Rollback: true, Awaited: true, Rollout: planner.Rollout{Action: planner.ActionBlueGreen}}
}

// start creates the deployment and waits until blue runs.
func (e *exchange) start(t *testing.T, image string) *platform.Observed {
	t.Helper()
	return e.create(t, want(image))
}

func (e *exchange) create(t *testing.T, want platform.Deployment) *platform.Observed {
	t.Helper()
	a := NewApplications(e, Options{})
	written, err := a.Begin(t.Context(), creating(want))
	if err != nil {
		t.Fatal(err)
	}
	observed, err := written.Await(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return observed
}

// apply makes a change as a process of its own.
func (e *exchange) apply(ctx context.Context, change platform.Change) (*platform.Observed, error) {
	a := NewApplications(e, Options{})
	written, err := a.Begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return written.Await(ctx)
}

// status sets the status of a color, as its operator writes it.
func (e *exchange) status(t *testing.T, color string, status map[string]any) {
	t.Helper()
	object := e.color(t, color)
	object.Object["status"] = status
	e.put(deploymentKind, object)
}

func (e *exchange) color(t *testing.T, color string) *unstructured.Unstructured {
	t.Helper()
	object, err := e.Get(t.Context(), deploymentKind, keyOf(bluegreen.ColorRef(orders, color)))
	if err != nil {
		t.Fatal(err)
	}
	return object
}
