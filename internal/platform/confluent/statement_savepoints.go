package confluent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

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
		if _, gone := s.get(ctx, at); gone != nil {
			return nil, gone
		}
		return nil, &platform.ExplainedError{
			Cause: "the server lists no savepoints of statements", Err: fmt.Errorf("%s has statement %s, and answers 404 when it is asked for the savepoints of it", product, at),
			Remedy: "Its state cannot be carried over without. Nothing was changed. Upgrade the server, or set upgrade.carry_over = false.",
		}
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
	path, newest := "", time.Time{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		savepoint := all[name]
		when := timeOf(savepoint.Status.Triggered)
		if created := timeOf(savepoint.Metadata.Created); created.After(when) {
			when = created
		}
		if _, known := before[name]; !known && !when.Before(newest) {
			path, newest = savepoint.Status.Path, when
		}
	}
	return path, err
}

// stop stops a statement, in a mode where there is one, and waits until it is. Another
// apply may have told it to before.
func (s *statements) stop(ctx context.Context, at platform.Ref, is statementObject, mode string) (statementObject, error) {
	if !is.Spec.Stopped {
		if _, err := s.set(ctx, at, is, func(spec *statementSpec) { spec.Stopped, spec.Mode = true, cmp.Or(mode, spec.Mode) }); err != nil {
			return is, err
		}
	}
	last, err := s.follow(ctx, at, reached)
	return last, s.overdue(err, fmt.Sprintf("The statement %q does not stop in time", at.Name), last)
}

// set changes a part of a statement's specification.
func (s *statements) set(ctx context.Context, at platform.Ref, is statementObject, change func(*statementSpec)) (statementObject, error) {
	sent := is
	sent.Status = statementStatus{}
	sent.Metadata = metadata{Name: is.Metadata.Name, Labels: is.Metadata.Labels, Annotations: is.Metadata.Annotations}
	change(&sent.Spec)
	return s.replace(ctx, at, sent)
}
