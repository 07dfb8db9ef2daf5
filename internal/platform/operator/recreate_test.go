package operator

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

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
	change.Spec.Mode = new(flink.ModeStandalone)
	change.Rollout.Action = planner.ActionRecreate
	return change
}

// remembered is the config map with the path of the job's state, nil for none.
func remembered(f *fake) *unstructured.Unstructured {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.objects[kube.Ref{Kind: configMapKind, Key: noted{whole: orders}.key()}]
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

func TestRecreateKeepsTheStateWhereverItIsKilled(t *testing.T) {
	for _, configured := range []string{"", "file:/first"} {
		t.Run("configured "+configured, func(t *testing.T) {
			var s *starts
			change := toStandalone("flink:1")
			if configured != "" {
				change.Spec.Job.InitialSavepointPath = &configured
				change.Was.Spec.Job.InitialSavepointPath = &configured
			}
			everyKill(t,
				func(t *testing.T, f *fake) {
					s = &starts{plays: obedient}
					f.operator = s.operator
					d := NewDeployments(f, Options{})
					first := deployment("flink:1")
					first.Spec.Job.InitialSavepointPath = change.Spec.Job.InitialSavepointPath
					written, err := d.begin(t.Context(), creating(first))
					if err != nil {
						t.Fatal(err)
					}
					if _, err := written.Await(t.Context()); err != nil {
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
		{name: "never started since its last state upgrade", status: reconciledBy("last-state", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "savepoint", savepoint0)), refused: "there may be a newer checkpoint"},
		{name: "suspended by last state since an earlier savepoint", status: reconciledBy("last-state", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", savepoint0)), refused: "there may be a newer checkpoint"},
		{name: "restarting, and the JobManager answers", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), service: checkpoints, from: "file:/checkpoints/chk-9"},
		{name: "restarting, and nobody answers", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), refused: "there may be a newer checkpoint"},
		{name: "restarting, and the loss is allowed", status: statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0), allow: true, from: savepoint0},
		{name: "with no known state", status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING"), refused: "neither a savepoint nor a checkpoint"},
		{name: "with no known state, and the loss is allowed", status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING"), allow: true},
		{name: "never ran", status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "stable", "")},
		{name: "suspended without state", status: reconciledBy("stateless", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", savepoint0))},
		{name: "stopped with a savepoint by somebody", status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint0), from: savepoint0},
		{name: "finished", status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2")},
		{
			name: "stateless", allow: true, status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint0),
			edit: func(c *platform.Change) { c.Spec.Job.UpgradeMode = new(flink.UpgradeStateless) },
		},
		{
			name: "with another path given", allow: true, status: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint0),
			edit: func(c *platform.Change) { c.Spec.Job.InitialSavepointPath = new("file:/given") }, from: "file:/given",
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
				nothingLeft(t, f, orElse(ptr.Deref(change.Spec.Job.InitialSavepointPath, ""), ""))
			})
		})
	}
}

func TestRecreateGoesOnFromWhatWasNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		finalized(t, f)
		setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY", "savepoint", savepoint0))
		f.service = func(string) (string, error) {
			return `{"latest":{"completed":{"external_path":"file:/checkpoints/chk-9"}}}`, nil
		}
		s := &starts{plays: silent}
		f.operator = s.operator
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := d.begin(ctx, toStandalone("flink:1"))
		mentions(t, failure(t, err).Detail, "The state of the job is in file:/checkpoints/chk-9 (noted in the config map prod/orders-recreate)")

		// The JobManager is gone by now, and does not answer any more.
		f.service, s.plays = nil, obedient
		f.edit(func(object *unstructured.Unstructured) { object.SetGeneration(object.GetGeneration() + 1) })
		if _, err := update(t, d, toStandalone("flink:1")); err != nil {
			t.Fatal(err)
		}
		if len(s.from) != 1 || s.from[0] != "file:/checkpoints/chk-9" {
			t.Errorf("started from %q", s.from)
		}
		nothingLeft(t, f, "")
	})
}

func TestWhatWasCreatedAgainAndNotDeployedYetKeepsItsState(t *testing.T) {
	for _, test := range []struct {
		name   string
		change platform.Change
		again  bool
	}{
		{name: "when it is created once more", change: changeTo("flink:2"), again: true},
		{name: "when it is changed", change: toStandalone("flink:2")},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, _ := running(t, f, "flink:1")
				var s *starts
				s = &starts{plays: func(object *unstructured.Unstructured) []step {
					if len(s.from) > 0 {
						return nil
					}
					return obedient(object)
				}}
				f.operator = s.operator
				written, err := d.begin(t.Context(), toStandalone("flink:1"))
				if err != nil {
					t.Fatal(err)
				}
				var deployed []string
				f.operator = func(object *unstructured.Unstructured) []step {
					deployed = append(deployed, initialPath(object))
					return obedient(object)
				}
				if test.again {
					test.change.Rollout.Action = planner.ActionRecreate
				} else {
					test.change.Rollout.Action = planner.ActionSavepoint
				}
				observed, err := update(t, d, test.change)
				if err != nil {
					t.Fatal(err)
				}
				if len(deployed) == 0 || deployed[0] != savepoint1 || (observed.UID != written.observed.UID) != test.again {
					t.Errorf("started from %q, created again %v", deployed, observed.UID != written.observed.UID)
				}
				nothingLeft(t, f, "")
			})
		})
	}
}

func TestASuspendedJobKeepsItsStateWhenItIsCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, flink.JobSuspended, "spec", "job", "state")
		})
		setStatus(t, f, statusOf(2, "SUSPENDED", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint0))
		f.operator = func(object *unstructured.Unstructured) []step {
			if state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state"); state == flink.JobSuspended {
				// A job that is created suspended gets no status that tells of it.
				return nil
			}
			if path := initialPath(object); object.GetGeneration() == 3 && path != savepoint0 {
				t.Errorf("resumed from %q", path)
			}
			return obedient(object)
		}
		change := toStandalone("flink:1")
		change.Spec.Job.State = new(flink.JobSuspended)
		if _, err := update(t, d, change); err != nil {
			t.Fatal(err)
		}
		if remembered(f) == nil {
			t.Error("the path is not noted any more")
		}
		// A change while it is suspended, and then it is resumed.
		change.Spec.Image, change.Rollout.Action = new("flink:2"), planner.ActionDeferred
		if _, err := update(t, d, change); err != nil {
			t.Fatal(err)
		}
		change.Spec.Job.State, change.Rollout.Action = new(flink.JobRunning), planner.ActionResume
		if _, err := update(t, d, change); err != nil {
			t.Fatal(err)
		}
		nothingLeft(t, f, "")
	})
}

func TestDeleteOfWhatIsBeingCreatedAgainLeavesItsPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		observed, err := update(t, d, toStandalone("flink:nope"))
		failure(t, err)
		deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true})
		if err != nil || deleted.SavepointPath != savepoint1 {
			t.Fatalf("returned %+v, %v", deleted, err)
		}
		mentions(t, deleted.Note, "one of this name that is created next starts from that state", "prod/orders-recreate")

		// Terraform creates a tainted deployment once more.
		s := &starts{plays: obedient}
		f.operator = s.operator
		written, err := d.begin(t.Context(), creating(toStandalone("flink:2").Deployment))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := written.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.from) != 1 || s.from[0] != savepoint1 {
			t.Errorf("started from %q", s.from)
		}
		nothingLeft(t, f, "")
	})
}

func TestASessionClusterWithJobsIsNotCreatedAgain(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	f.edit(func(object *unstructured.Unstructured) { unstructured.RemoveNestedField(object.Object, "spec", "job") })
	f.put(sessionJobKind, &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"namespace": "prod", "name": "counter"}, "spec": map[string]any{"deploymentName": "orders"},
	}})
	change := toStandalone("flink:1")
	change.Spec.Job = nil
	_, err := d.begin(t.Context(), change)
	mentions(t, failure(t, err).Detail, "counter. Destroy them first.")
	if f.count("delete") != 0 {
		t.Errorf("the calls were %v", f.calls)
	}
}

func TestAConfigMapOfSomebodyElseIsNotOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		key := noted{whole: orders}.key()
		f.put(configMapKind, &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"namespace": key.Namespace, "name": key.Name}}})
		if _, err := d.begin(t.Context(), toStandalone("flink:1")); err == nil || !strings.Contains(err.Error(), "is not the provider's, or of another deployment. Nothing was deleted") {
			t.Errorf("returned %v", err)
		}
		if f.count("delete") != 0 {
			t.Errorf("the calls were %v", f.calls)
		}
	})
}

func TestCreateGoesOnWithAnotherSpecification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.operator = obedient
		written, err := d.begin(t.Context(), toStandalone("flink:1"))
		if err != nil {
			t.Fatal(err)
		}
		if written.observed.RolledOut || !slices.Equal(written.observed.Replaces, []string{"uid-1"}) {
			t.Errorf("created %+v", written)
		}
		setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint1))
		if read, err := d.Read(t.Context(), orders); err != nil || read.RolledOut {
			t.Errorf("while its marks are to be removed, it is %+v, %v", read, err)
		}
		// The state knows nothing of the object, and the configuration changes.
		f.operator = obedient
		f.killed()
		created, err := d.begin(t.Context(), creating(toStandalone("flink:2").Deployment))
		if err != nil {
			t.Fatal(err)
		}
		observed, err := created.Await(t.Context())
		if err != nil || observed.UID != written.observed.UID || observed.Spec["image"] != "flink:2" {
			t.Errorf("ended with %+v, %v", observed, err)
		}
		nothingLeft(t, f, "")
	})
}
