package strimzi

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// fake has one resource in memory. Tests run in a synctest bubble, so what happens after some
// time takes none.
type fake struct {
	done      <-chan struct{}
	mu        sync.Mutex
	object    *unstructured.Unstructured
	followers []chan kube.Change
	// deleted is the resource as it was when it went.
	deleted *unstructured.Unstructured
	// operator is what an operator does after a write: statuses that it writes one after the
	// other, as long as nobody writes again.
	operator func(object *unstructured.Unstructured) []step
	// trouble is what a watch tells in the place of the resource, nil for none.
	trouble error
	// apply is what an apply on trial returns.
	apply  error
	events []kube.Event
}

// step is a status some time after the step before. A nil one removes the resource.
type step struct {
	after  time.Duration
	status map[string]any
}

func newFake(t *testing.T, operator func(*unstructured.Unstructured) []step) *fake {
	t.Helper()
	return &fake{done: t.Context().Done(), operator: operator}
}

func (f *fake) Served(context.Context, ...kube.Kind) (kube.Kind, error) { return topicKind, nil }

func (f *fake) Get(_ context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.object == nil || f.object.GetName() != key.Name {
		return nil, &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
	}
	return f.object.DeepCopy(), nil
}

func (f *fake) Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	return f.Get(ctx, kind, key)
}

func (f *fake) List(context.Context, kube.Kind, string, string) ([]unstructured.Unstructured, error) {
	return nil, nil
}

func (f *fake) Create(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return f.Apply(ctx, kind, obj, kube.ApplyOptions{})
}

func (f *fake) Apply(_ context.Context, _ kube.Kind, obj *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error) {
	if o.DryRun {
		return obj, f.apply
	}
	next := obj.DeepCopy()
	next.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: kube.FieldManager, Operation: metav1.ManagedFieldsOperationApply}})
	return f.store(next), nil
}

func (f *fake) MergePatch(_ context.Context, _ kube.Kind, _ kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	f.mu.Lock()
	before, err := json.Marshal(f.object)
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	change, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	after, err := jsonpatch.MergePatch(before, change)
	if err != nil {
		return nil, err
	}
	next := &unstructured.Unstructured{}
	if err := next.UnmarshalJSON(after); err != nil {
		return nil, err
	}
	return f.store(next), nil
}

func (f *fake) Delete(context.Context, kube.Kind, kube.Key, types.UID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.object == nil {
		return nil
	}
	if len(f.object.GetFinalizers()) == 0 {
		f.object, f.deleted = nil, f.object
		f.tell(kube.Change{Deleted: true})
		return nil
	}
	next, now := f.object.DeepCopy(), metav1.Now()
	next.SetDeletionTimestamp(&now)
	go f.store(next)
	return nil
}

// store keeps a new version and lets the operator see it.
func (f *fake) store(next *unstructured.Unstructured) *unstructured.Unstructured {
	f.mu.Lock()
	defer f.mu.Unlock()
	next.SetUID("uid-1")
	next.SetGeneration(3)
	f.object = next
	f.tell(kube.Change{Object: next.DeepCopy()})
	if f.operator != nil {
		go f.play(next, f.operator(next.DeepCopy()))
	}
	return next.DeepCopy()
}

// play writes what the operator writes.
func (f *fake) play(written *unstructured.Unstructured, steps []step) {
	for _, s := range steps {
		select {
		case <-time.After(s.after):
		case <-f.done:
			return
		}
		f.mu.Lock()
		if f.object != written {
			f.mu.Unlock()
			return
		}
		change := kube.Change{Deleted: true}
		if s.status == nil {
			f.object = nil
		} else {
			written.Object["status"] = s.status
			change = kube.Change{Object: written.DeepCopy()}
		}
		f.tell(change)
		f.mu.Unlock()
	}
}

func (f *fake) tell(change kube.Change) {
	for _, out := range f.followers {
		out <- change
	}
}

func (f *fake) Follow(ctx context.Context, _ kube.Kind, _ kube.Key) <-chan kube.Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make(chan kube.Change, 100)
	first := kube.Change{Err: f.trouble}
	if f.object != nil && f.trouble == nil {
		first.Object = f.object.DeepCopy()
	}
	out <- first
	if f.trouble == nil {
		f.followers = append(f.followers, out)
	}
	go func() {
		<-ctx.Done()
		f.mu.Lock()
		defer f.mu.Unlock()
		for i, other := range f.followers {
			if other == out {
				f.followers = append(f.followers[:i:i], f.followers[i+1:]...)
				break
			}
		}
		close(out)
	}()
	return out
}

func (f *fake) Events(context.Context, string, ...kube.Involved) ([]kube.Event, error) {
	return f.events, nil
}

// saying is a status with one condition of the generation that the fake gives.
func saying(kind, status, reason, message string) map[string]any {
	condition := map[string]any{"type": kind, "status": status}
	if reason != "" {
		condition["reason"], condition["message"] = reason, message
	}
	return map[string]any{"observedGeneration": int64(3), "topicId": "id-1", "conditions": []any{condition}}
}
