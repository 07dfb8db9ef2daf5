package operator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Savepoints takes savepoints through FlinkStateSnapshots, and through the
// trigger nonce of the job where the cluster does not serve them, which is so
// before operator 1.10. It implements platform.Savepoints and is safe for
// concurrent use.
type Savepoints struct {
	cluster Store
	// Names are what a platform calls the operator's kinds, for messages; a kind
	// without one keeps its own.
	Names map[string]string
}

var _ platform.Savepoints = (*Savepoints)(nil)

// NewSavepoints returns the savepoints of a cluster.
func NewSavepoints(cluster Store) *Savepoints { return &Savepoints{cluster: cluster} }

// SnapshotUID is the uid of the FlinkStateSnapshot that a receipt stands for, empty
// for one that stands for none.
func SnapshotUID(text string) string {
	if r, err := parseReceipt(text); err == nil && r.nonce == 0 {
		return r.uid
	}
	return ""
}

// SnapshotReceipt is the receipt that stands for the FlinkStateSnapshot with a uid.
func SnapshotReceipt(uid string) string { return receipt{uid: uid}.String() }

// called is the name of a kind in messages.
func (s *Savepoints) called(kind kube.Kind) string { return orElse(s.Names[kind.Kind], kind.Kind) }

// receipt is how a savepoint is found again: by the uid of its
// FlinkStateSnapshot, or by the nonce in the status of the job with a uid.
type receipt struct {
	nonce int64
	uid   string
}

// String is the receipt as the state keeps it.
func (r receipt) String() string {
	if r.nonce != 0 {
		return fmt.Sprintf("nonce/%d/%s", r.nonce, r.uid)
	}
	return "snapshot/" + r.uid
}

// parseReceipt reads a receipt. The empty text is any FlinkStateSnapshot.
func parseReceipt(text string) (receipt, error) {
	var r receipt
	if text == "" {
		return r, nil
	}
	kind, rest, _ := strings.Cut(text, "/")
	switch kind {
	case "snapshot":
		r.uid = rest
		return r, nil
	case "nonce":
		number, uid, _ := strings.Cut(rest, "/")
		nonce, err := strconv.ParseInt(number, 10, 64)
		if err == nil && nonce != 0 {
			return receipt{nonce: nonce, uid: uid}, nil
		}
	}
	return r, fmt.Errorf("the savepoint's receipt %q cannot be read", text)
}

// jobKind is the kind of the object that runs a job.
func jobKind(job platform.JobRef) kube.Kind {
	if job.Session {
		return sessionJobKind
	}
	return deploymentKind
}

// jobOf is the object that runs the job of a savepoint.
func jobOf(want platform.Savepoint) platform.Ref {
	return platform.Ref{Namespace: want.Namespace, Name: want.Job.Name}
}

// Read returns a savepoint as it is now. One that was taken by a nonce and is
// completed needs no request: there is no object of it, and its files do not
// depend on the job any more.
func (s *Savepoints) Read(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, err := parseReceipt(known.Receipt)
	switch {
	case err != nil:
		return nil, err
	case r.nonce != 0 && known.Location != "":
		known.State = platform.SavepointCompleted
		return &known, nil
	case r.nonce != 0:
		return s.readNonce(ctx, known, r)
	}
	object, err := s.cluster.Read(ctx, snapshotKind, keyOf(known.Ref))
	if err == nil && r.uid != "" && string(object.GetUID()) != r.uid {
		err = &kube.NotFoundError{Ref: kube.Ref{Kind: snapshotKind, Key: keyOf(known.Ref)}}
	}
	if isAbsent(err) && known.Location != "" && !known.Dispose {
		// The operator deletes files only with disposeOnDelete, so those of this
		// savepoint are where they were.
		logctx.From(ctx).InfoContext(ctx, "The savepoint is there and its object is not", "object", known.String(), "location", known.Location)
		known.State = platform.SavepointCompleted
		known.Owner = s.claimedByOwn(ctx, known)
		return &known, nil
	}
	if err != nil {
		return nil, s.absentSnapshot(err, known.Ref)
	}
	snapshot := snapshotOf(object)
	if err := snapshot.notManaged(); err != nil {
		return nil, err
	}
	observed := snapshot.observe()
	observed.Owner = s.claimedByOwn(ctx, *observed)
	return observed, nil
}

// Find returns a FlinkStateSnapshot that somebody else has made.
func (s *Savepoints) Find(ctx context.Context, ref platform.Ref, _ string) (*platform.ObservedSavepoint, error) {
	return s.Read(ctx, platform.ObservedSavepoint{Savepoint: platform.Savepoint{Ref: ref}})
}

// notManaged says why a FlinkStateSnapshot that somebody else made is none of
// those that Take makes: it is of a checkpoint, or has no job.
func (s snapshot) notManaged() error {
	summary := fmt.Sprintf("The %s %s is not a savepoint that Terraform can manage", snapshotKind.Kind, s.Ref)
	switch {
	case !s.isSavepoint:
		return &platform.RolloutError{Summary: summary, Detail: "It is a checkpoint, which belongs to its job: the operator cleans it up by itself. Leave it out of the configuration. " +
			"A path to restore from goes into job.initial_savepoint_path."}
	case s.Job.Name == "":
		return &platform.RolloutError{Summary: summary, Detail: "It names no job: it stands for a savepoint that was there before (spec.savepoint.alreadyExists), and there is nothing to take. Leave it out of the configuration, " +
			"and write its path into job.initial_savepoint_path of the job that starts from it."}
	}
	return nil
}

// absentSnapshot turns an answer about an absent FlinkStateSnapshot into the
// platform's error.
func (s *Savepoints) absentSnapshot(err error, ref platform.Ref) error {
	var absent *kube.NotFoundError
	if errors.As(err, &absent) {
		return &platform.NotFoundError{Kind: s.called(snapshotKind), Ref: ref}
	}
	return err
}

// Take asks for a savepoint when the job runs.
func (s *Savepoints) Take(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	want, err := s.ofActive(ctx, want)
	if err != nil {
		return nil, err
	}
	served, err := s.snapshotsServed(ctx, want.Ref)
	if err != nil {
		return nil, err
	}
	take := s.takeByNonce
	if served {
		take = s.takeSnapshot
	}
	taken, err := take(ctx, want)
	return taken, s.hushed(ctx, want, err)
}

// ofActive names the active color in a savepoint of a blue/green deployment.
func (s *Savepoints) ofActive(ctx context.Context, want platform.Savepoint) (platform.Savepoint, error) {
	if want.Job.Session {
		return want, nil
	}
	_, err := s.cluster.Get(ctx, deploymentKind, keyOf(jobOf(want)))
	if !isAbsent(err) {
		return want, err
	}
	found, err := locate(ctx, s.cluster.Get, jobOf(want), true)
	if err != nil || found == nil || found.active() == nil {
		return want, err
	}
	want.Job.Name = found.active().GetName()
	return want, nil
}

// snapshotsServed tells whether the cluster has FlinkStateSnapshots. The job
// exists, so the operator's definitions have been installed by now.
func (s *Savepoints) snapshotsServed(ctx context.Context, ref platform.Ref) (bool, error) {
	_, err := s.cluster.Get(ctx, snapshotKind, keyOf(ref))
	var absent *kube.NotFoundError
	var notServed *kube.NotServedError
	switch {
	case err == nil, errors.As(err, &absent):
		return true, nil
	case errors.As(err, &notServed):
		return false, nil
	}
	return false, err
}

// Await waits until a savepoint is completed.
func (s *Savepoints) Await(ctx context.Context, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	r, err := parseReceipt(known.Receipt)
	if err != nil {
		return &known, err
	}
	await := s.awaitSnapshot
	if r.nonce != 0 {
		await = s.awaitNonce
	}
	taken, err := await(ctx, known, r)
	return taken, s.hushed(ctx, taken.Savepoint, err)
}

// Change writes disposeOnDelete, which the operator reads when the
// FlinkStateSnapshot is deleted.
func (s *Savepoints) Change(ctx context.Context, known platform.ObservedSavepoint, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	if known.Dispose == want.Dispose {
		return &known, nil
	}
	r, err := parseReceipt(known.Receipt)
	switch {
	case err != nil:
	case r.nonce == 0:
		patch := patchOf(types.UID(r.uid)).Set(want.Dispose, "spec", "savepoint", "disposeOnDelete")
		_, err = s.cluster.MergePatch(ctx, snapshotKind, keyOf(known.Ref), patch)
		if isAbsent(err) && !want.Dispose {
			err = nil
		}
		err = s.absentSnapshot(err, known.Ref)
	case want.Dispose:
		err = cannotDispose(known.Savepoint)
	}
	if err == nil {
		known.Dispose = want.Dispose
	}
	return &known, err
}
