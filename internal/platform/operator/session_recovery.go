package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

const (
	// askAgain is how long to wait before the JobManager is asked again about a
	// job that it does not run yet.
	askAgain = 2 * time.Second
	// believedAfter is how long a session job has to be RUNNING before its
	// status is believed where the JobManager cannot be asked. While its
	// cluster was away the operator did not look at the job, which it does
	// within a moment afterwards (finding 40 of the recorded timelines).
	believedAfter = 5 * time.Second
)

// runningJobs returns the names of the jobs that run on a session cluster, which
// an update of the cluster restarts.
func (d *Deployments) runningJobs(ctx context.Context, object *unstructured.Unstructured) []string {
	if fko.SteadyStateOf(object) != fko.SessionReady {
		return nil
	}
	jobs, err := jobsOn(ctx, d.cluster, platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()})
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The session jobs of the cluster cannot be listed, so nobody waits for them", "error", err.Error())
	}
	var names []string
	for i := range jobs {
		if jobs[i].GetDeletionTimestamp() == nil && fko.StatusOf(&jobs[i]).JobState == flink.StateRunning && fko.SteadyStateOf(&jobs[i]) == fko.Running {
			names = append(names, jobs[i].GetName())
		}
	}
	slices.Sort(names)
	return names
}

// awaitWithJobs awaits an object and what its own status does not tell: of a
// session cluster that was restarted with high availability, the jobs that ran
// on it; of a session job, a cluster that is away.
func (d *Deployments) awaitWithJobs(ctx context.Context, written *platform.Observed, w write, want fko.Want) outcome {
	out := d.await(ctx, written, w, want)
	switch {
	case out.err != nil:
		return out
	case want == fko.Running && fko.IsSessionJob(w.applied):
		if r := (&rollout{deployments: d, ref: written.Ref, write: w}); r.blockedBy(ctx) != "" {
			out.err = d.awaitRecovery(ctx, "", written.Ref)
		}
		return out
	case want != fko.SessionReady || !hasHighAvailability(w.applied):
		return out
	}
	for _, job := range w.jobs {
		ref := platform.Ref{Namespace: written.Namespace, Name: job}
		if out.err = d.awaitRecovery(ctx, written.Name, ref); out.err != nil {
			var told *platform.RolloutError
			if out.canRollBack = errors.As(out.err, &told); out.canRollBack {
				out.facts = told.Detail
			}
			return out
		}
	}
	return out
}

func hasHighAvailability(spec flink.Tree) bool {
	return flink.HasHighAvailability(flink.ConfigurationOf(spec))
}

// recovery is the wait for a session job whose cluster was restarted.
type recovery struct {
	*rollout

	// cluster is the session cluster that was restarted, empty for an error
	// about the job alone.
	cluster string
	// since is when the job began to be RUNNING by its status, zero while it is
	// not.
	since time.Time
}

// awaitRecovery waits until a session job runs again after its cluster was
// restarted. Its status says RUNNING all the time, so the JobManager is asked,
// where that is possible. The errors are about the cluster where it is named.
func (d *Deployments) awaitRecovery(ctx context.Context, cluster string, ref platform.Ref) error {
	jobs := NewSessionJobs(d.cluster, d.options)
	jobs.podErrorGrace = d.podErrorGrace
	object, err := d.cluster.Get(ctx, sessionJobKind, keyOf(ref))
	if isAbsent(err) {
		return nil
	} else if err != nil {
		return err
	}
	applied, err := fko.SpecOf(object)
	if err != nil {
		return err
	}
	r := &recovery{cluster: cluster, rollout: &rollout{
		deployments: jobs, ref: ref, want: fko.Running, began: time.Now(),
		write: write{uid: string(object.GetUID()), applied: applied, unknown: true},
	}}
	r.judgeAnew(object)
	again := time.NewTicker(askAgain)
	defer again.Stop()
	var result error
	look := func(time.Time) (over bool) {
		over, result = r.look(ctx, object)
		return over
	}
	err = watch.Wait[kube.Change]{Trouble: r.mayFollow, See: func(change kube.Change) bool {
		if change.Object == nil || string(change.Object.GetUID()) != r.write.uid || change.Object.GetDeletionTimestamp() != nil {
			// Somebody else took the job away.
			return true
		}
		r.trouble, object = nil, change.Object
		r.last = fko.StatusOf(object)
		r.tell(ctx)
		return look(time.Now())
	}, Times: again.C, Look: look}.Until(ctx, following(d.cluster, sessionJobKind, keyOf(ref)))
	switch {
	case err == nil:
		return result
	case unhealing(err) != nil:
		return err
	}
	return r.notBack(ctx)
}

func (r *recovery) judgeAnew(object *unstructured.Unstructured) {
	r.last = fko.StatusOf(object)
	r.judge = fko.NewJudge(fko.Target{
		UID: r.write.uid, Generation: r.last.Generation, Want: fko.Running, SessionJob: true,
		RestartsFailedJobs: isOn(r.write.applied, "kubernetes.operator.job.restart.failed"), PodErrorGrace: r.deployments.podErrorGrace,
	})
}

// look tells whether the wait is over, and how.
func (r *recovery) look(ctx context.Context, object *unstructured.Unstructured) (over bool, err error) {
	now := time.Now()
	verdict := r.judge.See(now, r.last)
	switch verdict.Progress {
	case fko.Failed:
		return true, r.of(r.explain(ctx, verdict.Cause), "does not: "+r.headline(verdict.Cause))
	case fko.Waiting:
		r.since = time.Time{}
		return false, nil
	case fko.Done:
	}
	// The job may leave RUNNING once more.
	r.judgeAnew(object)
	if r.blockedBy(ctx) != "" {
		r.since = time.Time{}
		return false, nil
	}
	if r.since.IsZero() {
		r.since = now
	}
	runs, known := r.inFlink(ctx)
	return runs || !known && now.Sub(r.since) >= believedAfter, nil
}

// inFlink asks the JobManager whether the job runs there, or has finished
// (JobDetails of Flink's REST API). It is best effort.
func (r *recovery) inFlink(ctx context.Context) (runs, known bool) {
	if r.last.JobID == "" {
		return false, false
	}
	asking, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	manager := r.deployments.jobManagerOf(asking, r.ref, r.write.applied)
	body, err := r.deployments.cluster.ServiceGet(asking, manager.Namespace, restService(manager.Ref), manager.port, "/jobs/"+r.last.JobID)
	var refused *kube.ServiceError
	if errors.As(err, &refused) && refused.Code == http.StatusNotFound {
		// It does not know the job yet; a service that is not there has no
		// list of errors (ErrorResponseBody).
		body, err = []byte(refused.Body), nil
	}
	var answer struct {
		State  string   `json:"state"`
		Errors []string `json:"errors"`
	}
	if err != nil || json.Unmarshal(body, &answer) != nil {
		return false, false
	}
	return answer.State == flink.StateRunning || answer.State == flink.StateFinished, answer.State != "" || len(answer.Errors) > 0
}

// notBack ends the wait with the context.
func (r *recovery) notBack(ctx context.Context) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return r.of(r.overdue(ctx, r.judge.Verdict()), fmt.Sprintf("is not back after %s", r.elapsed()))
}

// of makes an error about a job one about its restarted cluster.
func (r *recovery) of(err error, what string) error {
	var told *platform.RolloutError
	if r.cluster == "" || !errors.As(err, &told) {
		return err
	}
	result := *told
	result.Summary = fmt.Sprintf("The session cluster %q runs, but its job %q %s", r.cluster, r.ref.Name, what)
	return &result
}
