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

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// The tests of this file are named after the findings in the README of the
// recorded timelines about the operator's blue/green deployments.
// TestNativeTraces judges the timelines themselves.

// scene is one version of a FlinkBlueGreenDeployment that was written as
// generation 2.
type scene struct {
	// reconciled is the image in lastReconciledSpec.
	reconciled         string
	state, job, failed string
	children           colors
}

// childOf is a color as the operator makes it.
func childOf(color, image string, status map[string]any) *unstructured.Unstructured {
	want := byOperatorWant(image)
	want.Ref, want.Labels = bluegreen.ColorRef(orders, color), map[string]string{fko.ChildLabel: strings.ToUpper(color)}
	object, err := objectOf(deploymentKind, want)
	if err != nil {
		panic(err)
	}
	object.SetUID(types.UID("uid-" + color))
	object.SetGeneration(1)
	object.Object["status"] = status
	return object
}

func runningChild(color, image string) *unstructured.Unstructured {
	return childOf(color, image, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY"))
}

func (s scene) parent(t *testing.T, image string) *unstructured.Unstructured {
	t.Helper()
	object, err := nativeObject(byOperatorWant(image))
	if err != nil {
		t.Fatal(err)
	}
	before, err := nativeObject(byOperatorWant(s.reconciled))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"spec": before.Object["spec"]})
	if err != nil {
		t.Fatal(err)
	}
	object.SetUID("parent")
	object.SetGeneration(2)
	object.Object["status"] = parentStatus(s.state, s.job, s.failed, string(text))
	return object
}

// judged is the verdict about the write of flink:2 after each scene.
func judged(t *testing.T, before scene, scenes ...scene) []fko.Verdict {
	t.Helper()
	parent := before.parent(t, "flink:2")
	written := fko.BlueGreen{Parent: parent, Children: before.children}
	j := fko.NewBlueGreenJudge(written, written.Template(), fko.Running, fko.BlueGreenStatusOf(parent))
	var out []fko.Verdict
	for _, s := range scenes {
		out = append(out, j.See(fko.BlueGreen{Parent: s.parent(t, "flink:2"), Children: s.children}))
	}
	return out
}

const aborted = "Aborting deployment 'orders-green', rolling B/G deployment back to ACTIVE_BLUE"

// settled is what there is before the write.
func settled() scene {
	return scene{reconciled: "flink:1", state: "ACTIVE_BLUE", job: "RUNNING", children: colors{"blue": runningChild("blue", "flink:1")}}
}

func TestFinding29_ActiveAndRunningInTheMiddleOfASwitch(t *testing.T) {
	savepointing, blip := settled(), settled()
	savepointing.state = "SAVEPOINTING_BLUE"
	both := colors{"blue": runningChild("blue", "flink:1"), "green": runningChild("green", "flink:2")}
	transition := scene{reconciled: "flink:2", state: "TRANSITIONING_TO_GREEN", job: "RECONCILING", children: both}
	leaving := scene{reconciled: "flink:2", state: "ACTIVE_GREEN", job: "RUNNING", children: both}
	done := leaving
	done.children = colors{"green": both["green"]}
	for i, v := range judged(t, settled(), settled(), savepointing, blip, transition, leaving, done) {
		want := fko.Waiting
		if i == 5 {
			want = fko.Done
		}
		hasVerdict(t, v, want, "")
	}
}

func TestFinding30_ThePathOfTheSwitchIsNoDrift(t *testing.T) {
	child := runningChild("blue", "flink:1")
	_ = unstructured.SetNestedField(child.Object, "/opt/state/savepoints/savepoint-1", "spec", "job", "initialSavepointPath")
	n := fko.BlueGreen{Parent: settled().parent(t, "flink:1"), Children: colors{"blue": child}}
	observed, err := observeNative(n, orders)
	if err != nil || fko.InitialPath(observed.Spec) != "" {
		t.Errorf("observed %+v, %v", observed.Spec, err)
	}
	_ = unstructured.SetNestedField(n.Parent.Object, "s3://given", "spec", "template", "spec", "job", "initialSavepointPath")
	if observed, err = observeNative(n, orders); err != nil || fko.InitialPath(observed.Spec) != "s3://given" {
		t.Errorf("with a path of its own: %+v, %v", observed.Spec, err)
	}
}

func TestFinding31_StatusesWithoutNewsChangeNothing(t *testing.T) {
	starts := scene{reconciled: "flink:2", state: "TRANSITIONING_TO_GREEN", job: "RECONCILING", children: colors{
		"blue": runningChild("blue", "flink:1"), "green": childOf("green", "flink:2", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING")),
	}}
	for _, v := range judged(t, settled(), slices.Repeat([]scene{starts}, 100)...) {
		hasVerdict(t, v, fko.Waiting, "green does not run yet")
	}
}

func TestFinding32_AnAbortIsToldWithItsCause(t *testing.T) {
	broken := childOf("green", "flink:2", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "error", timelines.ImageError))
	children := colors{"blue": runningChild("blue", "flink:1"), "green": broken}
	transition := scene{reconciled: "flink:2", state: "TRANSITIONING_TO_GREEN", job: "RECONCILING", children: children}
	end := scene{reconciled: "flink:2", state: "ACTIVE_BLUE", job: "FAILING", failed: aborted, children: children}
	verdicts := judged(t, settled(), transition, end)
	hasVerdict(t, verdicts[0], fko.Waiting, `image "flink:2" cannot be pulled`)
	hasVerdict(t, verdicts[1], fko.Failed, `image "flink:2" cannot be pulled`)

	first := scene{reconciled: "flink:2", children: colors{}}
	transition.state, transition.children = "TRANSITIONING_TO_BLUE", colors{"blue": childOf("blue", "flink:2", statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "error", timelines.ImageError))}
	end.state, end.children = "INITIALIZING_BLUE", transition.children
	hasVerdict(t, judged(t, first, transition, end)[1], fko.Failed, `image "flink:2" cannot be pulled`)
}

func TestFinding33_TheErrorOfAnAbortStaysUntilTheTransition(t *testing.T) {
	before := settled()
	before.job, before.failed = "FAILING", aborted
	both := colors{"blue": runningChild("blue", "flink:1"), "green": childOf("green", "flink:2", nil)}
	transition := scene{reconciled: "flink:2", state: "TRANSITIONING_TO_GREEN", job: "RECONCILING", children: both}
	again := scene{reconciled: "flink:2", state: "ACTIVE_BLUE", job: "FAILING", failed: aborted, children: both}
	verdicts := judged(t, before, before, transition, again)
	hasVerdict(t, verdicts[0], fko.Waiting, "")
	hasVerdict(t, verdicts[1], fko.Waiting, "")
	hasVerdict(t, verdicts[2], fko.Failed, "given it up")
}

// The operator of the exchange fails the test when it uses a color again that an
// aborted switch has left.
func TestFinding34_WhatAnAbortLeavesIsRemovedBeforeTheNextSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		e.create(t, byOperatorWant("flink:1"))
		ctx, give := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, give)
		_, _ = e.apply(ctx, byOperatorTo("flink:nope"))
		time.Sleep(2 * time.Minute) // The operator aborts, and nobody removes green.
		if got := e.state(); got != "orders-blue flink:1 RUNNING, orders-green flink:nope FINISHED" {
			t.Fatalf("prepared %s", got)
		}
		if _, err := e.apply(t.Context(), byOperatorTo("flink:2")); err != nil {
			t.Fatal(err)
		}
		if last := e.starts[len(e.starts)-1]; last != "orders-green from s3://sp/2" {
			t.Errorf("the colors were started %q", e.starts)
		}
	})
}

func TestFinding35_ASwallowedSpecificationIsNoSuccess(t *testing.T) {
	swallowed := settled()
	swallowed.reconciled = "flink:2"
	hasVerdict(t, judged(t, settled(), swallowed)[0], fko.Waiting, "blue does not have the specification")
	swallowed.job, swallowed.failed = "FAILING", "Transition to GREEN not possible, current Flink Deployment 'orders-blue' is not READY. FAILING 'orders-blue'"
	hasVerdict(t, judged(t, settled(), swallowed)[0], fko.Failed, "the operator did not take the change up")
}

func TestFinding36_AnInvalidTemplateIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newNativeStage(t)
		s.reject = func(*unstructured.Unstructured) error { return &kube.InvalidError{} }
		_, err := s.apply(t.Context(), byOperatorTo("flink:2"))
		var invalid *kube.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("the apply ended with %v", err)
		}
		if wrote := s.wrote(); !slices.Equal(wrote, []string{"rehearse FlinkDeployment orders-green"}) {
			t.Errorf("wrote %v", wrote)
		}
	})
	broken := childOf("green", "flink:2", statusOf(1, "FAILED", "UPGRADING", "", "", "error", timelines.InvalidError))
	transition := scene{reconciled: "flink:2", state: "TRANSITIONING_TO_GREEN", job: "RECONCILING", children: colors{"blue": runningChild("blue", "flink:1"), "green": broken}}
	hasVerdict(t, judged(t, settled(), transition)[0], fko.Waiting, "spec.serviceAccount must be defined")
}

// A change of spec.configuration alone is never taken up, and nothing is to wait
// for; a suspension patches the color in place.
func TestFinding37_ChangesInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		e.create(t, byOperatorWant("flink:1"))
		change := byOperatorTo("flink:1")
		change.BlueGreen.DeletionDelay = time.Hour
		change.Rollout.Action = planner.ActionConfigOnly
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		if _, err := e.apply(ctx, change); err != nil || time.Since(began) > 5*time.Second {
			t.Errorf("another delay took %s, %v", time.Since(began), err)
		}
		change.Spec.Job.State, change.Rollout.Action = new(flink.JobSuspended), planner.ActionSuspend
		observed, err := e.apply(ctx, change)
		if err != nil || observed.Status.LifecycleState != flink.LifecycleSuspended || observed.Status.ActiveColor != flink.Blue {
			t.Errorf("suspended %+v, %v", observed, err)
		}
		change.Spec.Job.State, change.Rollout.Action = new(flink.JobRunning), planner.ActionResume
		if observed, err = e.apply(ctx, change); err != nil || !observed.RolledOut || e.state() != "orders-blue flink:1 RUNNING" {
			t.Errorf("resumed %+v, %v: %s", observed, err, e.state())
		}
	})
}

func TestFinding38_ADeleteWaitsForTheColors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		created := e.create(t, byOperatorWant("flink:1"))
		if _, err := NewApplications(e, Options{}).Delete(t.Context(), orders, platform.DeleteOptions{UID: created.UID}); err != nil {
			t.Fatal(err)
		}
		if got := e.state(); got != "" {
			t.Errorf("left %s", got)
		}
	})
}

// Nothing that is written on the parent reaches an active color that failed, and
// the parent does not tell of it.
func TestFinding39_AFailedActiveColorIsRepairedWhereItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newOperated(t)
		e.create(t, byOperatorWant("flink:1"))
		e.status(t, "blue", statusOf(1, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", "s3://cp/chk-7"))
		observed, err := NewApplications(e, Options{}).Read(t.Context(), orders)
		if err != nil || observed.Status.JobState != flink.StateFailed || observed.RolledOut {
			t.Errorf("observed %+v, %v", observed, err)
		}
		change := byOperatorTo("flink:2")
		change.Rollout.Action = planner.ActionSavepoint
		if observed, err = e.apply(t.Context(), change); err != nil || !observed.RolledOut || observed.Spec["image"] != "flink:2" {
			t.Errorf("repaired %+v, %v", observed, err)
		}
		child := slices.Index(e.calls, "apply FlinkDeployment prod/orders-blue")
		parent := slices.Index(e.calls[child+1:], "apply FlinkBlueGreenDeployment prod/orders")
		if child < 0 || parent < 0 {
			t.Errorf("the calls are %q", e.calls)
		}
	})
}

func hasVerdict(t *testing.T, v fko.Verdict, want fko.Progress, cause string) {
	t.Helper()
	if v.Progress != want || !strings.Contains(v.Cause, cause) {
		t.Errorf("the verdict is %s (%s), want %s with %q", v.Progress, v.Cause, want, cause)
	}
}
