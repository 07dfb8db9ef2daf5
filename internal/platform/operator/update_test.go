package operator

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// changeTo is an upgrade of the deployment of the tests to another image.
func changeTo(image string) platform.Change {
	return platform.Change{
		Deployment: deployment(image),
		Was:        &platform.Was{Spec: deployment("flink:1").Spec},
		Rollout:    planner.Rollout{Revision: 2, Action: planner.ActionSavepoint},
	}
}

// update writes a change, and waits for it when it was accepted.
func update(t *testing.T, d *Deployments, change platform.Change) (*platform.Observed, error) {
	t.Helper()
	written, err := d.begin(t.Context(), change)
	if err != nil {
		return nil, err
	}
	return written.Await(t.Context())
}

func TestUpdateWaitsForTheNewGeneration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		began := time.Now()
		observed, err := update(t, d, changeTo("flink:2"))
		if err != nil {
			t.Fatal(err)
		}
		if observed.Generation != 2 || time.Since(began) != 12*time.Second+quiet {
			t.Errorf("ended with generation %d after %s", observed.Generation, time.Since(began))
		}
		if n := f.count("patch"); n != 1 {
			t.Errorf("%d patches, want the one that ended the create", n)
		}
	})
}

func TestUpdateNeverCreates(t *testing.T) {
	f := newFake(t)
	_, err := NewDeployments(f, Options{}).begin(t.Context(), changeTo("flink:2"))
	var absent *platform.NotFoundError
	if !errors.As(err, &absent) || f.count("apply") != 0 {
		t.Errorf("returned %v after %v", err, f.calls)
	}
}

func TestUpdateOfAnObjectOnItsWayOutIsRefused(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	object := f.live(t)
	now := metav1.Now()
	object.SetDeletionTimestamp(&now)
	f.put(deploymentKind, object)
	if _, err := d.begin(t.Context(), changeTo("flink:2")); err == nil || !strings.Contains(err.Error(), "is being deleted") {
		t.Errorf("returned %v", err)
	}
}

func TestUpdateTakesTheFieldsOfFormerAppliersOverOnce(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	object := f.live(t)
	entry := func(manager, subresource string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Subresource: subresource}
	}
	object.SetManagedFields([]metav1.ManagedFieldsEntry{
		entry("kubectl-client-side-apply", ""), entry("helm", ""), entry("Terraform", ""), entry("flink-kubernetes-operator", ""),
		entry("okhttp", ""), entry("kube-controller-manager", "scale"),
	})
	f.put(deploymentKind, object)
	if _, err := d.begin(t.Context(), changeTo("flink:2")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Terraform", "helm", "kubectl-client-side-apply"}, f.options[len(f.options)-1].TakeOver); diff != "" {
		t.Errorf("took over (-want +got):\n%s", diff)
	}
	// What somebody edits later is theirs until they or the user say otherwise.
	object = f.live(t)
	object.SetManagedFields(append(object.GetManagedFields(), entry("kubectl-edit", "")))
	f.put(deploymentKind, object)
	if _, err := d.begin(t.Context(), changeTo("flink:3")); err != nil {
		t.Fatal(err)
	}
	if got := f.options[len(f.options)-1].TakeOver; got != nil {
		t.Errorf("took over %v from an object that is Terraform's already", got)
	}
}

func TestUpdateDoesNotWriteToAnotherObjectOfTheSameName(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	f.fail = func(call string) error {
		if strings.HasPrefix(call, "apply") {
			f.objects[kube.Ref{Kind: deploymentKind, Key: keyOf(orders)}].SetUID("another")
		}
		return nil
	}
	var absent *platform.NotFoundError
	if _, err := d.begin(t.Context(), changeTo("flink:2")); !errors.As(err, &absent) {
		t.Errorf("returned %v", err)
	}
}

func TestUpdateForcesOnlyWhatItMay(t *testing.T) {
	conflict := func(managers ...string) *kube.ConflictError {
		err := &kube.ConflictError{}
		for _, m := range managers {
			err.Fields = append(err.Fields, kube.FieldConflict{Path: ".spec.job.state", Manager: m})
		}
		return err
	}
	for name, test := range map[string]struct {
		options  Options
		conflict *kube.ConflictError
		forced   []bool
		fails    bool
	}{
		"nothing in the way":      {Options{}, nil, []bool{false}, false},
		"forced by the user":      {Options{ForceConflicts: true}, nil, []bool{true}, false},
		"with somebody else":      {Options{}, conflict("autoscaler"), []bool{false}, true},
		"with a manifest":         {Options{}, conflict("kubectl-client-side-apply"), []bool{false}, true},
		"with an edit by hand":    {Options{}, conflict("kubectl-edit"), []bool{false, true}, false},
		"with an applied edit":    {Options{}, conflict("kubectl-patch"), []bool{false}, true},
		"with an unfinished stop": {Options{}, conflict(kube.FieldManager), []bool{false, true}, false},
		"with the operator":       {Options{}, conflict("okhttp"), []bool{false, true}, false},
		"with both":               {Options{}, conflict(kube.FieldManager, "autoscaler"), []bool{false}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, _ := begin(t, silent, "flink:1")
			object := f.live(t)
			for _, manager := range []string{"kubectl-edit", "kubectl-client-side-apply", "autoscaler"} {
				object.SetManagedFields(append(object.GetManagedFields(), metav1.ManagedFieldsEntry{Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate}))
			}
			object.SetManagedFields(append(object.GetManagedFields(),
				metav1.ManagedFieldsEntry{Manager: "kubectl-patch", Operation: metav1.ManagedFieldsOperationApply},
				metav1.ManagedFieldsEntry{Manager: "okhttp", Subresource: "status"}))
			f.put(deploymentKind, object)
			f.options = nil
			f.fail = func(call string) error {
				if strings.HasPrefix(call, "apply") && test.conflict != nil && !f.options[len(f.options)-1].Force {
					return test.conflict
				}
				return nil
			}
			_, err := NewDeployments(f, test.options).begin(t.Context(), changeTo("flink:2"))
			var got *kube.ConflictError
			if errors.As(err, &got) != test.fails {
				t.Errorf("returned %v", err)
			}
			var forced []bool
			for _, o := range f.options {
				forced = append(forced, o.Force)
			}
			if diff := cmp.Diff(test.forced, forced); diff != "" {
				t.Errorf("writes with force (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARerunStartsWithoutStateAndGetsItsModeBack(t *testing.T) {
	rerun := func() platform.Change {
		change := changeTo("flink:2")
		change.Rollout.Action = planner.ActionRerun
		return change
	}
	mode := func(t *testing.T, f *fake) string {
		t.Helper()
		value, _, _ := unstructured.NestedString(f.live(t).Object, "spec", "job", "upgradeMode")
		return value
	}
	t.Run("with a wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2"))
			written, err := d.begin(t.Context(), rerun())
			if err != nil {
				t.Fatal(err)
			}
			if got := mode(t, f); got != flink.UpgradeStateless {
				t.Errorf("written with mode %s", got)
			}
			observed, err := written.Await(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := mode(t, f); got != flink.UpgradeSavepoint || observed.Generation != 3 {
				t.Errorf("ended with mode %s at generation %d", got, observed.Generation)
			}
		})
	})
	t.Run("without a wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			d, _ := running(t, f, "flink:1")
			setStatus(t, f, statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2"))
			written, err := d.begin(t.Context(), rerun())
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if _, err := written.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := mode(t, f); got != flink.UpgradeSavepoint || time.Since(began) != 2*time.Second+quiet {
				t.Errorf("ended with mode %s after %s, want it when the job is deployed", got, time.Since(began))
			}
		})
	})
}

func TestARedeployRaisesTheNonce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		change := changeTo("flink:1")
		change.Rollout.Action, change.AllowStateLoss = planner.ActionRedeploy, true
		change.Spec.Job.InitialSavepointPath = new("file:/savepoints/other")
		nonces := map[int64]bool{}
		for range 2 {
			time.Sleep(time.Second)
			if _, err := update(t, d, change); err != nil {
				t.Fatal(err)
			}
			nonce, _, _ := unstructured.NestedInt64(f.live(t).Object, "spec", "job", redeployNonce)
			nonces[nonce] = true
		}
		if len(nonces) != 2 || nonces[0] {
			t.Errorf("the nonces are %v", nonces)
		}
	})
}
