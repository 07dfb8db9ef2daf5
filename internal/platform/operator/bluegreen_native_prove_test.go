package operator

import (
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// held is the deletion delay that the operator has been asked for.
func (s *nativeStage) held() string {
	s.t.Helper()
	live, err := s.Get(s.t.Context(), blueGreenKind, keyOf(orders))
	if err != nil {
		s.t.Fatal(err)
	}
	delay, _, _ := unstructured.NestedString(live.Object, "spec", "configuration", keyDeletionDelay)
	return delay
}

// transition is what the operator does until the new color runs.
func (s *nativeStage) transition(image string) {
	s.child("green", image, statusOf(1, "UPGRADING", "UPGRADING", "RECONCILING", "MISSING"))
	s.parent("TRANSITIONING_TO_GREEN", "RECONCILING", "")
	time.Sleep(5 * time.Second)
	s.child("green", image, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
}

// TestTheOperatorKeepsTheOldColorUntilTheProof switches to a version that works,
// and to one that crashes, which the operator gives up some time later.
func TestTheOperatorKeepsTheOldColorUntilTheProof(t *testing.T) {
	for _, crashes := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newNativeStage(t)
			s.withJobManagers()
			change := byOperatorTo("flink:2")
			if crashes {
				change = byOperatorTo("flink:crash")
			}
			change.Rollout = provingBy(change.Rollout)
			type ended struct {
				proof string
				err   error
			}
			done := make(chan ended, 1)
			go func() {
				observed, err := s.apply(t.Context(), change)
				e := ended{err: err}
				if observed != nil {
					e.proof = observed.Status.Proof
				}
				done <- e
			}()
			time.Sleep(2500 * time.Millisecond)
			s.transition(*change.Spec.Image)
			if got := s.held(); got != "1230000 ms" {
				t.Errorf("the operator deletes the old color after %s", got)
			}
			if crashes {
				time.Sleep(time.Minute)
				if got := s.held(); got != flinkMillis(forever) {
					t.Errorf("after the crash the operator deletes the old color after %s", got)
				}
				s.parent("ACTIVE_BLUE", "FAILING", "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE")
				e := <-done
				failed := failure(t, e.err)
				if want := `The new version of "orders" does not stay up: IllegalStateException: no topic`; failed.Summary != want || !failed.RolledBack {
					t.Errorf("rolled back %v: %q, want %q", failed.RolledBack, failed.Summary, want)
				}
				mentions(t, failed.Detail, "Removed the new version (green).", "The previous version (blue) was never stopped and runs on.")
			} else {
				time.Sleep(10 * time.Second)
				if got := s.held(); got != "0 ms" {
					t.Errorf("after the proof the operator deletes the old color after %s", got)
				}
				if err := s.Delete(t.Context(), deploymentKind, keyOf(bluegreen.ColorRef(orders, "blue")), types.UID("")); err != nil {
					t.Fatal(err)
				}
				s.parent("ACTIVE_GREEN", "RUNNING", "")
				if e := <-done; e.err != nil || e.proof != "first checkpoint completed" {
					t.Errorf("proved by %q, %v", e.proof, e.err)
				}
			}
			if got := s.held(); got != "0 ms" {
				t.Errorf("in the end the operator deletes an old color after %s", got)
			}
		})
	}
}

// TestAProofOfTheOperatorsEngineIsPickedUp finds a switch whose apply was killed
// before the proof: the operator would wait with the deletion for a long time.
func TestAProofOfTheOperatorsEngineIsPickedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newNativeStage(t)
		s.withJobManagers()
		parent, err := nativeObject(byOperatorWant("flink:2"))
		if err != nil {
			t.Fatal(err)
		}
		parent.SetUID("parent")
		parent.SetGeneration(2)
		if err := unstructured.SetNestedField(parent.Object, "1230000 ms", "spec", "configuration", keyDeletionDelay); err != nil {
			t.Fatal(err)
		}
		s.put(blueGreenKind, parent)
		s.child("green", "flink:2", statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
		s.parent("TRANSITIONING_TO_GREEN", "RECONCILING", "")
		change := byOperatorTo("flink:2")
		change.Rollout = provingBy(change.Rollout)
		done := make(chan error, 1)
		go func() { _, err := s.apply(t.Context(), change); done <- err }()
		time.Sleep(10 * time.Second)
		if got := s.held(); got != "0 ms" {
			t.Errorf("the operator deletes the old color after %s", got)
		}
		if err := s.Delete(t.Context(), deploymentKind, keyOf(bluegreen.ColorRef(orders, "blue")), types.UID("")); err != nil {
			t.Fatal(err)
		}
		s.parent("ACTIVE_GREEN", "RUNNING", "")
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
