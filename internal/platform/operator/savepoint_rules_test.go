package operator

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

func TestSnapshotOf(t *testing.T) {
	savepointOf := func(more map[string]any) map[string]any { return map[string]any{"savepoint": more} }
	for name, test := range map[string]struct {
		spec, status map[string]any
		want         platform.ObservedSavepoint
	}{
		"the operator's defaults": {
			savepointOf(map[string]any{}), nil,
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical", Dispose: true}},
		},
		"a path": {
			savepointOf(map[string]any{"path": "s3://moves", "formatType": "NATIVE", "disposeOnDelete": false}), nil,
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "native", Directory: "s3://moves"}},
		},
		"of an upgrade, which is there already when it appears (recorded finding 23)": {
			savepointOf(map[string]any{"path": "s3://sp/savepoint-1", "alreadyExists": true, "disposeOnDelete": false}),
			inState("COMPLETED", "path", "s3://sp/savepoint-1"),
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical"}, State: platform.SavepointCompleted, Location: "s3://sp/savepoint-1"},
		},
		"of a session job": {
			map[string]any{"savepoint": map[string]any{"disposeOnDelete": false}, "jobReference": map[string]any{"kind": "FlinkSessionJob", "name": "orders"}},
			nil,
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical", Job: platform.JobRef{Session: true, Name: "orders"}}},
		},
		"a try left": {
			map[string]any{"savepoint": map[string]any{"disposeOnDelete": false}, "backoffLimit": int64(2)},
			inState("FAILED", "failures", int64(2), "error", "no space"),
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical"}, Problem: "no space"},
		},
		"no try left": {
			map[string]any{"savepoint": map[string]any{"disposeOnDelete": false}, "backoffLimit": int64(2)},
			inState("FAILED", "failures", int64(3), "error", "no space"),
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical"}, State: platform.SavepointFailed, Problem: "no space"},
		},
		"tries without end": {
			map[string]any{"savepoint": map[string]any{"disposeOnDelete": false}, "backoffLimit": int64(-1)},
			inState("FAILED", "failures", int64(3)),
			platform.ObservedSavepoint{Savepoint: platform.Savepoint{Format: "canonical"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			object := &unstructured.Unstructured{Object: map[string]any{"spec": test.spec}}
			if test.status != nil {
				object.Object["status"] = test.status
			}
			test.want.Receipt = "snapshot/"
			if diff := cmp.Diff(&test.want, snapshotOf(object).observe()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckpointIsNoSavepoint(t *testing.T) {
	f := newFake(t)
	f.put(snapshotKind, &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"namespace": "prod", "name": "before"}, "spec": map[string]any{"checkpoint": map[string]any{}},
	}})
	if found, err := NewSavepoints(f).Read(t.Context(), platform.ObservedSavepoint{Savepoint: before}); err == nil {
		t.Errorf("read %+v", found)
	}
}

func TestSnapshotThatIsBeingDeletedDuringTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.taking, s.leaving = []step{{time.Second, inState("IN_PROGRESS")}}, nil
		time.AfterFunc(5*time.Second, func() {
			if err := s.Delete(t.Context(), snapshotKind, keyOf(before.Ref), ""); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		_, err := take(t.Context(), s, before)
		says(t, told(t, err), "somebody deletes it during the wait")
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("the wait took %s", took)
		}
	})
}

func TestJobThatIsBeingDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.job(t, func(o *unstructured.Unstructured) {
			now := metav1.Now()
			o.SetDeletionTimestamp(&now)
		})
		_, err := take(t.Context(), s, before)
		says(t, told(t, err), "FlinkDeployment prod/orders is being deleted")
	})
}

func TestFailureOfAnEarlierSpecificationIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.job(t, func(o *unstructured.Unstructured) {
			inJobState("FAILED", "FAILED")(o)
			o.SetGeneration(o.GetGeneration() + 1)
		})
		time.AfterFunc(time.Minute, func() { s.job(t, inJobState("RUNNING", "STABLE")) })
		if _, err := take(t.Context(), s, before); err != nil {
			t.Error(err)
		}
	})
}

func TestWithdrawnNonceGivesWayToTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.withoutSnapshots()
		s.job(t, func(o *unstructured.Unstructured) {
			o.Object["status"] = nonceStatus(o.GetGeneration(), "STABLE", 17, map[int64]string{17: "file:/sp/17"})
			_ = unstructured.SetNestedField(o.Object, int64(17), "spec", "job", triggerNonce)
		})
		s.operator = func(object *unstructured.Unstructured) []step {
			if triggeredOf(object).asked == 17 {
				return nil
			}
			status := nonceStatus(object.GetGeneration()-1, "STABLE", 17, map[int64]string{17: "file:/sp/17"})
			status["error"] = timelines.InvalidError
			return []step{{time.Second, status}}
		}
		_, err := take(t.Context(), s, before)
		says(t, told(t, err), "spec.serviceAccount must be defined")
		if asked := triggeredOf(s.live(t)).asked; asked != 17 {
			t.Errorf("the nonce is %d, want the one before, which asks for nothing", asked)
		}
	})
}

func TestFailedInFlink(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"deploymentName": "shared"}}}
	for name, test := range map[string]struct {
		job  platform.JobRef
		path string
		body string
		want string
	}{
		"session job":         {platform.JobRef{Session: true, Name: "orders"}, "prod/shared-rest:8081/jobs/0123/checkpoints", `{"latest":{"failed":{"is_savepoint":true,"failure_message":"disk full"}}}`, "disk full"},
		"a failed checkpoint": {platform.JobRef{Name: "orders"}, "prod/orders-rest:8081/jobs/0123/checkpoints", `{"latest":{"failed":{"is_savepoint":false,"failure_message":"disk full"}}}`, ""},
		"nothing failed":      {platform.JobRef{Name: "orders"}, "prod/orders-rest:8081/jobs/0123/checkpoints", `{"latest":{"failed":null}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.service = func(path string) (string, error) {
				if path != test.path {
					return "", errors.New("no such page")
				}
				return test.body, nil
			}
			want := before
			want.Job = test.job
			if got := NewSavepoints(f).newWait(want).failedInFlink(t.Context(), object, "0123"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// cut is a cluster whose watch has trouble.
type cut struct {
	*snapshotting
	err error
}

func (c cut) Follow(ctx context.Context, _ kube.Kind, _ kube.Key) <-chan kube.Change {
	out := make(chan kube.Change, 1)
	out <- kube.Change{Err: c.err}
	context.AfterFunc(ctx, func() { close(out) })
	return out
}

func TestWatchThatHasTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := take(ctx, cut{newSnapshotting(t), &kube.UnreachableError{Endpoint: "https://k8s", Cause: errors.New("refused")}}, before)
		says(t, told(t, err), "The connection was broken at the end", "https://k8s")
	})
	synctest.Test(t, func(t *testing.T) {
		cluster := cut{newSnapshotting(t), &kube.DeniedError{Verb: "watch"}}
		began := time.Now()
		var denied *kube.DeniedError
		if _, err := take(t.Context(), cluster, before); !errors.As(err, &denied) || time.Since(began) != 0 {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
	})
}
