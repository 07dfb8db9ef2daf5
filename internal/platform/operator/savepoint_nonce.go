package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// triggerNonce is the field of spec.job whose new value makes the operator take
// a savepoint. The operator puts its result into the status of the job; see
// finding 43 of the recorded timelines. The deployment itself leaves the field
// out of what it applies, so that the two never argue about it: server-side
// apply keeps what the same field manager wrote in another way.
const triggerNonce = "savepointTriggerNonce"

// triggered is what a job's object says about savepoints that nonces trigger.
type triggered struct {
	// asked is the nonce of the specification, and answered the last that the
	// operator is done with, zero for none.
	asked, answered int64
	// locations are the savepoints that it remembers, by their nonce.
	locations map[int64]string
}

// triggeredOf reads status.jobStatus.savepointInfo, and from lastReconciledSpec
// the nonce, which the operator notes there when a savepoint is completed or
// given up.
func triggeredOf(object *unstructured.Unstructured) triggered {
	at := func(path ...string) any {
		value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
		return value
	}
	t := triggered{asked: fko.Integer(at("spec", "job", triggerNonce)), locations: map[int64]string{}}
	history, _ := at("status", "jobStatus", "savepointInfo", "savepointHistory").([]any)
	for _, item := range append(history[:len(history):len(history)], at("status", "jobStatus", "savepointInfo", "lastSavepoint")) {
		savepoint, _ := item.(map[string]any)
		location, _ := savepoint["location"].(string)
		if nonce := fko.Integer(savepoint["triggerNonce"]); nonce != 0 && location != "" {
			t.locations[nonce] = location
		}
	}
	var reconciled struct {
		Spec struct {
			Job struct {
				Nonce int64 `json:"savepointTriggerNonce"`
			} `json:"job"`
		} `json:"spec"`
	}
	text, _ := at("status", "reconciliationStatus", "lastReconciledSpec").(string)
	if json.Unmarshal([]byte(text), &reconciled) == nil {
		t.answered = reconciled.Spec.Job.Nonce
	}
	return t
}

// idle tells that the operator owes no savepoint.
func (t triggered) idle() bool { return t.asked == 0 || t.asked == t.answered }

// takeByNonce writes a new nonce. It waits for its turn: a nonce that replaces
// another before its savepoint is taken would leave that one without a result.
func (s *Savepoints) takeByNonce(ctx context.Context, want platform.Savepoint) (*platform.ObservedSavepoint, error) {
	switch {
	case want.Dispose:
		return nil, cannotDispose(want)
	case want.Directory != "":
		return nil, unsupported(want, "a directory of its own (path)", "Leave path out: the savepoint is written to the job's own directory, state.savepoints.dir.")
	}
	w := s.newWait(want)
	nonce := time.Now().UnixMilli()
	for {
		object, err := w.awaitJob(ctx, func(object *unstructured.Unstructured) bool {
			t := triggeredOf(object)
			return t.idle() || t.asked == nonce
		})
		if err != nil {
			return nil, err
		}
		if want, err = checkFormat(want, object); err != nil {
			return nil, err
		}
		if triggeredOf(object).asked != nonce {
			// The version makes sure that nobody else has written a nonce since.
			patch := patchOf(object.GetUID()).Set(object.GetResourceVersion(), "metadata", "resourceVersion").Set(nonce, "spec", "job", triggerNonce)
			_, err = s.cluster.MergePatch(ctx, jobKind(want.Job), keyOf(jobOf(want)), patch)
		}
		var conflict *kube.ServerError
		switch {
		case errors.As(err, &conflict) && conflict.Code == http.StatusConflict:
			continue
		case err != nil:
			return nil, err
		}
		return &platform.ObservedSavepoint{Savepoint: want, Receipt: receipt{nonce: nonce, uid: string(object.GetUID())}.String()}, nil
	}
}

// checkFormat returns the savepoint in the format that the operator uses for all
// savepoints of a job, which no other format may be wanted than.
func checkFormat(want platform.Savepoint, object *unstructured.Unstructured) (platform.Savepoint, error) {
	spec, err := fko.SpecOf(object)
	if err != nil {
		return want, err
	}
	has := configuredFormat(configurationIn(spec))
	if want.Format != "" && want.Format != has {
		return want, unsupported(want, "the format "+want.Format,
			fmt.Sprintf("The format of all savepoints of the job is %s. Set format = %q, or change the key %s in flink_configuration of the job.", has, has, flink.KeySavepointFormat))
	}
	want.Format = has
	return want, nil
}

func cannotDispose(want platform.Savepoint) error {
	return unsupported(want, "the deletion of a savepoint's files (dispose_on_destroy)", "Leave dispose_on_destroy out, and delete the files yourself when nobody needs them.")
}

// unsupported reports what only a FlinkStateSnapshot can do.
func unsupported(want platform.Savepoint, what, remedy string) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The operator in this cluster cannot take the savepoint %q with %s", want.Name, what),
		Detail:  fmt.Sprintf("The cluster does not serve %s, which the operator has from version 1.10 on. Nothing was written. %s", snapshotKind.Kind, remedy),
	}
}

// readNonce looks for the result of a nonce that was written.
func (s *Savepoints) readNonce(ctx context.Context, known platform.ObservedSavepoint, r receipt) (*platform.ObservedSavepoint, error) {
	ref := jobOf(known.Savepoint)
	object, err := s.cluster.Read(ctx, jobKind(known.Job), keyOf(ref))
	var absent *kube.NotFoundError
	if errors.As(err, &absent) || err == nil && string(object.GetUID()) != r.uid {
		return nil, &platform.NotFoundError{Kind: jobKind(known.Job).Kind, Ref: ref}
	}
	if err != nil {
		return nil, err
	}
	return withResult(known, triggeredOf(object), r.nonce), nil
}

// withResult returns a savepoint with the result of its nonce.
func withResult(known platform.ObservedSavepoint, t triggered, nonce int64) *platform.ObservedSavepoint {
	known.State = platform.SavepointPending
	switch location, ok := t.locations[nonce]; {
	case ok:
		known.State, known.Location = platform.SavepointCompleted, location
	case t.answered == nonce:
		known.State, known.Problem = platform.SavepointFailed, "The operator has given it up."
	case t.asked != nonce:
		known.State, known.Problem = platform.SavepointFailed, "Somebody asked for another savepoint before it was taken."
	}
	return &known
}

// awaitNonce waits for the result of a nonce.
func (s *Savepoints) awaitNonce(ctx context.Context, known platform.ObservedSavepoint, r receipt) (*platform.ObservedSavepoint, error) {
	w := s.newWait(known.Savepoint)
	kind, ref := jobKind(known.Job), jobOf(known.Savepoint)
	observed := &known
	var last fko.Status
	var failure error
	err := w.follow(ctx, kind, ref, func(object *unstructured.Unstructured) bool {
		if object == nil || string(object.GetUID()) != r.uid {
			observed.State = platform.SavepointFailed
			failure = w.fail(fmt.Sprintf("%s %s was deleted during the wait", kind.Kind, ref))
			return true
		}
		last = fko.StatusOf(object)
		t := triggeredOf(object)
		observed = withResult(known, t, r.nonce)
		switch observed.State {
		case platform.SavepointFailed:
			reason := w.reason(ctx, object, last, observed.Problem)
			failure = w.fail(reason, w.nonceEvidence(ctx, kind, ref, last, reason),
				"Check that the job's state.savepoints.dir can be written by its pods, and that its checkpoints succeed. Apply again to take another one.")
		case platform.SavepointPending:
			if failure = w.refuses(ctx, object, last); failure == nil && last.Error != nil && last.Error.IsValidation() && last.Observed < last.Generation {
				failure = w.withdraw(ctx, kind, ref, last, t.answered)
			}
			if failure != nil {
				observed.State = platform.SavepointFailed
			}
		default:
		}
		return observed.State != platform.SavepointPending
	})
	if err != nil {
		return observed, w.overdue(ctx, err, fmt.Sprintf("it is not done after %s", w.elapsed()), w.nonceEvidence(ctx, kind, ref, last),
			"It may still be completed: the operator takes it as soon as the job runs. Raise the timeout in timeouts if the job's state is large.")
	}
	return observed, failure
}

// withdraw takes a nonce back that the operator refuses, since it would refuse
// every other change of the job with it.
func (w *savepointWait) withdraw(ctx context.Context, kind kube.Kind, ref platform.Ref, last fko.Status, before int64) error {
	failure := w.fail(last.Error.Sentence(), "The operator refuses to take savepoints of the job. Correct its flink_configuration, usually by setting state.savepoints.dir, and apply again.")
	patch := patchOf(types.UID(last.UID)).Set(nil, "spec", "job", triggerNonce)
	if before != 0 {
		patch.Set(before, "spec", "job", triggerNonce)
	}
	if _, err := w.cluster.MergePatch(ctx, kind, keyOf(ref), patch); err != nil {
		failure.Detail = joinLines(failure.Detail, fmt.Sprintf("The request could not be withdrawn (%s): remove spec.job.%s of %s %s, or the operator refuses other changes too.", err, triggerNonce, kind.Kind, ref))
	}
	return failure
}

// reason is why the operator has given a savepoint up. It tells in an event that
// it has, and Flink knows why.
func (w *savepointWait) reason(ctx context.Context, object *unstructured.Unstructured, last fko.Status, otherwise string) string {
	kind := jobKind(w.want.Job)
	for _, e := range w.warnings(ctx, kind, w.want.Job.Name, last.UID) {
		if e.Reason == "SavepointError" {
			otherwise = wordsOf(e.Message)
			break
		}
	}
	return orElse(w.failedInFlink(ctx, object, last.JobID), otherwise)
}

// failedInFlink asks the JobManager why the newest savepoint of a job has
// failed (CheckpointingStatistics of Flink's REST API). It is best effort.
func (w *savepointWait) failedInFlink(ctx context.Context, object *unstructured.Unstructured, job string) string {
	spec, err := fko.SpecOf(object)
	if err != nil || job == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	manager := jobManagerOf(ctx, w.cluster, jobOf(w.want), spec)
	body, err := w.cluster.ServiceGet(ctx, manager.Namespace, restService(manager.Ref), manager.port, "/jobs/"+job+"/checkpoints")
	if err != nil {
		return ""
	}
	var answer struct {
		Latest struct {
			Failed *struct {
				IsSavepoint bool   `json:"is_savepoint"`
				Message     string `json:"failure_message"`
			} `json:"failed"`
		} `json:"latest"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Latest.Failed == nil || !answer.Latest.Failed.IsSavepoint {
		return ""
	}
	return flink.PlainException(answer.Latest.Failed.Message)
}

func (w *savepointWait) nonceEvidence(ctx context.Context, kind kube.Kind, ref platform.Ref, last fko.Status, told ...string) string {
	return joinLines(fmt.Sprintf("Waited %s for the savepoint of %s %s. Last seen: %s.", w.elapsed(), kind.Kind, ref, last),
		warningLines(w.warnings(ctx, kind, ref.Name, last.UID), told...), w.knownState(last))
}
