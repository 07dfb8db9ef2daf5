package vvp

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// TestTransitions has each observed state met by each desired state, after each beginning: what
// comes next, where somebody else may have asked for another state meanwhile.
func TestTransitions(t *testing.T) {
	t.Parallel()
	start := Mark{Phase: PhaseStart, Final: StateRunning, Job: "old"}
	suspend := Mark{Phase: PhaseStop, Final: StateSuspended, Job: "old"}
	cancel := Mark{Phase: PhaseStop, Final: StateCancelled, Job: "old"}
	again := Mark{Phase: PhaseStop, Final: StateRunning, Job: "old"}
	from := Mark{Phase: PhaseStop, Final: StateRunning, Job: "old", From: "s3://a/1"}
	brought := Mark{Phase: PhaseStop, Final: StateRunning, From: "s3://a/1", Brought: true}
	for _, row := range []struct {
		name string
		mark Mark
		// desired is that of the server, and next what follows in each state: RUNNING with
		// the job of before, RUNNING with another one, SUSPENDED, CANCELLED, TRANSITIONING,
		// FAILED, FINISHED.
		desired string
		next    [7]Step
	}{
		{"starts", start, StateRunning, [7]Step{StepWait, StepDone, StepWait, StepWait, StepWait, StepFailed, StepDone}},
		{"starts, and somebody suspends it", start, StateSuspended, [7]Step{StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled}},
		{"starts, and somebody cancels it", start, StateCancelled, [7]Step{StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled}},
		{"suspends", suspend, StateSuspended, [7]Step{StepWait, StepWait, StepDone, StepWait, StepWait, StepFailed, StepDone}},
		{"suspends, and somebody cancels it", suspend, StateCancelled, [7]Step{StepWait, StepWait, StepWait, StepDone, StepWait, StepWait, StepWait}},
		{"suspends, and somebody starts it", suspend, StateRunning, [7]Step{StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled}},
		{"cancels", cancel, StateCancelled, [7]Step{StepWait, StepWait, StepWait, StepDone, StepWait, StepWait, StepWait}},
		{"cancels, and somebody starts it", cancel, StateRunning, [7]Step{StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled}},
		{"stops to start again", again, StateCancelled, [7]Step{StepWait, StepWait, StepStart, StepStart, StepWait, StepWait, StepWait}},
		{"stops to start again, and somebody starts it", again, StateRunning, [7]Step{StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled, StepOverruled}},
		{"stops for another savepoint", from, StateCancelled, [7]Step{StepWait, StepWait, StepBring, StepBring, StepWait, StepWait, StepWait}},
		{"suspends for another savepoint", from, StateSuspended, [7]Step{StepWait, StepWait, StepBring, StepBring, StepWait, StepCancel, StepCancel}},
		{"has brought it in", brought, StateCancelled, [7]Step{StepWait, StepWait, StepStart, StepStart, StepWait, StepWait, StepWait}},
	} {
		for i, seen := range []Seen{{State: StateRunning, Job: "old"}, {State: StateRunning, Job: "new"}, {State: StateSuspended}, {State: StateCancelled}, {State: StateTransitioning}, {State: StateFailed}, {State: StateFinished}} {
			seen.Desired = row.desired
			if next := row.mark.Next(seen); next != row.next[i] {
				t.Errorf("%s, %s %s: %s comes next, want %s", row.name, seen.State, seen.Job, next, row.next[i])
			}
		}
	}
}

// begun is how a program begins.
type begun struct {
	state, restore, from, asked string
	phase                       Phase
	first, cancels              bool
}

// TestBegin has each action on a Deployment in each state that it can be in when it is settled.
func TestBegin(t *testing.T) {
	t.Parallel()
	running := flink.DeploymentSpec{Job: &flink.Job{State: new("running"), UpgradeMode: new("savepoint")}}
	path := flink.DeploymentSpec{Job: &flink.Job{InitialSavepointPath: new("s3://a/1"), UpgradeMode: new("savepoint")}}
	asks := func(state string) flink.DeploymentSpec {
		return flink.DeploymentSpec{Job: &flink.Job{State: &state, UpgradeMode: new("savepoint")}}
	}
	for _, row := range []struct {
		action planner.Action
		fate   planner.State
		spec   flink.DeploymentSpec
		seen   string
		want   begun
	}{
		{planner.ActionMetadata, planner.StateNone, running, StateRunning, begun{}},
		{planner.ActionConfigOnly, planner.StateKept, running, StateFailed, begun{}},
		{planner.ActionSavepoint, planner.StateKept, running, StateRunning, begun{state: StateRunning, phase: PhaseStart, first: true}},
		{planner.ActionSavepoint, planner.StateKept, running, StateFailed, begun{state: StateCancelled, phase: PhaseStop, cancels: true}},
		{planner.ActionSavepoint, planner.StateKept, running, StateSuspended, begun{state: StateRunning, phase: PhaseStart}},
		{planner.ActionSavepoint, planner.StateKept, running, StateCancelled, begun{state: StateRunning, phase: PhaseStart}},
		{planner.ActionLastState, planner.StateKept, running, StateRunning, begun{state: StateRunning, phase: PhaseStart, first: true}},
		{planner.ActionStateless, planner.StateLost, running, StateRunning, begun{state: StateRunning, phase: PhaseStart, first: true}},
		{planner.ActionStateless, planner.StateLost, running, StateFailed, begun{state: StateCancelled, restore: RestoreNone, phase: PhaseStop}},
		{planner.ActionSuspend, planner.StateKept, asks("suspended"), StateRunning, begun{state: StateSuspended, phase: PhaseStop}},
		{planner.ActionSuspend, planner.StateKept, asks("suspended"), StateFailed, begun{state: StateCancelled, asked: "suspended", phase: PhaseStop, cancels: true}},
		{planner.ActionSuspend, planner.StateNone, asks("suspended"), StateFinished, begun{state: StateCancelled, asked: "suspended", phase: PhaseStop}},
		{planner.ActionSuspend, planner.StateLost, asks("cancelled"), StateRunning, begun{state: StateCancelled, phase: PhaseStop}},
		{planner.ActionDeferred, planner.StateKept, asks("suspended"), StateSuspended, begun{state: StateSuspended, phase: PhaseStop}},
		{planner.ActionDeferred, planner.StateNone, asks("suspended"), StateCancelled, begun{state: StateCancelled, asked: "suspended", phase: PhaseStop}},
		{planner.ActionResume, planner.StateKept, running, StateSuspended, begun{state: StateRunning, phase: PhaseStart}},
		{planner.ActionResume, planner.StateFresh, running, StateCancelled, begun{state: StateRunning, restore: RestoreNone, phase: PhaseStart}},
		{planner.ActionResume, planner.StateKept, path, StateCancelled, begun{restore: RestoreLatestSavepoint, from: "s3://a/1", phase: PhaseStop}},
		{planner.ActionResume, planner.StateKept, running, StateRunning, begun{state: StateRunning, phase: PhaseStart, first: true}},
		{planner.ActionRerun, planner.StateFresh, running, StateRunning, begun{state: StateRunning, phase: PhaseStart, first: true}},
		{planner.ActionRedeploy, planner.StateLost, path, StateRunning, begun{state: StateSuspended, restore: RestoreLatestSavepoint, from: "s3://a/1", phase: PhaseStop}},
		{planner.ActionRedeploy, planner.StateKept, path, StateFailed, begun{state: StateCancelled, restore: RestoreLatestSavepoint, from: "s3://a/1", phase: PhaseStop}},
		{planner.ActionSavepoint, planner.StateKept, running, StateFinished, begun{state: StateCancelled, restore: RestoreNone, phase: PhaseStop}},
		{planner.ActionRerun, planner.StateFresh, running, StateFinished, begun{state: StateCancelled, restore: RestoreNone, phase: PhaseStop}},
	} {
		t.Run(fmt.Sprint(row.action, " ", row.seen), func(t *testing.T) {
			t.Parallel()
			program := Begin(planner.Rollout{Action: row.action, State: row.fate}, row.spec, Seen{State: row.seen, Job: "old"}, "")
			got := begun{state: program.State, asked: program.Asked, first: program.StrategiesFirst, cancels: program.Cancels}
			if program.Mark != nil {
				got.restore, got.from, got.phase = program.Mark.Restore, program.Mark.From, program.Mark.Phase
			}
			if got != row.want {
				t.Errorf("begins with %+v, want %+v", got, row.want)
			}
		})
	}
}

// TestMark reads what it has written, and takes a text of others for none.
func TestMark(t *testing.T) {
	t.Parallel()
	mark := Mark{Wrote: flink.Tree{"image": nil, "job": flink.Tree{"jarURI": nil}}, Action: "suspend", Phase: PhaseStop, Final: StateSuspended, Job: "a", From: "b", Brought: true, Restore: RestoreNone, Since: "c", By: "d"}
	deployment := func(text string) flink.Tree {
		return flink.Tree{"metadata": flink.Tree{"annotations": flink.Tree{AnnotationUnfinished: text}}}
	}
	if got, ok := MarkOf(deployment(mark.String())); !ok || !reflect.DeepEqual(got, mark) {
		t.Errorf("read %+v", got)
	}
	unseen := flink.Tree{
		"metadata": flink.Tree{"annotations": flink.Tree{AnnotationUnfinished: Mark{Final: StateRunning, Restore: RestoreLatestSavepoint, Mode: "stateless"}.String()}},
		"spec":     flink.Tree{"state": StateCancelled, "upgradeStrategy": flink.Tree{"kind": "STATELESS"}, "restoreStrategy": flink.Tree{"kind": RestoreLatestSavepoint}},
	}
	if job := Back(unseen)["job"].(flink.Tree); job["state"] != "running" || job["upgradeMode"] != "stateless" {
		t.Errorf("what a change passes through shows: %v", job)
	}
	if _, ok := MarkOf(deployment("{")); ok {
		t.Error("what is no mark was read")
	}
	if _, ok := MarkOf(flink.Tree{}); ok {
		t.Error("there is no mark")
	}
}

// TestWritten tells what was written from what the server has filled in, without any value.
func TestWritten(t *testing.T) {
	t.Parallel()
	spec := parsed(t, `{"image":"a:1","flinkConfiguration":{"s3.secret-key":"hush"},"podTemplate":{"spec":{"nodeName":"a"}},"metadata":{"labels":{"a":"b"}}}`)
	mark := Mark{Wrote: Shape(spec)}
	if text := mark.String(); strings.Contains(text, "hush") || strings.Contains(text, "nodeName") {
		t.Errorf("the mark has values: %s", text)
	}
	filled := flink.Overlay(spec, nil, parsed(t, `{"flinkConfiguration":{"of.the.server":"1"},"job":{"parallelism":1},"metadata":{"labels":{"of":"others"}}}`))
	if got := mark.Written(filled); !flink.Equal(spec, got) {
		t.Errorf("what was written is %v", got)
	}
}

// TestStatusOfWhatIsToStartFromAPath has the state where the job is to start from, before the
// platform knows of it.
func TestStatusOfWhatIsToStartFromAPath(t *testing.T) {
	t.Parallel()
	mark := Mark{Phase: PhaseStop, Final: StateRunning, From: "s3://a/1"}
	got := Observation{Deployment: flink.Tree{"metadata": flink.Tree{"annotations": flink.Tree{AnnotationUnfinished: mark.String()}}, "status": flink.Tree{"state": StateCancelled}}}.Status()
	if got.SavepointPath != "s3://a/1" || got.StateLocation != flink.LocationPath || !got.Deployed {
		t.Errorf("the status is %+v", got)
	}
}
