package confluent

import (
	"context"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// What on_destroy has is carried out while its statement is there, so that a destroy
// that fails is tried again. It stays on the server until the server has begun to delete
// its statement, so that it is not carried out twice: a table that is dropped cannot be
// dropped. It goes before the statement is gone, as Terraform then asks for nothing more.

// Delete implements platform.Objects.
func (s *statements) Delete(ctx context.Context, known platform.Statement) error {
	ref := known.Ref
	active, incoming, err := s.locate(ctx, ref, s.fresh)
	switch {
	case absentIsGone(err) != nil:
		return err
	case err != nil:
		return s.forget(ctx, ref)
	}
	if incoming != nil {
		if err := s.remove(ctx, on(ref, *incoming)); err != nil {
			return err
		}
	}
	if known.OnDestroy != "" && endsWith(*active) {
		if err := s.onDestroy(ctx, known, *active); err != nil {
			return err
		}
	}
	begun, err := s.beginRemove(ctx, on(ref, *active))
	if err == nil {
		err = s.forget(ctx, ref)
	}
	if err != nil || !begun {
		return err
	}
	last, err := s.gone(ctx, on(ref, *active))
	return s.overdue(err, fmt.Sprintf("The statement %q is not gone in time", ref.Name), last)
}

// endsWith tells whether something is to be carried out before a statement is deleted. A
// definition that has failed has defined nothing, or a table AS a query at most: what it
// names may be somebody else's, for which it has failed. Of one that is being deleted it
// was carried out, or nobody asked for it.
func endsWith(is statementObject) bool {
	switch is.Status.Phase {
	case sql.PhaseDeleting:
		return false
	case sql.PhaseFailed:
		return sql.KindOf(is.Spec.Statement) == sql.KindJob && !sql.Defines(is.Spec.Statement)
	}
	return true
}

// last is where the statement is that on_destroy of a resource has.
func last(ref platform.Ref) platform.Ref {
	return platform.Ref{Namespace: ref.Namespace, Name: nameWith(ref.Name, onDestroySuffix)}
}

// forget deletes the statement that on_destroy of a resource has left.
func (s *statements) forget(ctx context.Context, ref platform.Ref) error {
	found, ours, err := s.ends(ctx, ref)
	if err != nil || !ours {
		return err
	}
	return s.remove(ctx, on(ref, found))
}

// ends finds the statement that on_destroy of a resource has, and tells whether it is
// there and the resource's own.
func (s *statements) ends(ctx context.Context, ref platform.Ref) (statementObject, bool, error) {
	at := last(ref)
	if s.lacks(ctx, at) {
		return statementObject{}, false, nil
	}
	found, err := s.get(ctx, at)
	if err != nil {
		return found, false, absentIsGone(err)
	}
	owner, _, _ := strings.Cut(found.Metadata.Annotations[endsAnnotation], "/")
	return found, owner == ref.Name, nil
}

// onDestroy carries out what a statement asks for before it is deleted. Its job stops
// before, as it may write into what is dropped.
func (s *statements) onDestroy(ctx context.Context, known platform.Statement, active statementObject) error {
	if mayRun(active.Spec.Statement) && !ended(active.Status.Phase) {
		if _, err := s.stop(ctx, on(known.Ref, active), active, ""); err != nil {
			return err
		}
	}
	of := known.Name + "/" + active.Metadata.UID
	found, ours, err := s.ends(ctx, known.Ref)
	switch {
	case err != nil:
		return err
	case found.Metadata.Name != "" && !ours:
		return &platform.RolloutError{
			Summary: fmt.Sprintf("on_destroy of the statement %q cannot be carried out", known.Name),
			Detail: fmt.Sprintf("It is carried out as the statement %s, and there is one of this name, which is somebody else's. The statement was not deleted. "+
				"Delete that one, or take on_destroy out, apply that, and destroy again.", found.Metadata.Name),
		}
	case ours && (found.Metadata.Annotations[endsAnnotation] != of || sql.Words(found.Spec.Statement) != sql.Words(known.OnDestroy)):
		if err := s.remove(ctx, on(known.Ref, found)); err != nil {
			return err
		}
		ours = false
	}
	at := last(known.Ref)
	if !ours {
		sent := s.object(platform.Described{Ref: at, Annotations: map[string]string{endsAnnotation: of}}, statementSpec{
			Statement: known.OnDestroy, Pool: active.Spec.Pool, Properties: active.Spec.Properties, Configuration: active.Spec.Configuration,
		})
		if _, err := s.create(ctx, at, sent); err != nil {
			return err
		}
	}
	found, err = s.follow(ctx, at, func(o statementObject) bool { return ended(o.Status.Phase) })
	if err != nil {
		return s.overdue(err, fmt.Sprintf("on_destroy of the statement %q does not come to its end in time", known.Name), found)
	}
	if found.Status.Phase == sql.PhaseCompleted {
		return nil
	}
	detail := []string{
		"Before the statement is deleted, this was carried out: " + known.OnDestroy, details(found.Status.Detail),
		"The statement was not deleted. Correct on_destroy, or take it out, apply that, and destroy again.",
	}
	// The next destroy tries it again.
	if err := s.remove(ctx, at); err != nil {
		detail = append(detail, fmt.Sprintf("The statement %s could not be deleted: %s", at.Name, err))
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("on_destroy of the statement %q has failed: %s", known.Name, firstLine(found.Status.Detail)),
		Detail:  strings.Join(detail, "\n"),
	}
}
