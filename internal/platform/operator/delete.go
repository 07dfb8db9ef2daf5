package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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
	object, err := d.cluster.Get(ctx, d.kind, keyOf(ref))
	if err != nil {
		var absent *platform.NotFoundError
		if err = d.translate(err, ref); !errors.As(err, &absent) {
			return deleted, err
		}
		// It may have been on its way to be created again.
		interrupted, err := d.recreationOf(ctx, ref)
		if interrupted == nil || err != nil {
			return deleted, err
		}
		deleted.SavepointPath, deleted.Note = interrupted.path, d.startsAgain(ref)
		return deleted, nil
	}
	status := StatusOf(object)
	replaces := strings.Fields(object.GetAnnotations()[replacesAnnotation])
	if options.UID != "" && status.UID != options.UID && !slices.Contains(replaces, options.UID) {
		logctx.From(ctx).InfoContext(ctx, "The object was replaced by another one, which stays", "object", ref.String())
		return deleted, nil
	}
	if err := d.checkUnused(ctx, object); err != nil {
		return deleted, err
	}
	if options.Savepoint && !status.Deleting {
		if deleted, err = d.stop(ctx, object, status, options); err != nil {
			return deleted, err
		}
	} else if options.Savepoint {
		deleted.SavepointPath = status.SavepointPath
	}
	configured, pending := object.GetAnnotations()[recreationAnnotation]
	if pending && deleted.SavepointPath != "" {
		// The job was to go on from its state. When its deployment is only
		// deleted to be created once more, it still is.
		r := recreation{uid: status.UID, path: deleted.SavepointPath, configured: configured}
		if err := d.record(ctx, ref, r); err != nil {
			return deleted, err
		}
		deleted.Note = strings.TrimSpace(deleted.Note + " " + d.startsAgain(ref))
		return deleted, d.remove(ctx, object)
	}
	if err := d.remove(ctx, object); err != nil {
		return deleted, err
	}
	return deleted, d.forget(ctx, ref)
}

// startsAgain says what a re-creation leaves behind that came to no end.
func (d *Deployments) startsAgain(ref platform.Ref) string {
	return fmt.Sprintf("The %s was being created again: one of this name that is created next starts from that state. To have it start empty, delete the config map %s.", d.noun, recreationKey(d.kind, ref))
}

// stop suspends a running job with a savepoint. A job that does not run is left
// alone when the path of its newest state is known.
func (d *Deployments) stop(ctx context.Context, object *unstructured.Unstructured, status Status, options platform.DeleteOptions) (platform.Deleted, error) {
	observed, err := observe(object)
	if err != nil {
		return platform.Deleted{}, err
	}
	stopping := steadyState(observed.Spec) == Suspended
	var deleted platform.Deleted
	known := true
	switch {
	case steadyState(observed.Spec) == SessionReady, status.isOver(observed.Spec):
		// Flink deletes the checkpoints of a job that ends by itself, so the
		// path that the status still has leads nowhere.
		return deleted, nil
	case !status.Deployed:
		if _, again := object.GetAnnotations()[recreationAnnotation]; again {
			deleted.SavepointPath = initialPath(object)
		}
		return deleted, nil
	case status.LifecycleState == flink.LifecycleSuspended:
		deleted.SavepointPath = status.SavepointPath
		if deleted.SavepointPath == "" {
			deleted.Note = "The job was suspended without a savepoint, and the operator names no path of its state."
		}
	case stopping || status.JobState == flink.StateRunning:
		// When the specification says suspended already, an earlier delete has
		// asked for the savepoint.
		out := d.suspend(ctx, object, "")
		if out.err != nil && d.isLeaving(ctx, observed.Ref) {
			deleted.Note = "Somebody else deleted the " + d.noun + " before its job was stopped with a savepoint."
			if status.SavepointPath != "" {
				deleted.Note += fmt.Sprintf(" The job has run since the newest savepoint that is known, %s, so its checkpoint directory may have a newer checkpoint.", status.SavepointPath)
			}
			return deleted, nil
		}
		if out.err != nil {
			return deleted, notStopped(out.err)
		}
		deleted.SavepointPath = out.observed.Status.SavepointPath
		if deleted.SavepointPath == "" {
			deleted.Note = "The operator stopped the job and names no path of its state."
		}
	default:
		var path string
		path, known = d.newestState(ctx, observed, status)
		deleted.SavepointPath = path
		deleted.Note = fmt.Sprintf("A savepoint needs a running job, and the job was %s.", orElse(status.JobState, "not there"))
		switch {
		case path == "":
			deleted.Note += " No earlier savepoint or checkpoint of it is known."
		case known:
			deleted.Note += " Its newest known state is in " + path + "."
		default:
			deleted.Note += fmt.Sprintf(" The newest state that is known is in %s; the job has run since then, so its checkpoint directory may have a newer checkpoint.", path)
		}
	}
	if (deleted.SavepointPath == "" || !known) && status.EverRan && !options.AllowStateLoss {
		return platform.Deleted{}, d.stateUnknown(observed.Ref, deleted.Note)
	}
	return deleted, nil
}

// isLeaving tells whether an object is gone or on its way out, as when somebody
// deletes its namespace.
func (d *Deployments) isLeaving(ctx context.Context, ref platform.Ref) bool {
	object, err := d.cluster.Get(ctx, d.kind, keyOf(ref))
	if err != nil {
		return isAbsent(err)
	}
	return object.GetDeletionTimestamp() != nil
}

// stateUnknown refuses to delete a job whose state nobody would find again.
func (d *Deployments) stateUnknown(ref platform.Ref, why string) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is not deleted, because the state of its job would be lost", d.noun, ref.Name),
		Detail: joinLines(why, "Nothing was deleted. Ways out:",
			"  - bring the job to run, and destroy it then: it is stopped with a savepoint",
			"  - to delete it all the same, set upgrade.allow_state_loss = true or savepoint_on_destroy = false, apply that first, and destroy"),
	}
}

// notStopped adds to the error of a failed stop that nothing was deleted.
func notStopped(err error) error {
	return withDetail(err, "Nothing was deleted. Destroy again when the savepoint can be taken, or set savepoint_on_destroy = false and apply that first, to delete the job without one.")
}

// awaitGone waits until the object is gone, or another one has its name.
func (d *Deployments) awaitGone(ctx context.Context, ref platform.Ref, uid string, began time.Time) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	changes := d.cluster.Follow(following, d.kind, keyOf(ref))
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
			if err := d.letGo(ctx, last); err != nil {
				logctx.From(ctx).WarnContext(ctx, "The operator may wait for a savepoint that it cannot take", "object", ref.String(), "error", err.Error())
			}
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
	if jobs := r.deployments.users(words, r.ref); len(jobs) > 0 {
		lines = append(lines, line("session jobs that use it", strings.Join(jobs, ", ")))
		remedy = "Destroy the session jobs first: the operator keeps a session cluster while jobs use it."
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is not gone after %s", r.deployments.noun, r.ref.Name, r.elapsed()),
		Detail: joinLines(fmt.Sprintf("%s %s was deleted and still exists. Last seen: %s.", r.deployments.kind.Kind, r.ref, r.last.withoutError()),
			strings.Join(lines, "\n"), r.evidence(ctx), remedy),
	}
}

// letGo sees to it that the operator does not wait for a savepoint that it
// cannot take: it takes one on deletion only of a job that runs, and keeps the
// object of any other for ever.
func (d *Deployments) letGo(ctx context.Context, object *unstructured.Unstructured) error {
	spec, err := specTree(object)
	if err != nil {
		return err
	}
	status := StatusOf(object)
	ref := platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	if !isOn(spec, keySavepointOnDeletion) || !status.Deployed {
		return nil
	}
	switch status.JobState {
	case flink.StateRunning, flink.StateCancelling, flink.StateCanceled, flink.StateFinished, flink.StateFailed:
		return nil
	}
	logctx.From(ctx).InfoContext(ctx, "Deleting without the operator's savepoint, because the job does not run", "object", ref.String(), "job_state", status.JobState)
	patch := fmt.Sprintf(`{"metadata":{"uid":%q},"spec":{"flinkConfiguration":{%q:"false"}}}`, status.UID, keySavepointOnDeletion)
	_, err = d.cluster.MergePatch(ctx, d.kind, keyOf(ref), []byte(patch))
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		return nil
	}
	return err
}

const keySavepointOnDeletion = "kubernetes.operator.job.savepoint-on-deletion"
