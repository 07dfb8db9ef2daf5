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
)

func TestAwaitTellsAtTheDeadlineWhatItSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, silent, "flink:1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := written.Await(ctx)
		failed := failure(t, err)
		mentions(t, failed.Summary, `The deployment "orders" does not start within 1m0s: the operator has not taken up generation 1`)
		mentions(t, failed.Detail, "Last seen: generation 1, observed 0, no status yet.", "watches the namespace prod")
		if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
			t.Errorf("the create has ended and the object has annotations %v", annotations)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		lost := func(object *unstructured.Unstructured) []step {
			return []step{{time.Second, statusOf(object.GetGeneration(), "DEPLOYED", "DEPLOYED", "RECONCILING", "READY", "error", "Job Not Found")}}
		}
		_, _, written := begin(t, lost, "flink:1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := written.Await(ctx)
		failed := failure(t, err)
		mentions(t, failed.Summary, "Job Not Found")
		mentions(t, failed.Detail, "a checkpoint that Flink deleted")
	})
}

func TestAwaitEndsAtOnceWhenItIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, silent, "flink:1")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began, calls := time.Now(), len(f.calls)
		_, err := written.Await(ctx)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Minute {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
		// The one write is the end of the create's mark: the state has the object.
		if diff := cmp.Diff([]string{"patch FlinkDeployment prod/orders"}, f.calls[calls:]); diff != "" {
			t.Errorf("after the cancellation (-want +got):\n%s", diff)
		}
	})
}

func TestAwaitEndsWhenTheObjectGoes(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *fake, object *unstructured.Unstructured)
		want   string
	}{
		"deleted": {func(f *fake, _ *unstructured.Unstructured) {
			if err := f.Delete(context.Background(), deploymentKind, keyOf(orders), ""); err != nil {
				panic(err)
			}
		}, "the object was deleted"},
		"being deleted": {func(f *fake, object *unstructured.Unstructured) {
			now := metav1.Now()
			object.SetDeletionTimestamp(&now)
			object.SetGeneration(2)
			f.put(deploymentKind, object)
		}, "the object is being deleted"},
		"replaced": {func(f *fake, object *unstructured.Unstructured) {
			object.SetUID("other")
			f.put(deploymentKind, object)
		}, "another one of the same name was created"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, written := begin(t, silent, "flink:1")
				time.AfterFunc(time.Minute, func() { test.change(f, f.live(t)) })
				began := time.Now()
				_, err := written.Await(t.Context())
				mentions(t, failure(t, err).Summary, `The deployment "orders" does not start: `, test.want)
				if took := time.Since(began); took < time.Minute || took > time.Minute+quiet {
					t.Errorf("it took %s to notice", took)
				}
			})
		})
	}
}

func TestAwaitEndsWhenItMayNotWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, silent, "flink:1")
		time.AfterFunc(time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.tell(kube.Ref{Kind: deploymentKind, Key: keyOf(orders)}, kube.Change{Err: &kube.DeniedError{Verb: "watch"}})
		})
		var denied *kube.DeniedError
		if _, err := written.Await(t.Context()); !errors.As(err, &denied) {
			t.Errorf("returned %v", err)
		}
	})
}

func TestAwaitTellsThatTheConnectionWasBrokenAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, silent, "flink:1")
		time.AfterFunc(time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.tell(kube.Ref{Kind: deploymentKind, Key: keyOf(orders)}, kube.Change{Err: &kube.UnreachableError{Endpoint: "https://k:6443", Cause: errors.New("refused")}})
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := written.Await(ctx)
		mentions(t, failure(t, err).Detail, "https://k:6443 cannot be reached: refused.")
	})
}
