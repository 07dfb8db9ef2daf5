package operator

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// awaitJob waits until the job of a savepoint runs, and ready, which may be
// nil, agrees. The operator abandons a savepoint of a job that does not run
// (findings 27 and 28 of the recorded timelines: and one of a job that does not
// exist can then not even be deleted), so nothing is written before.
func (w *savepointWait) awaitJob(ctx context.Context, ready func(object *unstructured.Unstructured) bool) (*unstructured.Unstructured, error) {
	kind, ref := jobKind(w.want.Job), jobOf(w.want)
	object, err := w.cluster.Get(ctx, kind, keyOf(ref))
	var absent *kube.NotFoundError
	switch {
	case errors.As(err, &absent):
		return nil, w.noJob()
	case err != nil:
		return nil, err
	}
	var refusal error
	last := fko.StatusOf(object)
	look := func(found *unstructured.Unstructured) bool {
		if object = found; object == nil {
			refusal = w.noJob()
			return true
		}
		last = fko.StatusOf(object)
		if refusal = w.refuses(ctx, object, last); refusal != nil {
			return true
		}
		return last.JobState == flink.StateRunning && (ready == nil || ready(object))
	}
	if look(object) {
		return object, refusal
	}
	if err := w.follow(ctx, kind, ref, look); err != nil {
		cause := "the job is " + orElse(last.JobState, "not started")
		if last.JobState == flink.StateRunning {
			cause = "an earlier savepoint of the job is not done"
		}
		return nil, w.overdue(ctx, err, fmt.Sprintf("%s after %s", cause, w.elapsed()),
			fmt.Sprintf("Last seen of %s %s: %s.", w.called(kind), ref, last), "Nothing was written. Apply again when the job runs.")
	}
	return object, refusal
}

func (w *savepointWait) noJob() error {
	kind, ref := jobKind(w.want.Job), jobOf(w.want)
	return w.fail(w.called(kind)+" "+ref.String()+" does not exist",
		fmt.Sprintf("A savepoint is taken of a running job. Check the name and the environment, and refer to the resource (%s), so that Terraform creates it first.", jobAttribute(w.want.Job)))
}

// jobAttribute is how a configuration refers to a job.
func jobAttribute(job platform.JobRef) string {
	if job.Session {
		return "session_job = flink_session_job.<name>.name"
	}
	return "deployment = flink_deployment.<name>.name"
}

// refuses tells why the job will not run without somebody's doing, or nil.
func (w *savepointWait) refuses(ctx context.Context, object *unstructured.Unstructured, status fko.Status) error {
	kind, ref := jobKind(w.want.Job), jobOf(w.want)
	state, _, _ := unstructured.NestedString(object.Object, "spec", "job", "state")
	_, hasJob, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "job")
	settled := status.Observed >= status.Generation && status.ReconciliationState != fko.ReconcileUpgrading
	switch {
	case status.Deleting:
		return w.fail(w.called(kind)+" "+ref.String()+" is being deleted", w.knownState(status))
	case !hasJob:
		return w.fail(ref.Name+" is a session cluster and has no job of its own",
			"Name the job in it: session_job = flink_session_job.<name>.name.")
	case state == flink.JobSuspended:
		return w.fail("the job is suspended", w.knownState(status), "A savepoint needs a running job. Resume it (job.state = \"running\"), or use the state that it was suspended with.")
	case settled && (status.JobState == flink.StateFinished || status.JobState == flink.StateFailed || status.JobState == flink.StateCanceled):
		var evidence string
		if status.Error != nil {
			evidence = line("operator", status.Error.Sentence())
		} else {
			evidence = warningLines(w.warnings(ctx, kind, ref.Name, status.UID))
		}
		return w.fail("the job is "+status.JobState, evidence, w.knownState(status), "A savepoint needs a running job.")
	}
	return nil
}

// knownState says where state of the job is already.
func (w *savepointWait) knownState(status fko.Status) string {
	if status.SavepointPath == "" {
		return ""
	}
	return "The job's newest known state is in " + status.SavepointPath + "."
}
