package confluent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// ended tells whether a statement runs no job any more.
func ended(phase string) bool {
	return phase == sql.PhaseCompleted || phase == sql.PhaseFailed || phase == sql.PhaseStopped || phase == sql.PhaseDeleting
}

// reached tells whether a statement is what its specification says, or cannot be that.
func reached(o statementObject) bool {
	switch o.Status.Phase {
	case sql.PhaseFailed, sql.PhaseCompleted:
		return true
	case sql.PhaseRunning:
		return !o.Spec.Stopped
	case sql.PhaseStopped:
		return o.Spec.Stopped
	}
	return false
}

// Await implements platform.Objects: a statement runs and has proved that it works, is
// stopped, or has come to its end. What was read before the last write counts for
// nothing, so it looks again.
func (s *statements) Await(ctx context.Context, want platform.Statement) (platform.Statement, error) {
	active, incoming, err := s.locate(ctx, want.Ref, s.fresh)
	if err != nil {
		return want, err
	}
	at := on(want.Ref, *active)
	switch {
	case want.Leaves:
		return s.wished(ctx, want, *active), nil
	case want.HandsOver && incoming != nil:
		return s.handOver(ctx, want, *active, *incoming)
	case want.HandsOver && (at.Name != want.On || active.Spec.Stopped):
		return s.wished(ctx, want, *active), &platform.RolloutError{
			Summary: fmt.Sprintf("The state of the statement %q was not carried over", want.Name),
			Detail:  fmt.Sprintf("Of the two statements, %s alone is still there: somebody else has deleted the other one meanwhile. It is %s. Plan again with a refresh.", at.Name, active.Status.Phase),
		}
	}
	if active.Spec.Stopped && !want.Stopped && want.SavepointPath != "" {
		if err := s.begin(ctx, want, at, want.SavepointPath); err != nil {
			return s.wished(ctx, want, *active), err
		}
	}
	last, how, err := s.comes(ctx, at, prove.NewJobProof(want.ProveFor, want.Written))
	if last.Metadata.Name == "" {
		last = *active
	}
	known := s.wished(ctx, want, last)
	known.Proof = how
	return known, err
}

// begin starts a statement that was created stopped from a path; from none where that is
// empty.
func (s *statements) begin(ctx context.Context, want platform.Statement, at platform.Ref, path string) error {
	is, err := s.compiled(ctx, at)
	if err != nil {
		return err
	}
	_, err = s.set(ctx, at, is, func(spec *statementSpec) {
		if spec.Stopped = false; path != "" {
			spec.StartFrom = startFrom(want, spec.StartFrom, path)
		}
	})
	return err
}

// compiled waits until a statement that was created stopped is. One that runs instead
// has begun without the state that it was to start from.
func (s *statements) compiled(ctx context.Context, at platform.Ref) (statementObject, error) {
	is, err := s.follow(ctx, at, func(o statementObject) bool { return reached(o) || o.Status.Phase == sql.PhaseRunning })
	switch {
	case err != nil:
		return is, s.overdue(err, fmt.Sprintf("The statement %q is not compiled in time", at.Name), is)
	case is.Status.Phase == sql.PhaseFailed:
		return is, s.broken(ctx, at, is)
	case is.Status.Phase != sql.PhaseStopped:
		return is, runsAlready(at, is)
	}
	return is, nil
}

// runsAlready is the error of a statement that the server did not create stopped.
func runsAlready(at platform.Ref, is statementObject) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The statement %q cannot be started from a savepoint", at.Name),
		Detail:  fmt.Sprintf("It was created with stopped = true, as the server takes a savepoint only of a statement that it has, and is %s all the same.", is.Status.Phase),
	}
}

// comes waits until a statement is what it shall be, and its job has proved that it
// works; how says by what.
func (s *statements) comes(ctx context.Context, at platform.Ref, proof *prove.JobProof) (last statementObject, how string, err error) {
	var proved prove.Verdict
	flink := s.client.flink(at.Namespace, "statements", at.Name)
	last, err = s.follow(ctx, at, func(o statementObject) bool {
		if o.Spec.Stopped || ended(o.Status.Phase) || !proof.Asks() || sql.KindOf(o.Spec.Statement) != sql.KindJob {
			return reached(o)
		}
		proved = proof.Look(ctx, o.Status.Phase == sql.PhaseRunning, flink)
		return proved.Progress != prove.Waiting
	})
	late := fmt.Sprintf("The statement %q does not run in time", at.Name)
	switch {
	case err == nil && last.Status.Phase == sql.PhaseFailed:
		err = s.broken(ctx, at, last)
	case proved.Progress == prove.Failed:
		err = &platform.RolloutError{
			Summary: fmt.Sprintf("The job of the statement %q does not work: %s", at.Name, proved.How),
			Detail: fmt.Sprintf("The statement is %s, and its job throws: %s\nCorrect the statement or its tables. A job that needs more than one attempt to start is taken with upgrade.prove_for = %q.",
				last.Status.Phase, proved.How, "0s"),
		}
	case err == nil && last.Status.Phase == sql.PhaseCompleted:
		how = "finished"
	case err == nil:
		how = proved.How
	case last.Spec.Stopped:
		err = s.overdue(err, fmt.Sprintf("The statement %q does not stop in time", at.Name), last)
	case last.Status.Phase == sql.PhaseRunning:
		err = s.overdue(err, late, last, "It runs and has not proved that it works: "+proof.Missing()+".")
	default:
		err = s.overdue(err, late, last)
	}
	return last, how, err
}

// overdue gives the end of a wait's time a summary and the cause. Other errors stay.
func (s *statements) overdue(err error, summary string, last statementObject, why ...string) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &platform.RolloutError{
		Waiting: true, Summary: summary,
		Detail: strings.Join(append([]string{fmt.Sprintf("Its phase is %s. %s", last.Status.Phase, details(last.Status.Detail))}, why...), "\n"),
	}
}

// broken is the error of a statement that has failed, with what its job has thrown.
func (s *statements) broken(ctx context.Context, at platform.Ref, last statementObject) error {
	lines := []string{fmt.Sprintf("%s says that Statement %s is %s. %s", product, at, last.Status.Phase, details(last.Status.Detail))}
	answer, err := s.client.rest.Do(ctx, rest.Request{Method: http.MethodGet, Path: append(s.path(at), "exceptions")})
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
	lines = append(lines, "A statement that has failed cannot be resumed.")
	return &platform.RolloutError{Summary: fmt.Sprintf("The statement %q has failed: %s", at.Name, firstLine(last.Status.Detail)), Detail: strings.Join(lines, "\n")}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return "the server does not say why"
	}
	return line
}

func details(detail string) string {
	if detail == "" {
		return "It does not say why."
	}
	return "Its detail: " + detail
}

// changedSince refuses a change that its plan knew less of.
func changedSince(summary, detail string, active statementObject) error {
	return &platform.RolloutError{
		Summary: summary,
		Detail:  fmt.Sprintf("%s\nThe plan did not know of this. Seen now: Statement %s is %s. Nothing was written. Plan again with a refresh.", detail, active.Metadata.Name, active.Status.Phase),
	}
}

// unsure refuses a change about which nobody can tell what it does to the state.
func (s *statements) unsure(want platform.Statement, active statementObject) error {
	return changedSince(fmt.Sprintf("Nobody can tell whether the state of statement %q would be kept", want.Name),
		fmt.Sprintf("The server stops a statement with a savepoint where its pool has state.checkpoints.dir and state.savepoints.dir, and the pool %q, or its environment, cannot be read. "+
			"Grant these credentials that. To accept that the state may be lost, set upgrade.allow_state_loss = true.", active.Spec.Pool), active)
}
