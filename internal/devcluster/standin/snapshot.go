package standin

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Labels that the operator writes on FlinkStateSnapshots.
const (
	labelSnapshotType  = "snapshot.type"
	labelTriggerType   = "snapshot.trigger-type"
	labelSnapshotState = "snapshot.state"
	labelJobKind       = "job-reference.kind"
	labelJobName       = "job-reference.name"
)

// States of a FlinkStateSnapshot.
const (
	snapshotPending    = "TRIGGER_PENDING"
	snapshotInProgress = "IN_PROGRESS"
	snapshotCompleted  = "COMPLETED"
	snapshotFailed     = "FAILED"
	snapshotAbandoned  = "ABANDONED"
)

type snapshotSpec struct {
	JobReference *struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"jobReference"`
	Savepoint *struct {
		Path            string `json:"path"`
		DisposeOnDelete *bool  `json:"disposeOnDelete"`
		AlreadyExists   bool   `json:"alreadyExists"`
	} `json:"savepoint"`
	Checkpoint   map[string]any `json:"checkpoint"`
	BackoffLimit *int64         `json:"backoffLimit"`
}

type snapshotStatus struct {
	Error            string `json:"error,omitempty"`
	Failures         int64  `json:"failures"`
	Path             string `json:"path,omitempty"`
	ResultTimestamp  string `json:"resultTimestamp,omitempty"`
	State            string `json:"state"`
	TriggerID        string `json:"triggerId,omitempty"`
	TriggerTimestamp string `json:"triggerTimestamp,omitempty"`
}

// snapshotPass is one look at one FlinkStateSnapshot.
type snapshotPass struct {
	*operator
	obj    *unstructured.Unstructured
	key    types.NamespacedName
	spec   snapshotSpec
	st     *snapshotStatus // nil: none was ever written
	target *pass           // the job's object, nil when it is missing or not needed
}

// reconcileSnapshot brings one FlinkStateSnapshot a bit further.
func (o *operator) reconcileSnapshot(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	obj, err := o.api.get(ctx, snapshots, key)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	s := &snapshotPass{operator: o, obj: obj, key: key}
	if err := s.read(ctx); err != nil {
		return 0, err
	}
	switch {
	case obj.GetDeletionTimestamp() != nil:
		return s.cleanUp(ctx)
	case !slices.Contains(obj.GetFinalizers(), finalizer(snapshots)):
		err := o.api.setFinalizers(ctx, snapshots, obj, append(obj.GetFinalizers(), finalizer(snapshots)), nil)
		if apierrors.IsConflict(err) {
			return 0, nil
		}
		return 0, err
	}
	return s.reconcile(ctx)
}

func (s *snapshotPass) read(ctx context.Context) error {
	m, _ := s.obj.Object["spec"].(map[string]any)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(m, &s.spec); err != nil {
		return fmt.Errorf("read snapshot %s: %w", s.key, err)
	}
	if st, ok := s.obj.Object["status"].(map[string]any); ok && len(st) > 0 {
		s.st = &snapshotStatus{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(st, s.st); err != nil {
			return fmt.Errorf("read status of snapshot %s: %w", s.key, err)
		}
	}
	ref := s.spec.JobReference
	if ref == nil {
		return nil
	}
	gvr := deployments
	if ref.Kind == "FlinkSessionJob" {
		gvr = sessionJobs
	}
	job, err := s.api.get(ctx, gvr, types.NamespacedName{Namespace: s.key.Namespace, Name: ref.Name})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.target, err = s.newPass(ctx, gvr, job); err != nil {
		return err
	}
	if gvr == sessionJobs {
		_, err = s.target.findCluster(ctx)
	}
	return err
}

func (s *snapshotPass) reconcile(ctx context.Context) (time.Duration, error) {
	if message := s.invalid(); message != "" {
		s.emit(ctx, s.obj, "Warning", "ValidationError", "Operator", message)
		return s.interval(), s.writeLabels(ctx, snapshotPending)
	}
	if s.st == nil {
		s.st = &snapshotStatus{State: snapshotPending}
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	switch s.st.State {
	case snapshotPending:
		if s.spec.Savepoint != nil && s.spec.Savepoint.AlreadyExists {
			s.st.State, s.st.Path, s.st.TriggerTimestamp, s.st.ResultTimestamp = snapshotCompleted, s.spec.Savepoint.Path, now, now
			return 0, s.write(ctx)
		}
		if wait := s.backoff(); wait > 0 {
			return wait, nil
		}
		if !s.running() {
			return 0, s.abandon(ctx)
		}
		s.st.State, s.st.TriggerID, s.st.TriggerTimestamp = snapshotInProgress, randomHex(16), now
		return s.interval() + s.target.faults.savepointSlow, s.write(ctx)
	case snapshotInProgress:
		if !s.running() {
			return 0, s.abandon(ctx)
		}
		// Something else than the interval may have woken this pass.
		if left := time.Until(instantOf(s.st.TriggerTimestamp).Add(s.target.faults.savepointSlow)); left > 0 {
			return left, nil
		}
		s.st.ResultTimestamp = now
		return s.result(ctx)
	}
	return 0, nil
}

// invalid returns what the validator says, "" when it is content.
func (s *snapshotPass) invalid() string {
	switch {
	case (s.spec.Savepoint == nil) == (s.spec.Checkpoint == nil):
		return "Exactly one of checkpoint or savepoint configurations has to be set."
	case s.spec.Savepoint != nil && s.spec.Savepoint.AlreadyExists:
		return ""
	case s.spec.JobReference == nil:
		return "Job reference must be supplied for this snapshot"
	case s.target == nil && (s.st == nil || s.st.State == snapshotPending):
		return fmt.Sprintf("Target for snapshot %s/%s was not found", s.key.Namespace, s.spec.JobReference.Name)
	}
	return ""
}

func (s *snapshotPass) running() bool { return s.target != nil && s.target.st.Job.State == jobRunning }

// backoff is the time left until a failed snapshot is tried again: ten seconds,
// that is steps, doubled with every failure.
func (s *snapshotPass) backoff() time.Duration {
	failed, err := time.Parse(time.RFC3339Nano, s.st.ResultTimestamp)
	if s.st.Failures == 0 || err != nil {
		return 0
	}
	wait := 10 * s.step << min(s.st.Failures-1, 10)
	return time.Until(failed.Add(wait))
}

func (s *snapshotPass) abandon(ctx context.Context) error {
	kind, what := s.spec.JobReference.Kind, "savepoint"
	if s.spec.Checkpoint != nil {
		what = "checkpoint"
	}
	s.st.State = snapshotAbandoned
	s.st.Error = fmt.Sprintf("Secondary resource %s (%s) for %s %s is not running", s.spec.JobReference.Name, kind, what, s.key.Name)
	s.st.ResultTimestamp = time.Now().UTC().Format(time.RFC3339Nano)
	s.emit(ctx, s.obj, "Warning", "SnapshotAbandoned", "Snapshot", s.st.Error)
	return s.write(ctx)
}

// result ends a snapshot that was in progress.
func (s *snapshotPass) result(ctx context.Context) (time.Duration, error) {
	if s.spec.Checkpoint != nil {
		s.st.State, s.st.Path, s.st.Error = snapshotCompleted, s.target.checkpointNow(), ""
		return 0, s.write(ctx)
	}
	dir := s.spec.Savepoint.Path
	if dir == "" {
		dir = savepointDir(s.target.config)
	}
	cause := savepointFailure(s.target.faults, dir)
	if cause == "" {
		s.st.State, s.st.Path, s.st.Error = snapshotCompleted, newSavepointPath(dir, s.target.st.Job.JobID), ""
		return 0, s.write(ctx)
	}
	s.st.Failures++
	s.st.Error = newError(typeReconciliation, "SavepointError", "%s", wrappedCheckpointException+cause).document()
	s.emit(ctx, s.obj, "Warning", "SavepointError", "Snapshot", s.st.Error)
	s.st.State = snapshotPending
	if limit := s.spec.BackoffLimit; limit != nil && *limit >= 0 && s.st.Failures > *limit {
		s.st.State = snapshotFailed
	}
	// The labels keep their state when a snapshot fails.
	if err := s.writeStatus(ctx); err != nil || s.st.State == snapshotFailed {
		return 0, err
	}
	return max(s.backoff(), s.step), nil
}

// write puts the labels and then the status on the object.
func (s *snapshotPass) write(ctx context.Context) error {
	if err := s.writeLabels(ctx, s.st.State); err != nil {
		return err
	}
	return s.writeStatus(ctx)
}

func (s *snapshotPass) writeStatus(ctx context.Context) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(s.st)
	if err != nil {
		return fmt.Errorf("encode status of snapshot %s: %w", s.key, err)
	}
	_, err = s.api.writeStatus(ctx, snapshots, s.obj, content)
	return err
}

func (s *snapshotPass) writeLabels(ctx context.Context, state string) error {
	labels := map[string]string{labelSnapshotType: "SAVEPOINT", labelSnapshotState: state, labelTriggerType: triggerManual}
	if s.spec.Checkpoint != nil {
		labels[labelSnapshotType] = "CHECKPOINT"
	}
	if trigger := s.obj.GetLabels()[labelTriggerType]; trigger != "" {
		labels[labelTriggerType] = trigger
	}
	if s.target != nil {
		labels[labelJobKind], labels[labelJobName] = s.spec.JobReference.Kind, s.spec.JobReference.Name
	}
	next := map[string]string{}
	for k, v := range s.obj.GetLabels() {
		next[k] = v
	}
	for k, v := range labels {
		next[k] = v
	}
	if reflect.DeepEqual(next, s.obj.GetLabels()) {
		return nil
	}
	stored, err := s.api.patch(ctx, snapshots, s.key, map[string]any{"metadata": map[string]any{"labels": labels}})
	if err == nil {
		s.obj = stored
	}
	return err
}

// cleanUp lets a deleted snapshot go. One that never got a status never goes:
// the operator throws on it.
func (s *snapshotPass) cleanUp(ctx context.Context) (time.Duration, error) {
	if !slices.Contains(s.obj.GetFinalizers(), finalizer(snapshots)) {
		return 0, nil
	}
	if s.st == nil || s.st.State == snapshotInProgress {
		return s.interval(), nil
	}
	sp := s.spec.Savepoint
	dispose := sp != nil && (sp.DisposeOnDelete == nil || *sp.DisposeOnDelete) && s.spec.JobReference != nil && s.st.State == snapshotCompleted
	if dispose {
		if !s.running() {
			s.emit(ctx, s.obj, "Warning", "CleanupFailed", "Operator", "Cannot dispose of the savepoint, since its job is not running")
			return s.interval(), nil
		}
		s.world.deleteCheckpoint(s.st.Path)
	}
	finalizers := slices.DeleteFunc(s.obj.GetFinalizers(), func(f string) bool { return f == finalizer(snapshots) })
	err := s.api.setFinalizers(ctx, snapshots, s.obj, finalizers, nil)
	if apierrors.IsConflict(err) {
		s.snapshots.add(s.key)
		return 0, nil
	}
	return 0, err
}
