package confluent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// A hand-over has another statement go on from the savepoint of the one before:
//
//  1. the new one is created stopped, so that what cannot be compiled costs nothing,
//  2. the one before stops with a savepoint,
//  3. the new one starts from it, and proves that it works,
//  4. the one before is deleted.
//
// When the new one fails, it is deleted and the one before goes on from the savepoint,
// if it ran.
// Each step is found done by an apply that goes on after another was killed.

// beginHandOver creates the new statement, or finds the one that an earlier apply has
// created.
func (s *statements) beginHandOver(ctx context.Context, want platform.Statement, active statementObject, incoming *statementObject) (platform.Statement, error) {
	next := specOf(want)
	next.Stopped = true
	sent := s.object(want.Described, next)
	sent.Metadata.Name = successorName(want.Name, active.Metadata.Name)
	sent.Metadata.Annotations = beside(want.Annotations, nil, map[string]string{ownerAnnotation: ownerAfter(want.Name, active), sentAnnotation: sentAs(next)})
	if active.Spec.Stopped {
		sent.Metadata.Annotations[restsAnnotation] = "true"
	}
	// What others have said of the one before holds for the one after.
	sent.Spec.Schedule = active.Spec.Schedule
	if incoming != nil && incoming.Metadata.Annotations[sentAnnotation] != sentAs(next) {
		// It may have stopped the one before.
		if incoming.Metadata.Annotations[restsAnnotation] == "" {
			delete(sent.Metadata.Annotations, restsAnnotation)
		}
		if err := s.drop(ctx, want, active, *incoming); err != nil {
			return want, err
		}
		incoming = nil
	}
	if incoming == nil || incoming.Spec.Stopped {
		if err := s.handsOver(ctx, want, active); err != nil {
			return want, err
		}
	}
	if incoming == nil {
		created, err := s.create(ctx, on(want.Ref, sent), sent)
		if exists := (*platform.ExistsError)(nil); errors.As(err, &exists) {
			err = &platform.ExplainedError{
				Cause: fmt.Sprintf("the name %s is taken", sent.Metadata.Name), Err: err,
				Remedy: "The statement that goes on from the savepoint needs this name beside the one that runs. Nothing was changed. Give this resource another name, or delete that statement.",
			}
		}
		if err != nil {
			return want, err
		}
		incoming = &created
	}
	return s.wished(ctx, want, *incoming), nil
}

// sentAs is the fingerprint of a new statement.
func sentAs(spec statementSpec) string {
	spec.Statement = sql.Words(spec.Statement)
	text, _ := json.Marshal(spec)
	return fingerprint(string(text))
}

// drop deletes a statement that was to take over, unless it has.
func (s *statements) drop(ctx context.Context, want platform.Statement, active, incoming statementObject) error {
	if is := incoming.Metadata.Name; !incoming.Spec.Stopped && incoming.Status.Phase == sql.PhaseRunning && !want.AllowStateLoss {
		return changedSince(fmt.Sprintf("The statement %q runs, and would be deleted", is),
			fmt.Sprintf("An earlier apply has carried the state of %[1]s over to it, and has not come to its end. What it has done since would be lost. To keep that, apply the text that %[2]s has, and make this change after that. "+
				"To go back to the savepoint of %[1]s, set upgrade.allow_state_loss = true.", active.Metadata.Name, is), active)
	}
	return s.remove(ctx, on(want.Ref, incoming))
}

// handsOver is an error unless a statement has state that can be handed over.
func (s *statements) handsOver(ctx context.Context, want platform.Statement, active statementObject) error {
	is := active.Status.Phase
	seen := s.seen(ctx, want, active)
	mode := cmp.Or(want.Mode, seen.Mode)
	switch {
	case is == sql.PhaseFailed, is == sql.PhaseCompleted:
		return changedSince(fmt.Sprintf("The statement %q is %s", want.Name, is), "No savepoint can be taken of it, so its state cannot be carried over.", active)
	case active.Spec.Stopped && is != sql.PhaseStopped:
		// It was told to stop by an apply that did not come to its end.
		return nil
	case active.Spec.Stopped && seen.Savepoint != "":
		return nil
	case !active.Spec.Stopped && is != sql.PhaseRunning:
		return changedSince(fmt.Sprintf("The statement %q is %s", want.Name, is), "A savepoint can be taken of a job that runs, so its state cannot be carried over now.", active)
	}
	// What cannot be listed cannot be carried over.
	if _, err := s.savepointsOf(ctx, on(want.Ref, active)); err != nil {
		return err
	}
	switch {
	case mode == "" && want.AllowStateLoss:
		return nil
	case mode == "":
		return s.unsure(want, active)
	case active.Spec.Stopped || mode != flink.UpgradeSavepoint:
		return changedSince(fmt.Sprintf("The statement %q has no savepoint to hand over", want.Name),
			"The server stops it without a savepoint, unless its pool configures state.checkpoints.dir and state.savepoints.dir.", active)
	}
	return nil
}

// handOver goes on with a hand-over from where it is.
func (s *statements) handOver(ctx context.Context, want platform.Statement, active, incoming statementObject) (platform.Statement, error) {
	before, next := on(want.Ref, active), on(want.Ref, incoming)
	proof := prove.NewRunningJobProof(want.ProveFor, time.Now())
	switch {
	case !incoming.Spec.Stopped && incoming.Spec.StartFrom == nil && !want.AllowStateLoss:
		return s.back(ctx, want, before, incoming, runsAlready(next, incoming))
	case incoming.Spec.Stopped:
		if err := s.take(ctx, want, before, active, next); err != nil {
			return s.back(ctx, want, before, incoming, err)
		}
	}
	last, how, err := s.comes(ctx, next, proof)
	if err != nil {
		return s.back(ctx, want, before, incoming, err)
	}
	known := s.wished(ctx, want, last)
	known.Proof = how
	// It works, so the one before has done its part. Should this fail, the next apply
	// finds both, and goes on here.
	if err = s.remove(ctx, before); err != nil && ctx.Err() == nil {
		err = &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q works, and %q before it could not be deleted", next.Name, before.Name),
			Detail:  fmt.Sprintf("%s\nThe next apply tries it again.", explain(err)),
		}
	}
	return known, err
}

// take has the new statement start from the savepoint with which the one before stops.
func (s *statements) take(ctx context.Context, want platform.Statement, before platform.Ref, active statementObject, next platform.Ref) error {
	if _, err := s.compiled(ctx, next); err != nil {
		return err
	}
	var earlier map[string]statementSavepoint
	if !active.Spec.Stopped {
		var err error
		if earlier, err = s.savepointsOf(ctx, before); err != nil {
			return err
		}
	}
	stopped, err := s.stop(ctx, before, active, want.Mode)
	switch {
	case err != nil:
		return err
	case stopped.Status.Phase != sql.PhaseStopped:
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q does not stop", before.Name),
			Detail:  fmt.Sprintf("It was told to, and is %s. %s", stopped.Status.Phase, details(stopped.Status.Detail)),
		}
	}
	path, err := s.newestSavepoint(ctx, before, earlier)
	switch {
	case err != nil:
		return err
	case path == "" && !want.AllowStateLoss:
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q has stopped without a savepoint", before.Name),
			Detail:  fmt.Sprintf("%s lists no new savepoint of it, from which the new statement could start.", product),
		}
	}
	logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: the statement %s starts from %q", want.Ref, next.Name, path))
	return s.begin(ctx, want, next, path)
}

// failure is what has failed in a hand-over, nil where nothing has: the time was over, or
// the server away, and the next apply goes on from there.
func failure(cause error, next platform.Ref) *platform.RolloutError {
	if failed, is := errors.AsType[*platform.RolloutError](cause); is {
		if failed.Waiting {
			return nil
		}
		return failed
	}
	if absent, is := errors.AsType[*platform.NotFoundError](cause); is && absent.Ref == next {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q is gone", next.Name), Detail: "Somebody else has deleted it while it was to take over.",
		}
	}
	switch rest.Code(cause) {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return &platform.RolloutError{Summary: fmt.Sprintf("The server rejects a step in carrying the state over to %q", next.Name), Detail: cause.Error()}
	}
	return nil
}

// back ends a hand-over that has failed: the new statement goes, and the one before goes
// on if it ran.
func (s *statements) back(ctx context.Context, want platform.Statement, before platform.Ref, incoming statementObject, cause error) (platform.Statement, error) {
	next := on(want.Ref, incoming)
	failed := failure(cause, next)
	if failed == nil {
		return want, cause
	}
	if err := s.remove(ctx, next); err != nil {
		return want, errors.Join(failed, err)
	}
	ran := incoming.Metadata.Annotations[restsAnnotation] == ""
	now, err := s.get(ctx, before)
	if err == nil && now.Spec.Stopped && ran {
		if _, err = s.set(ctx, before, now, func(spec *statementSpec) { spec.Stopped = false }); err == nil {
			now, err = s.follow(ctx, before, reached)
		}
	}
	lines := []string{failed.Detail}
	rolledBack := err == nil && (!ran || now.Status.Phase == sql.PhaseRunning)
	switch {
	case rolledBack && !ran:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted, and %s is stopped as before: nothing is lost.", next.Name, before.Name))
	case rolledBack:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted, and %s runs as before: nothing is lost.", next.Name, before.Name))
	case err != nil:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted. %s could not be resumed: %s. It keeps its savepoint: apply again.", next.Name, before.Name, err))
	default:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted. %s was resumed and is %s. %s", next.Name, before.Name, now.Status.Phase, details(now.Status.Detail)))
	}
	known := s.wished(ctx, want, now)
	known.Stopped = now.Spec.Stopped
	return known, &platform.RolloutError{Summary: failed.Summary, Detail: strings.Join(lines, "\n"), RolledBack: rolledBack}
}
