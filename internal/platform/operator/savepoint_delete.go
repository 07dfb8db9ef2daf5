package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// snapshotFinalizer is the operator's, by which it disposes of the files.
const snapshotFinalizer = "flinkstatesnapshots." + group + "/finalizer"

// Delete deletes a FlinkStateSnapshot and waits until it is gone. One that the
// operator could not let go is helped. A savepoint that was taken by a nonce
// has no object: its files stay.
func (s *Savepoints) Delete(ctx context.Context, known platform.ObservedSavepoint) (string, error) {
	r, err := parseReceipt(known.Receipt)
	if err != nil || r.nonce != 0 {
		return "", err
	}
	object, err := s.cluster.Get(ctx, snapshotKind, keyOf(known.Ref))
	var absent *kube.NotFoundError
	var notServed *kube.NotServedError
	if r.uid == "" && errors.As(err, &notServed) {
		// Terraform forgets the receipt of a tainted savepoint that it replaces,
		// and this one was taken by a nonce.
		return "", nil
	}
	if errors.As(err, &absent) || err == nil && r.uid != "" && string(object.GetUID()) != r.uid {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	w := s.newWait(snapshotOf(object).Savepoint)
	h := &departure{savepointWait: w, uid: string(object.GetUID())}
	if err := h.keepFiles(ctx, snapshotOf(object)); err != nil {
		return h.note(), err
	}
	if err := s.cluster.Delete(ctx, snapshotKind, keyOf(known.Ref), types.UID(h.uid)); err != nil {
		return h.note(), err
	}
	var last *unstructured.Unstructured
	var trouble error
	err = w.follow(ctx, snapshotKind, known.Ref, func(object *unstructured.Unstructured) bool {
		if object == nil || string(object.GetUID()) != h.uid {
			return true
		}
		last = object
		trouble = h.help(ctx, object)
		return trouble != nil
	})
	switch {
	case err == nil:
		return h.note(), trouble
	case errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return h.note(), s.hushed(ctx, h.want, h.stuck(ctx, last))
	}
	return h.note(), err
}

// departure is one wait until a FlinkStateSnapshot is gone.
type departure struct {
	*savepointWait
	uid   string
	notes []string
}

func (d *departure) note() string { return strings.Join(d.notes, " ") }

// help does what lets a deleted snapshot go that the operator cannot let go.
func (d *departure) help(ctx context.Context, object *unstructured.Unstructured) error {
	last := snapshotOf(object)
	if !last.deleting || time.Since(d.began) < lookAgain {
		return nil
	}
	if last.state == "" && slices.Contains(object.GetFinalizers(), snapshotFinalizer) {
		return d.release(ctx, object)
	}
	return d.keepFiles(ctx, last)
}

// release takes the operator's finalizer off a snapshot without a status, on
// which the operator fails in an endless loop (finding 28 of the recorded
// timelines). Without a status nothing was triggered, so there is nothing to
// clean up.
func (d *departure) release(ctx context.Context, object *unstructured.Unstructured) error {
	left := slices.DeleteFunc(slices.Clone(object.GetFinalizers()), func(f string) bool { return f == snapshotFinalizer })
	patch := patchOf(types.UID(d.uid)).Set(object.GetResourceVersion(), "metadata", "resourceVersion").Set(left, "metadata", "finalizers")
	_, err := d.cluster.MergePatch(ctx, snapshotKind, keyOf(d.want.Ref), patch)
	var absent *kube.NotFoundError
	var changed *kube.ServerError
	switch {
	case errors.As(err, &absent):
		return nil
	case errors.As(err, &changed) && changed.Code == http.StatusConflict:
		// It has changed, and its next version is looked at anew.
		return nil
	case err != nil:
		return err
	}
	logctx.From(ctx).InfoContext(ctx, "Took the operator's finalizer off a savepoint that was never looked at", "savepoint", d.want.String())
	d.notes = append(d.notes, fmt.Sprintf("The operator has never looked at %s %s (its job does not exist, or the operator does not run) and could not delete it. "+
		"No savepoint was taken for it, so the operator's finalizer was taken off.", snapshotKind.Kind, d.want.Ref))
	return nil
}

// keepFiles gives up the disposal of a savepoint that another job owns, and of one whose
// job does not run: the operator disposes of files through the job's JobManager and
// waits for it without end.
func (d *departure) keepFiles(ctx context.Context, last snapshot) error {
	if last.state != snapshotCompleted || !last.Dispose || last.Job.Name == "" {
		return nil
	}
	if owner := d.claimant(ctx, last.Ref, last.location); owner != "" {
		return d.leave(ctx, last, fmt.Sprintf("The files of the savepoint in %s were not deleted: %s.", last.location, owner))
	}
	kind, ref := jobKind(last.Job), jobOf(last.Savepoint)
	object, err := d.cluster.Get(ctx, kind, keyOf(ref))
	var absent *kube.NotFoundError
	why := "does not exist"
	switch {
	case errors.As(err, &absent):
	case err != nil:
		return err
	default:
		status := fko.StatusOf(object)
		if status.JobState == flink.StateRunning {
			return nil
		}
		why = "is " + orElse(status.JobState, "not running")
	}
	return d.leave(ctx, last, fmt.Sprintf("The files of the savepoint stay in %s: the operator deletes them through the running job, and %s %s %s. Delete them yourself when nobody needs them.",
		last.location, kind.Kind, ref, why))
}

// leave has the operator let the object go without its files, and says why.
func (d *departure) leave(ctx context.Context, last snapshot, note string) error {
	patch := patchOf(types.UID(d.uid)).Set(false, "spec", "savepoint", "disposeOnDelete")
	if _, err := d.cluster.MergePatch(ctx, snapshotKind, keyOf(last.Ref), patch); err != nil {
		if isAbsent(err) {
			return nil
		}
		return err
	}
	d.notes = append(d.notes, note)
	return nil
}

// stuck explains why a snapshot does not go away.
func (d *departure) stuck(ctx context.Context, object *unstructured.Unstructured) error {
	var last snapshot
	var finalizers string
	if object != nil {
		last = snapshotOf(object)
		if left := object.GetFinalizers(); len(left) > 0 {
			finalizers = line("finalizers left", strings.Join(left, ", "))
		}
	}
	remedy := "Check that the operator runs and what its log says. The object is marked for deletion; destroy again to wait on."
	if last.state == snapshotCompleted && last.Dispose {
		remedy = joinLines("The operator cannot delete the files in "+last.location+". To let the object go without them:",
			fmt.Sprintf("  kubectl -n %s patch flinkstatesnapshot %s --type merge -p '{\"spec\":{\"savepoint\":{\"disposeOnDelete\":false}}}'", d.want.Namespace, d.want.Name))
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The savepoint %q is not gone after %s", d.want.Name, d.elapsed()),
		Detail:  joinLines(d.evidence(ctx, last), finalizers, remedy),
	}
}
