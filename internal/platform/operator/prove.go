package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
)

// prover asks the JobManager of a rollout how its job does, and takes note of the
// answers. The questions are asked beside the wait, one at a time.
type prover struct {
	*prove.Proof

	// manager is where to ask, once that is known.
	manager *jobManager
	answers chan event
	asking  bool
	// again is when to ask next, zero for not by itself.
	again time.Time
	// mute tells that the JobManager may not be asked, told that this has been
	// said.
	mute, told bool
}

// heard is how a question to a JobManager ended.
type heard struct {
	prove.Execution
	manager jobManager
	err     error
}

// newProver returns the prover of a write whose wait begins.
func newProver(w write) *prover {
	want := prove.Want{For: w.proveFor, Began: time.Now()}
	want.Parallelism, want.Slots = rescaledTo(w)
	return &prover{Proof: prove.New(want), answers: make(chan event, 1)}
}

// holds takes note that the rolled-out rule holds at a time, for a job that runs
// or has finished.
func (p *prover) holds(at time.Time, status fko.Status) {
	p.Holds(at, status.JobState == flink.StateFinished)
}

// broken takes note of a status for which the rolled-out rule does not hold.
func (p *prover) broken(at time.Time, status fko.Status) {
	p.Broken(at, status.JobState == flink.StateRestarting || status.JobState == flink.StateFailing)
}

var _ prove.Refusal = (*kube.ServiceError)(nil)

// restOf is the REST API of a JobManager in a cluster.
func restOf(cluster Store, manager jobManager) prove.FlinkREST {
	return func(ctx context.Context, path string) ([]byte, error) {
		return cluster.ServiceGet(ctx, manager.Namespace, restService(manager.Ref), manager.port, path)
	}
}

// rescaledTo is the parallelism of each vertex, or the number of slots of a job in
// reactive mode, to which a write rescales the job where it runs; nil and zero where it
// does something else. Operators since 1.8 say at once that such a change is deployed,
// and Flink since 1.19 lets the job wait before it is rescaled (AdaptiveScheduler); the
// tasks of before complete checkpoints until then.
func rescaledTo(w write) (parallelism map[string]int, slots int64) {
	if w.change == nil || w.change.Rollout.Action != planner.ActionScaleInPlace {
		return nil, 0
	}
	slots, _ = fko.ReactiveSlots(w.change.Spec)
	return fko.Parallelism(w.change.Spec), slots
}

// source is where the answers come from.
func (p *prover) source(context.Context) <-chan event { return p.answers }

// proves tells whether the wait goes on until the version has proved itself.
func (r *rollout) proves() bool { return r.judge.Target().Want == fko.Running && r.proof.Asks() }

// deployed tells whether a status is about what was written, and there is a
// JobManager that can be asked about its job.
func (r *rollout) deployed() bool {
	s := r.last
	return s.Observed >= r.judge.Target().Generation && s.ReconciliationState == fko.ReconcileDeployed && s.JobID != "" && (s.JobManager == fko.ManagerReady || r.judge.Target().SessionJob)
}

// watchProof goes on with the proof after a verdict of the judge on the last
// status, and tells whether the wait is over.
func (r *rollout) watchProof(ctx context.Context, v fko.Verdict) bool {
	now := time.Now()
	if v.Progress == fko.Done {
		r.proof.holds(now, r.last)
		// The job may leave RUNNING once more.
		r.judge = fko.NewJudge(r.judge.Target())
	} else {
		r.proof.broken(now, r.last)
		r.readCause(ctx)
	}
	if r.proof.Unasked() {
		r.proof.again = now
	}
	return r.proved(ctx, now)
}

// readCause looks for the cause of a restart in what the operator tells, when the
// JobManager may not be asked.
func (r *rollout) readCause(ctx context.Context) {
	p := r.proof
	if !p.mute || !p.Unexplained() {
		return
	}
	cause := r.toldException(ctx)
	if f := r.last.Error; cause == "" && f != nil && f.Reason == "" && f.Sentence() != r.write.inherited {
		// One with a reason is about a pod.
		cause = f.Sentence()
	}
	p.Explained(cause)
}

// proved ends the wait when the proof is there, or will not come.
func (r *rollout) proved(ctx context.Context, now time.Time) bool {
	switch v := r.proof.At(now); v.Progress {
	case prove.Done:
		r.outcome.proof = v.How
		logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: proved: %s", r.ref, v.How), "proof", v.How, "job_id", r.last.JobID)
		return true
	case prove.Failed:
		r.outcome.canRollBack, r.outcome.ran = true, true
		r.outcome.err = r.unproved(ctx, v.How)
		return true
	default:
		return false
	}
}

// ask sends the next question, unless one is under way or it is too early.
func (r *rollout) ask(ctx context.Context, now time.Time) {
	p := r.proof
	if !r.proves() || p.mute || p.asking || !r.deployed() || now.Before(p.again) {
		return
	}
	p.asking = true
	job, known := r.last.JobID, p.manager
	cluster, ref, spec := r.deployments.cluster, r.ref, r.write.applied
	go func() {
		answer := heard{}
		if known != nil {
			answer.manager = *known
		} else {
			answer.manager = jobManagerOf(ctx, cluster, ref, spec)
		}
		answer.Execution, answer.err = prove.Ask(ctx, restOf(cluster, answer.manager), job)
		p.answers <- event{answer: &answer}
	}()
}

// hear takes note of an answer, and tells whether the wait is over.
func (r *rollout) hear(ctx context.Context, answer heard) bool {
	p, now := r.proof, time.Now()
	p.asking, p.manager = false, &answer.manager
	switch {
	case answer.err == nil && answer.Job != r.last.JobID, answer.err != nil && !r.deployed():
		// Another execution has taken its place meanwhile.
	case answer.err == nil:
		p.Answer(now, answer.Execution)
	default:
		p.Unanswered(now)
		p.mute = mayNotAsk(answer.err)
		r.readCause(ctx)
		if !p.told && (p.mute || p.RolledOut()) {
			p.told = true
			logctx.From(ctx).InfoContext(ctx, fmt.Sprintf("%s: the JobManager cannot be asked, so the status alone has to prove that the job runs", r.ref), "error", answer.err.Error())
		}
	}
	p.again = p.NextAsk(now)
	return r.proved(ctx, now)
}

// mayNotAsk tells that the access rules do not allow the question, which no time
// heals.
func mayNotAsk(err error) bool {
	var refused *kube.ServiceError
	var denied *kube.DeniedError
	return errors.As(err, &denied) || errors.As(err, &refused) && refused.Code == http.StatusForbidden
}

// nextLook is when the wait has something to do without news, zero for never.
func (r *rollout) nextLook(now time.Time) time.Time {
	next, p := r.judge.Next(), r.proof
	earliest := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if r.write.grace > 0 && !p.Ran() {
		earliest(r.began.Add(r.write.grace))
	}
	if !r.proves() {
		return next
	}
	if !p.mute && !p.asking && r.deployed() {
		earliest(p.again)
	}
	if look := p.NextLook(now); !look.IsZero() {
		earliest(look)
	}
	return next
}

// unproved says why a version that came to run does not work.
func (r *rollout) unproved(ctx context.Context, cause string) error {
	headline := cause
	if r.proof.Cause() == "" {
		headline = orElse(r.toldException(ctx), cause)
	}
	r.outcome.facts = joinLines(r.waited(headline), r.evidence(ctx, headline))
	r.outcome.afterwards = fmt.Sprintf("Correct the job or its arguments and apply again. A job that needs more than one attempt to start is taken with upgrade.prove_for = %q.", "0s")
	return &platform.RolloutError{
		Summary: r.subject() + ": " + headline,
		Detail:  joinLines(r.outcome.facts, r.outcome.afterwards, r.stateLine()),
	}
}

// toldException is the newest exception of the job that the operator has made an
// event of, which it does since 1.13; empty for none.
func (r *rollout) toldException(ctx context.Context) string {
	words, cancel := lastWords(ctx)
	defer cancel()
	events, err := r.deployments.cluster.Events(words, r.ref.Namespace, kube.Involved{Kind: r.deployments.kind.Kind, Name: r.ref.Name})
	if err != nil {
		return ""
	}
	for _, e := range events {
		if e.Reason == "JobException" && e.Object.Name == r.ref.Name && !e.Last.Before(r.began.Add(-clockSkew)) {
			return flink.RootCause(e.Message)
		}
	}
	return ""
}
