package operator

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// nativeStage is a cluster in memory with a FlinkBlueGreenDeployment, whose
// operator is the test.
type nativeStage struct {
	*exchange
	t *testing.T
}

func newNativeStage(t *testing.T) *nativeStage {
	t.Helper()
	s := &nativeStage{newExchange(t), t}
	parent, err := nativeObject(byOperatorWant("flink:1"))
	if err != nil {
		t.Fatal(err)
	}
	parent.SetUID("parent")
	parent.SetGeneration(1)
	s.put(blueGreenKind, parent)
	s.child("blue", "flink:1", statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
	s.parent("ACTIVE_BLUE", "RUNNING", "")
	return s
}

func byOperatorWant(image string) platform.Deployment {
	out := want(image)
	out.Form = byOperator
	return out
}

func byOperatorTo(image string) platform.Change {
	change := to(image)
	change.Form = byOperator
	return change
}

// parent writes the status of the FlinkBlueGreenDeployment: its template counts
// as reconciled.
func (s *nativeStage) parent(state, job, message string) {
	s.t.Helper()
	object, err := s.Get(context.Background(), blueGreenKind, keyOf(orders))
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"spec": object.Object["spec"]})
	if err != nil {
		s.t.Fatal(err)
	}
	object.Object["status"] = parentStatus(state, job, message, string(text))
	s.put(blueGreenKind, object)
}

// child puts a color there, as the operator makes it.
func (s *nativeStage) child(color, image string, status map[string]any) {
	s.put(deploymentKind, childOf(color, image, status))
}

// wrote are the calls that change something, without names.
func (s *nativeStage) wrote() []string {
	s.fake.mu.Lock()
	defer s.fake.mu.Unlock()
	var out []string
	for _, call := range s.calls {
		if verb, rest, _ := strings.Cut(call, " "); verb != "get" && verb != "list" {
			out = append(out, verb+" "+strings.TrimSuffix(strings.Replace(rest, "prod/", "", 1), ""))
		}
	}
	return out
}

func TestNothingIsWrittenBeforeTheOperatorTakesItUp(t *testing.T) {
	running := statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY")
	for _, test := range []struct {
		name           string
		before, during func(s *nativeStage)
	}{
		{
			"while the active color does not run",
			func(s *nativeStage) {
				s.child("blue", "flink:1", statusOf(1, "STABLE", "DEPLOYED", "RESTARTING", "READY"))
			},
			func(s *nativeStage) { s.child("blue", "flink:1", running) },
		},
		{
			"while the operator takes a savepoint",
			func(s *nativeStage) { s.parent("SAVEPOINTING_BLUE", "RUNNING", "") },
			func(s *nativeStage) { s.parent("ACTIVE_BLUE", "RUNNING", "") },
		},
		{
			"while the operator is on its way, and then aborts",
			func(s *nativeStage) {
				s.child("green", "flink:nope", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR"))
				s.parent("TRANSITIONING_TO_GREEN", "RECONCILING", "")
			},
			func(s *nativeStage) {
				s.parent("ACTIVE_BLUE", "FAILING", "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE")
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newNativeStage(t)
				test.before(s)
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { _, err := s.apply(ctx, byOperatorTo("flink:2")); done <- err }()
				time.Sleep(30 * time.Second)
				if wrote := s.wrote(); slices.Contains(wrote, "apply FlinkBlueGreenDeployment orders") {
					t.Errorf("wrote %v", wrote)
				}
				test.during(s)
				time.Sleep(5 * time.Second)
				wrote := s.wrote()
				if !slices.Contains(wrote, "apply FlinkBlueGreenDeployment orders") {
					t.Errorf("did not write in the end, but %v", wrote)
				}
				// What an aborted switch has left goes before the next one.
				if left := slices.Index(wrote, "delete FlinkDeployment orders-green"); strings.Contains(test.name, "aborts") && (left < 0 || left > slices.Index(wrote, "apply FlinkBlueGreenDeployment orders")) {
					t.Errorf("wrote %v", wrote)
				}
				stop()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("the apply ended with %v", err)
				}
			})
		})
	}
}

func TestAStuckSavepointIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newNativeStage(t)
		s.parent("SAVEPOINTING_BLUE", "RUNNING", "")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, err := s.apply(ctx, byOperatorTo("flink:2"))
		var told *platform.RolloutError
		if !errors.As(err, &told) || !strings.Contains(told.Summary, `still on its way with an earlier change of "orders"`) || !strings.Contains(told.Detail, "waits for the savepoint without a limit") {
			t.Errorf("the apply ended with %v", err)
		}
	})
}

// The operator counts a specification whose switch failed as reconciled, so the
// same one has to look like another.
func TestARetryIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newNativeStage(t)
		parent, err := nativeObject(byOperatorWant("flink:2"))
		if err != nil {
			t.Fatal(err)
		}
		parent.SetUID("parent")
		parent.SetGeneration(2)
		s.put(blueGreenKind, parent)
		s.parent("ACTIVE_BLUE", "FAILING", "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, _ = s.apply(ctx, byOperatorTo("flink:2"))
		live, err := s.Get(t.Context(), blueGreenKind, keyOf(orders))
		if err != nil || live.GetGeneration() != 3 {
			t.Errorf("generation %d, %v", live.GetGeneration(), err)
		}
		key, _ := setting(fko.BlueGreen{Parent: live}.Template(), retryKey)
		if key == "" {
			t.Error("the template is the same as before")
		}
		// It stays as it is as long as the color does, since taking it away would
		// be another switch.
		change := byOperatorTo("flink:2")
		change.Rollout.Action = planner.ActionConfigOnly
		s.parent("ACTIVE_BLUE", "RUNNING", "")
		_, _ = s.apply(ctx, change)
		if live, err = s.Get(t.Context(), blueGreenKind, keyOf(orders)); err != nil {
			t.Fatal(err)
		}
		if again, _ := setting(fko.BlueGreen{Parent: live}.Template(), retryKey); again != key {
			t.Errorf("the key is %q, and was %q", again, key)
		}
	})
}

func TestTheActiveChildIsWhatRuns(t *testing.T) {
	s := newNativeStage(t)
	parent, err := nativeObject(byOperatorWant("flink:2"))
	if err != nil {
		t.Fatal(err)
	}
	parent.SetUID("parent")
	s.put(blueGreenKind, parent)
	// The specification was swallowed, and counts as reconciled.
	s.parent("ACTIVE_BLUE", "RUNNING", "")
	observed, err := NewApplications(s, Options{}).Read(t.Context(), orders)
	if err != nil {
		t.Fatal(err)
	}
	if observed.Spec["image"] != "flink:1" || observed.RolledOut || observed.UID != "parent" || observed.Status.UID != "parent" || observed.Form != byOperator || observed.Status.ActiveColor != flink.Blue {
		t.Errorf("observed %+v", observed)
	}
}
