package operator

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// taken returns a savepoint that was asked for, and waited for as long as it is
// going on.
func taken(t *testing.T, s *snapshotting, dispose bool) platform.ObservedSavepoint {
	t.Helper()
	want := before
	want.Dispose = dispose
	observed, err := NewSavepoints(s).Take(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	return *observed
}

func remove(t *testing.T, s *snapshotting, known platform.ObservedSavepoint) (note string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	return NewSavepoints(s).Delete(ctx, known)
}

func (s *snapshotting) gone(t *testing.T) {
	t.Helper()
	if object, there := s.snapshot(); there {
		t.Errorf("the object is still there: %v", object)
	}
}

func TestSavepointIsDeleted(t *testing.T) {
	for name, dispose := range map[string]bool{"with its files": true, "without its files": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				known := taken(t, s, dispose)
				s.calls = nil
				note, err := remove(t, s, known)
				if note != "" || err != nil || s.count("patch") != 0 {
					t.Errorf("returned %q, %v after %v", note, err, s.calls)
				}
				s.gone(t)
				if note, err := remove(t, s, known); note != "" || err != nil {
					t.Errorf("again: %q, %v", note, err)
				}
			})
		})
	}
}

func TestFinding28_ASnapshotThatWasNeverLookedAtIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.taking, s.leaving = nil, nil
		known := taken(t, s, false)
		s.fail = once("patch FlinkStateSnapshot", &kube.ServerError{Code: 409})
		began := time.Now()
		note, err := remove(t, s, known)
		if err != nil || time.Since(began) > 30*time.Second {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
		says(t, note, "has never looked at FlinkStateSnapshot prod/before", "finalizer was taken off")
		s.gone(t)
	})
}

// once is a failure of the first call that begins with a text.
func once(prefix string, err error) func(call string) error {
	done := false
	return func(call string) error {
		if done || len(call) < len(prefix) || call[:len(prefix)] != prefix {
			return nil
		}
		done = true
		return err
	}
}

func TestSavepointWhoseFilesCannotBeDisposedOf(t *testing.T) {
	for name, test := range map[string]struct {
		change func(t *testing.T, s *snapshotting)
		want   string
	}{
		"the job is gone": {
			func(_ *testing.T, s *snapshotting) {
				s.withoutJob()
			},
			"FlinkDeployment prod/orders does not exist",
		},
		"the job is suspended": {
			func(t *testing.T, s *snapshotting) { s.job(t, inJobState("FINISHED", "SUSPENDED")) },
			"FlinkDeployment prod/orders is FINISHED",
		},
		"the job ends meanwhile": {
			func(t *testing.T, s *snapshotting) {
				s.leaving, s.kept = nil, []step{{time.Second, nil}}
				time.AfterFunc(5*time.Second, func() { s.job(t, inJobState("FAILED", "FAILED")) })
			},
			"FlinkDeployment prod/orders is FAILED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				known := taken(t, s, true)
				test.change(t, s)
				began := time.Now()
				note, err := remove(t, s, known)
				if err != nil || time.Since(began) > 30*time.Second {
					t.Errorf("returned %v after %s", err, time.Since(began))
				}
				says(t, note, "stay in s3://sp/savepoint-9", test.want)
				s.gone(t)
			})
		})
	}
}

func TestSavepointThatIsNotLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		known := taken(t, s, true)
		s.leaving = nil
		s.events = []kube.Event{{
			Object: kube.Involved{Kind: "FlinkStateSnapshot", Name: "before"}, Reason: "CleanupFailed", Message: "no such file", Last: time.Now(),
		}}
		_, err := remove(t, s, known)
		says(t, told(t, err), `The savepoint "before" is not gone after 5m0s`, "CleanupFailed: no such file", snapshotFinalizer, `"disposeOnDelete":false`)

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := NewSavepoints(s).Delete(ctx, known); !errors.Is(err, context.Canceled) {
			t.Errorf("an interrupt returns %v", err)
		}
	})
}

func TestChangedDispose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		known := taken(t, s, false)
		for _, dispose := range []bool{true, false} {
			want := known.Savepoint
			want.Dispose = dispose
			changed, err := NewSavepoints(s).Change(t.Context(), known, want)
			if err != nil || changed.Dispose != dispose {
				t.Fatal(changed, err)
			}
			known = *changed
			object, _ := s.snapshot()
			if got, _, _ := unstructured.NestedBool(object.Object, "spec", "savepoint", "disposeOnDelete"); got != dispose {
				t.Errorf("disposeOnDelete is %t, want %t", got, dispose)
			}
		}
	})
}
