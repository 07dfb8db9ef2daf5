package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// States of a FlinkStateSnapshot (FlinkStateSnapshotStatus.State), besides
// those of a snapshot that is still to come.
const (
	snapshotCompleted = "COMPLETED"
	snapshotFailed    = "FAILED"
	snapshotAbandoned = "ABANDONED"
)

const (
	// snapshotRetries is backoffLimit: how often the operator tries again, ten
	// seconds after the first failure and twenty after the second. Its default
	// is without end.
	snapshotRetries = 2
	// failedFor is how long FAILED must last while tries are left: the
	// operator passes through it on its way to the next.
	failedFor = 30 * time.Second
)

// snapshot is what the operator says about a FlinkStateSnapshot.
type snapshot struct {
	platform.Savepoint
	uid         string
	isSavepoint bool
	deleting    bool
	state       string
	location    string
	failure     *fko.Failure
	// final tells that no try is left.
	final bool
}

// snapshotOf reads a FlinkStateSnapshot. Like StatusOf it never fails.
func snapshotOf(object *unstructured.Unstructured) snapshot {
	text := func(path ...string) string {
		value, _, _ := unstructured.NestedString(object.Object, path...)
		return value
	}
	savepoint, isSavepoint, _ := unstructured.NestedMap(object.Object, "spec", "savepoint")
	s := snapshot{
		Savepoint: platform.Savepoint{
			Ref:    platform.Ref{Namespace: object.GetNamespace(), Name: object.GetName()},
			Job:    platform.JobRef{Session: text("spec", "jobReference", "kind") == sessionJobKind.Kind, Name: text("spec", "jobReference", "name")},
			Format: orElse(strings.ToLower(text("spec", "savepoint", "formatType")), platform.FormatCanonical),
		},
		uid:         string(object.GetUID()),
		isSavepoint: isSavepoint,
		deleting:    object.GetDeletionTimestamp() != nil,
		state:       text("status", "state"),
		location:    text("status", "path"),
		failure:     fko.ParseFailure(text("status", "error")),
	}
	// The path of a savepoint that was there before is the savepoint itself.
	if existed, _ := savepoint["alreadyExists"].(bool); !existed {
		s.Directory = text("spec", "savepoint", "path")
	}
	dispose, said := savepoint["disposeOnDelete"].(bool)
	s.Dispose = isSavepoint && (dispose || !said)
	limit, limited, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "backoffLimit")
	failures, _, _ := unstructured.NestedFieldNoCopy(object.Object, "status", "failures")
	s.final = limited && fko.Integer(limit) >= 0 && fko.Integer(failures) > fko.Integer(limit)
	return s
}

// observe returns the snapshot in the terms of all platforms.
func (s snapshot) observe() *platform.ObservedSavepoint {
	out := &platform.ObservedSavepoint{Savepoint: s.Savepoint, Receipt: receipt{uid: s.uid}.String()}
	if s.failure != nil {
		out.Problem = s.failure.Sentence()
	}
	switch {
	case s.state == snapshotCompleted:
		out.State, out.Location = platform.SavepointCompleted, s.location
	case s.state == snapshotAbandoned, s.state == snapshotFailed && s.final:
		out.State = platform.SavepointFailed
	}
	return out
}

// snapshotObject returns the FlinkStateSnapshot to send.
func snapshotObject(want platform.Savepoint, mark creation) *unstructured.Unstructured {
	object := SnapshotOf(want)
	object.SetAnnotations(map[string]string{creationAnnotation: mark.String()})
	return object
}

// SnapshotOf returns the FlinkStateSnapshot of a savepoint, without a status.
func SnapshotOf(want platform.Savepoint) *unstructured.Unstructured {
	savepoint := map[string]any{"disposeOnDelete": want.Dispose, "formatType": strings.ToUpper(orElse(want.Format, platform.FormatCanonical))}
	if want.Directory != "" {
		savepoint["path"] = want.Directory
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/" + version,
		"kind":       snapshotKind.Kind,
		"metadata":   map[string]any{"namespace": want.Namespace, "name": want.Name},
		"spec": map[string]any{
			"jobReference": map[string]any{"kind": jobKind(want.Job).Kind, "name": want.Job.Name},
			"savepoint":    savepoint,
			"backoffLimit": int64(snapshotRetries),
		},
	}}
}

// creationOf begins the create of a savepoint.
func (s *Savepoints) creationOf(want platform.Savepoint) (creation, error) {
	mark, err := fingerprintOf(want.Job.Session, want.Job.Name, want.Format, want.Directory, want.Dispose)
	if err != nil {
		return creation{}, err
	}
	return newCreation(s.cluster, mark), nil
}

// takeSnapshot creates the FlinkStateSnapshot. One that an interrupted create
// of the same savepoint left is continued while it is still to come. Once it
// has ended it may be of long ago, and another one takes its place.
func (s *Savepoints) takeSnapshot(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	mark, err := s.creationOf(want)
	if err != nil {
		return nil, err
	}
	w := s.newWait(want)
	job, err := w.awaitJob(ctx, nil)
	if err != nil {
		return nil, err
	}
	if want, err = w.inFormat(ctx, job); err != nil {
		return nil, err
	}
	object := snapshotObject(want, mark)
	created, err := s.cluster.Create(ctx, snapshotKind, object)
	var exists *kube.ExistsError
	if errors.As(err, &exists) {
		pending := snapshotOf(exists.Object).observe().State == platform.SavepointPending
		var begun *unstructured.Unstructured
		if begun, err = mark.inherit(ctx, s.cluster, exists, mark.begins); err != nil {
			return nil, err
		}
		left := snapshotOf(begun).observe()
		if pending && left.State != platform.SavepointFailed {
			return left, nil
		}
		logctx.From(ctx).InfoContext(ctx, "Replacing the savepoint of an apply that was interrupted", "savepoint", want.String(), "location", left.Location)
		if _, err := s.Delete(ctx, *left); err != nil {
			return nil, err
		}
		created, err = s.cluster.Create(ctx, snapshotKind, object)
	}
	if err != nil {
		return nil, err
	}
	return snapshotOf(created).observe(), nil
}

// awaitSnapshot waits until the operator has completed a FlinkStateSnapshot.
func (s *Savepoints) awaitSnapshot(ctx context.Context, known platform.ObservedSavepoint, r receipt) (*platform.ObservedSavepoint, error) {
	w := s.newWait(known.Savepoint)
	observed := &known
	var last snapshot
	var failure error
	var failing, unseen time.Time
	err := w.follow(ctx, snapshotKind, known.Ref, func(object *unstructured.Unstructured) bool {
		if object == nil || r.uid != "" && string(object.GetUID()) != r.uid {
			failure = w.fail("somebody deleted it during the wait", fmt.Sprintf("%s %s is gone. Apply again to take another one.", s.called(snapshotKind), known.Ref))
			return true
		}
		answer(ctx, s.cluster, snapshotKind, object)
		last = snapshotOf(object)
		observed = last.observe()
		failing = sinceWhen(failing, last.state == snapshotFailed)
		unseen = sinceWhen(unseen, last.state == "")
		logctx.From(ctx).DebugContext(ctx, "Looking at the savepoint", "savepoint", known.String(), "state", last.state, "problem", observed.Problem)
		switch {
		case last.deleting:
			failure = w.fail("somebody deletes it during the wait", s.called(snapshotKind)+" "+known.String()+" is marked for deletion.")
		case observed.State == platform.SavepointCompleted && observed.Location == "":
			failure = w.fail("the operator says that it is completed, but not where it is")
		case observed.State == platform.SavepointCompleted:
		case observed.State == platform.SavepointFailed, lasted(failing, failedFor):
			observed.State = platform.SavepointFailed
			failure = w.failed(ctx, last)
		case lasted(unseen, lookAgain):
			// The operator writes no status when it refuses a snapshot.
			if refused := w.refused(ctx, last); refused != nil {
				observed.State, failure = platform.SavepointFailed, refused
			}
		}
		return failure != nil || observed.State == platform.SavepointCompleted
	})
	// Whatever became of it, the state has it.
	s.unmark(ctx, known.Ref)
	switch {
	case err != nil:
		return observed, w.overdue(ctx, err, fmt.Sprintf("it is not done after %s", w.elapsed()), w.evidence(ctx, last), w.patience(last))
	case failure != nil:
		return observed, failure
	}
	return observed, nil
}

// sinceWhen keeps the time since which something is so.
func sinceWhen(since time.Time, isSo bool) time.Time {
	switch {
	case !isSo:
		return time.Time{}
	case since.IsZero():
		return time.Now()
	}
	return since
}

func lasted(since time.Time, long time.Duration) bool {
	return !since.IsZero() && time.Since(since) >= long
}

// unmark removes the mark of an unfinished create. That it fails does no harm
// beyond the next savepoint of that name.
func (s *Savepoints) unmark(ctx context.Context, ref platform.Ref) {
	ctx, cancel := parting(ctx)
	defer cancel()
	if _, err := s.cluster.MergePatch(ctx, snapshotKind, keyOf(ref), kube.Patch{}.RemoveAnnotations(unfinishedMarks...)); err != nil {
		logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished create stays", "savepoint", ref.String(), "error", err.Error())
	}
}

// failed reports a snapshot that the operator has given up.
func (w *savepointWait) failed(ctx context.Context, last snapshot) error {
	cause := "the operator gives no reason"
	if last.failure != nil {
		cause = last.failure.Sentence()
	}
	remedy := "Check that the directory (path, or the job's state.savepoints.dir) can be written by the job's pods, and that checkpoints of the job succeed. Apply again to take another one."
	if refusesCanonical(cause) && last.Format != platform.FormatNative {
		remedy = "The job keeps state that is never written in canonical format, as that of the state backend forst or of operators with asynchronous state (enableAsyncState in its code). Set format = \"native\"; Terraform then takes another one."
	}
	if last.state == snapshotAbandoned {
		remedy = "The operator gives up at once when the job does not run. Apply again when it does, to take another one."
	}
	return w.fail(cause, w.evidence(ctx, last, cause), remedy)
}

// refused reports a snapshot that the operator does not accept, which it tells
// only in an event; nil while there is none.
func (w *savepointWait) refused(ctx context.Context, last snapshot) error {
	for _, e := range w.warnings(ctx, snapshotKind, w.want.Name, last.uid) {
		if e.Reason == "ValidationError" {
			return w.fail("the operator refuses it: "+wordsOf(e.Message), "Correct the cause and apply again to take another one.")
		}
	}
	return nil
}

// evidence is what the cluster knows about the savepoint beside what has been
// told.
func (w *savepointWait) evidence(ctx context.Context, last snapshot, told ...string) string {
	state := fmt.Sprintf("Waited %s for %s %s, whose state is %s.", w.elapsed(), w.called(snapshotKind), w.want.Ref, orElse(last.state, "not told"))
	account := accountAfter(told...)
	if last.failure != nil {
		account.add("operator", last.failure.Sentence())
	}
	events := w.warnings(ctx, snapshotKind, w.want.Name, last.uid)
	for _, e := range events[:min(len(events), maxEvents)] {
		account.event(e)
	}
	return joinLines(state, account.String())
}

// patience says what to do when the time is over without a failure.
func (w *savepointWait) patience(last snapshot) string {
	if last.state == "" {
		return fmt.Sprintf("The operator has not looked at it. Check that it runs and watches the namespace %s, and that kubernetes.operator.snapshot.resource.enabled is not false in its configuration.", w.want.Namespace)
	}
	return "It may still be completed: raise the timeout in timeouts if the job's state is large."
}
