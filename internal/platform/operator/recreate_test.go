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

const savepoint0 = "file:/savepoints/savepoint-0"

// starts is an operator that notes from which path each object is started
// first.
type starts struct {
	from  []string
	plays func(*unstructured.Unstructured) []step
}

func (s *starts) operator(object *unstructured.Unstructured) []step {
	state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
	if object.GetGeneration() == 1 && state != flink.JobSuspended {
		s.from = append(s.from, initialPath(object))
	}
	return s.plays(object)
}

// toStandalone is a change that the operator refuses in place.
func toStandalone(image string) platform.Change {
	change := changeTo(image)
	change.Spec.Mode = ptr(flink.ModeStandalone)
	change.Rollout.Action = planner.ActionRecreate
	return change
}

// remembered is the config map with the path of the job's state, nil for none.
func remembered(f *fake) *unstructured.Unstructured {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.objects[kube.Ref{Kind: configMapKind, Key: recreationKey(orders)}]
}

// nothingLeft checks that a re-creation has come to its end.
func nothingLeft(t *testing.T, f *fake, configured string) {
	t.Helper()
	if remembered(f) != nil {
		t.Error("the config map is still there")
	}
	live := f.live(t)
	if path := initialPath(live); path != configured {
		t.Errorf("the object has the initial savepoint path %q, want %q", path, configured)
	}
	if _, found, _ := unstructured.NestedFieldNoCopy(live.Object, "spec", "job", redeployNonce); found {
		t.Error("the object has a redeploy nonce")
	}
	for _, name := range []string{creationAnnotation, updateAnnotation, recreationAnnotation} {
		if value, ok := live.GetAnnotations()[name]; ok {
			t.Errorf("the object has the annotation %s %q", name, value)
		}
	}
}

// everyKill runs what a process does, and for each of its calls to the cluster
// once more a process that dies before it; the next one then goes on.
func everyKill(t *testing.T, prepare func(t *testing.T, f *fake), process func(ctx context.Context, d *Deployments) error, after func(t *testing.T, f *fake)) {
	var calls []string
	t.Run("not killed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			prepare(t, f)
			before := len(f.calls)
			_ = process(t.Context(), NewDeployments(f, Options{}))
			f.mu.Lock()
			calls = slices.Clone(f.calls[before:])
			f.mu.Unlock()
			after(t, f)
		})
	})
	if len(calls) < 3 {
		t.Fatalf("only the calls %v", calls)
	}
	for i, call := range calls {
		t.Run(fmt.Sprintf("killed before call %d, %s", i, strings.Join(strings.Fields(call)[:2], " ")), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				prepare(t, f)
				ctx, kill := context.WithCancel(t.Context())
				left := i
				f.fail = func(string) error {
					if left--; left < 0 {
						kill()
						return context.Canceled
					}
					return nil
				}
				if err := process(ctx, NewDeployments(f, Options{})); !errors.Is(err, context.Canceled) {
					t.Fatalf("a process that was killed returned %v", err)
				}
				f.fail = nil
				after(t, f)
			})
		})
	}
}

// apply does what the resource does with a change: a deployment that is gone,
// or that is another one than the state's, is created, and one that was seen to
// change already is only waited for.
func apply(ctx context.Context, d *Deployments, uid string, change platform.Change) (*platform.Observed, error) {
	observed, err := d.Read(ctx, orders)
	var absent *platform.NotFoundError
	if errors.As(err, &absent) || err == nil && observed.UID != uid && !slices.Contains(observed.Replaces, uid) {
		written, err := d.Create(ctx, change.Deployment)
		if err != nil {
			return nil, err
		}
		return d.AwaitRollout(ctx, written, create, platform.WaitOptions{})
	}
	if err != nil {
		return nil, err
	}
	after, err := flink.TreeOf(change.Spec)
	if err != nil {
		return nil, err
	}
	if flink.Equal(flink.Observe(after, observed.Spec), after) {
		return d.AwaitRollout(ctx, observed, change.Rollout, platform.WaitOptions{})
	}
	written, err := d.Update(ctx, change)
	if err != nil {
		return written, err
	}
	return d.AwaitRollout(ctx, written, change.Rollout, platform.WaitOptions{})
}

func TestRecreateKeepsTheStateWhereverItIsKilled(t *testing.T) {
	for _, configured := range []string{"", "file:/first"} {
		t.Run("configured "+configured, func(t *testing.T) {
			var s *starts
			change := toStandalone("flink:1")
			if configured != "" {
				change.Spec.Job.InitialSavepointPath = &configured
				change.Previous.Job.InitialSavepointPath = &configured
			}
			everyKill(t,
				func(t *testing.T, f *fake) {
					s = &starts{plays: obedient}
					f.operator = s.operator
					d := NewDeployments(f, Options{})
					first := deployment("flink:1")
					first.Spec.Job.InitialSavepointPath = change.Spec.Job.InitialSavepointPath
					written, err := d.Create(t.Context(), first)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := d.AwaitRollout(t.Context(), written, create, platform.WaitOptions{}); err != nil {
						t.Fatal(err)
					}
					finalized(t, f)
				},
				func(ctx context.Context, d *Deployments) error {
					_, err := apply(ctx, d, "uid-1", change)
					return err
				},
				func(t *testing.T, f *fake) {
					observed, err := apply(t.Context(), NewDeployments(f, Options{}), "uid-1", change)
					if err != nil {
						t.Fatal(err)
					}
					if observed.Status.JobState != flink.StateRunning || observed.Spec["mode"] != flink.ModeStandalone {
						t.Errorf("ended with %+v", observed)
					}
					if n := len(s.from); n < 2 || s.from[0] != configured || slices.ContainsFunc(s.from[1:], func(from string) bool { return from != savepoint1 }) {
						t.Errorf("the jobs were started from %q", s.from)
					}
					nothingLeft(t, f, configured)
				})
		})
	}
}

func TestRecreateByTheStateOfTheJob(t *testing.T) {
	checkpoints := func(string) (string, error) {
		return `{"latest":{"completed":{"external_path":"file:/checkpoints/chk-9"}}}`, nil
	}
	for _, test := range []struct {
		name    string
		status  map[string]any
		service func(string) (string, error)
		allow   bool
		edit    func(*platform.Change)
		from    string
		refused string
	}{
		{name: "failed", status: statusOf(1, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", "file:/checkpoints/chk-7"), from: "file:/checkpoints/chk-7"},
		{name: "never started since its upgrade", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "savepoint", savepoint0), from: savepoint0},
		{name: "restarting, and the JobManager answers", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), service: checkpoints, from: "file:/checkpoints/chk-9"},
		{name: "restarting, and nobody answers", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), refused: "there may be a newer checkpoint"},
		{name: "restarting, and the loss is allowed", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), allow: true, from: savepoint0},
		{name: "with no known state", status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING"), refused: "neither a savepoint nor a checkpoint"},
		{name: "with no known state, and the loss is allowed", status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING"), allow: true},
		{name: "never ran", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "stable", "")},
		{name: "finished", status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2")},
		{
			name: "stateless", status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint0),
			edit: func(c *platform.Change) { c.Spec.Job.UpgradeMode = ptr(flink.UpgradeStateless) },
		},
		{
			name: "with another path given", status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint0),
			edit: func(c *platform.Change) { c.Spec.Job.InitialSavepointPath = ptr("file:/given") }, from: "file:/given",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, _ := running(t, f, "flink:1")
				setStatus(t, f, test.status)
				f.service = test.service
				s := &starts{plays: obedient}
				f.operator = s.operator
				change := toStandalone("flink:1")
				change.AllowStateLoss = test.allow
				if test.edit != nil {
					test.edit(&change)
				}
				_, err := update(t, d, change)
				if test.refused != "" {
					mentions(t, failure(t, err).Detail, test.refused, "Nothing was deleted.", "upgrade.allow_state_loss = true")
					if f.count("delete") != 0 || remembered(f) != nil {
						t.Errorf("the calls were %v", f.calls)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(s.from) != 1 || s.from[0] != test.from {
					t.Errorf("started from %q, want %q", s.from, test.from)
				}
				nothingLeft(t, f, orElse(deref(change.Spec.Job.InitialSavepointPath), ""))
			})
		})
	}
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
