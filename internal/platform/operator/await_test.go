package operator

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
)

// silent is an operator that writes no status.
func silent(*unstructured.Unstructured) []step { return nil }

// begin creates the deployment of the tests under an operator.
func begin(t *testing.T, operator func(*unstructured.Unstructured) []step, image string) (*fake, *Deployments, *begun) {
	t.Helper()
	f := newFake(t)
	f.operator = operator
	d := NewDeployments(f, Options{})
	written, err := d.begin(t.Context(), creating(deployment(image)))
	if err != nil {
		t.Fatal(err)
	}
	return f, d, written
}

// failure returns the error of a rollout.
func failure(t *testing.T, err error) *platform.RolloutError {
	t.Helper()
	var failed *platform.RolloutError
	if !errors.As(err, &failed) {
		t.Fatalf("the error is %v, want one of a rollout", err)
	}
	return failed
}

// mentions checks that a text has each of the parts.
func mentions(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestAwaitReportsTheCauseWithEverythingAroundIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, written := begin(t, obedient, "flink:nope")
		f.put(podKind, &unstructured.Unstructured{Object: map[string]any{
			"metadata": map[string]any{"namespace": "prod", "name": "orders-5c9f7-x2x1b", "labels": map[string]any{"app": "orders"}},
			"status": map[string]any{"containerStatuses": []any{map[string]any{
				"name": "flink-main-container", "state": map[string]any{"waiting": map[string]any{"reason": "ImagePullBackOff", "message": "Back-off pulling image"}},
			}}},
		}})
		f.events = []kube.Event{
			{Object: kube.Involved{Kind: "Pod", Name: "orders-5c9f7-x2x1b"}, Reason: "Failed", Message: "Error: ErrImagePull", Count: 3, Last: time.Now().Add(time.Minute)},
			{Object: kube.Involved{Kind: "Pod", Name: "orders-5c9f7-x2x1b"}, Reason: "FailedScheduling", Message: "1 node was busy", Count: 2, Last: time.Now().Add(time.Minute)},
			{Object: kube.Involved{Kind: "Pod", Name: "orders-archive-5c9f7-x2x1b"}, Reason: "Failed", Message: "of another deployment", Last: time.Now().Add(time.Minute)},
			{Object: kube.Involved{Kind: "FlinkDeployment", Name: "orders"}, Reason: "Old", Message: "from before", Last: time.Now().Add(-time.Hour)},
		}
		f.service = func(path string) (string, error) {
			if path != "prod/orders-rest:8081/jobs/0123/exceptions" {
				t.Errorf("asked for %s", path)
			}
			return `{"root-exception":"org.apache.flink.runtime.JobException: failed\n\tat a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: no topic\n\t... 3 more\n"}`, nil
		}
		began := time.Now()
		d.podErrorGrace = 20 * time.Second
		observed, err := written.Await(t.Context())
		if took := time.Since(began); took != 22*time.Second {
			t.Errorf("the wait took %s, want the grace after the first error", took)
		}
		failed := failure(t, err)
		if want := `The deployment "orders" does not start: image "flink:nope" cannot be pulled`; failed.Summary != want {
			t.Errorf("the summary is %q, want %q", failed.Summary, want)
		}
		mentions(t, failed.Detail,
			"Waited 22s for generation 1 of FlinkDeployment prod/orders to run.",
			"lifecycle state DEPLOYED, job RECONCILING, JobManager ERROR",
			`operator: ErrImagePull: [flink-main-container] failed to pull image "flink:nope"`,
			"pod orders-5c9f7-x2x1b: ImagePullBackOff: Back-off pulling image",
			"event of Pod orders-5c9f7-x2x1b: FailedScheduling (2 times): 1 node was busy",
			"job: IllegalStateException: no topic",
			"Correct the image",
		)
		for _, wrong := range []string{"of another deployment", "from before", "Error: ErrImagePull"} {
			if strings.Contains(failed.Detail, wrong) {
				t.Errorf("%q does not belong in:\n%s", wrong, failed.Detail)
			}
		}
		if n := strings.Count(failed.Detail, "failed to pull image"); n != 1 {
			t.Errorf("the operator's error is told %d times in:\n%s", n, failed.Detail)
		}
		if observed.Status.JobManager != "ERROR" {
			t.Errorf("last observed %+v", observed.Status)
		}
		if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
			t.Errorf("the create has ended and the object has annotations %v", annotations)
		}
	})
}

func TestAwaitDoesNotWaitForAJobManagerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, written := begin(t, obedient, "flink:nope")
		hanging := &hangingService{fake: f}
		d.cluster = hanging
		began := time.Now()
		d.podErrorGrace = time.Second
		_, err := written.Await(t.Context())
		failure(t, err)
		if took := time.Since(began); took != 3*time.Second+prove.AnswerTimeout {
			t.Errorf("the wait took %s", took)
		}
	})
}

// hangingService is a cluster whose services do not answer.
type hangingService struct{ *fake }

func (h *hangingService) ServiceGet(ctx context.Context, _, _ string, _ int, _ string) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAwaitNoticesThatSomebodyElseChangesTheSpecification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, silent, "flink:1")
		time.AfterFunc(time.Minute, func() {
			f.edit(func(object *unstructured.Unstructured) {
				_ = unstructured.SetNestedField(object.Object, int64(9), "spec", "job", "parallelism")
			})
		})
		_, err := written.Await(t.Context())
		failed := failure(t, err)
		mentions(t, failed.Summary, "somebody else changed its specification")
		mentions(t, failed.Detail, "job.parallelism: 2 became 9")
	})
}

func TestAwaitFollowsChangesOfFieldsThatWereNotApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.operator = func(object *unstructured.Unstructured) []step {
			if object.GetGeneration() == 1 {
				return nil // as an operator that is about to rewrite the object
			}
			return append([]step{{time.Second, statusOf(1, "STABLE", "DEPLOYED", "RUNNING", "READY")}}, obedient(object)...)
		}
		d := NewDeployments(f, Options{})
		written, err := d.begin(t.Context(), creating(deployment("flink:1")))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() {
			// What the operator 1.7 adds with its finalizer, and an autoscaler.
			f.edit(func(object *unstructured.Unstructured) {
				spec := object.Object["spec"].(map[string]any)
				spec["job"].(map[string]any)["args"] = []any{}
				spec["jobManager"] = map[string]any{"replicas": int64(1)}
				spec["taskManager"].(map[string]any)["replicas"] = int64(3)
			})
		})
		observed, err := written.Await(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if observed.Generation != 2 || !observed.RolledOut {
			t.Errorf("ended with %+v", observed)
		}
	})
}

func TestAwaitGoesOnWhenTheConnectionIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, written := begin(t, obedient, "flink:1")
		time.AfterFunc(5*time.Second, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.tell(kube.Ref{Kind: deploymentKind, Key: keyOf(orders)}, kube.Change{Err: &kube.UnreachableError{}})
		})
		if _, err := written.Await(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAwaitTellsAStoryInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, written := begin(t, obedient, "flink:1")
		var log bytes.Buffer
		ctx := logctx.With(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
		if _, err := written.Await(ctx); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 4 {
			t.Fatalf("%d lines, want one for each state:\n%s", len(lines), log.String())
		}
		for i, state := range []string{`lifecycle_state=""`, "lifecycle_state=UPGRADING", "job_manager=DEPLOYING", "job_state=RUNNING"} {
			mentions(t, lines[i], `msg="prod/orders: generation`, state)
		}
	})
}

func TestAwaitAfterARestartNeedsNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _, _ := begin(t, obedient, "flink:1")
		d := NewDeployments(f, Options{})
		read, err := d.begin(t.Context(), goingOn(planner.ActionSavepoint))
		if err != nil {
			t.Fatal(err)
		}
		observed, err := read.Await(t.Context())
		if err != nil || !observed.RolledOut {
			t.Errorf("returned %+v, %v", observed, err)
		}
		if annotations := f.live(t).GetAnnotations(); len(annotations) != 0 {
			t.Errorf("the wait has ended and the object has annotations %v", annotations)
		}
	})
}

func TestWantOfAnAction(t *testing.T) {
	suspended := deployment("flink:1")
	suspended.Spec.Job.State = new("suspended")
	session := deployment("flink:1")
	session.Spec.Job = nil
	for _, test := range []struct {
		name     string
		want     platform.Deployment
		deployed bool
		action   planner.Action
		expected fko.Want
	}{
		{"create", deployment(""), false, planner.ActionCreate, fko.Running},
		{"create suspended", suspended, false, planner.ActionCreate, fko.Deferred},
		{"create session cluster", session, false, planner.ActionCreate, fko.SessionReady},
		{"suspend", suspended, true, planner.ActionSuspend, fko.Suspended},
		{"resume", deployment(""), true, planner.ActionResume, fko.Running},
		{"change while suspended", suspended, true, planner.ActionDeferred, fko.Deferred},
		{"configuration while suspended", suspended, true, planner.ActionConfigOnly, fko.Deferred},
		{"configuration", deployment(""), true, planner.ActionConfigOnly, fko.Acknowledged},
		{"labels", deployment(""), true, planner.ActionMetadata, fko.Deferred},
		{"upgrade", deployment(""), true, planner.ActionSavepoint, fko.Running},
		{"rerun", deployment(""), true, planner.ActionRerun, fko.Running},
	} {
		t.Run(test.name, func(t *testing.T) {
			object, err := objectOf(deploymentKind, test.want)
			if err != nil {
				t.Fatal(err)
			}
			applied, err := fko.SpecOf(object)
			if err != nil {
				t.Fatal(err)
			}
			written := &platform.Observed{}
			written.Status.Deployed = test.deployed
			if got := wantOf(written, write{applied: applied}, planner.Rollout{Action: test.action}); got != test.expected {
				t.Errorf("waits for %d, want %d", got, test.expected)
			}
		})
	}
}

// The operator forgets a status when somebody writes the object while it writes
// that status once more.
func TestNothingIsWrittenRightAfterAStatus(t *testing.T) {
	for name, change := range map[string]func(*platform.Change){
		"an upgrade":   func(c *platform.Change) { *c = changeTo("flink:2") },
		"a failed one": func(c *platform.Change) { *c = changeTo("flink:nope") },
		"a suspension": func(c *platform.Change) {
			*c = changeTo("flink:1")
			c.Spec.Job.State, c.Rollout.Action = new(flink.JobSuspended), planner.ActionSuspend
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				d, observed := running(t, f, "flink:1")
				writes := 0
				f.fail = func(call string) error {
					if verb, _, _ := strings.Cut(call, " "); verb == "apply" || verb == "patch" || verb == "delete" {
						writes++
						if since := time.Since(f.spoke); since < quiet {
							t.Errorf("%s comes %s after a status", call, since)
						}
					}
					return nil
				}
				time.Sleep(quiet)
				c := platform.Change{}
				change(&c)
				c.Awaited = true
				_, _ = update(t, d, c)
				if _, err := d.Delete(t.Context(), orders, platform.DeleteOptions{UID: observed.UID, Savepoint: true}); err != nil {
					t.Fatal(err)
				}
				if writes < 3 {
					t.Errorf("only %d writes", writes)
				}
			})
		})
	}
}
