package operator

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// snapshotting is a cluster in memory whose operator acts on
// FlinkStateSnapshots.
type snapshotting struct {
	*fake
	// patching makes a patch for a version and its check one step.
	patching sync.Mutex
	versions int
	// taking are the statuses of a new snapshot, leaving those of a deleted one,
	// and kept those of a deleted one whose files may stay.
	taking, leaving, kept []step
}

// before is the savepoint of the tests.
var before = platform.Savepoint{
	Ref: platform.Ref{Namespace: "prod", Name: "before"}, Job: platform.JobRef{Name: "orders"}, Format: platform.FormatCanonical,
}

// newSnapshotting returns a cluster in which the job of the tests runs.
func newSnapshotting(t *testing.T) *snapshotting {
	t.Helper()
	f := newFake(t)
	f.operator = obedient
	running(t, f, "flink:1")
	object := f.live(t)
	object.SetResourceVersion("0")
	f.put(deploymentKind, object)
	f.calls = nil
	return &snapshotting{
		fake:    f,
		taking:  []step{{time.Second, inState("IN_PROGRESS")}, {5 * time.Second, inState("COMPLETED", "path", "s3://sp/savepoint-9")}},
		leaving: []step{{time.Second, nil}},
	}
}

// inState is a status of a FlinkStateSnapshot.
func inState(state string, more ...any) map[string]any {
	status := map[string]any{"state": state, "failures": int64(0)}
	for i := 0; i+1 < len(more); i += 2 {
		name, _ := more[i].(string)
		status[name] = more[i+1]
	}
	return status
}

func (s *snapshotting) Create(ctx context.Context, kind kube.Kind, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	object = object.DeepCopy()
	object.SetFinalizers([]string{snapshotFinalizer})
	created, err := s.fake.Create(ctx, kind, object)
	if err == nil && kind == snapshotKind {
		s.act(created, s.taking)
	}
	return created, err
}

func (s *snapshotting) Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	err := s.fake.Delete(ctx, kind, key, uid)
	if object, live := s.snapshot(); live && kind == snapshotKind {
		s.act(object, s.leaving)
	}
	return err
}

func (s *snapshotting) MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	if kind == deploymentKind {
		return s.patchVersion(ctx, kind, key, patch)
	}
	patched, err := s.fake.MergePatch(ctx, kind, key, patch)
	if err != nil || kind != snapshotKind || patched.GetDeletionTimestamp() == nil {
		return patched, err
	}
	if len(patched.GetFinalizers()) == 0 {
		s.act(patched, []step{{0, nil}})
	} else if dispose, _, _ := unstructured.NestedBool(patched.Object, "spec", "savepoint", "disposeOnDelete"); !dispose {
		s.act(patched, s.kept)
	}
	return patched, nil
}

// patchVersion refuses a patch that is meant for another version.
func (s *snapshotting) patchVersion(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	s.patching.Lock()
	defer s.patching.Unlock()
	meant := unstructured.Unstructured{Object: patch}
	live, err := s.Get(ctx, kind, key)
	if err != nil {
		return nil, err
	}
	if meant.GetResourceVersion() != "" && meant.GetResourceVersion() != live.GetResourceVersion() {
		return nil, &kube.ServerError{Code: http.StatusConflict}
	}
	if _, err := s.fake.MergePatch(ctx, kind, key, patch); err != nil {
		return nil, err
	}
	s.versions++
	return s.fake.MergePatch(ctx, kind, key, kube.Patch{}.Set(strconv.Itoa(s.versions), "metadata", "resourceVersion"))
}

func (s *snapshotting) act(object *unstructured.Unstructured, steps []step) {
	ref := kube.Ref{Kind: snapshotKind, Key: keyOf(before.Ref)}
	go s.play(ref, object.GetUID(), object.GetGeneration(), steps)
}

// snapshot is the FlinkStateSnapshot of the tests.
func (s *snapshotting) snapshot() (*unstructured.Unstructured, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object, ok := s.objects[kube.Ref{Kind: snapshotKind, Key: keyOf(before.Ref)}]
	if !ok {
		return nil, false
	}
	return object.DeepCopy(), true
}

// job sets the status of the job of the tests, as its operator writes it.
func (s *snapshotting) job(t *testing.T, change func(object *unstructured.Unstructured)) {
	t.Helper()
	object := s.live(t)
	change(object)
	s.put(deploymentKind, object)
}

// inJobState changes the job's state, and the lifecycle with it.
func inJobState(state, lifecycle string) func(object *unstructured.Unstructured) {
	return func(object *unstructured.Unstructured) {
		object.Object["status"] = statusOf(object.GetGeneration(), lifecycle, "DEPLOYED", state, "READY", "savepoint", savepoint1)
	}
}

// withoutJob removes the deployment of the tests.
func (s *snapshotting) withoutJob() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, kube.Ref{Kind: deploymentKind, Key: keyOf(orders)})
}

// withoutSnapshots makes the cluster one that does not serve them.
func (s *snapshotting) withoutSnapshots() {
	s.fail = func(call string) error {
		if strings.Contains(call, snapshotKind.Kind) {
			return &kube.NotServedError{Kind: snapshotKind}
		}
		return nil
	}
}
