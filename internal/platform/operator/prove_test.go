package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// jobManagers answer for the Flink clusters of a fake. A job begins when its
// JobManager is first asked about it; one whose image has "crash" throws three
// seconds later and then every four, and the image "quiet" takes no checkpoints.
type jobManagers struct {
	f     *fake
	began map[string]time.Time
	asked []string
}

func (f *fake) withJobManagers() *jobManagers {
	m := &jobManagers{f: f, began: map[string]time.Time{}}
	f.service = m.answer
	return m
}

func (m *jobManagers) answer(path string) (string, error) {
	service, question, _ := strings.Cut(path, "/jobs/")
	name, _, _ := strings.Cut(strings.TrimPrefix(service, "prod/"), "-rest:")
	m.f.mu.Lock()
	defer m.f.mu.Unlock()
	object := m.f.objects[kube.Ref{Kind: deploymentKind, Key: kube.Key{Namespace: "prod", Name: name}}]
	if object == nil {
		return "", &kube.ServiceError{Code: 503}
	}
	m.asked = append(m.asked, path)
	now, life := time.Now(), fmt.Sprint(object.GetUID(), object.GetGeneration())
	if _, ok := m.began[life]; !ok {
		m.began[life] = now
	}
	began, thrown := m.began[life], []any{}
	running := began
	for at := began.Add(3 * time.Second); strings.Contains(image(object), "crash") && !at.After(now); at = at.Add(4 * time.Second) {
		thrown = append([]any{map[string]any{"stacktrace": "java.lang.IllegalStateException: no topic\n\tat a.B", "timestamp": at.UnixMilli()}}, thrown...)
		running = at.Add(time.Second)
	}
	var completed any
	if at := began.Add(2 * time.Second); len(thrown) == 0 && !now.Before(at) && !strings.Contains(image(object), "crash") && !strings.Contains(image(object), "quiet") {
		completed = map[string]any{"trigger_timestamp": at.UnixMilli()}
	}
	answer := map[string]any{
		"state": "RUNNING", "now": now.UnixMilli(), "start-time": began.UnixMilli(), "timestamps": map[string]any{"RUNNING": running.UnixMilli()},
		"latest": map[string]any{"completed": completed}, "exceptionHistory": map[string]any{"entries": thrown},
	}
	if strings.HasSuffix(question, "/checkpoints") {
		answer = map[string]any{"latest": answer["latest"]}
	}
	text, err := json.Marshal(answer)
	return string(text), err
}

// provingBy is a rollout that asks for a proof.
func provingBy(r planner.Rollout) planner.Rollout {
	r.ProveFor = 30 * time.Second
	return r
}

// toProve has a write prove itself.
func toProve(b *begun) *begun {
	b.rollout = provingBy(b.rollout)
	return b
}

func TestACreateProvesItself(t *testing.T) {
	for _, test := range []struct {
		image, proof, err string
		took              time.Duration
	}{
		{image: "flink:1", proof: "first checkpoint completed", took: 12*time.Second + 3*time.Second},
		{image: "flink:quiet", proof: "ran for 30 s", took: 12*time.Second + 30*time.Second},
		{image: "flink:crash", err: `The deployment "orders" does not stay up: IllegalStateException: no topic`, took: 12*time.Second + 6200*time.Millisecond},
	} {
		t.Run(test.image, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, written := begin(t, obedient, test.image)
				m := f.withJobManagers()
				var log bytes.Buffer
				ctx := logctx.With(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
				began := time.Now()
				observed, err := toProve(written).Await(ctx)
				if took := time.Since(began); took > test.took+time.Second {
					t.Errorf("it took %s", took)
				}
				if n := len(m.asked); n > 60 {
					t.Errorf("the JobManager was asked %d times", n)
				}
				if test.err != "" {
					failed := failure(t, err)
					if failed.Summary != test.err {
						t.Errorf("the summary is %q, want %q", failed.Summary, test.err)
					}
					mentions(t, failed.Detail, "generation 1 of FlinkDeployment prod/orders", "upgrade.prove_for")
					return
				}
				if err != nil || observed.Status.Proof != test.proof {
					t.Errorf("proved by %q, %v", observed.Status.Proof, err)
				}
				if n := strings.Count(log.String(), "proved: "+test.proof); n != 1 {
					t.Errorf("the proof is told %d times:\n%s", n, log.String())
				}
			})
		})
	}
}

// TestACrashIsSeenBeforeTheOperatorSaysStable has an operator that takes minutes
// to call a job stable which restarts all the time.
func TestACrashIsSeenBeforeTheOperatorSaysStable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, func(object *unstructured.Unstructured) []step {
			return []step{
				{time.Second, statusOf(object.GetGeneration(), "DEPLOYED", "DEPLOYED", "RECONCILING", "DEPLOYING")},
				{time.Second, statusOf(object.GetGeneration(), "DEPLOYED", "DEPLOYED", "RESTARTING", "READY")},
			}
		}, "flink:crash")
		f.withJobManagers()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		began := time.Now()
		_, err := toProve(written).Await(ctx)
		if got := failure(t, err).Summary; got != `The deployment "orders" does not start: IllegalStateException: no topic` {
			t.Errorf("the summary is %q", got)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestACrashIsRolledBack goes back to the version before, from the savepoint of
// the upgrade: what the new version would leave behind is not asked for.
func TestACrashIsRolledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.withJobManagers()
		d, _ := running(t, f, "flink:1")
		before := f.live(t)
		before.Object["status"] = statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY", "savepoint", "file:/savepoints/savepoint-0")
		f.put(deploymentKind, before)
		change := changeTo("flink:crash")
		change.Rollback, change.Rollout = true, provingBy(change.Rollout)
		observed, err := update(t, d, change)
		failed := failure(t, err)
		if want := `The new version of "orders" does not stay up: IllegalStateException: no topic`; !failed.RolledBack || failed.Summary != want {
			t.Errorf("rolled back %v: %q, want %q", failed.RolledBack, failed.Summary, want)
		}
		mentions(t, failed.Detail, "Rolled back: the previous version (image flink:1) runs again, restored from file:/savepoints/savepoint-1.", "The change stays in the next plan.")
		if observed.Status.Proof != "first checkpoint completed" || image(f.live(t)) != "flink:1" || initialPath(f.live(t)) != "" {
			t.Errorf("proved by %q, and the object is %v", observed.Status.Proof, f.live(t).Object["spec"])
		}
		restored := false
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, spec := range f.applied {
			job, _ := spec["job"].(map[string]any)
			restored = restored || job["initialSavepointPath"] == "file:/savepoints/savepoint-1" && job[redeployNonce] != nil && spec["image"] == "flink:1"
		}
		if !restored {
			t.Errorf("nothing was restored from the savepoint: %v", f.applied)
		}
	})
}

// TestARollbackProvesItself goes back to a version that crashes as well.
func TestARollbackProvesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		d, _ := running(t, f, "flink:crash-1")
		f.withJobManagers()
		change := changeTo("flink:crash-2")
		change.Was.Spec = deployment("flink:crash-1").Spec
		change.Rollback, change.Rollout = true, provingBy(change.Rollout)
		_, err := update(t, d, change)
		failed := failure(t, err)
		if failed.RolledBack || !strings.HasSuffix(failed.Summary, "; the rollback failed as well") {
			t.Errorf("rolled back %v: %s", failed.RolledBack, failed.Summary)
		}
		mentions(t, failed.Detail, "does not stay up: IllegalStateException: no topic", "The job's state is kept in file:/savepoints/savepoint-1")
	})
}

func TestTheStatusProvesWhatNobodyMayAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, obedient, "flink:1")
		asked := 0
		f.service = func(string) (string, error) { asked++; return "", &kube.ServiceError{Code: 403} }
		var log bytes.Buffer
		ctx := logctx.With(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
		began := time.Now()
		observed, err := toProve(written).Await(ctx)
		if err != nil || observed.Status.Proof != "ran for 30 s" || asked != 1 {
			t.Errorf("proved by %q after %d questions: %v", observed.Status.Proof, asked, err)
		}
		if took := time.Since(began); took != 42*time.Second {
			t.Errorf("it took %s", took)
		}
		if n := strings.Count(log.String(), "cannot be asked"); n != 1 {
			t.Errorf("that nobody may ask is told %d times:\n%s", n, log.String())
		}
	})
}

// TestTheStatusTellsOfACrash has the operator see the restart that nobody may ask
// about.
func TestTheStatusTellsOfACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, func(object *unstructured.Unstructured) []step {
			return append(obedient(object), step{5 * time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RESTARTING", "READY")})
		}, "flink:1")
		f.service = func(string) (string, error) { return "", &kube.ServiceError{Code: 403} }
		f.events = []kube.Event{{Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "JobException", Message: "java.lang.IllegalStateException: no topic", Last: time.Now().Add(time.Minute)}}
		_, err := toProve(written).Await(t.Context())
		if got := failure(t, err).Summary; got != `The deployment "orders" does not stay up: IllegalStateException: no topic` {
			t.Errorf("the summary is %q", got)
		}
	})
}

// TestALostTaskManagerIsForgivenAlsoWhereNobodyMayAsk has the operator see a
// restart whose cause it does not tell, or tells to be the cluster's.
func TestALostTaskManagerIsForgivenAlsoWhereNobodyMayAsk(t *testing.T) {
	lost := kube.Event{Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "JobException", Message: "java.util.concurrent.TimeoutException: Heartbeat of TaskManager with id orders-1-1 timed out."}
	for _, test := range []struct {
		name   string
		events []kube.Event
		error  string
		want   string
	}{
		{name: "untold"},
		{name: "told", events: []kube.Event{lost}},
		{name: "the status has an error of a pod", error: `{"type":"org.apache.flink.kubernetes.operator.exception.DeploymentFailedException","message":"gone","additionalMetadata":{"reason":"Evicted"}}`},
		{name: "the status has the job's exception", error: "java.lang.IllegalStateException: no topic", want: `The deployment "orders" does not stay up: IllegalStateException: no topic`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, written := begin(t, func(object *unstructured.Unstructured) []step {
					var restarting []string
					if test.error != "" {
						restarting = append(restarting, "error", test.error)
					}
					return append(obedient(object),
						step{5 * time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RESTARTING", "READY", restarting...)},
						step{5 * time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RUNNING", "READY")})
				}, "flink:1")
				f.service = func(string) (string, error) { return "", &kube.ServiceError{Code: 403} }
				for _, e := range test.events {
					e.Last = time.Now().Add(time.Minute)
					f.events = append(f.events, e)
				}
				observed, err := toProve(written).Await(t.Context())
				switch {
				case test.want != "":
					if got := failure(t, err).Summary; got != test.want {
						t.Errorf("the summary is %q", got)
					}
				case err != nil || observed.Status.Proof != "ran for 30 s":
					t.Errorf("proved by %q, %v", observed.Status.Proof, err)
				}
			})
		})
	}
}

// TestALostAnswerDuringARestartIsAskedForAgain loses the answers of a second in
// which the job restarts because a TaskManager was lost.
func TestALostAnswerDuringARestartIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, func(object *unstructured.Unstructured) []step {
			return append(obedient(object),
				step{5 * time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RESTARTING", "READY")},
				step{5 * time.Second, statusOf(object.GetGeneration(), "STABLE", "DEPLOYED", "RUNNING", "READY")})
		}, "flink:quiet")
		m, began := f.withJobManagers(), time.Now()
		f.service = func(path string) (string, error) {
			if at := time.Since(began); at > 16500*time.Millisecond && at < 19*time.Second {
				return "", &kube.ServiceError{Code: 503}
			}
			return m.answer(path)
		}
		observed, err := toProve(written).Await(t.Context())
		if err != nil || observed.Status.Proof != "ran for 30 s" {
			t.Errorf("proved by %q, %v", observed.Status.Proof, err)
		}
	})
}

// TestAProofEndsWithItsContext is canceled, or runs out of time, in the middle of
// a proof.
func TestAProofEndsWithItsContext(t *testing.T) {
	for _, canceled := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f, _, written := begin(t, obedient, "flink:quiet")
			f.withJobManagers()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if canceled {
				time.AfterFunc(15*time.Second, cancel)
			}
			began := time.Now()
			_, err := toProve(written).Await(ctx)
			if canceled {
				if !errors.Is(err, context.Canceled) || time.Since(began) != 15*time.Second {
					t.Errorf("returned %v after %s", err, time.Since(began))
				}
				return
			}
			mentions(t, failure(t, err).Summary, `The deployment "orders" has not proved itself within 20s: neither has its first checkpoint completed nor has it run for 30s without a restart`)
		})
	}
}

// TestASwitchKeepsTheOldColorUntilTheProof switches to a version that crashes, and
// to one that works.
func TestASwitchKeepsTheOldColorUntilTheProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		e.withJobManagers()
		old := e.color(t, "blue")
		change := to("flink:crash")
		change.Rollout = provingBy(change.Rollout)
		_, err := e.apply(t.Context(), change)
		failed := failure(t, err)
		if want := `The new version of "orders" does not stay up: IllegalStateException: no topic`; !failed.RolledBack || failed.Summary != want {
			t.Errorf("rolled back %v: %q, want %q", failed.RolledBack, failed.Summary, want)
		}
		mentions(t, failed.Detail, "Removed the new version (green).", "The previous version (blue) was never stopped and runs on.")
		if got := e.state(); got != runs("blue", "flink:1") || e.color(t, "blue").GetUID() != old.GetUID() {
			t.Errorf("after the crash: %s", got)
		}
		change = to("flink:2")
		change.Rollout = provingBy(change.Rollout)
		observed, err := e.apply(t.Context(), change)
		if err != nil || observed.Status.Proof != "first checkpoint completed" {
			t.Errorf("switched with the proof %q: %v", observed.Status.Proof, err)
		}
		if got := e.state(); got != runs("green", "flink:2") || e.gap != "" {
			t.Errorf("after the switch: %s, no job ran at %q", got, e.gap)
		}
	})
}

// TestASwitchThatWasKilledProvesItself picks up a switch whose new version came to
// run while nobody looked.
func TestASwitchThatWasKilledProvesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExchange(t)
		e.start(t, "flink:1")
		e.withJobManagers()
		ctx, kill := context.WithCancel(t.Context())
		time.AfterFunc(14*time.Second, kill)
		change := to("flink:crash")
		change.Rollout = provingBy(change.Rollout)
		if _, err := e.apply(ctx, change); !errors.Is(err, context.Canceled) {
			t.Fatalf("the switch ended with %v", err)
		}
		time.Sleep(time.Minute)
		if got := e.state(); !strings.Contains(got, "orders-green flink:crash RUNNING") {
			t.Fatalf("what was killed left %s", got)
		}
		_, err := e.apply(t.Context(), change)
		mentions(t, failure(t, err).Summary, "IllegalStateException: no topic")
		if got := e.state(); got != runs("blue", "flink:1") || e.gap != "" {
			t.Errorf("after the next apply: %s, no job ran at %q", got, e.gap)
		}
	})
}

// TestASessionJobProvesItself asks the JobManager of its cluster.
func TestASessionJobProvesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		ready := statusOf(1, "STABLE", "DEPLOYED", "RECONCILING", "READY")
		f.place(t, deploymentKind, sessionCluster("flink:crash"), ready)
		m := f.withJobManagers()
		d := NewSessionJobs(f, Options{})
		written, err := d.begin(t.Context(), creating(sessionJob("guest")))
		if err != nil {
			t.Fatal(err)
		}
		guest, err := f.Get(t.Context(), sessionJobKind, kube.Key{Namespace: "prod", Name: "guest"})
		if err != nil {
			t.Fatal(err)
		}
		guest.Object["status"] = steadyJob(flink.StateRunning)
		f.put(sessionJobKind, guest)
		_, err = toProve(written).Await(t.Context())
		if got := failure(t, err).Summary; got != `The session job "guest" does not stay up: IllegalStateException: no topic` {
			t.Errorf("the summary is %q", got)
		}
		if len(m.asked) == 0 || !strings.HasPrefix(m.asked[0], "prod/shared-rest:9091/jobs/j1") {
			t.Errorf("asked for %q", m.asked)
		}
	})
}

// TestNothingIsProvedOfWhatDoesNotRun ends at once what nobody asks a proof of.
func TestNothingIsProvedOfWhatDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		m := f.withJobManagers()
		d := NewDeployments(f, Options{})
		want := deployment("flink:crash")
		want.Spec.Job.State = new(flink.JobSuspended)
		written, err := d.begin(t.Context(), creating(want))
		if err != nil {
			t.Fatal(err)
		}
		var observed *platform.Observed
		if observed, err = toProve(written).Await(t.Context()); err != nil || observed.Status.Proof != "" || len(m.asked) > 0 {
			t.Errorf("proved %q by %q: %v", observed.Status.Proof, m.asked, err)
		}
	})
}

// TestWhatNeverCompletedACheckpointIsDeleted destroys a job that crashed since it
// was created: nobody loses state, and the next apply can create it again.
func TestWhatNeverCompletedACheckpointIsDeleted(t *testing.T) {
	for _, test := range []struct {
		state, completed string
		deleted          bool
	}{
		{"RESTARTING", `null`, true},
		{"RUNNING", `null`, true},
		{"RESTARTING", `{"external_path":"s3://cp/chk-1","trigger_timestamp":1}`, true},
		{"RESTARTING", `{"external_path":"<checkpoint-not-externally-addressable>","trigger_timestamp":1}`, false},
		{"RESTARTING", ``, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t)
			f.operator = func(object *unstructured.Unstructured) []step {
				if object.GetDeletionTimestamp() != nil {
					return []step{{time.Second, nil}}
				}
				return []step{{time.Second, statusOf(object.GetGeneration(), "SUSPENDED", "DEPLOYED", "FINISHED", "READY")}}
			}
			f.place(t, deploymentKind, deployment("flink:1"), statusOf(1, "STABLE", "DEPLOYED", test.state, "READY"))
			f.service = func(string) (string, error) {
				if test.completed == "" {
					return "", &kube.ServiceError{Code: 503}
				}
				return `{"counts":{},"latest":{"completed":` + test.completed + `,"restored":null}}`, nil
			}
			if test.state == "RESTARTING" {
				f.operator = func(*unstructured.Unstructured) []step { return []step{{time.Second, nil}} }
			}
			_, err := NewDeployments(f, Options{}).Delete(t.Context(), orders, platform.DeleteOptions{Savepoint: true})
			if deleted := err == nil; deleted != test.deleted {
				t.Errorf("%s with the checkpoint %s: %v", test.state, test.completed, err)
			}
		})
	}
}

// TestTheGracePeriodHasNoProofInIt gives a version up that does not come to run in
// its time, and one that has to show that it works more time for that.
func TestTheGracePeriodHasNoProofInIt(t *testing.T) {
	for _, test := range []struct {
		image, err string
		took       time.Duration
	}{
		{image: "flink:nope", err: "cannot be pulled", took: 20 * time.Second},
		{image: "flink:quiet", took: 42 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newExchange(t)
			e.start(t, "flink:1")
			e.withJobManagers()
			change := to(test.image)
			change.Rollout, change.BlueGreen.AbortGracePeriod = provingBy(change.Rollout), 20*time.Second
			began := time.Now()
			_, err := e.apply(t.Context(), change)
			if test.err != "" {
				mentions(t, failure(t, err).Summary, test.err)
			} else if err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < test.took || took > test.took+15*time.Second {
				t.Errorf("%s took %s", test.image, took)
			}
		})
	}
}
