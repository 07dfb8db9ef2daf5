package ververica

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// desired is the session cluster with a specification.
func desired(spec flink.DeploymentSpec) platform.Deployment {
	return platform.Deployment{Ref: sharedRef, Labels: map[string]string{"team": "a"}, Spec: spec}
}

// apply makes a change of the session cluster and waits for it.
func apply(ctx context.Context, client *Client, change platform.Change) (*platform.Observed, error) {
	begun, err := client.Deployments(platform.KindSessionCluster).Begin(ctx, change)
	if err != nil {
		return nil, err
	}
	return begun.Await(ctx)
}

// changed is the change from one specification to another.
func changed(from, to flink.DeploymentSpec, action planner.Action) platform.Change {
	return platform.Change{
		Deployment: desired(to), Was: &platform.Was{UID: "cluster-1", Spec: from, Labels: map[string]string{"team": "a"}},
		Rollout: planner.Rollout{Action: action, State: planner.StateNone}, Rollback: true, Awaited: true,
	}
}

// running returns a server whose session cluster runs with the image "1".
func running(t *testing.T) (*hall, *Client) {
	t.Helper()
	h := &hall{t: t}
	client := h.client()
	observed, err := apply(t.Context(), client, platform.Change{Deployment: desired(sharedSpec("1", 2)), Rollout: planner.Rollout{Action: planner.ActionCreate}})
	if err != nil {
		t.Fatal(err)
	}
	if s := observed.Status; !observed.RolledOut || observed.Unfinished != "" || s.LifecycleState != "RUNNING" || s.JobManager != flink.ManagerReady || !s.Deployed {
		t.Errorf("created %+v", observed)
	}
	if changes := differences(t, sharedSpec("1", 2), observed.Spec); len(changes) > 1 || changes[0].Path.Attribute() != "ververica.deployment_target" {
		t.Errorf("the specification came back with %+v", changes)
	}
	// The second write takes off the mark of the create.
	if wrote := h.wrote(); wrote != "RUNNING 1, RUNNING 1" {
		t.Errorf("wrote %s", wrote)
	}
	return h, client
}

func differences(t *testing.T, want flink.DeploymentSpec, got flink.Tree) []flink.Change {
	t.Helper()
	tree, err := flink.TreeOf(want)
	if err != nil {
		t.Fatal(err)
	}
	return flink.Diff(tree, got)
}

func TestASessionClusterIsStoppedForAnotherImage(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	h.set(func() {
		part(h.cluster, "spec")["future"] = object{"field": true}
		h.jobs = []object{onShared("done", "FINISHED"), onShared("failed", "FAILED")}
	})
	observed, err := apply(t.Context(), client, changed(sharedSpec("1", 2), sharedSpec("2", 2), planner.ActionStateless))
	if err != nil {
		t.Fatal(err)
	}
	if wrote := h.wrote(); wrote != "STOPPED 1, RUNNING 2, RUNNING 2" {
		t.Errorf("wrote %s", wrote)
	}
	if observed.Unfinished != "" || !observed.RolledOut {
		t.Errorf("observed %+v", observed)
	}
	if future := part(part(h.cluster, "spec"), "future"); future["field"] != true {
		t.Error("a field of a newer server was lost")
	}
}

func TestASessionClusterIsScaledWhileItRuns(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	h.set(func() { h.jobs = []object{onShared("orders", "RUNNING")} })
	if _, err := apply(t.Context(), client, changed(sharedSpec("1", 2), sharedSpec("1", 5), planner.ActionConfigOnly)); err != nil {
		t.Fatal(err)
	}
	if wrote := h.wrote(); wrote != "RUNNING 1" {
		t.Errorf("wrote %s", wrote)
	}
}

func TestJobsKeepASessionClusterFromBeingStopped(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	h.set(func() { h.jobs = []object{onShared("orders", "RUNNING"), onShared("done", "FINISHED")} })
	_, err := apply(t.Context(), client, changed(sharedSpec("1", 2), sharedSpec("2", 2), planner.ActionStateless))
	var refused *platform.RolloutError
	if !errors.As(err, &refused) || !strings.Contains(refused.Summary, "is not restarted: jobs run on it") || !strings.Contains(refused.Detail, "orders (RUNNING).") {
		t.Errorf("refused with %v", err)
	}
	_, err = client.Deployments(platform.KindSessionCluster).Delete(t.Context(), sharedRef, platform.DeleteOptions{UID: "cluster-1"})
	if !errors.As(err, &refused) || !strings.Contains(refused.Detail, "done, orders.") {
		t.Errorf("refused with %v", err)
	}
	if wrote := h.wrote(); wrote != "" {
		t.Errorf("wrote %s", wrote)
	}
}

// TestAnInterruptedRestartGoesOn ends an apply while the cluster is stopped. Another process sees
// what is to come, and goes on without being told it.
func TestAnInterruptedRestartGoesOn(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	h.set(func() { h.stuck = true })
	ctx, cancel := context.WithCancel(t.Context())
	begun, err := client.Deployments(platform.KindSessionCluster).Begin(ctx, changed(sharedSpec("1", 2), sharedSpec("2", 2), planner.ActionStateless))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := begun.Await(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the wait ended with %v", err)
	}
	h.set(func() { h.stuck = false })

	other := h.client()
	observed, err := other.Deployments(platform.KindSessionCluster).Read(t.Context(), sharedRef)
	if err != nil {
		t.Fatal(err)
	}
	if image := observed.Spec["image"]; observed.Unfinished != planner.ActionStateless || image != "registry.example.com/flink:2" || observed.Written["image"] != image {
		t.Errorf("observed %+v", observed)
	}
	if _, err := apply(t.Context(), other, platform.Change{
		Deployment: platform.Deployment{Ref: sharedRef}, Was: &platform.Was{UID: "cluster-1"}, Rollout: planner.Rollout{Action: planner.ActionStateless}, Begun: true,
	}); err != nil {
		t.Fatal(err)
	}
	if wrote := h.wrote(); wrote != "STOPPED 1, RUNNING 2, RUNNING 2" {
		t.Errorf("wrote %s", wrote)
	}
}

func TestALostAnswerToTheStartIsNoOtherChange(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	begun, err := client.Deployments(platform.KindSessionCluster).Begin(t.Context(), changed(sharedSpec("1", 2), sharedSpec("2", 2), planner.ActionStateless))
	if err != nil {
		t.Fatal(err)
	}
	h.set(func() { h.loses = 1 })
	if observed, err := begun.Await(t.Context()); err != nil || !observed.RolledOut {
		t.Errorf("ended with %v and %+v", err, observed)
	}
}

func TestAFailedSessionClusterIsRolledBack(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	observed, err := apply(t.Context(), client, changed(sharedSpec("1", 2), sharedSpec("nope", 2), planner.ActionStateless))
	var failed *platform.RolloutError
	if !errors.As(err, &failed) || !failed.RolledBack || !strings.Contains(failed.Summary, "does not start: no such image") || !strings.Contains(failed.Detail, "(image registry.example.com/flink:1) runs again") {
		t.Fatalf("failed with %v", err)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a secret is told: %v", err)
	}
	if !observed.RolledOut || observed.Spec["image"] != "registry.example.com/flink:1" {
		t.Errorf("observed %+v", observed)
	}
	if wrote := h.wrote(); wrote != "STOPPED 1, RUNNING nope, STOPPED nope, RUNNING 1, RUNNING 1" {
		t.Errorf("wrote %s", wrote)
	}
}

func TestASessionClusterIsStoppedAndDeleted(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	if _, err := client.Deployments(platform.KindSessionCluster).Delete(t.Context(), sharedRef, platform.DeleteOptions{UID: "another"}); err != nil {
		t.Fatal(err)
	}
	if wrote := h.wrote(); wrote != "" {
		t.Errorf("of somebody else's was written %s", wrote)
	}
	if _, err := client.Deployments(platform.KindSessionCluster).Delete(t.Context(), sharedRef, platform.DeleteOptions{UID: "cluster-1"}); err != nil {
		t.Fatal(err)
	}
	if wrote := h.wrote(); wrote != "STOPPED 1, deleted" {
		t.Errorf("wrote %s", wrote)
	}
}

// TestAKilledCreateGoesOn creates what a killed apply has created, and refuses what is there for
// another reason.
func TestAKilledCreateGoesOn(t *testing.T) {
	t.Parallel()
	h := &hall{t: t}
	create := platform.Change{Deployment: desired(sharedSpec("1", 2)), Rollout: planner.Rollout{Action: planner.ActionCreate}}
	if _, err := h.client().Deployments(platform.KindSessionCluster).Begin(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	another := create
	another.Deployment = desired(sharedSpec("2", 2))
	var exists *platform.ExistsError
	if _, err := apply(t.Context(), h.client(), another); !errors.As(err, &exists) {
		t.Errorf("another specification was refused with %v", err)
	}
	if observed, err := apply(t.Context(), h.client(), create); err != nil || !observed.RolledOut {
		t.Errorf("ended with %v and %+v", err, observed)
	}
	if _, err := apply(t.Context(), h.client(), create); !errors.As(err, &exists) || !exists.Ours {
		t.Errorf("one that is whole was refused with %v", err)
	}
}

// TestAnImportSaysWhatSomebodySaid leaves out the target that a create chooses by itself.
func TestAnImportSaysWhatSomebodySaid(t *testing.T) {
	t.Parallel()
	h, client := running(t)
	for target, want := range map[string]int{"prod": 0, "another": 1} {
		h.set(func() { part(h.cluster, "spec")["deploymentTargetName"] = target })
		observed, err := client.Deployments(platform.KindSessionCluster).Import(t.Context(), sharedRef)
		if err != nil {
			t.Fatal(err)
		}
		if changes := differences(t, sharedSpec("1", 2), observed.Spec); len(changes) != want || !observed.Applied {
			t.Errorf("on the target %s it differs by %+v", target, changes)
		}
	}
}
