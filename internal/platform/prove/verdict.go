package prove

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Progress is how far a proof has come.
type Progress int

const (
	// Waiting means that the proof is open.
	Waiting Progress = iota
	// Done means that the version works.
	Done
	// Failed means that it does not.
	Failed
)

func (p Progress) String() string { return [...]string{"waiting", "done", "failed"}[p] }

// Verdict is what a proof makes of all it has heard.
type Verdict struct {
	Progress
	// How is the proof in words when it is Done, which are those of the attribute
	// status.proof, and the cause when it has Failed.
	How string
}

const (
	provedByCheckpoint = "first checkpoint completed"
	provedByEnd        = "finished"
)

// unknownRestart is the cause of a failure when all that is known is the status.
const unknownRestart = "the job restarts"

// ranFor is the proof of a job that ran for some time.
func ranFor(d time.Duration) string {
	if d%time.Second == 0 && d < 2*time.Minute {
		return fmt.Sprintf("ran for %d s", int(d.Seconds()))
	}
	return "ran for " + d.String()
}

// At returns the verdict at a time. One other than Waiting stays.
func (p *Proof) At(at time.Time) Verdict {
	if p.verdict.Progress != Waiting || p.rolledOut.IsZero() || p.Unexplained() {
		return p.verdict
	}
	due, byStatus := p.due(at)
	switch {
	case p.finished:
		p.verdict = Verdict{Done, provedByEnd}
	case p.checkpoint:
		p.verdict = Verdict{Done, provedByCheckpoint}
	case due.IsZero() || at.Before(due):
	case byStatus || !p.heard.Before(due):
		// What happened until then has been asked for.
		p.verdict = Verdict{Done, ranFor(p.want.For)}
	}
	return p.verdict
}

// due is when the job will have run for long enough, zero while it does not run.
// A JobManager that has been heard and is silent leaves the status.
func (p *Proof) due(at time.Time) (due time.Time, byStatus bool) {
	switch {
	case p.heard.IsZero():
		return p.rolledOut.Add(p.want.For), true
	case at.Sub(p.heard) > silence:
		return later(p.rolledOut, p.heard).Add(p.want.For), true
	case p.running.IsZero():
		return time.Time{}, false
	}
	return p.running.Add(p.want.For), false
}

// RolledOut tells whether the last status has the version rolled out.
func (p *Proof) RolledOut() bool { return !p.rolledOut.IsZero() }

// Ran tells whether any status has had it rolled out.
func (p *Proof) Ran() bool { return p.ran }

// Unasked tells that something has changed since the JobManager was asked last.
func (p *Proof) Unasked() bool { return p.asked == 0 }

// NextAsk is when to ask the JobManager again that was asked now.
func (p *Proof) NextAsk(now time.Time) time.Time {
	wait := laterAsk
	if p.RolledOut() && p.asked < 6 {
		wait = min(laterAsk, firstAsk<<p.asked)
	}
	next := now.Add(wait)
	if due, _ := p.due(now); p.RolledOut() && due.After(now) && due.Before(next) {
		next = due
	}
	return next
}

// NextLook is when the verdict may change without another answer, zero for never.
func (p *Proof) NextLook(now time.Time) time.Time {
	if !p.RolledOut() {
		return time.Time{}
	}
	if due, byStatus := p.due(now); byStatus {
		return due
	}
	return p.heard.Add(silence + time.Millisecond)
}

// Cause is why the job restarted last, empty where it did not or nobody knows.
func (p *Proof) Cause() string { return p.latest }

// Missing says at the end of a wait what is not proved.
func (p *Proof) Missing() string {
	switch {
	case p.restarts > 0 && p.latest != "":
		return "the job restarts: " + p.latest
	case len(p.notRescaled()) > 0:
		return "the job has not been rescaled, perhaps for want of slots: " + strings.Join(p.notRescaled(), "; ")
	case p.last.State == flink.StateRunning && !p.last.tasksRun():
		return fmt.Sprintf("%d of its tasks do not run yet", p.last.pending()+p.last.Tasks["CREATED"])
	}
	return fmt.Sprintf("neither has its first checkpoint completed nor has it run for %s without a restart (upgrade.prove_for)", p.want.For)
}
