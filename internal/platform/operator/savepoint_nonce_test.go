package operator

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/timelines"
)

// triggering makes the cluster one whose operator, before 1.10, answers nonces.
func triggering(s *snapshotting) *snapshotting {
	s.withoutSnapshots()
	s.operator = func(object *unstructured.Unstructured) []step {
		t := triggeredOf(object)
		if t.idle() {
			return nil
		}
		remembered := maps.Clone(t.locations)
		remembered[t.asked] = fmt.Sprintf("file:/sp/savepoint-%d", t.asked)
		return []step{
			{time.Second, nonceStatus(object.GetGeneration(), "DEPLOYED", t.answered, t.locations)},
			{5 * time.Second, nonceStatus(object.GetGeneration(), "STABLE", t.asked, remembered)},
		}
	}
	return s
}

// nonceStatus is the status of a running job with its savepoints.
func nonceStatus(generation int64, lifecycle string, answered int64, locations map[int64]string) map[string]any {
	status := statusOf(0, lifecycle, "DEPLOYED", "RUNNING", "READY")
	delete(status, "observedGeneration")
	status["reconciliationStatus"] = map[string]any{
		"state":              "DEPLOYED",
		"lastReconciledSpec": fmt.Sprintf(`{"spec":{"job":{"savepointTriggerNonce":%d}},"resource_metadata":{"metadata":{"generation":%d}}}`, answered, generation),
	}
	var history []any
	for nonce, location := range locations {
		history = append(history, map[string]any{"triggerNonce": nonce, "location": location, "triggerType": "MANUAL"})
	}
	info := map[string]any{"savepointHistory": history}
	if location, ok := locations[answered]; ok {
		info["lastSavepoint"] = map[string]any{"triggerNonce": answered, "location": location}
	}
	status["jobStatus"].(map[string]any)["savepointInfo"] = info
	return status
}

func TestSavepointThroughANonce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := triggering(newSnapshotting(t))
		observed, err := take(t.Context(), s, before)
		if err != nil {
			t.Fatal(err)
		}
		asked := triggeredOf(s.live(t)).asked
		if asked == 0 || observed.Location != fmt.Sprintf("file:/sp/savepoint-%d", asked) || observed.State != platform.SavepointCompleted {
			t.Errorf("nonce %d, returned %+v", asked, observed)
		}
		if n := s.count("apply"); n != 0 {
			t.Errorf("the whole deployment was written: %v", s.calls)
		}
		// It is there whatever becomes of the job.
		s.withoutJob()
		again, err := NewSavepoints(s).Read(t.Context(), *observed)
		if diff := cmp.Diff(observed, again); diff != "" || err != nil {
			t.Errorf("read again: %v (-want +got):\n%s", err, diff)
		}
		for _, receipt := range []string{observed.Receipt, ""} {
			observed.Receipt = receipt
			if note, err := NewSavepoints(s).Delete(t.Context(), *observed); note != "" || err != nil {
				t.Errorf("delete with the receipt %q returned %q, %v", receipt, note, err)
			}
		}
	})
}

func TestSavepointsThroughNoncesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := triggering(newSnapshotting(t))
		var group sync.WaitGroup
		locations := make([]string, 3)
		for i := range locations {
			time.Sleep(time.Second)
			group.Go(func() {
				want := before
				want.Name = fmt.Sprintf("before-%d", i)
				observed, err := take(t.Context(), s, want)
				if err != nil {
					t.Errorf("savepoint %d: %s", i, err)
					return
				}
				locations[i] = observed.Location
			})
		}
		group.Wait()
		if locations[0] == locations[1] || locations[1] == locations[2] || locations[0] == locations[2] {
			t.Errorf("the locations are %v", locations)
		}
	})
}

func TestSavepointThroughANonceFails(t *testing.T) {
	for name, test := range map[string]struct {
		operator func(object *unstructured.Unstructured) []step
		want     []string
	}{
		"given up": {
			func(object *unstructured.Unstructured) []step {
				asked := triggeredOf(object).asked
				if asked == 0 {
					return nil
				}
				return []step{{time.Minute, nonceStatus(object.GetGeneration(), "STABLE", asked, nil)}}
			},
			[]string{"is not taken: the disk is full\n", "SavepointError: Savepoint failed for savepointTriggerNonce", "can be written"},
		},
		"job fails": {
			func(object *unstructured.Unstructured) []step {
				if triggeredOf(object).asked == 0 {
					return nil
				}
				return []step{{time.Second, statusOf(object.GetGeneration(), "FAILED", "DEPLOYED", "FAILED", "READY", "error", timelines.JobError)}}
			},
			[]string{"the job is FAILED", "asked to fail at start"},
		},
		"without a cause": {
			func(object *unstructured.Unstructured) []step {
				asked := triggeredOf(object).asked
				if asked == 0 {
					return nil
				}
				status := nonceStatus(object.GetGeneration(), "STABLE", asked, nil)
				unstructured.RemoveNestedField(status, "jobStatus", "jobId")
				return []step{{time.Minute, status}}
			},
			[]string{"is not taken: Savepoint failed for savepointTriggerNonce\n"},
		},
		"deployment deleted": {
			func(*unstructured.Unstructured) []step { return []step{{time.Second, nil}} },
			[]string{"FlinkDeployment prod/orders was deleted during the wait"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSnapshotting(t)
				s.withoutSnapshots()
				s.operator = test.operator
				s.events = []kube.Event{{
					Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "SavepointError", Message: "Savepoint failed for savepointTriggerNonce", Last: time.Now(),
				}}
				s.service = func(path string) (string, error) {
					if path != "prod/orders-rest:8081/jobs/0123/checkpoints" {
						return "", errors.New("no such page")
					}
					return `{"latest":{"failed":{"is_savepoint":true,"failure_message":"the disk is full"}}}`, nil
				}
				observed, err := take(t.Context(), s, before)
				says(t, told(t, err), test.want...)
				if observed.State != platform.SavepointFailed {
					t.Errorf("the state is %v", observed.State)
				}
			})
		})
	}
}

func TestNonceThatTheOperatorRefusesIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSnapshotting(t)
		s.withoutSnapshots()
		s.operator = func(object *unstructured.Unstructured) []step {
			if triggeredOf(object).asked == 0 {
				return nil
			}
			return []step{{time.Second, statusOf(object.GetGeneration()-1, "STABLE", "DEPLOYED", "RUNNING", "READY", "error", timelines.InvalidError)}}
		}
		_, err := take(t.Context(), s, before)
		says(t, told(t, err), "spec.serviceAccount must be defined", "state.savepoints.dir")
		if asked := triggeredOf(s.live(t)).asked; asked != 0 {
			t.Errorf("the nonce %d is still there", asked)
		}
	})
}

func TestWhatANonceCannotDo(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*platform.Savepoint)
		want   string
	}{
		"path":               {func(p *platform.Savepoint) { p.Directory = "s3://moves" }, "Leave path out"},
		"dispose_on_destroy": {func(p *platform.Savepoint) { p.Dispose = true }, "Leave dispose_on_destroy out"},
		"format":             {func(p *platform.Savepoint) { p.Format = platform.FormatNative }, flink.KeySavepointFormat},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := triggering(newSnapshotting(t))
				want := before
				test.change(&want)
				_, err := take(t.Context(), s, want)
				says(t, told(t, err), test.want, "1.10")
				if s.count("patch") != 0 {
					t.Errorf("something was written: %v", s.calls)
				}
			})
		})
	}
	t.Run("the configured format is fine", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := triggering(newSnapshotting(t))
			s.job(t, func(o *unstructured.Unstructured) {
				_ = unstructured.SetNestedField(o.Object, "NATIVE", "spec", "flinkConfiguration", flink.KeySavepointFormat)
			})
			want := before
			want.Format = platform.FormatNative
			if _, err := take(t.Context(), s, want); err != nil {
				t.Error(err)
			}
		})
	})
	synctest.Test(t, func(t *testing.T) {
		s := triggering(newSnapshotting(t))
		observed, err := take(t.Context(), s, before)
		if err != nil {
			t.Fatal(err)
		}
		disposed := observed.Savepoint
		disposed.Dispose = true
		_, err = NewSavepoints(s).Change(t.Context(), *observed, disposed)
		says(t, told(t, err), "Leave dispose_on_destroy out")
	})
}

func TestNonceWhoseWaitWasInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := triggering(newSnapshotting(t))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		known, err := take(ctx, s, before)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("returned %v", err)
		}
		if pending, err := NewSavepoints(s).Read(t.Context(), *known); err != nil || pending.State != platform.SavepointPending {
			t.Errorf("read %+v, %v", pending, err)
		}
		done, err := NewSavepoints(s).Await(t.Context(), *known)
		if err != nil || done.Location == "" {
			t.Errorf("returned %+v, %v", done, err)
		}
		s.edit(func(o *unstructured.Unstructured) { o.SetUID("another") })
		var absent *platform.NotFoundError
		if _, err := NewSavepoints(s).Read(t.Context(), *known); !errors.As(err, &absent) {
			t.Errorf("of another deployment: %v", err)
		}
	})
}

// TestFinding43_TheResultOfANonce reads the recorded timeline of operator 1.7.
func TestFinding43_TheResultOfANonce(t *testing.T) {
	var seen []platform.SavepointState
	for _, track := range timelines.Tracks(t, "1.7.0/app-savepoint-trigger-nonce.jsonl") {
		for _, version := range track.Versions {
			if version.At < 0 {
				continue
			}
			observed := withResult(platform.ObservedSavepoint{}, triggeredOf(version.Object), 1)
			if n := len(seen); n == 0 || seen[n-1] != observed.State {
				seen = append(seen, observed.State)
			}
			if observed.State == platform.SavepointCompleted && !strings.HasPrefix(observed.Location, "file:/opt/state/savepoints/savepoint-") {
				t.Errorf("the location is %q", observed.Location)
			}
		}
	}
	if diff := cmp.Diff([]platform.SavepointState{platform.SavepointPending, platform.SavepointCompleted}, seen); diff != "" {
		t.Errorf("saw other states (-want +got):\n%s", diff)
	}
}
