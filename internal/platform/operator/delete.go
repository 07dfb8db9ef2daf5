package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Delete stops the job, with a savepoint where that is wanted and possible,
// deletes the object and waits until it is gone. An object that is gone already
// is no error. A delete that was interrupted goes on where it was.
func (d *Deployments) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	var deleted platform.Deleted
	object, err := d.cluster.Get(ctx, deploymentKind, keyOf(ref))
	if err != nil {
		var absent *platform.NotFoundError
		if err = translate(err, ref); errors.As(err, &absent) {
			return deleted, nil
		}
		return deleted, err
	}
	status := StatusOf(object)
	if options.UID != "" && status.UID != options.UID {
		logctx.From(ctx).InfoContext(ctx, "The object was replaced by another one, which stays", "deployment", ref.String())
		return deleted, nil
	}
	if options.Savepoint && !status.Deleting {
		if deleted, err = d.stop(ctx, object, status); err != nil {
			return deleted, err
		}
	} else if options.Savepoint {
		deleted.SavepointPath = status.SavepointPath
	}
	began := time.Now()
	if err := d.cluster.Delete(ctx, deploymentKind, keyOf(ref), types.UID(status.UID)); err != nil {
		var absent *kube.NotFoundError
		if errors.As(err, &absent) {
			return deleted, nil
		}
		return deleted, err
	}
	return deleted, d.awaitGone(ctx, ref, status.UID, began)
}

// stop suspends a running job with a savepoint.
func (d *Deployments) stop(ctx context.Context, object *unstructured.Unstructured, status Status) (platform.Deleted, error) {
	observed, err := observe(object)
	if err != nil {
		return platform.Deleted{}, err
	}
	suspended := status.LifecycleState == flink.LifecycleSuspended
	switch {
	case steadyState(observed.Spec) == SessionReady, !status.Deployed:
		return platform.Deleted{}, nil
	case suspended && status.SavepointPath != "":
		return platform.Deleted{SavepointPath: status.SavepointPath}, nil
	case suspended:
		return platform.Deleted{Note: "The job was suspended without a savepoint, and the operator names no path of its state."}, nil
	case status.JobState == flink.StateFinished:
		// Flink deletes the checkpoints of a job that ends by itself, so the
		// path that the status still has leads nowhere.
		return platform.Deleted{}, nil
	case steadyState(observed.Spec) == Suspended:
		// An earlier delete has asked for the savepoint.
	case status.JobState != flink.StateRunning:
		return platform.Deleted{
			SavepointPath: status.SavepointPath,
			Note:          fmt.Sprintf("A savepoint needs a running job, and the job was %s.%s", orElse(status.JobState, "not there"), noteOnPath(status)),
		}, nil
	default:
		patch := fmt.Sprintf(`{"spec":{"job":{"state":%q,"upgradeMode":%q}}}`, flink.JobSuspended, flink.UpgradeSavepoint)
		if object, err = d.cluster.MergePatch(ctx, deploymentKind, keyOf(observed.Ref), []byte(patch)); err != nil {
			return platform.Deleted{}, translate(err, observed.Ref)
		}
	}
	written, err := d.written(object, object, write{})
	if err != nil {
		return platform.Deleted{}, err
	}
	out := d.await(ctx, written, d.recall(written), Suspended, platform.WaitOptions{})
	if out.err != nil {
		return platform.Deleted{}, notStopped(out.err)
	}
	return platform.Deleted{SavepointPath: out.observed.Status.SavepointPath}, nil
}

func noteOnPath(status Status) string {
	if status.SavepointPath == "" {
		return " No earlier savepoint or checkpoint of it is known."
	}
	return " Its newest known state is in " + status.SavepointPath + "."
}

// notStopped adds to the error of a failed stop that nothing was deleted.
func notStopped(err error) error {
	var told *platform.RolloutError
	if !errors.As(err, &told) {
		return err
	}
	result := *told
	result.Detail = joinLines(told.Detail, "Nothing was deleted. Destroy again when the savepoint can be taken, or set savepoint_on_destroy = false and apply that first, to delete the job without one.")
	return &result
}

// awaitGone waits until the object is gone, or another one has its name.
func (d *Deployments) awaitGone(ctx context.Context, ref platform.Ref, uid string, began time.Time) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	changes := d.cluster.Follow(following, deploymentKind, keyOf(ref))
	r := &rollout{deployments: d, ref: ref, write: write{uid: uid}, want: Deferred, began: began}
	var last *unstructured.Unstructured
	for {
		select {
		case change, open := <-changes:
			switch {
			case !open:
				<-ctx.Done()
				return r.stuck(ctx, last)
			case change.Err != nil:
				if r.trouble = change.Err; r.mayNotWatch() {
					return change.Err
				}
				continue
			case change.Object == nil || string(change.Object.GetUID()) != uid:
				return nil
			}
			last = change.Object
			r.last = StatusOf(last)
			r.tell(ctx)
		case <-ctx.Done():
			return r.stuck(ctx, last)
		}
	}
}

// stuck explains why an object does not go away.
func (r *rollout) stuck(ctx context.Context, last *unstructured.Unstructured) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	words, cancel := lastWords(ctx)
	defer cancel()
	var lines []string
	if last != nil && len(last.GetFinalizers()) > 0 {
		lines = append(lines, line("finalizers left", strings.Join(last.GetFinalizers(), ", ")))
	}
	remedy := "Check that the operator runs and what its log says. The object is marked for deletion; destroy again to wait on."
	if jobs := sessionJobs(words, r.deployments.cluster, r.ref); len(jobs) > 0 {
		lines = append(lines, line("session jobs that use it", strings.Join(jobs, ", ")))
		remedy = "Destroy the session jobs first: the operator keeps a session cluster while jobs use it."
	} else if last != nil {
		spec, err := specTree(last)
		if err == nil && isOn(spec, "kubernetes.operator.job.savepoint-on-deletion") && r.last.JobState != flink.StateRunning {
			remedy = fmt.Sprintf("The configuration has kubernetes.operator.job.savepoint-on-deletion = true, and the job is %s: the operator waits until it runs. "+
				"To delete it without a savepoint, set the key to \"false\" on the object:\n"+
				"  kubectl -n %s patch flinkdeployment %s --type merge -p '{\"spec\":{\"flinkConfiguration\":{\"kubernetes.operator.job.savepoint-on-deletion\":\"false\"}}}'",
				orElse(r.last.JobState, "not there"), r.ref.Namespace, r.ref.Name)
		}
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The deployment %q is not gone after %s", r.ref.Name, r.elapsed()),
		Detail: joinLines(fmt.Sprintf("FlinkDeployment %s was deleted and still exists. Last seen: %s.", r.ref, r.last.String()),
			strings.Join(lines, "\n"), r.evidence(ctx), remedy),
	}
}

// sessionJobs lists the session jobs of a session cluster.
func sessionJobs(ctx context.Context, cluster cluster, ref platform.Ref) []string {
	jobs, err := cluster.List(ctx, sessionJobKind, ref.Namespace, "")
	if err != nil {
		return nil
	}
	var names []string
	for i := range jobs {
		if name, _, _ := unstructured.NestedString(jobs[i].Object, "spec", "deploymentName"); name == ref.Name {
			names = append(names, jobs[i].GetName())
		}
	}
	return names
}
