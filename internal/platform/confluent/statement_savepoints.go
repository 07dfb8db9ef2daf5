package confluent

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// statementSavepoint is what the server tells of a savepoint of a statement.
type statementSavepoint struct {
	Metadata metadata        `json:"metadata"`
	Status   savepointStatus `json:"status"`
}

// savepointsOf returns the completed savepoints of a statement by name.
func (s *statements) savepointsOf(ctx context.Context, at platform.Ref) (map[string]statementSavepoint, error) {
	all, err := s.client.pages(ctx, append(s.path(at), "savepoints"), nil)
	if rest.Code(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]statementSavepoint{}
	for name, raw := range all {
		var savepoint statementSavepoint
		if err := json.Unmarshal(raw, &savepoint); err != nil {
			return nil, err
		}
		if savepoint.Status.State == completed && savepoint.Status.Path != "" {
			out[name] = savepoint
		}
	}
	return out, nil
}

// newestSavepoint is the path of the newest savepoint of a statement that is not among
// those of before; empty for none.
func (s *statements) newestSavepoint(ctx context.Context, at platform.Ref, before map[string]statementSavepoint) (string, error) {
	all, err := s.savepointsOf(ctx, at)
	path, newest := "", ""
	for name, savepoint := range all {
		// The timestamps of one server are all of one form.
		when := max(savepoint.Metadata.Created, savepoint.Status.Triggered)
		if _, known := before[name]; !known && when >= newest {
			path, newest = savepoint.Status.Path, when
		}
	}
	return path, err
}

// stop stops a statement, waits until it is, and returns the path of the savepoint with
// which it stopped; empty for none.
func (s *statements) stop(ctx context.Context, at platform.Ref, is statementObject) (string, error) {
	if is.Spec.Stopped {
		return s.newestSavepoint(ctx, at, nil)
	}
	before, err := s.savepointsOf(ctx, at)
	if err != nil {
		return "", err
	}
	if _, err := s.set(ctx, at, is, func(spec *statementSpec) { spec.Stopped = true }); err != nil {
		return "", err
	}
	stopped, err := s.follow(ctx, at, reached)
	switch {
	case err != nil:
		return "", err
	case stopped.Status.Phase != sql.PhaseStopped:
		return "", &platform.RolloutError{
			Summary: fmt.Sprintf("The statement %q does not stop", at.Name),
			Detail:  fmt.Sprintf("It was told to, and is %s. %s", stopped.Status.Phase, details(stopped.Status.Detail)),
		}
	}
	return s.newestSavepoint(ctx, at, before)
}

// set changes a part of a statement's specification.
func (s *statements) set(ctx context.Context, at platform.Ref, is statementObject, change func(*statementSpec)) (statementObject, error) {
	sent := is
	sent.Status = statementStatus{}
	sent.Metadata = metadata{Name: is.Metadata.Name, Labels: is.Metadata.Labels, Annotations: is.Metadata.Annotations}
	change(&sent.Spec)
	return s.replace(ctx, at, sent)
}

// onDestroySuffix makes the name of the statement that on_destroy has.
const onDestroySuffix = "-on-destroy"

// Delete implements platform.Objects. on_destroy comes first, while there is something
// in the state that says so: when it fails, the next destroy tries it again.
func (s *statements) Delete(ctx context.Context, known platform.Statement) error {
	ref := known.Ref
	active, incoming, err := s.locate(ctx, ref, s.fresh)
	if err != nil {
		return absentIsGone(err)
	}
	if incoming != nil {
		if err := s.remove(ctx, on(ref, *incoming)); err != nil {
			return err
		}
	}
	// A definition that has failed has defined nothing: what it names is somebody else's.
	defined := active.Status.Phase != sql.PhaseFailed || sql.KindOf(active.Spec.Statement) == sql.KindJob
	if known.OnDestroy != "" && defined {
		if err := s.onDestroy(ctx, known, *active); err != nil {
			return err
		}
	}
	return s.remove(ctx, on(ref, *active))
}

// onDestroy carries out what a statement asks for before it is deleted. Its job stops
// before, as it may write into what is dropped.
func (s *statements) onDestroy(ctx context.Context, known platform.Statement, active statementObject) error {
	if sql.KindOf(active.Spec.Statement) == sql.KindJob && !ended(active.Status.Phase) {
		if _, err := s.stop(ctx, on(known.Ref, active), active); err != nil {
			return err
		}
	}
	last := platform.Ref{Namespace: known.Namespace, Name: known.Name + onDestroySuffix}
	found, err := s.get(ctx, last)
	done := err == nil && sql.Words(found.Spec.Statement) == sql.Words(known.OnDestroy) && found.Status.Phase == sql.PhaseCompleted
	if absentIsGone(err) != nil {
		return err
	}
	if err == nil && !done {
		if err := s.remove(ctx, last); err != nil {
			return err
		}
	}
	if !done {
		spec := statementSpec{Statement: known.OnDestroy, Pool: active.Spec.Pool, Properties: active.Spec.Properties, Configuration: active.Spec.Configuration}
		if _, err := s.create(ctx, last, s.object(platform.Described{Ref: last}, spec)); err != nil {
			return err
		}
		if found, err = s.follow(ctx, last, reached); err != nil {
			return err
		}
	}
	if found.Status.Phase == sql.PhaseFailed {
		return &platform.RolloutError{
			Summary: fmt.Sprintf("on_destroy of the statement %q has failed: %s", known.Name, firstLine(found.Status.Detail)),
			Detail: strings.Join([]string{
				"Before the statement is deleted, this was carried out: " + known.OnDestroy, details(found.Status.Detail),
				"The statement was not deleted. Correct on_destroy, or take it out, apply that, and destroy again.",
			}, "\n"),
		}
	}
	return s.remove(ctx, last)
}
