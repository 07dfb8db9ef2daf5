package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// ahead is how much the operator's clock is ahead of ours.
const ahead = time.Hour

// transitions is an operator on its way to green, as monitorTransition of
// BlueGreenDeploymentService has it: the old color goes when the new one has been
// ready for the deletion delay, and the abort comes to one that is not ready when
// it is due.
type transitions struct {
	*nativeStage
	due, ready time.Time
}

// note writes a status with the times of the operator's clock.
func (o *transitions) note(state, job, message string) {
	o.t.Helper()
	parent := o.live(o.t)
	text, err := json.Marshal(map[string]any{"spec": parent.Object["spec"]})
	if err != nil {
		o.t.Fatal(err)
	}
	status := parentStatus(state, job, message, string(text))
	status["abortTimestamp"] = o.due.Add(ahead).UTC().Format(time.RFC3339Nano)
	status["lastReconciledTimestamp"] = time.Now().Add(ahead).UTC().Format(time.RFC3339Nano)
	parent.Object["status"] = status
	o.put(blueGreenKind, parent)
}

// begin makes green, which shows that it runs whenever it is looked at. The abort is
// due by another period than that of the change, as when an earlier apply began.
func (o *transitions) begin(image string) {
	o.due = time.Now().Add(17 * time.Minute)
	o.child("green", image, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
	o.note("TRANSITIONING_TO_GREEN", "RECONCILING", "")
}

// run looks ten times in a second until it has come to an end. The real one is
// told of every write of a color.
func (o *transitions) run() {
	for state := "TRANSITIONING_TO_GREEN"; state == "TRANSITIONING_TO_GREEN"; state = fko.BlueGreenStatusOf(o.live(o.t)).State {
		time.Sleep(100 * time.Millisecond)
		green := o.color(o.t, flink.Green)
		spec, _ := fko.SpecOf(green)
		status := fko.StatusOf(green)
		suspended := fko.SteadyState(spec) == fko.Suspended
		switch delay, _ := time.ParseDuration(strings.ReplaceAll(o.held(), " ", "")); {
		case suspended && status.LifecycleState == flink.LifecycleSuspended:
			o.note("ACTIVE_GREEN", "SUSPENDED", "")
		case !suspended && status.JobState == flink.StateRunning:
			if o.ready.IsZero() {
				o.ready = time.Now()
			}
			if time.Since(o.ready) > delay {
				if err := o.Delete(context.Background(), deploymentKind, childKey(flink.Blue).Key, types.UID("")); err != nil {
					o.t.Error(err)
				}
				o.note("ACTIVE_GREEN", "RUNNING", "")
			}
		case o.due.Before(time.Now()):
			o.note("ACTIVE_BLUE", "FAILING", "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE")
		}
	}
}

// crash applies a version that crashes, restarts at once, and looks as if it ran.
func (o *transitions) crash(timeout time.Duration, operator func()) (*platform.Observed, error) {
	change := byOperatorTo("flink:crash")
	change.Labels = map[string]string{"team": "b"}
	change.Rollout = provingBy(change.Rollout)
	ctx, cancel := context.WithTimeout(o.t.Context(), timeout)
	defer cancel()
	time.AfterFunc(2500*time.Millisecond, func() {
		o.begin("flink:crash")
		operator()
	})
	return o.apply(ctx, change)
}

// TestAVersionThatFailedNeverReplacesTheOldColor has the operator see a job that
// runs whenever it looks.
func TestAVersionThatFailedNeverReplacesTheOldColor(t *testing.T) {
	for _, timeout := range []time.Duration{30 * time.Minute, 3 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			o := &transitions{nativeStage: newNativeStage(t)}
			o.withJobManagers()
			began := time.Now()
			_, err := o.crash(timeout, o.run)
			failed := failure(t, err)
			if want := `The new version of "orders" does not stay up: IllegalStateException: no topic`; failed.Summary != want || !failed.RolledBack {
				t.Errorf("rolled back %v: %q, want %q", failed.RolledBack, failed.Summary, want)
			}
			mentions(t, failed.Detail, "Removed the new version (green).", "The previous version (blue) was never stopped and runs on.")
			if took := time.Since(began); took < 17*time.Minute || took > 18*time.Minute {
				t.Errorf("it took %s", took)
			}
			if state := o.state(); state != "orders-blue flink:1 RUNNING" {
				t.Errorf("there is %s", state)
			}
			if team := o.live(t).GetLabels()["team"]; team != "" {
				t.Errorf("the label of the new version is still %q", team)
			}
			if got := o.held(); got != "0 ms" {
				t.Errorf("in the end the operator deletes an old color after %s", got)
			}
		})
	}
}

// TestASwitchToAFailedVersionEndsWithItsTime says what is wrong with the version,
// and leaves the old color there for longer than the apply.
func TestASwitchToAFailedVersionEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &transitions{nativeStage: newNativeStage(t)}
		o.withJobManagers()
		_, err := o.crash(8*time.Minute, func() {})
		failed := failure(t, err)
		mentions(t, failed.Summary, `The new version of "orders" does not stay up within 8m0s: IllegalStateException: no topic`)
		mentions(t, failed.Detail, "The previous version (blue) runs on")
		if failed.RolledBack || failed.Waiting {
			t.Errorf("ended with %+v", failed)
		}
		if got := o.held(); got != flinkMillis(forever) {
			t.Errorf("the operator deletes the old color after %s", got)
		}
		o.due = time.Now().Add(2 * time.Minute)
		go o.run()
		change := byOperatorTo("flink:2")
		change.Rollout = provingBy(change.Rollout)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		_, _ = o.apply(ctx, change)
		if image := o.templateImage(t); image != "flink:2" {
			t.Errorf("the correction is not written: %s", image)
		}
	})
}

// TestAVersionThatTookThePlaceIsNoRollback has an operator that makes a version
// the active one all the same, with the old color or without it.
func TestAVersionThatTookThePlaceIsNoRollback(t *testing.T) {
	for _, old := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			o := &transitions{nativeStage: newNativeStage(t)}
			o.withJobManagers()
			_, err := o.crash(30*time.Minute, func() {
				time.Sleep(time.Minute)
				if !old {
					if err := o.Delete(context.Background(), deploymentKind, childKey(flink.Blue).Key, types.UID("")); err != nil {
						t.Error(err)
					}
					// The operator says so after the color is gone, not at the same moment.
					synctest.Wait()
				}
				o.note("ACTIVE_GREEN", "RUNNING", "")
			})
			failed := failure(t, err)
			if failed.RolledBack || strings.Contains(failed.Detail, "never stopped") || !strings.HasSuffix(failed.Summary, "no topic") {
				t.Errorf("ended with %+v", failed)
			}
			active := "The operator has made this version (green) the active one"
			if old {
				active = "The operator has made orders-green the active one (generation 1, lifecycle state STABLE, job RUNNING"
			}
			mentions(t, failed.Detail, active)
			if team := o.live(t).GetLabels()["team"]; team != "b" {
				t.Errorf("the label is put back to %q", team)
			}
		})
	}
}

// TestAColorThatTheOperatorIsNotOnIsKept suspends the new version before the
// operator gives it up, so that the operator takes it for the active one: the
// old color runs on, and nothing is written that would remove it.
func TestAColorThatTheOperatorIsNotOnIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &transitions{nativeStage: newNativeStage(t)}
		o.withJobManagers()
		_, err := o.crash(30*time.Minute, func() {
			for fko.SteadyStateOf(o.color(t, flink.Green)) != fko.Suspended {
				time.Sleep(time.Second)
			}
			o.status(t, flink.Green, statusOf(2, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", "s3://sp/green"))
			o.run()
		})
		failed := failure(t, err)
		if want := `The new version of "orders" does not stay up: IllegalStateException: no topic`; failed.Summary != want || !failed.RolledBack {
			t.Errorf("rolled back %v: %q, want %q", failed.RolledBack, failed.Summary, want)
		}
		const both = "orders-blue flink:1 RUNNING, orders-green flink:crash FINISHED"
		if state := o.state(); state != both {
			t.Fatalf("prepared %s", state)
		}
		waysOut := []string{
			"The operator has made orders-green the active one", "beside orders-blue (generation 1, lifecycle state STABLE, job RUNNING", `upgrade.strategy = "in_place"`,
			`upgrade.blue_green = { engine = "provider" }`, "the state of orders-blue", "delete FlinkDeployment orders-blue",
		}
		mentions(t, failed.Detail, waysOut...)
		observed, err := NewApplications(o, Options{}).Read(t.Context(), orders)
		if err != nil || observed.Status.ActiveColor != flink.Blue || observed.Status.JobState != flink.StateRunning || observed.Spec["image"] != "flink:1" {
			t.Errorf("observed %+v, %v", observed, err)
		}
		for _, action := range []planner.Action{planner.ActionBlueGreen, planner.ActionConfigOnly, planner.ActionSuspend} {
			written := len(o.wrote())
			change := byOperatorTo("flink:2")
			change.Rollout.Action = action
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
			_, err := o.apply(ctx, change)
			cancel()
			refused := failure(t, err)
			mentions(t, refused.Detail, append(waysOut, "Nothing was written.")...)
			if wrote := o.wrote()[written:]; len(wrote) > 0 || !refused.RolledBack || o.state() != both {
				t.Errorf("%s: rolled back %v, wrote %q, and left %s", action, refused.RolledBack, wrote, o.state())
			}
		}
		// A change of the form stops the job that runs; one that was killed then
		// finds both colors suspended.
		o.status(t, flink.Blue, statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", "s3://sp/blue"))
		n, err := nativeOf(t.Context(), o.Get, orders)
		if err != nil || n.Active() != flink.Blue {
			t.Errorf("active is %s, %v", n.Active(), err)
		}
	})
}

// proves is a create that the operator takes for one that runs.
func proves(t *testing.T, image string, during func(s *nativeStage)) error {
	t.Helper()
	s := newNativeStage(t)
	s.withJobManagers()
	parent := s.live(t)
	s.fake.mu.Lock()
	clear(s.objects)
	s.fake.mu.Unlock()
	wanted := byOperatorWant(image)
	wanted.Labels, wanted.Annotations = map[string]string{"team": "b"}, map[string]string{"note": "c"}
	a := NewApplications(s, Options{})
	written, err := a.Begin(t.Context(), platform.Change{Deployment: wanted, Rollout: provingBy(create)})
	if err != nil {
		t.Fatal(err)
	}
	if parent.GetName() != written.Observed().Name {
		t.Fatalf("created %s", written.Observed().Name)
	}
	s.child("blue", image, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
	s.parent("ACTIVE_BLUE", "RUNNING", "")
	done := make(chan error, 1)
	go func() {
		_, err := written.Await(t.Context())
		done <- err
	}()
	during(s)
	return <-done
}

// TestAFirstVersionThatCrashesHasNoPreviousOne keeps what was configured, and
// claims no version that runs.
func TestAFirstVersionThatCrashesHasNoPreviousOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var live *unstructured.Unstructured
		err := proves(t, "flink:crash", func(s *nativeStage) {
			time.Sleep(20 * time.Second)
			live = s.live(t)
		})
		failed := failure(t, err)
		if want := `The deployment "orders" does not stay up: IllegalStateException: no topic`; failed.Summary != want || failed.RolledBack || strings.Contains(failed.Detail, "previous version") {
			t.Errorf("ended with %+v", failed)
		}
		if got := fmt.Sprint(live.GetLabels()["team"], live.GetAnnotations()["note"]); got != "bc" {
			t.Errorf("of the configured metadata there is %q", got)
		}
	})
}

// TestACreateAnswersDuringItsProof asks whether somebody creates the deployment
// while its first version proves itself.
func TestACreateAnswersDuringItsProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := proves(t, "flink:quiet", func(s *nativeStage) {
			time.Sleep(10 * time.Second)
			asked := s.live(t)
			annotate(asked, askedAnnotation, "who")
			s.put(blueGreenKind, asked)
			time.Sleep(2 * time.Second)
			if who := s.live(t).GetAnnotations()[askedAnnotation]; who != "" {
				t.Errorf("%q gets no answer", who)
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestTheFormerMetadataIsThatOfTheSameObject does not write on another object of
// the same name.
func TestTheFormerMetadataIsThatOfTheSameObject(t *testing.T) {
	s := newNativeStage(t)
	turn := &nativeTurn{Applications: NewApplications(s, Options{}), change: byOperatorTo("flink:2")}
	turn.change.Was.UID, turn.change.Was.Labels = "gone", map[string]string{"team": "z"}
	if err := turn.putBack(t.Context()); !isAbsent(err) {
		t.Errorf("put back: %v", err)
	}
	if team := s.live(t).GetLabels()["team"]; team == "z" {
		t.Errorf("the label is %q", team)
	}
}

// TestTheOldColorIsHeldAfterAnAbort has an operator that counts the deletion delay
// from when the color of an aborted switch was ready.
func TestTheOldColorIsHeldAfterAnAbort(t *testing.T) {
	for ready, want := range map[string]string{"": "1230000 ms", "1970-01-01T00:00:00Z": "1230000 ms", "2h": "8432000 ms"} {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			s.withJobManagers()
			parent := s.live(t)
			if age, err := time.ParseDuration(ready); err == nil {
				ready = time.Now().Add(-age).UTC().Format(time.RFC3339Nano)
			}
			_ = unstructured.SetNestedField(parent.Object, ready, "status", "deploymentReadyTimestamp")
			s.put(blueGreenKind, parent)
			change := byOperatorTo("flink:2")
			change.Rollout = provingBy(change.Rollout)
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { _, err := s.apply(ctx, change); done <- err }()
			time.Sleep(10 * time.Second)
			if got := s.held(); got != want {
				t.Errorf("the operator deletes the old color after %s, want %s", got, want)
			}
			stop()
			<-done
		})
	}
}
