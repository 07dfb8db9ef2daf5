package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Phases of a statement, beside those of a compute pool. Others pass.
const (
	phaseCompleted = "COMPLETED"
	phaseStopped   = "STOPPED"
)

type statementSpec struct {
	Statement     string            `json:"statement"`
	Pool          string            `json:"computePoolName"`
	Properties    map[string]string `json:"properties,omitempty"`
	Configuration map[string]string `json:"flinkConfiguration,omitempty"`
	Parallelism   int64             `json:"parallelism,omitempty"`
	Stopped       bool              `json:"stopped"`
}

type statementStatus struct {
	Phase  string `json:"phase"`
	Detail string `json:"detail"`
	Traits struct {
		Kind string `json:"sqlKind"`
	} `json:"traits"`
}

// statements are the SQL statements of all environments. A statement that cannot be
// compiled is created all the same: its phase tells.
type statements struct {
	records[platform.Statement, statementSpec, statementStatus]
}

// Statements implements platform.SQL.
func (c *Client) Statements() platform.Objects[platform.Statement] {
	return explained[platform.Statement]{&statements{records[platform.Statement, statementSpec, statementStatus]{
		kind: kind[statementSpec, statementStatus]{
			client: c, name: "Statement", parent: "Environment",
			in: func(environment string) []string { return at("environments", environment, "statements") },
			// The server completes what is sent.
			same: func(found, sent statementSpec) bool {
				return found.Statement == sent.Statement && found.Pool == sent.Pool
			},
		},
		described: func(s platform.Statement) platform.Described { return s.Described },
		spec: func(_ context.Context, want platform.Statement) (statementSpec, error) {
			return statementSpec{
				Statement: want.SQL, Pool: want.Pool, Properties: want.Properties, Configuration: want.Configuration,
				Parallelism: want.Parallelism, Stopped: want.Stopped,
			}, nil
		},
		known: func(is platform.Described, spec statementSpec, status statementStatus) platform.Statement {
			return platform.Statement{
				Described: is, SQL: spec.Statement, Pool: spec.Pool, Properties: spec.Properties, Configuration: spec.Configuration,
				Parallelism: spec.Parallelism, Stopped: spec.Stopped, Phase: status.Phase, Detail: status.Detail, Kind: status.Traits.Kind,
			}
		},
	}}}
}

// Await implements platform.Objects: a statement runs, is stopped, or has come to its
// end. What was read before the last write counts for nothing, so it looks again.
func (s *statements) Await(ctx context.Context, known platform.Statement) (platform.Statement, error) {
	last, err := s.follow(ctx, known.Ref, func(seen object[statementSpec, statementStatus]) bool {
		return isSettled(seen.Spec, seen.Status.Phase)
	})
	if last.Metadata.Name != "" {
		known = s.of(known.Ref, last)
	}
	switch {
	case err == nil && known.Phase == phaseFailed:
		return known, s.broken(ctx, known)
	case errors.Is(err, context.DeadlineExceeded):
		return known, &platform.RolloutError{
			Waiting: true,
			Summary: fmt.Sprintf("The statement %q does not run in time", known.Name),
			Detail:  fmt.Sprintf("Its phase is %s. %s", known.Phase, details(known)),
		}
	}
	return known, err
}

// isSettled tells whether a statement is what it shall be, or cannot be that.
func isSettled(spec statementSpec, phase string) bool {
	switch phase {
	case phaseFailed, phaseCompleted:
		return true
	case phaseRunning:
		return !spec.Stopped
	case phaseStopped:
		return spec.Stopped
	}
	return false
}

// broken is the error of a statement that has failed, with what its job has thrown.
func (s *statements) broken(ctx context.Context, known platform.Statement) error {
	lines := []string{fmt.Sprintf("%s says that Statement %s is %s. %s", product, known.Ref, known.Phase, details(known))}
	answer, err := s.client.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: append(s.path(known.Ref), "exceptions")})
	var thrown struct {
		Data []struct {
			Name    string `json:"name"`
			Message string `json:"message"`
		} `json:"data"`
	}
	// That nothing was thrown, or is told, is no error of its own.
	if err == nil && json.Unmarshal(answer.Body, &thrown) == nil {
		for _, exception := range thrown.Data {
			message, _, _ := strings.Cut(exception.Message, "\n")
			lines = append(lines, fmt.Sprintf("  %s: %s", exception.Name, message))
		}
	}
	lines = append(lines, "A statement that has failed cannot be resumed. Correct the cause: the next apply deletes it and creates it again.")
	return &platform.RolloutError{Summary: fmt.Sprintf("The statement %q has failed: %s", known.Name, firstLine(known.Detail)), Detail: strings.Join(lines, "\n")}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return "the server does not say why"
	}
	return line
}

func details(s platform.Statement) string {
	if s.Detail == "" {
		return "It does not say why."
	}
	return "Its detail: " + s.Detail
}
