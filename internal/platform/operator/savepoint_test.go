package operator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// take takes the savepoint of the tests and waits for it.
func take(ctx context.Context, cluster Store, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	savepoints := NewSavepoints(cluster)
	taken, err := savepoints.Take(ctx, want)
	if err != nil {
		return nil, err
	}
	return savepoints.Await(ctx, *taken)
}

// told is the message of an error about a savepoint.
func told(t *testing.T, err error) string {
	t.Helper()
	var failure *platform.RolloutError
	if !errors.As(err, &failure) {
		t.Fatalf("the error is %v, want one of a rollout", err)
	}
	return failure.Summary + "\n" + failure.Detail
}

func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestSavepointThroughASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		want := before
		want.Format, want.Directory, want.Dispose = platform.FormatNative, "s3://moves", true
		began := time.Now()
		observed, err := take(t.Context(), s, want)
		if err != nil {
			t.Fatal(err)
		}
		expected := platform.ObservedSavepoint{Savepoint: want, Receipt: observed.Receipt, State: platform.SavepointCompleted, Location: "s3://sp/savepoint-9"}
		if diff := cmp.Diff(&expected, observed); diff != "" || time.Since(began) != 6*time.Second {
			t.Errorf("after %s (-want +got):\n%s", time.Since(began), diff)
		}
		object, _ := s.snapshot()
		spec := map[string]any{
			"jobReference": map[string]any{"kind": "FlinkDeployment", "name": "orders"},
			"savepoint":    map[string]any{"path": "s3://moves", "formatType": "NATIVE", "disposeOnDelete": true},
			"backoffLimit": int64(2),
		}
		if diff := cmp.Diff(spec, object.Object["spec"]); diff != "" {
			t.Errorf("the specification differs (-want +got):\n%s", diff)
		}
		if len(object.GetAnnotations()) != 0 {
			t.Errorf("the create has ended and the object has annotations %v", object.GetAnnotations())
		}
		again, err := NewSavepoints(s).Read(t.Context(), *observed)
		if diff := cmp.Diff(observed, again); diff != "" || err != nil {
			t.Errorf("read again: %v (-want +got):\n%s", err, diff)
		}
	})
}

const triggerError = `{"type":"org.apache.flink.kubernetes.operator.exception.ReconciliationException","message":"java.util.concurrent.CompletionException: org.apache.flink.runtime.checkpoint.CheckpointException: Failed to create savepoint directory at file:/proc/denied","additionalMetadata":{},"throwableList":[]}`

func TestFinding27_HowASnapshotEnds(t *testing.T) {
	for name, test := range map[string]struct {
		taking []step
		took   time.Duration
		want   []string
	}{
		"abandoned": {
			[]step{{time.Second, inState("ABANDONED", "error", "Secondary resource orders (FlinkDeployment) for savepoint before is not running")}},
			time.Second,
			[]string{`The savepoint "before" of "orders" is not taken: Secondary resource orders`, "does not run"},
		},
		"no try left": {
			[]step{
				{time.Second, inState("IN_PROGRESS")},
				{5 * time.Second, inState("TRIGGER_PENDING", "failures", int64(1), "error", triggerError)},
				{10 * time.Second, inState("IN_PROGRESS", "failures", int64(1), "error", triggerError)},
				{5 * time.Second, inState("FAILED", "failures", int64(3), "error", triggerError)},
			},
			21 * time.Second,
			[]string{"is not taken: CheckpointException: Failed to create savepoint directory at file:/proc/denied\n", "can be written"},
		},
		"failed in passing": {
			[]step{
				{time.Second, inState("FAILED", "failures", int64(1), "error", triggerError)},
				{20 * time.Second, inState("IN_PROGRESS", "failures", int64(1))},
				{20 * time.Second, inState("COMPLETED", "path", "s3://sp/1")},
			},
			41 * time.Second, nil,
		},
		"failed for good": {
			[]step{{time.Second, inState("FAILED", "failures", int64(1), "error", triggerError)}},
			40 * time.Second,
			[]string{"Failed to create savepoint directory"},
		},
		"without a path": {
			[]step{{time.Second, inState("COMPLETED")}},
			time.Second,
			[]string{"but not where it is"},
		},
		"deleted": {
			[]step{{time.Second, inState("IN_PROGRESS")}, {time.Second, nil}},
			2 * time.Second,
			[]string{"somebody deleted it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				s.taking = test.taking
				began := time.Now()
				observed, err := take(t.Context(), s, before)
				if took := time.Since(began); took != test.took {
					t.Errorf("the wait took %s, want %s", took, test.took)
				}
				if test.want == nil {
					if err != nil || observed.Location == "" {
						t.Errorf("returned %+v, %v", observed, err)
					}
					return
				}
				says(t, told(t, err), test.want...)
			})
		})
	}
}

func TestSavepointThatTheOperatorRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.taking = nil
		s.events = []kube.Event{{
			Object: kube.Involved{Kind: "FlinkStateSnapshot", Name: "before"}, Reason: "ValidationError", Message: "Target for snapshot prod/orders was not found", Last: time.Now(),
		}}
		began := time.Now()
		_, err := take(t.Context(), s, before)
		says(t, told(t, err), "is not taken: the operator refuses it: Target for snapshot prod/orders was not found")
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("the wait took %s", took)
		}
	})
}

// TestAFailedSavepointShowsNoSecretOfItsJob has the operator quote a value of the
// job's configuration, and one of the session cluster's.
func TestAFailedSavepointShowsNoSecretOfItsJob(t *testing.T) {
	for _, session := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newSnapshotting(t)
			secret := map[string]any{"s3.secret-key": "hunter2-hunter2"}
			s.job(t, func(object *unstructured.Unstructured) {
				_ = unstructured.SetNestedMap(object.Object, secret, "spec", "flinkConfiguration")
			})
			want := before
			if session {
				job := object("report", map[string]any{"deploymentName": "orders", "job": map[string]any{"state": "running"}})
				job.Object["status"] = s.live(t).Object["status"]
				s.put(sessionJobKind, job)
				want.Job = platform.JobRef{Name: "report", Session: true}
			}
			s.taking = []step{{time.Second, inState("ABANDONED", "error", "Cannot sign with hunter2-hunter2")}}
			taken, err := NewSavepoints(s).Take(t.Context(), want)
			if err == nil {
				_, err = NewSavepoints(s).Await(t.Context(), *taken)
			}
			told := failure(t, err)
			if text := told.Summary + told.Detail; strings.Contains(text, "hunter2") || !strings.Contains(text, "Cannot sign with (sensitive:") {
				t.Errorf("session %v: %s", session, text)
			}
		})
	}
}

func TestSavepointOverTime(t *testing.T) {
	for name, test := range map[string]struct {
		taking []step
		want   []string
	}{
		"in progress":     {[]step{{time.Second, inState("IN_PROGRESS")}}, []string{"it is not done after 1m0s", "whose state is IN_PROGRESS", "raise the timeout"}},
		"never looked at": {nil, []string{"whose state is not told", "watches the namespace prod"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				s.taking = test.taking
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				observed, err := take(ctx, s, before)
				says(t, told(t, err), test.want...)
				if observed.State != platform.SavepointPending {
					t.Errorf("the state is %v", observed.State)
				}
			})
		})
	}
}

func TestSavepointIsInterruptedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.taking = nil
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		if _, err := take(ctx, s, before); !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
	})
}

func TestFinding28_NothingIsWrittenForAJobThatWillNotRun(t *testing.T) {
	for name, test := range map[string]struct {
		change func(t *testing.T, s *snapshotting)
		want   []string
	}{
		"missing": {
			func(_ *testing.T, s *snapshotting) {
				s.withoutJob()
			},
			[]string{"FlinkDeployment prod/orders does not exist", "deployment = flink_deployment"},
		},
		"suspended": {
			func(t *testing.T, s *snapshotting) {
				s.job(t, func(o *unstructured.Unstructured) {
					inJobState("FINISHED", "SUSPENDED")(o)
					_ = unstructured.SetNestedField(o.Object, "suspended", "spec", "job", "state")
				})
			},
			[]string{"the job is suspended", savepoint1},
		},
		"finished": {
			func(t *testing.T, s *snapshotting) { s.job(t, inJobState("FINISHED", "STABLE")) },
			[]string{"the job is FINISHED"},
		},
		"session cluster": {
			func(t *testing.T, s *snapshotting) {
				s.job(t, func(o *unstructured.Unstructured) { unstructured.RemoveNestedField(o.Object, "spec", "job") })
			},
			[]string{"orders is a session cluster", "session_job"},
		},
		"fails while it starts": {
			func(t *testing.T, s *snapshotting) {
				s.job(t, inJobState("RECONCILING", "DEPLOYED"))
				time.AfterFunc(time.Minute, func() {
					s.job(t, func(o *unstructured.Unstructured) {
						inJobState("FAILED", "FAILED")(o)
						_ = unstructured.SetNestedField(o.Object, timelines.JobError, "status", "error")
					})
				})
			},
			[]string{"the job is FAILED", "asked to fail at start"},
		},
		"does not start": {
			func(t *testing.T, s *snapshotting) { s.job(t, inJobState("RECONCILING", "DEPLOYED")) },
			[]string{"the job is RECONCILING after 5m0s", "Nothing was written"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				test.change(t, s)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				_, err := take(ctx, s, before)
				says(t, told(t, err), test.want...)
				if n := s.count("apply") + s.count("patch"); n != 0 {
					t.Errorf("%d writes: %v", n, s.calls)
				}
			})
		})
	}
}

func TestSavepointWaitsUntilTheJobRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		// In the middle of an upgrade the old job counts as finished.
		s.job(t, func(o *unstructured.Unstructured) {
			o.Object["status"] = statusOf(o.GetGeneration(), "UPGRADING", "UPGRADING", "FINISHED", "MISSING")
		})
		time.AfterFunc(time.Minute, func() { s.job(t, inJobState("RUNNING", "STABLE")) })
		began := time.Now()
		if _, err := take(t.Context(), s, before); err != nil || time.Since(began) != 66*time.Second {
			t.Errorf("returned %v after %s", err, time.Since(began))
		}
	})
}

func TestSavepointWhoseApplyWasKilled(t *testing.T) {
	t.Run("is continued while it is taken", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSnapshotting(t)
			first, err := NewSavepoints(s).Take(t.Context(), before)
			if err != nil {
				t.Fatal(err)
			}
			s.killed()
			observed, err := take(t.Context(), s, before)
			if err != nil || observed.Receipt != first.Receipt || s.count("apply") != 1 {
				t.Errorf("returned %+v, %v after %v", observed, err, s.calls)
			}
		})
	})
	t.Run("is replaced when it has ended", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSnapshotting(t)
			first, err := NewSavepoints(s).Take(t.Context(), before)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			s.killed()
			observed, err := take(t.Context(), s, before)
			if err != nil || observed.Receipt == first.Receipt || s.count("delete") != 1 {
				t.Errorf("returned %+v, %v after %v", observed, err, s.calls)
			}
		})
	})
	t.Run("and another of its name is refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSnapshotting(t)
			if _, err := NewSavepoints(s).Take(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			other := before
			other.Directory = "s3://moves"
			var exists *kube.ExistsError
			if _, err := take(t.Context(), s, other); !errors.As(err, &exists) {
				t.Errorf("returned %v", err)
			}
		})
	})
}

func TestSavepointOfAnotherUID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		observed, err := take(t.Context(), s, before)
		if err != nil {
			t.Fatal(err)
		}
		observed.Receipt, observed.Dispose = "snapshot/other", true
		var absent *platform.NotFoundError
		if _, err := NewSavepoints(s).Read(t.Context(), *observed); !errors.As(err, &absent) {
			t.Errorf("read returned %v", err)
		}
		if _, err := NewSavepoints(s).Delete(t.Context(), *observed); err != nil || s.count("delete") != 0 {
			t.Errorf("delete returned %v after %v", err, s.calls)
		}
		observed.Receipt = ""
		if found, err := NewSavepoints(s).Read(t.Context(), *observed); err != nil || found.Location == "" {
			t.Errorf("an import finds %+v, %v", found, err)
		}
	})
}

func TestReceipts(t *testing.T) {
	for _, r := range []receipt{{uid: "a-b"}, {nonce: 17, uid: "a-b"}} {
		if again, err := parseReceipt(r.String()); err != nil || again != r {
			t.Errorf("%v became %v, %v", r, again, err)
		}
	}
	for _, text := range []string{"other/1", "nonce/x/a", "nonce/0/a"} {
		if _, err := parseReceipt(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// A snapshot of somebody else that no savepoint of Terraform's can be is told
// apart from an error that may pass.
func TestReadRefusesWhatIsNoSavepointOfAJob(t *testing.T) {
	for name, test := range map[string]struct {
		spec map[string]any
		want string
	}{
		"a checkpoint":     {map[string]any{"jobReference": map[string]any{"kind": "FlinkDeployment", "name": "orders"}, "checkpoint": map[string]any{}}, "It is a checkpoint"},
		"an existing path": {map[string]any{"savepoint": map[string]any{"alreadyExists": true, "path": "s3://sp/savepoint-1"}}, "job.initial_savepoint_path"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.put(snapshotKind, &unstructured.Unstructured{Object: map[string]any{
				"metadata": map[string]any{"namespace": before.Namespace, "name": before.Name, "uid": "s1"}, "spec": test.spec,
			}})
			_, err := NewSavepoints(f).Read(t.Context(), platform.ObservedSavepoint{Savepoint: platform.Savepoint{Ref: before.Ref}})
			var told *platform.RolloutError
			if !errors.As(err, &told) || !strings.Contains(told.Detail, test.want) || !strings.Contains(told.Summary, "prod/before") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// TestASavepointOutlivesItsObject: the object only keeps the books, unless the
// operator deletes the files with it.
func TestASavepointOutlivesItsObject(t *testing.T) {
	for name, dispose := range map[string]bool{"its files stay": false, "its files go with it": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				wanted := before
				wanted.Dispose = dispose
				observed, err := take(t.Context(), s, wanted)
				if err != nil {
					t.Fatal(err)
				}
				s.mu.Lock()
				delete(s.objects, kube.Ref{Kind: snapshotKind, Key: keyOf(before.Ref)})
				s.mu.Unlock()
				var absent *platform.NotFoundError
				again, err := NewSavepoints(s).Read(t.Context(), *observed)
				if errors.As(err, &absent) != dispose || !dispose && (again == nil || again.Location != observed.Location || again.State != platform.SavepointCompleted) {
					t.Errorf("read %+v, %v", again, err)
				}
				// One that is still to come is not there without its object.
				observed.Location = ""
				if _, err := NewSavepoints(s).Read(t.Context(), *observed); !errors.As(err, &absent) {
					t.Errorf("read returned %v", err)
				}
				if note, err := NewSavepoints(s).Delete(t.Context(), *observed); err != nil || note != "" {
					t.Errorf("delete returned %q, %v", note, err)
				}
			})
		})
	}
}
