package vvp_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
)

// in returns a SessionCluster in a state, which it shall have.
func in(cluster flink.Tree, desired, state string) flink.Tree {
	out, spec := maps.Clone(cluster), flink.Tree{}
	was, _ := cluster["spec"].(flink.Tree)
	maps.Copy(spec, was)
	spec["state"] = desired
	out["spec"], out["status"] = spec, flink.Tree{"state": state}
	return out
}

func TestWhatASessionClusterStopsFor(t *testing.T) {
	other := func(change func(*flink.DeploymentSpec)) flink.Tree {
		spec := shared()
		change(&spec)
		return document(t, spec)
	}
	same := document(t, shared())
	runs := in(same, vvp.StateRunning, vvp.StateRunning)
	for name, test := range map[string]struct {
		live, next flink.Tree
		want       bool
	}{
		"nothing":                  {runs, same, false},
		"more TaskManagers":        {runs, other(func(s *flink.DeploymentSpec) { s.TaskManager.Replicas = new(int64(5)) }), false},
		"while it starts":          {in(same, vvp.StateRunning, vvp.StateStarting), same, false},
		"an image":                 {runs, other(func(s *flink.DeploymentSpec) { s.Image = new("other:1") }), true},
		"a restart":                {runs, other(func(s *flink.DeploymentSpec) { s.RestartNonce = new(int64(1)) }), true},
		"one that has failed":      {in(same, vvp.StateRunning, vvp.StateFailed), same, true},
		"one that was stopped":     {in(same, vvp.StateStopped, vvp.StateStopped), same, true},
		"one that will be stopped": {in(same, vvp.StateStopped, vvp.StateRunning), same, true},
	} {
		if got := vvp.Restarts(test.live, test.next); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestStepsOfASessionCluster(t *testing.T) {
	stops, starts := vvp.SessionMark{Then: flink.Tree{"state": "RUNNING"}}, vvp.SessionMark{}
	for name, test := range map[string]struct {
		mark           vvp.SessionMark
		desired, state string
		stale          bool
		want           vvp.Step
	}{
		"runs still":               {stops, vvp.StateStopped, vvp.StateRunning, false, vvp.StepWait},
		"is being stopped":         {stops, vvp.StateStopped, "STOPPING", false, vvp.StepWait},
		"has stopped":              {stops, vvp.StateStopped, vvp.StateStopped, false, vvp.StepStart},
		"had failed before":        {stops, vvp.StateStopped, vvp.StateFailed, true, vvp.StepWait},
		"fails to stop":            {stops, vvp.StateStopped, vvp.StateFailed, false, vvp.StepStart},
		"was started by others":    {stops, vvp.StateRunning, vvp.StateStopped, false, vvp.StepOverruled},
		"has not begun to start":   {starts, vvp.StateRunning, vvp.StateStopped, false, vvp.StepWait},
		"starts":                   {starts, vvp.StateRunning, vvp.StateStarting, false, vvp.StepWait},
		"starts after a failure":   {starts, vvp.StateRunning, vvp.StateFailed, true, vvp.StepWait},
		"fails":                    {starts, vvp.StateRunning, vvp.StateFailed, false, vvp.StepFailed},
		"runs":                     {starts, vvp.StateRunning, vvp.StateRunning, false, vvp.StepDone},
		"was stopped by others":    {starts, vvp.StateStopped, vvp.StateRunning, false, vvp.StepOverruled},
		"changes its TaskManagers": {starts, vvp.StateRunning, vvp.StateUpdating, false, vvp.StepWait},
	} {
		if got := test.mark.Next(vvp.Seen{Desired: test.desired, State: test.state}, test.stale); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestAChangeThatWaitsForAStop reads what is to come from the mark alone.
func TestAChangeThatWaitsForAStop(t *testing.T) {
	spec := shared()
	spec.TaskManager.Replicas = new(int64(5))
	spec.RestartNonce = new(int64(3))
	then, err := vvp.Session(spec)
	if err != nil {
		t.Fatal(err)
	}
	live := in(document(t, shared()), vvp.StateStopped, vvp.StateRunning)
	mark := vvp.SessionMark{Action: "stateless_restart", Then: then, Restart: vvp.SessionRestart(spec), By: "me"}
	live["metadata"] = flink.Tree{"annotations": flink.Tree{vvp.AnnotationUnfinished: mark.String()}}
	read, ok := vvp.SessionMarkOf(live)
	if diff := cmp.Diff(mark, read); !ok || diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want, err := flink.TreeOf(spec)
	if err != nil {
		t.Fatal(err)
	}
	if changes := flink.Diff(want, vvp.SessionBack(vvp.Whole(live))); len(changes) > 0 {
		t.Errorf("what is to come differs: %+v", changes)
	}
}

func TestJobsThatOccupyASessionCluster(t *testing.T) {
	for seen, want := range map[vvp.Seen]bool{
		{Desired: vvp.StateRunning, State: vvp.StateRunning}:         true,
		{Desired: vvp.StateSuspended, State: vvp.StateTransitioning}: true,
		{Desired: vvp.StateSuspended, State: vvp.StateSuspended}:     false,
		{Desired: vvp.StateRunning, State: vvp.StateSuspended}:       true,
		{Desired: vvp.StateCancelled, State: vvp.StateCancelled}:     false,
		{Desired: vvp.StateRunning, State: vvp.StateFailed}:          false,
		{Desired: vvp.StateRunning, State: vvp.StateFinished}:        false,
	} {
		if got := vvp.Occupies(seen); got != want {
			t.Errorf("%+v: %t", seen, got)
		}
	}
}

func TestSessionStatus(t *testing.T) {
	cluster := in(document(t, shared()), vvp.StateRunning, vvp.StateRunning)
	cluster["metadata"] = flink.Tree{"id": "a"}
	if got, want := vvp.SessionStatus(cluster), (flink.Status{UID: "a", LifecycleState: "RUNNING", JobManager: "READY", FlinkVersion: "1.20", Deployed: true}); got != want {
		t.Errorf("%+v", got)
	}
	cluster["status"] = flink.Tree{"state": "FAILED", "failure": flink.Tree{"reason": "ClusterFailed", "message": "no such image"}}
	if got := vvp.SessionStatus(cluster); got.Error != "no such image" || got.JobManager != "ERROR" {
		t.Errorf("%+v", got)
	}
}
