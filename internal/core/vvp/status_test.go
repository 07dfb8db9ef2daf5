package vvp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestStatus says where the state of a job is, by the state of its Deployment, whether it ever
// ran, and the savepoints of it.
func TestStatus(t *testing.T) {
	t.Parallel()
	savepoint := []Savepoint{
		{Created: "2026-01-02", State: SavepointCompleted, Location: "s3://b"},
		{Created: "2026-01-03", State: SavepointStarted, Location: "s3://c"},
		{Created: "2026-01-01", State: SavepointCompleted, Location: "s3://a"},
	}
	for _, row := range []struct {
		state      string
		savepoints []Savepoint
		ran        bool
		location   flink.StateLocation
		deployed   bool
		phase      planner.Phase
	}{
		{StateRunning, savepoint, true, flink.LocationPlatform, true, planner.PhaseRunning},
		{StateTransitioning, nil, false, flink.LocationPlatform, true, planner.PhaseDown},
		{StateSuspended, savepoint, true, flink.LocationPath, true, planner.PhaseDown},
		{StateCancelled, savepoint, true, flink.LocationPath, true, planner.PhaseDown},
		{StateCancelled, nil, true, flink.LocationNone, true, planner.PhaseDown},
		{StateCancelled, nil, false, flink.LocationNone, false, planner.PhaseDown},
		{StateFailed, savepoint, true, flink.LocationPath, true, planner.PhaseFailed},
		{StateFailed, nil, true, flink.LocationUnknown, true, planner.PhaseFailed},
		{StateFinished, savepoint, true, flink.LocationNone, true, planner.PhaseFinished},
	} {
		got := Observation{Deployment: flink.Tree{"status": flink.Tree{"state": row.state}}, Savepoints: row.savepoints, Ran: row.ran}.Status()
		if got.StateLocation != row.location || got.Deployed != row.deployed || (got.SavepointPath == "s3://b") != (row.savepoints != nil) {
			t.Errorf("%s, ran %t: %+v", row.state, row.ran, got)
		}
		if phase, word := (Semantics{}).Job(got); phase != row.phase || word != row.state {
			t.Errorf("%s is phase %v, %q", row.state, phase, word)
		}
	}
}

// TestCause takes what says most, of the change and not of an earlier one.
func TestCause(t *testing.T) {
	t.Parallel()
	events := []Event{
		{Created: "1", Name: "REFERENCED_DEPLOYMENT_TARGET_DOES_NOT_EXIST", Message: "of an earlier change"},
		{Created: "3", Name: "FAILED_CREATING_A_NEW_JOB", Message: "no\n such  image"},
		{Created: "4", Name: "TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS", Message: "4 attempts"},
		{Created: "5", Name: "STATE_TRANSITION_IS_COMPLETED"},
	}
	if got, ok := CauseOf(events, "2"); !ok || got != (Cause{Name: "FAILED_CREATING_A_NEW_JOB", Text: "no such image"}) {
		t.Errorf("the cause is %+v", got)
	}
	if got, _ := CauseOf(events, ""); got.Remedy == "" {
		t.Errorf("nobody says what to do about %+v", got)
	}
	if got, ok := CauseOf(events, "5"); ok {
		t.Errorf("%+v is no failure", got)
	}
	if diff := cmp.Diff([]string{"TOO_MANY_FAILED_JOB_CREATION_ATTEMPTS: 4 attempts", "STATE_TRANSITION_IS_COMPLETED"}, Last(events, "2", 2)); diff != "" {
		t.Error(diff)
	}
}

// TestEffect restarts the job for what is in the template, and for nothing else.
func TestEffect(t *testing.T) {
	t.Parallel()
	deployed := planner.Input{Status: flink.Status{Deployed: true}, New: flink.DeploymentSpec{Job: &flink.Job{}}}
	for path, want := range map[string]planner.Effect{
		"image": planner.Restarts, "job.parallelism": planner.Restarts, "flinkConfiguration.a": planner.Restarts, "job.upgradeMode": planner.Ignored, "job.allowNonRestoredState": planner.Ignored,
		"ververica.maxJobCreationAttempts": planner.Ignored, "ververica.jobFailureExpirationTime": planner.Ignored, "ververica.deploymentTarget": planner.Recreates, "ververica.deploymentTemplate.spec.logging": planner.Restarts,
		"job.initialSavepointPath": planner.Ignored, "restartNonce": planner.Restarts,
	} {
		var steps flink.Path
		for step := range strings.SplitSeq(path, ".") {
			steps = append(steps, step)
		}
		if got := (Semantics{}).Effect(flink.Change{Path: steps, Old: "a", New: "b"}, deployed); got != want {
			t.Errorf("%s has the effect %v, want %v", path, got, want)
		}
	}
	whole := flink.Change{Path: flink.Path{"ververica"}, New: flink.Tree{"deploymentTemplate": flink.Tree{"spec": nil}}}
	if got := (Semantics{}).Effect(whole, deployed); got != planner.Restarts {
		t.Errorf("a template has the effect %v", got)
	}
	if got := (Semantics{}).Effect(flink.Change{Path: flink.Path{"ververica"}, Old: flink.Tree{"maxJobCreationAttempts": 1}}, deployed); got != planner.Ignored {
		t.Errorf("attempts have the effect %v", got)
	}
}

// TestEarlier compares times of the server's that have fractions of another length.
func TestEarlier(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"2026-11-30T10:00:25Z", "2026-11-30T10:00:25.4Z", true},
		{"2026-11-30T10:00:25.4Z", "2026-11-30T10:00:25Z", false},
		{"2026-11-30T10:00:25.45Z", "2026-11-30T10:00:25.4Z", false},
		{"2026-11-30T12:00:00+02:00", "2026-11-30T10:00:01Z", true},
		{"", "2026-11-30T10:00:01Z", true},
		{"2026-11-30T10:00:01Z", "", false},
	} {
		if got := Earlier(row.a, row.b); got != row.want {
			t.Errorf("%q before %q: %t", row.a, row.b, got)
		}
	}
}
