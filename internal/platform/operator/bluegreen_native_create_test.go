package operator

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// unlooked is a stage whose operator has not looked at the deployment yet.
func unlooked(t *testing.T) *nativeStage {
	t.Helper()
	s := newNativeStage(t)
	delete(s.objects, childKey(flink.Blue))
	parent := s.live(t)
	delete(parent.Object, "status")
	s.put(blueGreenKind, parent)
	return s
}

// givenUp is a stage whose operator has aborted the first version, which has
// never run.
func givenUp(t *testing.T) *nativeStage {
	t.Helper()
	s := newNativeStage(t)
	blue := childOf("blue", "flink:1", reconciledBy("savepoint", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING")))
	_ = unstructured.SetNestedField(blue.Object, flink.JobSuspended, "spec", "job", "state")
	s.put(deploymentKind, blue)
	s.parent("INITIALIZING_BLUE", "FAILING", "Aborting deployment 'orders-blue', rolling B/G deployment back to INITIALIZING_BLUE")
	return s
}

func (s *nativeStage) live(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	object, err := s.Get(t.Context(), blueGreenKind, keyOf(orders))
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// templateImage is the image that the FlinkBlueGreenDeployment has.
func (s *nativeStage) templateImage(t *testing.T) string {
	t.Helper()
	image, _ := fko.BlueGreen{Parent: s.live(t)}.Template()["image"].(string)
	return image
}

// settle makes a change that nobody waits for.
func (e *exchange) settle(ctx context.Context, change platform.Change) (*platform.Observed, error) {
	a := NewApplications(e, Options{})
	change.Awaited = false
	written, err := a.Begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return written.Settle(ctx)
}

// goesOn is a change that goes on with an unfinished create.
func goesOn(image string) platform.Change {
	change := byOperatorTo(image)
	change.Rollout.Action = planner.ActionCreate
	return change
}

// An unfinished create sends what it has to send, and does not wait for an
// operator that is away to have nothing to do.
func TestAnUnfinishedCreateByTheOperatorIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unlooked(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.settle(ctx, goesOn("flink:2")); err != nil {
			t.Fatal(err)
		}
		if got := s.templateImage(t); got != "flink:2" {
			t.Errorf("the template has the image %s", got)
		}
	})
	t.Run("and awaited", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			e := newOperated(t)
			a := NewApplications(e, Options{})
			if _, err := a.Begin(t.Context(), creating(byOperatorWant("flink:1"))); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			observed, err := e.apply(ctx, goesOn("flink:2"))
			if err != nil || !observed.RolledOut || e.state() != "orders-blue flink:2 RUNNING" {
				t.Errorf("ended with %+v, %v: %s", observed, err, e.state())
			}
		})
	})
	t.Run("and on its way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			e := newOperated(t)
			written, err := NewApplications(e, Options{}).Begin(t.Context(), creating(byOperatorWant("flink:1")))
			if err != nil {
				t.Fatal(err)
			}
			late, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err = written.Await(late)
			cancel()
			if err == nil {
				t.Fatal("the create is not late")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			observed, err := e.apply(ctx, goesOn("flink:1"))
			if err != nil || !observed.RolledOut || e.state() != "orders-blue flink:1 RUNNING" {
				t.Errorf("ended with %+v, %v: %s", observed, err, e.state())
			}
		})
	})
	t.Run("a label beside it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			for name, s := range map[string]*nativeStage{"the operator is away": unlooked(t), "blue is on its way": newNativeStage(t)} {
				if name == "blue is on its way" {
					s.child("blue", "flink:1", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING", "stable", ""))
					s.parent("TRANSITIONING_TO_BLUE", "RECONCILING", "")
				}
				change := goesOn("flink:1")
				change.Labels = map[string]string{"team": "a"}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				_, err := s.settle(ctx, change)
				cancel()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if name == "blue is on its way" && s.objects[childKey(flink.Blue)] == nil {
					t.Error("the color that was on its way is gone")
				}
				if got := s.live(t).GetLabels()["team"]; got != "a" {
					t.Errorf("%s: the label is %q", name, got)
				}
			}
		})
	})
}

// A first version that is on its way is not corrected before the operator has
// given it up (finding 36), and what is left of it goes.
func TestACorrectedFirstVersionByTheOperatorRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		a := NewApplications(e, Options{})
		if _, err := a.Begin(t.Context(), creating(byOperatorWant("flink:nope"))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		observed, err := e.apply(ctx, goesOn("flink:2"))
		if err != nil || !observed.RolledOut || e.state() != "orders-blue flink:2 RUNNING" {
			t.Errorf("ended with %+v, %v: %s", observed, err, e.state())
		}
	})
}

// A job that never ran is resumed by another attempt of the operator, which takes
// only what differs from the version that it gave up.
func TestAFirstVersionThatWasGivenUpIsTriedAgain(t *testing.T) {
	for _, image := range []string{"flink:1", "flink:2"} {
		synctest.Test(t, func(t *testing.T) {
			s := givenUp(t)
			observed, err := NewApplications(s, Options{}).Read(t.Context(), orders)
			if err != nil || observed.Status.StateLocation != flink.LocationNone {
				t.Errorf("observed %+v, %v", observed, err)
			}
			change := byOperatorTo(image)
			change.Rollout.Action = planner.ActionResume
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := s.settle(ctx, change); err != nil {
				t.Fatal(err)
			}
			wrote := s.wrote()
			removed, applied := slices.Index(wrote, "delete FlinkDeployment orders-blue"), slices.Index(wrote, "apply FlinkBlueGreenDeployment orders")
			if removed < 0 || applied < removed {
				t.Errorf("wrote %v", wrote)
			}
			if n := (fko.BlueGreen{Parent: s.live(t)}); flink.Equal(n.Template(), fko.BlueGreenStatusOf(n.Parent).Reconciled) || s.templateImage(t) != image {
				t.Errorf("the template is %v", n.Template())
			}
		})
	}
}

// A job that never ran has no state that a delete would lose.
func TestAFirstVersionThatWasGivenUpIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := givenUp(t)
		time.AfterFunc(time.Second, func() {
			// The garbage collector.
			if err := s.Delete(t.Context(), deploymentKind, childKey(flink.Blue).Key, "uid-blue"); err != nil {
				t.Error(err)
			}
		})
		deleted, err := NewApplications(s, Options{}).Delete(t.Context(), orders, platform.DeleteOptions{UID: "parent", Savepoint: true})
		if err != nil || deleted != (platform.Deleted{}) {
			t.Errorf("returned %+v, %v", deleted, err)
		}
	})
}

// A deployment that the operator has given up and then suspended is one that it
// never starts again.
func TestADeploymentThatTheOperatorNeverStartsIsCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		if _, err := NewApplications(e, Options{}).Begin(t.Context(), creating(byOperatorWant("flink:nope"))); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		time.Sleep(3 * time.Minute)
		e.status(t, "blue", reconciledBy("savepoint", statusOf(2, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING")))
		change := byOperatorTo("flink:2")
		change.Spec.Job.State, change.Rollout.Action = new(flink.JobSuspended), planner.ActionDeferred
		if _, err := e.settle(ctx, change); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		change.Spec.Job.State, change.Rollout.Action = new(flink.JobRunning), planner.ActionResume
		observed, err := e.apply(ctx, change)
		if err != nil || !observed.RolledOut || e.state() != "orders-blue flink:2 RUNNING" {
			t.Errorf("ended with %+v, %v: %s", observed, err, e.state())
		}
	})
}

func suspendedWant(image string) platform.Deployment {
	out := byOperatorWant(image)
	out.Spec.Job.State = new(flink.JobSuspended)
	return out
}

// The operator gives no sign of a deployment that is created suspended, and takes
// it up when its job is to run.
func TestADeploymentByTheOperatorIsCreatedSuspended(t *testing.T) {
	for _, test := range []struct {
		name    string
		awaited bool
		after   time.Duration
	}{{"awaited", true, time.Minute}, {"submitted", false, time.Minute}, {"and resumed at once", false, 0}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newOperated(t)
				a := NewApplications(e, Options{})
				written, err := a.Begin(t.Context(), creating(suspendedWant("flink:1")))
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				end := written.Settle
				if test.awaited {
					end = written.Await
				}
				observed, err := end(ctx)
				if err != nil || !observed.RolledOut || observed.Status.StateLocation != flink.LocationNone {
					t.Fatalf("created %+v, %v", observed, err)
				}
				time.Sleep(test.after)
				change := byOperatorTo("flink:1")
				change.Was.Spec = suspendedWant("flink:1").Spec
				change.Rollout.Action = planner.ActionDeferred
				change.Spec.Job.State, change.Labels = new(flink.JobSuspended), map[string]string{"team": "a"}
				if _, err := e.apply(ctx, change); err != nil {
					t.Fatal(err)
				}
				change.Spec.Job.State, change.Rollout.Action = new(flink.JobRunning), planner.ActionResume
				if observed, err = e.apply(ctx, change); err != nil || !observed.RolledOut || e.state() != "orders-blue flink:1 RUNNING" {
					t.Errorf("resumed %+v, %v: %s", observed, err, e.state())
				}
			})
		})
	}
}

// What the operator writes over a child it cannot write over one of another
// cluster mode, so a job that does not run is created again from its state.
func TestAnotherModeOfAJobThatIsDownIsCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		first := e.create(t, byOperatorWant("flink:1"))
		e.status(t, "blue", statusOf(1, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", "s3://cp/chk-7"))
		change := byOperatorTo("flink:2")
		change.Spec.Mode, change.Rollout.Action = new(flink.ModeStandalone), planner.ActionRecreate
		observed, err := e.apply(t.Context(), change)
		if err != nil || !observed.RolledOut || e.state() != "orders-blue flink:2 RUNNING" || observed.UID == first.UID || !slices.Contains(observed.Replaces, first.UID) {
			t.Fatalf("ended with %+v, %v: %s", observed, err, e.state())
		}
		if last := e.starts[len(e.starts)-1]; last != "orders-blue from s3://cp/chk-7" {
			t.Errorf("the colors were started %q", e.starts)
		}
		if mode := observed.Spec["mode"]; mode != flink.ModeStandalone {
			t.Errorf("the mode is %v", mode)
		}
	})
}

// A plan that was made without a refresh, or before somebody else started the
// job, does not know of its state, and neither does one that had to wait.
func TestTheGuardSeesWhatTheOperatorRuns(t *testing.T) {
	stateless := func() platform.Change {
		change := byOperatorTo("flink:2")
		change.Spec.Job.UpgradeMode, change.Was.Spec.Job.UpgradeMode = new(flink.UpgradeStateless), new(flink.UpgradeStateless)
		change.Rollout.Action = planner.ActionResume
		return change
	}
	refused := func(t *testing.T, s *nativeStage, err error) *platform.RolloutError {
		t.Helper()
		failed := failure(t, err)
		mentions(t, failed.Summary, "This change drops the state of job \"orders\"")
		mentions(t, failed.Detail, "The plan did not know of this state.", "Nothing was written.")
		if wrote := s.wrote(); len(wrote) != 0 {
			t.Errorf("wrote %v", wrote)
		}
		return failed
	}
	t.Run("before the apply", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			_, err := NewApplications(s, Options{}).Begin(t.Context(), stateless())
			refused(t, s, err)
		})
	})
	t.Run("with leave", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			change := stateless()
			change.AllowStateLoss = true
			if _, err := s.settle(t.Context(), change); err != nil || s.templateImage(t) != "flink:2" {
				t.Errorf("ended with %v", err)
			}
		})
	})
	t.Run("while it waits for the operator", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			s.child("blue", "flink:1", reconciledBy("stateless", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING")))
			s.parent("TRANSITIONING_TO_BLUE", "RECONCILING", "")
			time.AfterFunc(time.Minute, func() {
				s.child("blue", "flink:1", statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
				s.parent("ACTIVE_BLUE", "RUNNING", "")
			})
			_, err := s.settle(t.Context(), stateless())
			if failed := refused(t, s, err); !failed.RolledBack {
				t.Error("the state takes the change for written")
			}
		})
	})
	t.Run("for another form", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			change := stateless()
			change.Form, change.Rollout.Action = flink.Form{}, planner.ActionRecreate
			_, err := NewApplications(s, Options{}).Begin(t.Context(), change)
			refused(t, s, err)
		})
	})
}

// What an operator that is away says nothing of is told as not written.
func TestAnOperatorThatIsBusyIsToldAsNothingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newNativeStage(t)
		s.parent("ACTIVE_BLUE", "RUNNING", "")
		parent := s.live(t)
		_ = unstructured.SetNestedField(parent.Object, "flink:other", "spec", "template", "spec", "image")
		s.put(blueGreenKind, parent)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := s.settle(ctx, byOperatorTo("flink:2"))
		failed := failure(t, err)
		mentions(t, failed.Detail, "Nothing was written")
		if !failed.RolledBack || strings.Contains(failed.Detail, "stays written") {
			t.Errorf("ended with %+v", failed)
		}
	})
}
