package vvp_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
)

func TestSavable(t *testing.T) {
	for seen, want := range map[vvp.Seen]struct {
		now     bool
		refused string
	}{
		{Desired: vvp.StateRunning, State: vvp.StateRunning}:         {now: true},
		{Desired: vvp.StateRunning, State: vvp.StateTransitioning}:   {},
		{Desired: vvp.StateRunning, State: vvp.StateCancelled}:       {},
		{Desired: vvp.StateRunning, State: vvp.StateSuspended}:       {},
		{Desired: vvp.StateRunning, State: vvp.StateFailed}:          {refused: "the job has failed"},
		{Desired: vvp.StateRunning, State: vvp.StateFinished}:        {refused: "the job has come to its end"},
		{Desired: vvp.StateSuspended, State: vvp.StateTransitioning}: {refused: "the job is suspended"},
		{Desired: vvp.StateCancelled, State: vvp.StateCancelled}:     {refused: "the job is cancelled"},
	} {
		if now, refused := vvp.Savable(seen); now != want.now || refused != want.refused {
			t.Errorf("%+v: %t, %q", seen, now, refused)
		}
	}
}

func TestWhatOfASavepointCanBeRestored(t *testing.T) {
	for state, want := range map[string][2]bool{
		vvp.SavepointStarted: {}, vvp.SavepointCompleted: {true}, vvp.SavepointFailed: {}, vvp.SavepointFailedDeletion: {true},
		vvp.SavepointPendingDeletion: {false, true}, vvp.SavepointDeleting: {false, true},
	} {
		is := vvp.Savepoint{State: state, Location: "s3://a"}
		if got := [2]bool{is.Restorable(), is.Going()}; got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
	if (vvp.Savepoint{State: vvp.SavepointCompleted}).Restorable() {
		t.Error("one without a path can be restored")
	}
}
