package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
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
		n := d.notedOf(ref, nil)
		interrupted, err := d.recreationOf(ctx, n)
		if interrupted == nil || err != nil {
			return deleted, err
		}
		deleted.SavepointPath, deleted.Note = interrupted.path, d.startsAgain(n)
		return deleted, nil
	}
	status := fko.StatusOf(object)
	if !isSame(object, options.UID) {
		logctx.From(ctx).InfoContext(ctx, "The object was replaced by another one, which stays", "object", ref.String())
		return deleted, nil
	}
	if err := d.checkUnused(ctx, object); err != nil {
		return deleted, err
	}
	if deleted, err = d.stopFirst(ctx, object, status, options); err != nil {
		return deleted, err
	}
	note := d.notedOf(ref, object.GetLabels())
	configured, pending := pendingPath(object)
	if _, marked := object.GetAnnotations()[recreationAnnotation]; !marked {
		configured = initialPath(object)
	}
	if (pending || options.Replaced) && deleted.SavepointPath != "" {
		// The job is to go on from its state when its deployment is only deleted to
		// be created once more.
		r := recreation{uid: status.UID, path: deleted.SavepointPath, configured: configured}
		if err := d.record(ctx, note, r); err != nil {
			return deleted, err
		}
		deleted.Note = strings.TrimSpace(deleted.Note + " " + d.startsAgain(note))
		return deleted, d.remove(ctx, object)
	}
	if err := d.remove(ctx, object); err != nil {
		return deleted, err
	}
	return deleted, d.forget(ctx, note)
}

// mayGo asks whether an object can be deleted at all.
func (d *Deployments) mayGo(ctx context.Context, object *unstructured.Unstructured) error {
	if d.options.MayGo == nil || object == nil {
		return nil
	}
	return d.options.MayGo(ctx, kube.KeyOf(object))
}

// stopFirst is what becomes of the job before its deployment is deleted.
func (d *Deployments) stopFirst(ctx context.Context, object *unstructured.Unstructured, status fko.Status, options platform.DeleteOptions) (platform.Deleted, error) {
	if err := d.mayGo(ctx, object); err != nil {
		return platform.Deleted{}, err
	}
	switch {
	case !options.Savepoint:
		return platform.Deleted{}, d.startsEmpty(ctx, object, status, options)
	case status.Deleting:
		return platform.Deleted{SavepointPath: status.SavepointPath}, nil
	}
	return d.stop(ctx, object, status, options)
}

// startsEmpty refuses to delete a job that runs and is to be created again, when
// it would start without its state.
func (d *Deployments) startsEmpty(ctx context.Context, object *unstructured.Unstructured, status fko.Status, options platform.DeleteOptions) error {
	if !options.Replaced || options.AllowStateLoss || status.Deleting || status.JobState != flink.StateRunning || status.StateLocation == flink.LocationNone {
		return nil
	}
	observed, err := observe(object)
	if err != nil || fko.SteadyState(observed.Spec) == fko.SessionReady {
		return err
	}
	if known := <-d.askBefore(ctx, observed); known.Told && known.Newest() == "" {
		// It has never completed a checkpoint.
		return nil
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is tainted, and its job would start empty", d.noun, observed.Name),
		Detail: joinLines("The job has come to run since the create that failed. It is to be deleted without a savepoint, and created again. Nothing was deleted. Ways out:",
			"  - to keep the job, run `terraform untaint` on the resource, and apply",
			"  - to start it empty, destroy it (`terraform destroy -target=ADDRESS`), and apply"),
	}
}

// startsAgain says what a re-creation leaves behind that came to no end.
func (d *Deployments) startsAgain(n noted) string {
	return fmt.Sprintf("The %s was being created again: one of this name that is created next starts from that state. To have it start empty, delete %s.", d.noun, d.noteAt(n))
}

// stop suspends a running job with a savepoint. A job that does not run is left
// alone when the path of its newest state is known.
func (d *Deployments) stop(ctx context.Context, object *unstructured.Unstructured, status fko.Status, options platform.DeleteOptions) (platform.Deleted, error) {
	observed, err := observe(object)
	if err != nil {
		return platform.Deleted{}, err
	}
	stopping := fko.SteadyState(observed.Spec) == fko.Suspended
	var deleted platform.Deleted
	known := true
	switch {
	case fko.SteadyState(observed.Spec) == fko.SessionReady:
		return deleted, nil
	case !status.Deployed:
		if _, again := object.GetAnnotations()[recreationAnnotation]; again {
			deleted.SavepointPath = initialPath(object)
		}
		return deleted, nil
	case status.StateLocation == flink.LocationNone:
		// The path that the status may still have leads nowhere. A job that never
		// ran may even be one that the operator cannot stop.
		return deleted, nil
	case status.LifecycleState == flink.LifecycleSuspended:
		deleted.SavepointPath = status.SavepointPath
		if deleted.SavepointPath == "" {
			deleted.Note = "The job was suspended without a savepoint, and the operator names no path of its state."
		}
	case stopping || status.JobState == flink.StateRunning:
		// When the specification says suspended already, an earlier delete has
		// asked for the savepoint.
		before := d.askBefore(ctx, observed)
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
			if was := <-before; was.Told && was.Newest() == "" {
				// A job that restarts all the time has come to no savepoint either.
				deleted.Note += " It had never completed a checkpoint."
				return deleted, nil
			}
		}
	default:
		var path string
		path, known = d.newestState(ctx, observed, status)
		deleted.SavepointPath = path
		deleted.Note = fmt.Sprintf("A savepoint needs a running job, and the job was %s.", orElse(status.JobState, "not there"))
		switch {
		case path == "" && known:
			// It has never completed a checkpoint.
			return deleted, nil
		case path == "":
			deleted.Note += " No earlier savepoint or checkpoint of it is known."
		case known:
			deleted.Note += " Its newest known state is in " + path + "."
		default:
			deleted.Note += fmt.Sprintf(" The newest state that is known is in %s; the job has run since then, so its checkpoint directory may have a newer checkpoint.", path)
		}
	}
	if (deleted.SavepointPath == "" || !known) && status.EverRan && !options.AllowStateLoss {
		return platform.Deleted{}, d.stateUnknown(observed.Ref, deleted.Note, options.Replaced)
	}
	return deleted, nil
}

// askBefore asks the JobManager about the checkpoints of a job that is about to be
// stopped, beside the stop.
func (d *Deployments) askBefore(ctx context.Context, observed *platform.Observed) <-chan prove.Checkpoints {
	answer := make(chan prove.Checkpoints, 1)
	go func() {
		asking, cancel := context.WithTimeout(ctx, inspectTimeout)
		defer cancel()
		answer <- checkpointsOf(asking, d.cluster, d.jobManagerOf(asking, observed.Ref, observed.Spec), observed.Status.JobID)
	}()
	return answer
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
// Terraform deletes a tainted deployment by the settings in its state, and has no
// apply that changes them first.
func (d *Deployments) stateUnknown(ref platform.Ref, why string, tainted bool) error {
	waysOut := "  - bring the job to run, and destroy it then: it is stopped with a savepoint\n" +
		"  - to delete it all the same, set upgrade.allow_state_loss = true or savepoint_on_destroy = false, apply that first, and destroy" + ifTainted
	if tainted {
		waysOut = "  - to have the job restart where it is, run `terraform untaint` on the resource, and apply what is to run\n" +
			"  - to have it start empty, set upgrade.allow_state_loss = true in that apply as well"
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is not deleted, because the state of its job would be lost", d.noun, ref.Name),
		Detail:  joinLines(why, "Nothing was deleted. Ways out:", waysOut),
	}
}

// ifTainted follows the advice to apply another setting before a destroy.
const ifTainted = " (if the resource is tainted, run `terraform untaint` on it before)"

// notStopped adds to the error of a failed stop that nothing was deleted.
func notStopped(err error) error {
	return withDetail(err, "Nothing was deleted. Destroy again when the savepoint can be taken, or set savepoint_on_destroy = false and apply that first"+ifTainted+", to delete the job without one.")
}

// awaitGone waits until the object is gone, or another one has its name.
func (d *Deployments) awaitGone(ctx context.Context, ref platform.Ref, uid string, began time.Time) error {
	r := &rollout{deployments: d, ref: ref, write: write{uid: uid}, want: fko.Deferred, began: began}
	var last *unstructured.Unstructured
	err := watch.Wait[kube.Change]{Trouble: r.mayFollow, See: func(change kube.Change) bool {
		if change.Object == nil || string(change.Object.GetUID()) != uid {
			return true
		}
		last = change.Object
		r.last = fko.StatusOf(last)
		r.tell(ctx)
		if err := d.letGo(ctx, last); err != nil {
			logctx.From(ctx).WarnContext(ctx, "The operator may wait for a savepoint that it cannot take", "object", ref.String(), "error", err.Error())
		}
		return false
	}}.Until(ctx, following(d.cluster, d.kind, keyOf(ref)))
	if err == nil || unhealing(err) != nil {
		return err
	}
	return r.stuck(ctx, last)
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
		Detail: joinLines(fmt.Sprintf("%s %s was deleted and still exists. Last seen: %s.", r.deployments.kind.Kind, r.ref, r.last.WithoutError()),
			strings.Join(lines, "\n"), r.evidence(ctx), remedy),
	}
}

// letGo sees to it that the operator does not wait for a savepoint that it
// cannot take: it takes one on deletion only of a job that runs, and keeps the
// object of any other for ever.
func (d *Deployments) letGo(ctx context.Context, object *unstructured.Unstructured) error {
	spec, err := fko.SpecOf(object)
	if err != nil {
		return err
	}
	status := fko.StatusOf(object)
	ref := platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()}
	if !isOn(spec, keySavepointOnDeletion) || !status.Deployed {
		return nil
	}
	switch status.JobState {
	case flink.StateRunning, flink.StateCancelling, flink.StateCanceled, flink.StateFinished, flink.StateFailed:
		return nil
	}
	logctx.From(ctx).InfoContext(ctx, "Deleting without the operator's savepoint, because the job does not run", "object", ref.String(), "job_state", status.JobState)
	patch := patchOf(types.UID(status.UID)).Set("false", "spec", "flinkConfiguration", keySavepointOnDeletion)
	_, err = d.cluster.MergePatch(ctx, d.kind, keyOf(ref), patch)
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		return nil
	}
	return err
}

const keySavepointOnDeletion = "kubernetes.operator.job.savepoint-on-deletion"
