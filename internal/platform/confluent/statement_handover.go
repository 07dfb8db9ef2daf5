package confluent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// A hand-over has another statement go on from the savepoint of the one before:
//
//  1. the new one is created stopped, so that what cannot be compiled costs nothing,
//  2. the one before stops with a savepoint,
//  3. the new one starts from it, and proves that it works,
//  4. the one before is deleted.
//
// When the new one fails, it is deleted and the one before goes on from the savepoint.
// Each step is found done by an apply that goes on after another was killed.

// beginHandOver creates the new statement, or finds the one that an earlier apply has
// created.
func (s *statements) beginHandOver(ctx context.Context, want platform.Statement, active statementObject, incoming *statementObject) (platform.Statement, error) {
	next := specOf(want)
	next.Stopped = true
	if incoming != nil && !takesOver(incoming.Spec, next) {
		if err := s.remove(ctx, on(want.Ref, *incoming)); err != nil {
			return want, err
		}
		incoming = nil
	}
	if incoming == nil {
		if err := s.handsOver(ctx, want, active); err != nil {
			return want, err
		}
		of := want.Described
		of.Name = successorName(want.Name, active.Metadata.Name)
		sent := s.object(of, next)
		sent.Metadata.Annotations = withOwner(want.Annotations, metadata{Annotations: map[string]string{ownerAnnotation: ownerAfter(want.Name, active)}})
		created, err := s.create(ctx, of.Ref, sent)
		if err != nil {
			return want, err
		}
		incoming = &created
	}
	return s.wished(ctx, want, *incoming), nil
}

// takesOver tells whether a statement is the one that is to take over. The server
// completes what is sent.
func takesOver(found, sent statementSpec) bool {
	said := func(of, in map[string]string) bool {
		for key, value := range of {
			if in[key] != value {
				return false
			}
		}
		return true
	}
	return sql.Words(found.Statement) == sql.Words(sent.Statement) && found.Pool == sent.Pool && max(found.Parallelism, 1) == max(sent.Parallelism, 1) &&
		said(sent.Properties, found.Properties) && said(sent.Configuration, found.Configuration)
}

// handsOver is an error unless a statement has state that can be handed over.
func (s *statements) handsOver(ctx context.Context, want platform.Statement, active statementObject) error {
	seen := s.seen(ctx, want.Ref, active)
	switch {
	case active.Spec.Stopped && seen.Savepoint != "":
		return nil
	case seen.Phase == sql.PhaseFailed, seen.Phase == sql.PhaseCompleted:
		return changedSince(fmt.Sprintf("The statement %q is %s", want.Name, seen.Phase), "No savepoint can be taken of it, so its state cannot be carried over.", active)
	case seen.Mode == "":
		return s.unsure(want, active)
	case active.Spec.Stopped || seen.Mode != flink.UpgradeSavepoint:
		return changedSince(fmt.Sprintf("The statement %q has no savepoint to hand over", want.Name),
			"The server stops it without a savepoint, unless its pool configures state.checkpoints.dir and state.savepoints.dir.", active)
	}
	return nil
}

// handOver goes on with a hand-over from where it is.
func (s *statements) handOver(ctx context.Context, want platform.Statement, active, incoming statementObject) (platform.Statement, error) {
	before, next := on(want.Ref, active), on(want.Ref, incoming)
	if incoming.Spec.Stopped {
		err := s.take(ctx, want, before, active, next)
		if err != nil {
			return s.back(ctx, want, before, next, err)
		}
	}
	last, how, err := s.comes(ctx, want, next)
	if err != nil {
		return s.back(ctx, want, before, next, err)
	}
	known := s.wished(ctx, want, last)
	known.Proof = how
	// It works, so the one before has done its part. Should this fail, the next apply
	// finds both, and goes on here.
	return known, s.remove(ctx, before)
}

// take has the new statement start from the savepoint with which the one before stops.
func (s *statements) take(ctx context.Context, want platform.Statement, before platform.Ref, active statementObject, next platform.Ref) error {
	if _, err := s.compiled(ctx, next); err != nil {
		return err
	}
	path, err := s.stop(ctx, before, active)
	if err != nil {
		return err
	}
	if path == "" {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q has stopped without a savepoint", before.Name),
			Detail:  fmt.Sprintf("%s lists no new savepoint of it, from which the new statement could start.", product),
		}
	}
	logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: the statement %s starts from %s", want.Ref, next.Name, path))
	return s.begin(ctx, want, next, path)
}

// back ends a hand-over that has failed: the new statement goes, and the one before goes
// on. When only the time was over, or the server away, nothing has failed, and the next
// apply goes on from here.
func (s *statements) back(ctx context.Context, want platform.Statement, before, next platform.Ref, cause error) (platform.Statement, error) {
	failed, is := errors.AsType[*platform.RolloutError](cause)
	if !is || failed.Waiting {
		return want, cause
	}
	if err := s.remove(ctx, next); err != nil {
		return want, errors.Join(cause, err)
	}
	now, err := s.get(ctx, before)
	if err == nil && now.Spec.Stopped {
		if _, err = s.set(ctx, before, now, func(spec *statementSpec) { spec.Stopped = false }); err == nil {
			now, err = s.follow(ctx, before, reached)
		}
	}
	lines := []string{failed.Detail}
	rolledBack := err == nil && now.Status.Phase == sql.PhaseRunning
	switch {
	case rolledBack:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted, and %s runs as before: nothing is lost.", next.Name, before.Name))
	case err != nil:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted. %s could not be resumed: %s. It keeps its savepoint: apply again.", next.Name, before.Name, err))
	default:
		lines = append(lines, fmt.Sprintf("The statement %s was deleted. %s was resumed and is %s. %s", next.Name, before.Name, now.Status.Phase, details(now.Status.Detail)))
	}
	return s.wished(ctx, want, now), &platform.RolloutError{Summary: failed.Summary, Detail: strings.Join(lines, "\n"), RolledBack: rolledBack}
}
