package operator

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

func TestAFailedUpdateIsRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		change := changeTo("flink:nope")
		change.Rollback = true
		observed, err := update(t, d, change)
		failed := failure(t, err)
		if !failed.RolledBack || observed.Generation != 3 || !observed.RolledOut {
			t.Errorf("rolled back %v, and %+v runs", failed.RolledBack, observed)
		}
		if want := `The new version of "orders" does not start: image "flink:nope" cannot be pulled`; failed.Summary != want {
			t.Errorf("the summary is %q, want %q", failed.Summary, want)
		}
		mentions(t, failed.Detail, "Waited 2m2s for generation 2", "ErrImagePull",
			"Rolled back: the previous version (image flink:1) runs again, restored from file:/savepoints/savepoint-1.",
			"The change stays in the next plan. Correct the image, its registry or the pull secret, and apply again.")
		if strings.Count(failed.Detail, "apply again") != 1 {
			t.Errorf("the detail repeats itself:\n%s", failed.Detail)
		}
		if image, _, _ := unstructured.NestedString(f.live(t).Object, "spec", "image"); image != "flink:1" {
			t.Errorf("the object has image %s", image)
		}
	})
}

// What another version of Flink left behind is not gone on with: the job of before starts
// from the savepoint of the change, also where the new one never ran.
func TestARollbackAcrossVersionsStartsFromTheSavepoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
		from := ""
		f.operator = func(object *unstructured.Unstructured) []step {
			if object.GetGeneration() == 3 {
				from = initialPath(object)
			}
			return obedient(object)
		}
		change := changeTo("flink:nope")
		change.Spec.FlinkVersion, change.AcceptStateRisk, change.Rollback = new("v2_3"), "v1_20->v2_3", true
		_, err := update(t, d, change)
		if failed := failure(t, err); !failed.RolledBack {
			t.Fatal(failed)
		}
		if from != savepoint1 {
			t.Errorf("the version before started from %q", from)
		}
		if version, _, _ := unstructured.NestedString(f.live(t).Object, "spec", "flinkVersion"); version != "v1_20" {
			t.Errorf("the object has the version %s", version)
		}
		nothingLeft(t, f, "")
	})
}

// A rollback puts back what the state keeps: labels and annotations too.
func TestARollbackPutsLabelsAndAnnotationsBack(t *testing.T) {
	before := &platform.Was{Labels: map[string]string{"team": "a", "old": "1"}, Annotations: map[string]string{"note": "a"}}
	change := func(image string) platform.Change {
		out := changeTo(image)
		out.Labels, out.Annotations, out.Rollback = map[string]string{"team": "b", "new": "1"}, map[string]string{"note": "b"}, true
		out.Was.Labels, out.Was.Annotations = before.Labels, before.Annotations
		return out
	}
	for name, roll := range map[string]func(t *testing.T) *unstructured.Unstructured{
		"in place": func(t *testing.T) *unstructured.Unstructured {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			_, err := update(t, d, change("flink:nope"))
			failure(t, err)
			return f.live(t)
		},
		"of the active color": func(t *testing.T) *unstructured.Unstructured {
			e := newExchange(t)
			e.start(t, "flink:1")
			failing := to("flink:nope")
			failing.Labels, failing.Annotations, failing.Was.Labels, failing.Was.Annotations = change("").Labels, change("").Annotations, before.Labels, before.Annotations
			failing.Rollout.Action = planner.ActionSavepoint
			_, err := e.apply(t.Context(), failing)
			failure(t, err)
			return e.color(t, "blue")
		},
		"of the operator's engine": func(t *testing.T) *unstructured.Unstructured {
			s := newNativeStage(t)
			failing := byOperatorTo("flink:nope")
			failing.Labels, failing.Annotations, failing.Was.Labels, failing.Was.Annotations = change("").Labels, change("").Annotations, before.Labels, before.Annotations
			ctx, stop := context.WithTimeout(t.Context(), time.Hour)
			defer stop()
			time.AfterFunc(time.Minute, func() {
				s.parent("ACTIVE_BLUE", "FAILING", "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE")
			})
			_, err := s.apply(ctx, failing)
			failure(t, err)
			live, err := s.Get(t.Context(), blueGreenKind, keyOf(orders))
			if err != nil {
				t.Fatal(err)
			}
			return live
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := roll(t)
				labels := live.GetLabels()
				delete(labels, deploymentLabel)
				if diff := cmp.Diff(before.Labels, labels); diff != "" {
					t.Errorf("labels (-want +got):\n%s", diff)
				}
				if note, made := live.GetAnnotations()["note"], isMarked(live); note != "a" || made {
					t.Errorf("annotations %v", live.GetAnnotations())
				}
			})
		})
	}
}

func TestAFailedUpdateIsKeptWhenNobodyAskedForARollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		observed, err := update(t, d, changeTo("flink:nope"))
		if failed := failure(t, err); failed.RolledBack || observed.Generation != 2 {
			t.Errorf("rolled back %v at generation %d", failed.RolledBack, observed.Generation)
		}
	})
}

func TestARefusedUpdateThatNeverStoppedTheJobIsRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.operator = func(object *unstructured.Unstructured) []step {
			if object.GetGeneration() == 2 {
				return []step{{time.Second, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "error", timelines.InvalidError)}}
			}
			return []step{
				{time.Second, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY")},
				{time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RUNNING", "READY")},
			}
		}
		change := changeTo("flink:2")
		change.Rollback = true
		_, err := update(t, d, change)
		failed := failure(t, err)
		mentions(t, failed.Summary, "the operator refuses the specification: spec.serviceAccount must be defined.")
		mentions(t, failed.Detail, "the previous version (image flink:1) was never stopped and runs on.")
	})
}

func TestAFailedRollbackReportsBothCauses(t *testing.T) {
	for _, test := range []struct {
		name   string
		before map[string]any
		back   map[string]any
		cause  string
		state  string
	}{
		{
			name: "whose state is known", before: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"),
			back:  statusOf(3, "FAILED", "DEPLOYED", "FAILED", "READY", "error", timelines.JobError, "savepoint", savepoint1),
			cause: "asked to fail at start", state: "The job's state is kept in " + savepoint1 + "; the next apply starts from it.",
		},
		{
			name: "whose state the operator has lost", before: statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", savepoint1),
			back:  lost(2, "savepoint", savepoint1),
			cause: "Manual restore required.", state: "The newest savepoint of the job that the operator names is " + savepoint1 + ", and the job has run since.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, _ := running(t, f, "flink:1")
				setStatus(t, f, test.before)
				f.operator = func(object *unstructured.Unstructured) []step {
					if object.GetGeneration() == 3 {
						return []step{{time.Second, test.back}}
					}
					return obedient(object)
				}
				change := changeTo("flink:nope")
				change.Rollback = true
				observed, err := update(t, d, change)
				failed := failure(t, err)
				if failed.RolledBack {
					t.Error("a rollback that failed is reported as done")
				}
				mentions(t, failed.Summary, `image "flink:nope" cannot be pulled; the rollback failed as well`)
				mentions(t, failed.Detail, "ErrImagePull", "Tried to go back to the previous version", test.cause, test.state)
				if observed.Status.SavepointPath != savepoint1 {
					t.Errorf("the status has savepoint %q", observed.Status.SavepointPath)
				}
			})
		})
	}
}

func TestARollbackStartsFromTheSavepointOfTheUpdateWhenTheOperatorHasLostIt(t *testing.T) {
	loses := func(object *unstructured.Unstructured) []step {
		if object.GetGeneration() == 3 {
			return []step{{time.Second, statusOf(2, "FAILED", "DEPLOYED", "RECONCILING", "ERROR", "error", timelines.RestoreError, "savepoint", savepoint1)}}
		}
		return obedient(object)
	}
	change := changeTo("flink:nope")
	change.Rollback = true
	t.Run("taken by the update", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
			from := ""
			f.operator = func(object *unstructured.Unstructured) []step {
				if object.GetGeneration() == 4 {
					from = initialPath(object)
				}
				return loses(object)
			}
			observed, err := update(t, d, change)
			failed := failure(t, err)
			if !failed.RolledBack || observed.Generation != 5 {
				t.Errorf("rolled back %v at generation %d:\n%s", failed.RolledBack, observed.Generation, failed.Detail)
			}
			mentions(t, failed.Detail, "restored from "+savepoint1)
			if from != savepoint1 {
				t.Errorf("started from %q", from)
			}
			nothingLeft(t, f, "")
		})
	})
	t.Run("but not from an older one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			f.operator = loses
			observed, err := update(t, d, change)
			if failed := failure(t, err); failed.RolledBack || observed.Generation != 3 {
				t.Errorf("rolled back %v at generation %d", failed.RolledBack, observed.Generation)
			}
		})
	})
}

// The previous specification restarts its job without state; the failed one had
// taken a savepoint, which a rollback must not drop.
func TestARollbackToAStatelessSpecificationKeepsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, flink.UpgradeStateless, "spec", "job", "upgradeMode")
		})
		setStatus(t, f, statusOf(2, "STABLE", "DEPLOYED", "RUNNING", "READY"))
		var modes []string
		f.operator = func(object *unstructured.Unstructured) []step {
			modes = append(modes, upgradeModeOf(object)+" "+image(object))
			return obedient(object)
		}
		change := changeTo("flink:nope")
		change.Was.Spec.Job.UpgradeMode = new(flink.UpgradeStateless)
		change.Rollback, change.Rollout.State = true, planner.StateKept
		_, err := update(t, d, change)
		if failed := failure(t, err); !failed.RolledBack {
			t.Errorf("not rolled back:\n%s", failed.Detail)
		}
		want := []string{"savepoint flink:nope", "savepoint flink:1", "stateless flink:1"}
		if diff := cmp.Diff(want, modes); diff != "" {
			t.Errorf("written with the modes (-want +got):\n%s", diff)
		}
	})
}

func TestARollbackHasItsShareOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.operator = func(object *unstructured.Unstructured) []step {
			if object.GetGeneration() == 2 {
				return nil
			}
			return obedient(object)
		}
		change := changeTo("flink:2")
		change.Rollback = true
		written, err := d.begin(t.Context(), change)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		_, err = written.Await(ctx)
		failed := failure(t, err)
		if !failed.RolledBack {
			t.Errorf("not rolled back: %s", failed.Detail)
		}
		mentions(t, failed.Summary, "within 1m30s")
		mentions(t, failed.Detail, "or raise the timeout")
		if strings.Contains(failed.Detail, "stays written") {
			t.Errorf("what was rolled back does not stay written:\n%s", failed.Detail)
		}
	})
}

func TestTheOperatorsOwnRollbackIsLeftToItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.operator = func(object *unstructured.Unstructured) []step {
			g := object.GetGeneration()
			return append(obedient(object), step{5 * time.Minute, statusOf(g, "ROLLING_BACK", "ROLLING_BACK", "FINISHED", "MISSING")},
				step{time.Second, statusOf(g, "ROLLED_BACK", "ROLLED_BACK", "RECONCILING", "DEPLOYING")})
		}
		change := changeTo("flink:nope")
		change.Rollback = true
		change.Spec.FlinkConfiguration["kubernetes.operator.deployment.rollback.enabled"] = new("true")
		observed, err := update(t, d, change)
		failed := failure(t, err)
		if !failed.RolledBack || observed.Generation != 2 {
			t.Errorf("rolled back %v, and the provider too: generation %d", failed.RolledBack, observed.Generation)
		}
		mentions(t, failed.Summary, "the operator rolled the change back: ErrImagePull")
		mentions(t, failed.Detail, "has put the last stable version back")
	})
}

func TestAResumeIsRolledBackToTheSuspendedJob(t *testing.T) {
	for _, test := range []struct {
		name  string
		loses bool
	}{{name: "by the operator"}, {name: "by creating the object again", loses: true}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, first := running(t, f, "flink:1")
				suspended := deployment("flink:1").Spec
				suspended.Job.State = new(flink.JobSuspended)
				change := changeTo("flink:1")
				change.Spec, change.Rollout.Action = suspended, planner.ActionSuspend
				if _, err := update(t, d, change); err != nil {
					t.Fatal(err)
				}
				f.operator = func(object *unstructured.Unstructured) []step {
					state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
					if object.GetUID() == types.UID(first.UID) && object.GetDeletionTimestamp() == nil && test.loses && state == flink.JobSuspended {
						return []step{{time.Second, lost(object.GetGeneration()-1, "savepoint", savepoint1)}}
					}
					if object.GetGeneration() == 1 {
						return nil
					}
					return obedient(object)
				}
				change = changeTo("flink:nope")
				change.Was.Spec, change.Rollback, change.Rollout.Action = suspended, true, planner.ActionResume
				observed, err := update(t, d, change)
				failed := failure(t, err)
				if !failed.RolledBack || (observed.UID != first.UID) != test.loses {
					t.Errorf("rolled back %v to %+v:\n%s", failed.RolledBack, observed, failed.Detail)
				}
				mentions(t, failed.Detail, "is suspended again, with its state in "+savepoint1)
				if test.loses && initialPath(f.live(t)) != savepoint1 {
					t.Errorf("the object starts from %q", initialPath(f.live(t)))
				}
			})
		})
	}
}

// TestAdviceWhereNeitherVersionIsTakenUp tells a job that an operator who is away
// lets run from one whose state has to be looked for.
func TestAdviceWhereNeitherVersionIsTakenUp(t *testing.T) {
	job := func(state, path string) *platform.Observed {
		return &platform.Observed{Spec: flink.Tree{"job": flink.Tree{}}, Status: flink.Status{JobState: state, SavepointPath: path}}
	}
	for _, test := range []struct {
		name     string
		before   string
		lost     bool
		observed *platform.Observed
		want     string
		not      string
	}{
		{"it runs", "", false, job(flink.StateRunning, ""), "apply again", "checkpoint directory"},
		{"it runs since an earlier savepoint", savepoint1, false, job(flink.StateRunning, savepoint1), "apply again", "starts from it"},
		{"it was stopped with a savepoint", "", false, job(flink.StateFailed, savepoint1), "the next apply starts from it", "last seen running"},
		{"the operator has lost it", savepoint1, true, job(flink.StateRunning, savepoint1), "Look for its newest checkpoint", "last seen running"},
		{"nothing is known", "", false, job(flink.StateFailed, ""), "Look for its newest checkpoint", "last seen running"},
	} {
		got := stateKept(write{before: test.before}, test.lost, false, nil, test.observed)
		if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}
