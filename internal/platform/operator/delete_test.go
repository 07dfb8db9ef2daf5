package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// finalized gives the deployment of the tests the operator's finalizer.
func finalized(t *testing.T, f *fake) {
	t.Helper()
	object := f.live(t)
	object.SetFinalizers([]string{"flinkdeployments.flink.apache.org/finalizer"})
	f.put(deploymentKind, object)
}

// setStatus replaces the status of the deployment of the tests.
func setStatus(t *testing.T, f *fake, status map[string]any) {
	t.Helper()
	object := f.live(t)
	object.Object["status"] = status
	f.put(deploymentKind, object)
}

// reconciledBy is a status whose job was last stopped or started by a mode.
func reconciledBy(mode string, status map[string]any) map[string]any {
	reconciliation := status["reconciliationStatus"].(map[string]any)
	reconciled := `{"spec":{"job":{"upgradeMode":"` + mode + `"}}}`
	if reconciliation["lastStableSpec"] == reconciliation["lastReconciledSpec"] {
		reconciliation["lastStableSpec"] = reconciled
	}
	reconciliation["lastReconciledSpec"] = reconciled
	return status
}

const savepoint1 = "file:/savepoints/savepoint-1"

// Recorded finding 24: the operator's own savepoint on deletion leaves its path
// in no status, so the job is suspended with one before it is deleted.
func TestDeleteTakesASavepointOfARunningJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, observed := running(t, f, "flink:1")
		finalized(t, f)
		began := time.Now()
		deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true})
		if err != nil {
			t.Fatal(err)
		}
		if deleted != (platform.Deleted{SavepointPath: savepoint1}) || time.Since(began) != 2*time.Second+quiet {
			t.Errorf("returned %+v after %s", deleted, time.Since(began))
		}
		if len(f.objects) != 0 {
			t.Error("the object is still there")
		}
	})
}

func TestDeleteOfWhatSomebodyDeletesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, observed := running(t, f, "flink:1")
		// The request to suspend comes too late: the object goes.
		f.operator = func(*unstructured.Unstructured) []step { return []step{{after: time.Second}} }
		deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(deleted.Note, "Somebody else deleted the deployment") {
			t.Errorf("returned %+v", deleted)
		}
	})
}

func TestDeleteByTheStateOfTheJob(t *testing.T) {
	for name, test := range map[string]struct {
		status    map[string]any
		suspended bool
		allow     bool
		want      platform.Deleted
		note      string
		refused   string
	}{
		"suspended by an interrupted delete": {
			status: statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint1), suspended: true,
			want: platform.Deleted{SavepointPath: savepoint1},
		},
		"suspended with last-state": {
			status: statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", fko.LastStateDummy), suspended: true,
			refused: "suspended without a savepoint",
		},
		"suspended with last-state, and the loss is allowed": {
			status: statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", fko.LastStateDummy), suspended: true, allow: true,
			note: "suspended without a savepoint",
		},
		"lost its JobManager": {
			status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING"), refused: "No earlier savepoint or checkpoint",
		},
		"lost its JobManager after an upgrade": {
			status:  statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING", "savepoint", savepoint1),
			refused: "The newest state that is known is in " + savepoint1 + "; the job has run since then",
		},
		"lost its JobManager after an upgrade, and the loss is allowed": {
			status: statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "MISSING", "savepoint", savepoint1), allow: true,
			want: platform.Deleted{SavepointPath: savepoint1}, note: "may have a newer checkpoint",
		},
		"suspended with last-state after an earlier savepoint": {
			status: reconciledBy("last-state", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", savepoint1)), suspended: true,
			refused: "suspended without a savepoint",
		},
		"failed": {
			status: statusOf(1, "FAILED", "DEPLOYED", "FAILED", "READY", "savepoint", "file:/checkpoints/chk-7"),
			want:   platform.Deleted{SavepointPath: "file:/checkpoints/chk-7"}, note: "the job was FAILED. Its newest known state is in file:/checkpoints/chk-7.",
		},
		"never ran": {
			status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "stable", ""),
		},
		"never ran, and was given up by the operator": {
			status: reconciledBy("savepoint", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING")), suspended: true,
		},
		"never ran, and cannot be stopped": {
			status: statusOf(1, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "stable", ""), suspended: true,
		},
		"suspended without state": {
			status: reconciledBy("stateless", statusOf(1, "SUSPENDED", "DEPLOYED", "FINISHED", "MISSING", "savepoint", savepoint1)), suspended: true,
		},
		"stopped with a savepoint by somebody": {
			status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", savepoint1),
			want:   platform.Deleted{SavepointPath: savepoint1}, note: "the job was FINISHED. Its newest known state is in " + savepoint1,
		},
		"finished, with a path that leads nowhere": {
			status: statusOf(1, "STABLE", "DEPLOYED", "FINISHED", "READY", "savepoint", "file:/checkpoints/chk-2"),
		},
		"stopped by an upgrade that goes on": {
			status: statusOf(1, "UPGRADING", "UPGRADING", "FINISHED", "MISSING", "savepoint", savepoint1),
			want:   platform.Deleted{SavepointPath: savepoint1}, note: "the job was FINISHED",
		},
		"never deployed": {status: nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, d, _ := begin(t, silent, "flink:1")
			if test.suspended {
				f.edit(func(object *unstructured.Unstructured) {
					_ = unstructured.SetNestedField(object.Object, "suspended", "spec", "job", "state")
				})
			}
			if test.status != nil {
				setStatus(t, f, test.status)
			}
			deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{Savepoint: true, AllowStateLoss: test.allow})
			if test.refused != "" {
				mentions(t, failure(t, err).Detail, test.refused, "Nothing was deleted.", "upgrade.allow_state_loss = true")
				if f.count("delete") != 0 || f.count("patch") != 0 {
					t.Errorf("the calls were %v", f.calls)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if deleted.SavepointPath != test.want.SavepointPath || !strings.Contains(deleted.Note, test.note) || test.note == "" && deleted.Note != "" {
				t.Errorf("returned %+v, want %+v with %q", deleted, test.want, test.note)
			}
			if f.count("patch") != 0 || len(f.objects) != 0 {
				t.Errorf("the calls were %v", f.calls)
			}
		})
	}
}

func TestDeleteWithoutASavepointDoesNotSuspend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		patches := f.count("patch")
		deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{})
		if err != nil || deleted != (platform.Deleted{}) || f.count("patch") != patches {
			t.Errorf("returned %+v, %v after %v", deleted, err, f.calls)
		}
	})
}

func TestDeleteOfWhatIsNotOursOrGone(t *testing.T) {
	f, d, _ := begin(t, silent, "flink:1")
	if _, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: "former", Savepoint: true}); err != nil {
		t.Error(err)
	}
	if f.count("delete") != 0 {
		t.Error("another object of the same name was deleted")
	}
	if _, err := d.Delete(t.Context(), platform.Ref{Namespace: "prod", Name: "gone"}, platform.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}

func TestDeleteGoesOnWithWhatIsOnItsWayOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, observed := running(t, f, "flink:1")
		finalized(t, f)
		if err := f.Delete(t.Context(), deploymentKind, keyOf(orders), ""); err != nil {
			t.Fatal(err)
		}
		patches := f.count("patch")
		deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true})
		if err != nil || f.count("patch") != patches || deleted.SavepointPath != savepoint1 {
			t.Errorf("returned %+v, %v after %v", deleted, err, f.calls)
		}
	})
}

func TestDeleteKeepsWhatItCannotStopWithASavepoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:1")
		f.operator = func(*unstructured.Unstructured) []step {
			var steps []step
			for range 5 {
				steps = append(steps,
					step{time.Second, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "error", timelines.SavepointError)},
					step{5 * time.Second, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY")})
			}
			return steps
		}
		_, err := d.Delete(t.Context(), orders, platform.DeleteOptions{Savepoint: true})
		failed := failure(t, err)
		mentions(t, failed.Summary, `The job "orders" is not suspended: Savepoint Error`)
		mentions(t, failed.Detail, "Nothing was deleted.", "savepoint_on_destroy = false")
		if f.count("delete") != 0 {
			t.Error("the object was deleted without a savepoint")
		}
	})
}

func TestAStuckDeleteIsExplained(t *testing.T) {
	wait := func(t *testing.T, f *fake, d *Deployments) *platform.RolloutError {
		t.Helper()
		finalized(t, f)
		f.operator = silent
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := d.Delete(ctx, orders, platform.DeleteOptions{})
		return failure(t, err)
	}
	t.Run("by what is left", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f, d, _ := begin(t, silent, "flink:1")
			f.events = []kube.Event{{Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "CleanupFailed", Message: "jobs are running", Last: time.Now().Add(time.Minute)}}
			failed := wait(t, f, d)
			mentions(t, failed.Summary, `The deployment "orders" is not gone after 1m0s`)
			mentions(t, failed.Detail, "finalizers left: flinkdeployments.flink.apache.org/finalizer",
				"event of FlinkDeployment orders: CleanupFailed: jobs are running", "Check that the operator runs")
		})
	})
	t.Run("by session jobs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f, d, _ := begin(t, silent, "flink:1")
			for name, cluster := range map[string]string{"counter": "orders", "other": "elsewhere"} {
				f.put(sessionJobKind, &unstructured.Unstructured{Object: map[string]any{
					"metadata": map[string]any{"namespace": "prod", "name": name}, "spec": map[string]any{"deploymentName": cluster},
				}})
			}
			failed := wait(t, f, d)
			mentions(t, failed.Detail, "session jobs that use it: counter\n", "Destroy the session jobs first")
		})
	})
}

// Recorded finding 25 and the operator's cleanup: an object whose job does not
// run is kept for ever when the operator shall take a savepoint on deletion.
func TestASavepointThatTheOperatorCannotTakeDoesNotHoldADelete(t *testing.T) {
	hanging := func(object *unstructured.Unstructured) []step {
		value, _, _ := unstructured.NestedString(object.Object, "spec", "flinkConfiguration", keySavepointOnDeletion)
		if object.GetDeletionTimestamp() == nil || value == "true" {
			return nil
		}
		return []step{{time.Second, nil}}
	}
	prepare := func(t *testing.T) (*fake, *Deployments) {
		t.Helper()
		f, d, _ := begin(t, silent, "flink:1")
		finalized(t, f)
		f.edit(func(object *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(object.Object, "true", "spec", "flinkConfiguration", keySavepointOnDeletion)
		})
		f.operator = hanging
		return f, d
	}
	t.Run("before the delete", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f, d := prepare(t)
			setStatus(t, f, statusOf(2, "DEPLOYED", "DEPLOYED", "RECONCILING", "ERROR", "savepoint", savepoint1))
			deleted, err := d.Delete(t.Context(), orders, platform.DeleteOptions{Savepoint: true})
			if err != nil || deleted.SavepointPath != savepoint1 {
				t.Errorf("returned %+v, %v", deleted, err)
			}
		})
	})
	t.Run("while it hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f, d := prepare(t)
			setStatus(t, f, statusOf(2, "STABLE", "DEPLOYED", "RUNNING", "READY"))
			time.AfterFunc(time.Minute, func() {
				setStatus(t, f, statusOf(2, "STABLE", "DEPLOYED", "RESTARTING", "READY"))
			})
			began := time.Now()
			if _, err := d.Delete(t.Context(), orders, platform.DeleteOptions{}); err != nil || time.Since(began) < time.Minute {
				t.Errorf("returned %v after %s", err, time.Since(began))
			}
		})
	})
	t.Run("but one that it can take is left to it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f, d := prepare(t)
			setStatus(t, f, statusOf(2, "STABLE", "DEPLOYED", "RUNNING", "READY"))
			patches := f.count("patch")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := d.Delete(ctx, orders, platform.DeleteOptions{})
			failure(t, err)
			if f.count("patch") != patches {
				t.Errorf("the calls were %v", f.calls)
			}
		})
	})
}

func TestDeleteEndsAtOnceWhenItIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, _ := begin(t, silent, "flink:1")
		finalized(t, f)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began := time.Now()
		if _, err := d.Delete(ctx, orders, platform.DeleteOptions{}); !errors.Is(err, context.Canceled) || time.Since(began) != time.Minute {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
	})
}
