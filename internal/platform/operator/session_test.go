package operator

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var shared = platform.Ref{Namespace: orders.Namespace, Name: "shared"}

// sessionJob is a wanted session job on the cluster shared.
func sessionJob(name string) platform.Deployment {
	return platform.Deployment{Ref: platform.Ref{Namespace: shared.Namespace, Name: name}, Spec: flink.DeploymentSpec{
		DeploymentName: new("shared"), Job: &flink.Job{JarURI: new("https://repo/a.jar"), Parallelism: new(int64(1)), UpgradeMode: new(flink.UpgradeSavepoint)},
	}}
}

// sessionCluster is a wanted session cluster with high availability.
func sessionCluster(image string) platform.Deployment {
	want := deployment(image)
	want.Ref, want.Spec.Job = shared, nil
	want.Spec.FlinkConfiguration = flink.Configuration{flink.KeyHighAvailability: new("kubernetes"), "rest.port": new("9091")}
	return want
}

// place puts an object with a status in the fake cluster.
func (f *fake) place(t *testing.T, kind kube.Kind, want platform.Deployment, status map[string]any) *unstructured.Unstructured {
	t.Helper()
	object, err := objectOf(kind, want)
	if err != nil {
		t.Fatal(err)
	}
	if object, err = f.Apply(t.Context(), kind, object, kube.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[kube.Ref{Kind: kind, Key: keyOf(want.Ref)}].Object["status"] = status
	return object
}

// steadyJob is the status of a session job in good health.
func steadyJob(state string) map[string]any {
	return map[string]any{
		"observedGeneration": int64(1), "lifecycleState": "STABLE", "jobStatus": map[string]any{"state": state, "jobId": "j1"},
		"reconciliationStatus": map[string]any{"state": "DEPLOYED", "lastReconciledSpec": "{}", "lastStableSpec": "{}"},
	}
}

func TestCreateSessionJobLooksAtItsCluster(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, f *fake)
		want    string
	}{
		{"absent", func(*testing.T, *fake) {}, `there is no session cluster "shared" in namespace`},
		{"an application", func(t *testing.T, f *fake) {
			want := deployment("flink:1")
			want.Ref = shared
			f.place(t, deploymentKind, want, nil)
		}, `"shared" is no session cluster`},
		{"not ready", func(t *testing.T, f *fake) { f.place(t, deploymentKind, sessionCluster("flink:1"), nil) }, ""},
		{"not to be read", func(_ *testing.T, f *fake) {
			f.fail = func(call string) error {
				if call == "get FlinkDeployment "+shared.String() {
					return &kube.DeniedError{Verb: "get"}
				}
				return nil
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			test.prepare(t, f)
			observed, err := NewSessionJobs(f, Options{}).begin(t.Context(), creating(sessionJob("orders")))
			if test.want == "" {
				if err != nil || observed.observed.Status.RestURL != "" || !slices.Contains(f.calls, "apply FlinkSessionJob "+observed.observed.String()) {
					t.Errorf("got %+v and %v after %q", observed, err, f.calls)
				}
				return
			}
			var refused *platform.RolloutError
			if !errors.As(err, &refused) || !strings.Contains(refused.Summary, test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
			if slices.ContainsFunc(f.calls, func(call string) bool { return strings.HasPrefix(call, "apply FlinkSessionJob") }) {
				t.Errorf("something was written: %q", f.calls)
			}
		})
	}
}

// TestSessionJobTellsOfItsCluster waits for a job that the operator does not
// look at because its cluster is not ready (finding 9).
func TestSessionJobTellsOfItsCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.place(t, deploymentKind, sessionCluster("flink:1"), map[string]any{"jobManagerDeploymentStatus": "ERROR", "error": `{"type":"DeploymentFailedException","message":"no such image"}`})
		d := NewSessionJobs(f, Options{})
		written, err := d.begin(t.Context(), creating(sessionJob("orders")))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = written.Await(ctx)
		var told *platform.RolloutError
		const want = `The session job "orders" does not start within 1m0s: its session cluster "shared" is not ready (JobManager ERROR): no such image`
		if !errors.As(err, &told) || told.Summary != want {
			t.Errorf("the error is %v, want %s", err, want)
		}
	})
}

func TestDeleteSessionClusterInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.place(t, deploymentKind, sessionCluster("flink:1"), nil)
		f.place(t, sessionJobKind, sessionJob("guest"), steadyJob("RUNNING"))
		other := sessionJob("elsewhere")
		other.Spec.DeploymentName = new("other")
		f.place(t, sessionJobKind, other, steadyJob("RUNNING"))
		d := NewSessionClusters(f, Options{})
		_, err := d.Delete(t.Context(), shared, platform.DeleteOptions{})
		var refused *platform.RolloutError
		if !errors.As(err, &refused) || !strings.Contains(refused.Detail, ": guest.") || strings.Contains(refused.Detail, "elsewhere") {
			t.Fatalf("the error is %v", err)
		}
		if slices.Contains(f.calls, "delete FlinkDeployment "+shared.String()) {
			t.Fatal("the cluster was deleted")
		}
		delete(f.objects, kube.Ref{Kind: sessionJobKind, Key: kube.Key{Namespace: shared.Namespace, Name: "guest"}})
		if _, err := d.Delete(t.Context(), shared, platform.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

// TestSessionClusterWaitsForItsJobs restarts a cluster whose job says RUNNING all
// the time (finding 40), so that only the JobManager knows.
func TestSessionClusterWaitsForItsJobs(t *testing.T) {
	const unknown = `{"errors":["Job j1 not found"]}`
	ready := map[string]any{
		"observedGeneration": int64(2), "lifecycleState": "STABLE", "jobManagerDeploymentStatus": "READY",
		"reconciliationStatus": map[string]any{"state": "DEPLOYED", "lastReconciledSpec": "{}", "lastStableSpec": "{}"},
	}
	for _, test := range []struct {
		name    string
		answers []string
		job     map[string]any
		took    time.Duration
		err     string
	}{
		{name: "which runs again at once", answers: []string{`{"state":"RUNNING"}`}},
		{name: "which runs again later", answers: []string{unknown, unknown, unknown, unknown, `{"state":"RUNNING"}`}, took: 4 * askAgain},
		{name: "which nobody can be asked about", took: 3 * askAgain},
		{name: "which fails", answers: []string{unknown}, job: func() map[string]any {
			status := steadyJob("FAILED")
			status["lifecycleState"], status["error"] = "FAILED", "out of slots"
			return status
		}(), err: `The session cluster "shared" runs, but its job "guest" does not: `},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				answers := test.answers
				f.service = func(path string) (string, error) {
					if len(answers) == 0 || path != shared.Namespace+"/shared-rest:9091/jobs/j1" {
						return "", errors.New("no answer")
					}
					answer := answers[0]
					if len(answers) > 1 {
						answers = answers[1:]
					}
					if answer == unknown {
						return "", &kube.ServiceError{Code: 404, Body: unknown}
					}
					return answer, nil
				}
				before := maps.Clone(ready)
				before["observedGeneration"] = int64(1)
				f.place(t, deploymentKind, sessionCluster("flink:1"), before)
				f.place(t, sessionJobKind, sessionJob("guest"), steadyJob("RUNNING"))
				suspended := sessionJob("asleep")
				suspended.Spec.Job.State = new(flink.JobSuspended)
				f.place(t, sessionJobKind, suspended, steadyJob("FINISHED"))
				f.operator = func(*unstructured.Unstructured) []step { return []step{{after: time.Second, status: ready}} }
				d := NewSessionClusters(f, Options{})
				change := platform.Change{Deployment: sessionCluster("flink:2"), Was: &platform.Was{Spec: sessionCluster("flink:1").Spec}, Rollout: planner.Rollout{Action: planner.ActionLastState}}
				written, err := d.begin(t.Context(), change)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{"guest"}, written.jobs); diff != "" {
					t.Fatalf("jobs that are waited for (-want +got):\n%s", diff)
				}
				if test.job != nil {
					f.mu.Lock()
					f.objects[kube.Ref{Kind: sessionJobKind, Key: kube.Key{Namespace: shared.Namespace, Name: "guest"}}].Object["status"] = test.job
					f.mu.Unlock()
				}
				began := time.Now()
				_, err = written.Await(t.Context())
				var told *platform.RolloutError
				if errors.As(err, &told) != (test.err != "") || test.err != "" && !strings.HasPrefix(told.Summary, test.err) {
					t.Fatalf("the error is %v, want %q", err, test.err)
				}
				if took := time.Since(began) - time.Second - quiet; test.err == "" && took.Round(time.Second) != test.took {
					t.Errorf("waited %s for the job, want %s", took, test.took)
				}
			})
		})
	}
}

// TestSessionJobWaitsForItsCluster takes a job for running only when its cluster
// is there: its own status does not notice that the cluster is away.
func TestSessionJobWaitsForItsCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		away, back := map[string]any{"jobManagerDeploymentStatus": "DEPLOYING"}, map[string]any{"jobManagerDeploymentStatus": "READY"}
		f.place(t, deploymentKind, sessionCluster("flink:1"), away)
		d := NewSessionJobs(f, Options{})
		written, err := d.begin(t.Context(), creating(sessionJob("orders")))
		if err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		f.objects[kube.Ref{Kind: sessionJobKind, Key: keyOf(written.observed.Ref)}].Object["status"] = steadyJob("RUNNING")
		f.mu.Unlock()
		const gap = 20 * time.Second
		time.AfterFunc(gap, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.objects[kube.Ref{Kind: deploymentKind, Key: keyOf(shared)}].Object["status"] = back
			f.service = func(string) (string, error) { return `{"state":"RUNNING"}`, nil }
		})
		began := time.Now()
		if _, err := written.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < gap || took > gap+askAgain {
			t.Errorf("waited %s, and the cluster was away for %s", took, gap)
		}
	})
}

// TestRedeploySessionJob starts a job from another savepoint: one that runs in
// place, and is first stopped with a savepoint in the directory of its cluster;
// a suspended one by another object, as the operator cannot.
func TestRedeploySessionJob(t *testing.T) {
	for _, test := range []struct {
		name, state, job string
		stops, replaced  bool
	}{
		{"that runs", flink.JobRunning, flink.StateRunning, true, false},
		{"that is suspended", flink.JobSuspended, flink.StateFinished, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				cluster := sessionCluster("flink:1")
				cluster.Spec.FlinkConfiguration[flink.KeySavepointDirectory] = new("s3://savepoints")
				f.place(t, deploymentKind, cluster, nil)
				before := sessionJob("orders")
				before.Spec.Job.State = &test.state
				status := steadyJob(test.job)
				if test.state == flink.JobSuspended {
					status["lifecycleState"] = flink.LifecycleSuspended
				}
				f.place(t, sessionJobKind, before, status)
				after := sessionJob("orders")
				after.Spec.Job.State, after.Spec.Job.InitialSavepointPath = new(flink.JobRunning), new("s3://other")
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				ref := kube.Ref{Kind: sessionJobKind, Key: keyOf(after.Ref)}
				time.AfterFunc(time.Second, func() {
					// The operator deletes, or stops with a savepoint.
					f.mu.Lock()
					defer f.mu.Unlock()
					object := f.objects[ref]
					if object == nil || object.GetGeneration() == 1 {
						return
					}
					object.Object["status"] = map[string]any{"observedGeneration": object.GetGeneration(), "lifecycleState": "SUSPENDED", "jobStatus": map[string]any{"state": "FINISHED", "upgradeSavepointPath": "s3://savepoints/1"}}
					f.tell(ref, kube.Change{Object: object.DeepCopy()})
				})
				observed, err := NewSessionJobs(f, Options{}).begin(ctx, platform.Change{
					Deployment: after, Was: &platform.Was{Spec: before.Spec}, Rollback: true, AllowStateLoss: true, Rollout: planner.Rollout{Action: planner.ActionRedeploy, State: planner.StateLost},
				})
				if err != nil {
					t.Fatal(err)
				}
				job, _ := observed.observed.Spec["job"].(map[string]any)
				if job["initialSavepointPath"] != "s3://other" {
					t.Errorf("the job is %v", job)
				}
				if stops := slices.Contains(f.calls, "patch "+ref.String()); stops != test.stops {
					t.Errorf("stopped first: %t, want %t: %q", stops, test.stops, f.calls)
				}
				if replaced := slices.Contains(f.calls, "delete "+ref.String()); replaced != test.replaced {
					t.Errorf("replaced: %t, want %t: %q", replaced, test.replaced, f.calls)
				}
			})
		})
	}
}
