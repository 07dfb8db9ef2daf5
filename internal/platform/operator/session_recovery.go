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

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
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
	if steadyStateOf(object) != SessionReady {
		return nil
	}
	jobs, err := jobsOn(ctx, d.cluster, platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()})
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The session jobs of the cluster cannot be listed, so nobody waits for them", "error", err.Error())
	}
	var names []string
	for i := range jobs {
		if jobs[i].GetDeletionTimestamp() == nil && StatusOf(&jobs[i]).JobState == flink.StateRunning && steadyStateOf(&jobs[i]) == Running {
			names = append(names, jobs[i].GetName())
		}
	}
	slices.Sort(names)
	return names
}

// awaitWithJobs awaits an object and, when it is a session cluster that was
// restarted with high availability, the jobs that ran on it.
func (d *Deployments) awaitWithJobs(ctx context.Context, written *platform.Observed, w write, want Want, options platform.WaitOptions) outcome {
	out := d.await(ctx, written, w, want, options)
	if out.err != nil || want != SessionReady || !hasHighAvailability(w.applied) {
		return out
	}
	for _, job := range w.jobs {
		ref := platform.Ref{Namespace: written.Namespace, Name: job}
		if out.err = d.awaitRecovery(ctx, written.Name, ref, options); out.err != nil {
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
	typed, err := flink.SpecOf(spec)
	return err == nil && flink.HasHighAvailability(typed.FlinkConfiguration)
}

// recovery is the wait for a session job whose cluster was restarted.
type recovery struct {
	*rollout

	// since is when the job began to be RUNNING by its status, zero while it is
	// not.
	since time.Time
}

// awaitRecovery waits until a session job runs again after its cluster was
// restarted. Its status says RUNNING all the time, so the JobManager is asked,
// where that is possible.
func (d *Deployments) awaitRecovery(ctx context.Context, cluster string, ref platform.Ref, options platform.WaitOptions) error {
	jobs := NewSessionJobs(d.cluster, d.options)
	object, err := d.cluster.Get(ctx, sessionJobKind, keyOf(ref))
	if isAbsent(err) {
		return nil
	} else if err != nil {
		return err
	}
	applied, err := specTree(object)
	if err != nil {
		return err
	}
	r := &recovery{rollout: &rollout{
		deployments: jobs, ref: ref, want: Running, began: time.Now(),
		write: write{uid: string(object.GetUID()), applied: applied, unknown: true},
	}}
	r.judgeAnew(object, options)
	following, stop := context.WithCancel(ctx)
	defer stop()
	changes := d.cluster.Follow(following, sessionJobKind, keyOf(ref))
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		select {
		case change, open := <-changes:
			switch {
			case !open:
				<-ctx.Done()
				return r.notBack(ctx, cluster)
			case change.Err != nil:
				if r.trouble = change.Err; r.mayNotWatch() {
					return change.Err
				}
				continue
			case change.Object == nil || string(change.Object.GetUID()) != r.write.uid || change.Object.GetDeletionTimestamp() != nil:
				// Somebody else took the job away.
				return nil
			}
			r.trouble = nil
			object = change.Object
			r.last = StatusOf(object)
			r.tell(ctx)
		case <-again.C:
		case <-ctx.Done():
			return r.notBack(ctx, cluster)
		}
		if over, err := r.look(ctx, cluster, object, options); over {
			return err
		}
	}
}

func (r *recovery) judgeAnew(object *unstructured.Unstructured, options platform.WaitOptions) {
	r.last = StatusOf(object)
	r.judge = NewJudge(Target{
		UID: r.write.uid, Generation: r.last.Generation, Want: Running, SessionJob: true,
		RestartsFailedJobs: isOn(r.write.applied, "kubernetes.operator.job.restart.failed"), PodErrorGrace: options.PodErrorGrace,
	})
}

// look tells whether the wait is over, and how.
func (r *recovery) look(ctx context.Context, cluster string, object *unstructured.Unstructured, options platform.WaitOptions) (over bool, err error) {
	now := time.Now()
	verdict := r.judge.See(now, r.last)
	switch verdict.Progress {
	case Failed:
		r.outcome.err = r.explain(ctx, verdict.Cause)
		return true, withSummary(r.outcome.err, fmt.Sprintf("The session cluster %q runs, but its job %q does not: %s", cluster, r.ref.Name, r.headline(verdict.Cause)))
	case Waiting:
		r.since = time.Time{}
		return false, nil
	case Done:
	}
	// The job may leave RUNNING once more.
	r.judgeAnew(object, options)
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
func (r *recovery) notBack(ctx context.Context, cluster string) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return withSummary(r.overdue(ctx, r.judge.verdict), fmt.Sprintf("The session cluster %q runs, but its job %q is not back after %s", cluster, r.ref.Name, r.elapsed()))
}

// withSummary replaces the summary of a rollout's error.
func withSummary(err error, summary string) error {
	var told *platform.RolloutError
	if !errors.As(err, &told) {
		return err
	}
	result := *told
	result.Summary = summary
	return &result
}
