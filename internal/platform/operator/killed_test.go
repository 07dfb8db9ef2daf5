package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// life is a process that a test may kill, and the cluster that it works on.
type life struct {
	*fake

	// watch is asked about each call that is made, and may let it fail.
	watch   func(call string) error
	process func(ctx context.Context) error
	// after goes on where the process ended.
	after func()
}

// killEach runs what a process does, and for each of its calls to the cluster,
// of which there are at least so many, once more a process that dies before it;
// the next one then goes on.
func killEach(t *testing.T, least int, begin func(t *testing.T) life) {
	t.Helper()
	most := 0
	run := func(t *testing.T, killed int) (calls []string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			l := begin(t)
			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			before, left := len(l.calls), killed
			l.fail = func(call string) error {
				if left--; left < 0 && killed >= 0 {
					kill()
					return context.Canceled
				}
				return l.watch(call)
			}
			// The last call may be one that needs not succeed.
			if err := l.process(ctx); killed >= 0 && killed < most && !errors.Is(err, context.Canceled) {
				t.Fatalf("a process that was killed returned %v", err)
			}
			l.mu.Lock()
			calls, l.fail = slices.Clone(l.calls[before:]), l.watch
			l.mu.Unlock()
			l.killed()
			l.after()
		})
		return calls
	}
	var calls []string
	t.Run("not killed", func(t *testing.T) { calls = run(t, -1) })
	if len(calls) < least {
		t.Fatalf("only the calls %v", calls)
	}
	most = len(calls) - 1
	for i, call := range calls {
		words := strings.Fields(call)
		t.Run(fmt.Sprintf("killed before call %d, %s", i, strings.Join(words[:min(3, len(words))], " ")), func(t *testing.T) { run(t, i) })
	}
}

// everyKill is killEach of a process that manages deployments.
func everyKill(t *testing.T, prepare func(t *testing.T, f *fake), process func(ctx context.Context, d *Deployments) error, after func(t *testing.T, f *fake)) {
	t.Helper()
	killEach(t, 3, func(t *testing.T) life {
		t.Helper()
		f := newFake(t)
		prepare(t, f)
		return life{
			fake:    f,
			watch:   func(call string) error { return keepsState(t, f, call) },
			process: func(ctx context.Context) error { return process(ctx, NewDeployments(f, Options{})) },
			after:   func() { after(t, f) },
		}
	})
}

// apply does what the resource does with a change: a deployment that is gone,
// or that is another one than the state's, is created, and one that was seen to
// change already is only waited for.
func apply(ctx context.Context, d *Deployments, uid string, change platform.Change) (*platform.Observed, error) {
	observed, err := d.Read(ctx, orders)
	var absent *platform.NotFoundError
	if errors.As(err, &absent) || err == nil && observed.UID != uid && !slices.Contains(observed.Replaces, uid) {
		written, err := d.begin(ctx, creating(change.Deployment))
		if err != nil {
			return nil, err
		}
		return written.Await(ctx)
	}
	if err != nil {
		return nil, err
	}
	change.Rollout.Action = planner.ActionSavepoint
	if mode(change.Spec) != nil || observed.Spec["mode"] != nil {
		// The state may not know the mode of an object that was created by a
		// process that was killed.
		change.Rollout.Action = planner.ActionRecreate
	}
	after, err := flink.TreeOf(change.Spec)
	if err != nil {
		return nil, err
	}
	if flink.Equal(flink.Observe(after, observed.Spec), after) && !d.isLeaving(ctx, change.Ref) {
		change.Begun = true
	}
	written, err := d.begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return written.Await(ctx)
}

func mode(spec flink.DeploymentSpec) any {
	if spec.Mode == nil {
		return nil
	}
	return *spec.Mode
}

// keepsState checks that no object is deleted before the path of its job's
// state is noted. The fake is locked.
func keepsState(t *testing.T, f *fake, call string) error {
	if strings.HasPrefix(call, "delete FlinkDeployment") && f.objects[kube.Ref{Kind: configMapKind, Key: noted{whole: orders}.key()}] == nil {
		t.Errorf("%s, and nothing tells where the state is", call)
	}
	return nil
}

// Wherever a provider dies in a failed change and
// its rollback, the next apply runs the corrected change with the job's state.
func TestARollbackKeepsTheStateWhereverItIsKilled(t *testing.T) {
	loses := func(object *unstructured.Unstructured) []step {
		_, redeploys, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "job", redeployNonce)
		if object.GetGeneration() > 2 && object.GetDeletionTimestamp() == nil && !redeploys && image(object) == "flink:1" {
			return []step{{0, lost(object.GetGeneration()-1, "savepoint", savepoint1)}}
		}
		return obedient(object)
	}
	for _, test := range []struct {
		name    string
		change  platform.Change
		plays   func(*unstructured.Unstructured) []step
		prepare func(*fake)
	}{
		{name: "of an upgrade", change: changeTo("flink:nope"), plays: obedient, prepare: func(*fake) {}},
		{name: "of an upgrade whose savepoint the operator has lost", change: changeTo("flink:nope"), plays: loses, prepare: func(*fake) {}},
		{name: "of an upgrade whose savepoint the operator has lost, before 1.8", change: changeTo("flink:nope"), plays: loses, prepare: before18},
		{name: "of a re-creation", change: toStandalone("flink:nope"), plays: obedient, prepare: func(*fake) {}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.change.Rollback = true
			corrected := test.change
			corrected.Spec.Image = new("flink:2")
			var s *starts
			everyKill(t,
				func(t *testing.T, f *fake) {
					s = &starts{plays: test.plays}
					f.operator = s.operator
					running(t, f, "flink:1")
					finalized(t, f)
					setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
					test.prepare(f)
				},
				func(ctx context.Context, d *Deployments) error {
					_, err := apply(ctx, d, "uid-1", test.change)
					return err
				},
				func(t *testing.T, f *fake) {
					observed, err := apply(t.Context(), NewDeployments(f, Options{}), "uid-1", corrected)
					if err != nil {
						t.Fatal(err)
					}
					if observed.Status.JobState != flink.StateRunning || observed.Spec["image"] != "flink:2" || observed.Spec["mode"] != mode(corrected.Spec) {
						t.Errorf("ended with %+v", observed)
					}
					if len(s.from) == 0 || slices.ContainsFunc(s.from[1:], func(from string) bool { return from != savepoint1 }) {
						t.Errorf("the objects were started from %q", s.from)
					}
					nothingLeft(t, f, "")
				})
		})
	}
}

func image(object *unstructured.Unstructured) string {
	text, _, _ := unstructured.NestedString(object.Object, "spec", "image")
	return text
}
