package operator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// This file decides whether a version that was rolled out also works. A job may
// come up and throw on its first records, and its restart strategy then starts it
// again for ever, while the operator says STABLE. It is pure: times and answers
// come from the caller.

// execution is what a JobManager says about one job at one moment. All times are
// by the JobManager's own clock.
type execution struct {
	// Job is the job's id, and State its state (org.apache.flink.api.common.JobStatus).
	Job, State string
	// Now is when the JobManager answered, and Started when it took the job up;
	// zero for what was not told.
	Now, Started time.Time
	// Tasks are the numbers of tasks by their state (ExecutionState).
	Tasks map[string]int
	// Parallelism is that of each vertex of the job graph, by its hexadecimal id, and
	// MaxParallelism how much it can become, zero where that is not told.
	Parallelism, MaxParallelism map[string]int
	// Checkpoint is when the newest completed checkpoint was triggered, zero for
	// none since the JobManager took the job up, and Restored when the tasks were
	// restored last, zero for never.
	Checkpoint, Restored time.Time
	// Failures are the exceptions that restarted or ended the job, as far as the
	// JobManager remembers them, oldest first.
	Failures []jobException
}

// jobException is one entry of a job's exception history.
type jobException struct {
	At time.Time
	// Cause is the deepest cause of the stack trace, class and message.
	Cause string
}

// tasksRun tells whether the job's tasks do their work. Flink says RUNNING of a
// job whose tasks still wait for TaskManagers or restore their state. A batch job
// starts its tasks one after the other.
func (e execution) tasksRun() bool {
	runs, pending := e.Tasks["RUNNING"]+e.Tasks["FINISHED"], e.pending()
	inTurns := e.Tasks["CREATED"]+e.Tasks["FINISHED"] > 0
	return len(e.Tasks) == 0 || runs > 0 && (pending == 0 || inTurns)
}

func (e execution) pending() int {
	return e.Tasks["SCHEDULED"] + e.Tasks["DEPLOYING"] + e.Tasks["INITIALIZING"]
}

// Words for a proof, which are the attribute status.proof.
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

const (
	// forgivenRestarts is how many restarts a version survives that were caused by
	// the cluster and not by the job.
	forgivenRestarts = 2
	// silence is how long a JobManager that has answered before may say nothing
	// until the status is believed alone.
	silence = 15 * time.Second
	// firstAsk and laterAsk bound the time between two questions to a JobManager,
	// which doubles from the one to the other.
	firstAsk, laterAsk = 200 * time.Millisecond, 5 * time.Second
)

// byTheCluster matches causes of restarts that say nothing about the job: a
// TaskManager or the connection to one was lost, or there was none in time, so that
// its slots were given back (TaskExecutor.closeJobManagerConnectionIfNoAllocatedResources).
// All are thrown by Flink's runtime.
var byTheCluster = regexp.MustCompile(`\b(NoResourceAvailableException|RemoteTransportException|LocalTransportException|PartitionNotFoundException|SlotNotFoundException)\b` +
	`|Heartbeat of TaskManager with id|TaskManager with id \S+ is no longer reachable|TaskExecutor is shutting down|The assigned slot \S+ was removed|has no more allocated slots for job|Disconnect from JobManager`)

// verdictOfProof is what a proof makes of all it has heard.
type verdictOfProof struct {
	fko.Progress
	// How is the proof in words when it is Done, and the cause when it has Failed.
	How string
}

// proof collects what shows that a version works. Its caller tells it when the
// rolled-out rule holds, and what the JobManager answers.
type proof struct {
	// need is how long the job must run without a restart when no checkpoint
	// completes first; zero asks for nothing.
	need time.Duration
	// parallelism is what each vertex shall have before the proof begins, by its
	// hexadecimal id; empty for any. A vertex that the job does not have is left out.
	parallelism map[string]int
	// slots is how many slots each vertex shall take before the proof begins, as far as
	// its max parallelism allows; zero for any.
	slots int64
	// began is when the wait began. What happened before is of an earlier
	// execution.
	began time.Time

	// rolledOut is since when the rolled-out rule holds, zero while it does not,
	// and ran tells that it has held.
	rolledOut time.Time
	ran       bool
	// finished tells that the job came to its end by itself.
	finished bool

	// job and started tell one execution from another.
	job     string
	started time.Time
	// running is since when the job and its tasks are known to run by the
	// JobManager, zero while they do not.
	running time.Time
	// heard is when the JobManager answered last, zero for never, and asked how
	// often it was asked since something changed.
	heard time.Time
	asked int
	// checkpoint tells that one has completed since the job runs.
	checkpoint bool
	// failed is when the newest exception was that is known, and restarts how
	// many were forgiven, the last because of latest.
	failed   time.Time
	restarts int
	latest   string
	// restarting is since when the status shows a restart about which the
	// JobManager has not been heard, zero for none.
	restarting time.Time
	last       execution
	verdict    verdictOfProof
}

// off tells that nothing has to be proved.
func (p *proof) off() bool { return p.need <= 0 }

// holds takes note that the rolled-out rule holds at a time, for a job that runs
// or has finished.
func (p *proof) holds(at time.Time, status fko.Status) {
	if p.rolledOut.IsZero() {
		p.rolledOut, p.ran, p.asked = at, true, 0
	}
	p.finished = status.JobState == flink.StateFinished
}

// broken takes note of a status for which the rolled-out rule does not hold.
func (p *proof) broken(at time.Time, status fko.Status) {
	if !p.rolledOut.IsZero() && (status.JobState == flink.StateRestarting || status.JobState == flink.StateFailing) {
		p.asked = 0
		if p.restarting.IsZero() {
			p.restarting = at
		}
	}
	p.rolledOut = time.Time{}
}

// answer takes note of what the JobManager says.
func (p *proof) answer(at time.Time, e execution) {
	p.heard, p.last, p.restarting = at, e, time.Time{}
	p.asked++
	// here is a time of the JobManager by the caller's clock.
	here := func(t time.Time) time.Time {
		if e.Now.IsZero() {
			return t
		}
		return at.Add(t.Sub(e.Now))
	}
	if p.job != e.Job {
		p.job, p.started = e.Job, e.Started
		p.anew()
	}
	if e.Started.After(p.started) {
		if !p.started.IsZero() {
			p.restarted("the JobManager was restarted", true)
		}
		p.started = e.Started
	}
	for _, f := range e.Failures {
		if e.State == flink.StateFailed {
			// Whether the operator starts it again is in the status.
			break
		}
		if !f.At.After(p.failed) || here(f.At).Before(p.began) {
			continue
		}
		p.failed = f.At
		p.restarted(f.Cause, byTheCluster.MatchString(f.Cause))
	}
	switch {
	case e.State == flink.StateFinished:
		// The status follows.
	case e.State != flink.StateRunning || !e.tasksRun() || len(p.notRescaled()) > 0:
		p.running, p.checkpoint = time.Time{}, false
	default:
		if p.running.IsZero() {
			p.running = at
		}
		// A JobManager tells of a restore only some seconds later (web.refresh-interval).
		restored := !p.rescales() || !e.Restored.IsZero() && !here(e.Restored).Before(p.began)
		p.checkpoint = p.checkpoint || restored && !e.Checkpoint.IsZero() && e.Checkpoint.After(later(p.failed, e.Restored)) && !here(e.Checkpoint).Before(p.began)
	}
}

// rescales tells whether the tasks have to be restored with another parallelism.
func (p *proof) rescales() bool { return len(p.parallelism) > 0 || p.slots > 0 }

// notRescaled says, by the last answer, which vertices do not have their
// parallelism yet. The job runs on with its former tasks meanwhile, and so does
// its status.
func (p *proof) notRescaled() []string {
	var said []string
	for vertex, is := range p.last.Parallelism {
		if want, ok := p.wanted(vertex); ok && is != want {
			said = append(said, fmt.Sprintf("vertex %s runs with parallelism %d, not %d", vertex, is, want))
		}
	}
	slices.Sort(said)
	return said
}

// wanted is the parallelism that a vertex shall have, false for any.
func (p *proof) wanted(vertex string) (int, bool) {
	if p.slots == 0 {
		want, ok := p.parallelism[vertex]
		return want, ok
	}
	if limit := p.last.MaxParallelism[vertex]; limit > 0 {
		return min(int(p.slots), limit), true
	}
	return int(p.slots), true
}

// anew forgets what an execution has shown.
func (p *proof) anew() {
	p.running, p.checkpoint, p.asked = time.Time{}, false, 0
}

// unexplained tells whether the status shows a restart whose cause the JobManager
// has not told.
func (p *proof) unexplained() bool { return !p.restarting.IsZero() }

// explained takes note of the cause of such a restart, empty where nobody knows
// it. Without a cause it may be a lost TaskManager as well as the job.
func (p *proof) explained(cause string) {
	p.restarting = time.Time{}
	p.restarted(cause, cause == "" || byTheCluster.MatchString(cause))
}

// restarted takes note of a restart. The cause is empty where it is not known.
func (p *proof) restarted(cause string, forgivable bool) {
	p.anew()
	p.latest = cause
	if p.restarts++; forgivable && p.restarts <= forgivenRestarts || p.verdict.Progress != fko.Waiting {
		return
	}
	p.verdict = verdictOfProof{fko.Failed, orElse(cause, unknownRestart)}
}

// unanswered takes note that the JobManager could not be asked. It may be busy
// with the restart, and is asked again for some time.
func (p *proof) unanswered(at time.Time) {
	p.asked++
	if p.unexplained() && at.Sub(p.restarting) > silence && p.verdict.Progress == fko.Waiting {
		p.verdict = verdictOfProof{fko.Failed, unknownRestart}
	}
}

// due is when the job will have run for long enough, zero while it does not run.
// A JobManager that has been heard and is silent leaves the status.
func (p *proof) due(at time.Time) (due time.Time, byStatus bool) {
	switch {
	case p.heard.IsZero():
		return p.rolledOut.Add(p.need), true
	case at.Sub(p.heard) > silence:
		return later(p.rolledOut, p.heard).Add(p.need), true
	case p.running.IsZero():
		return time.Time{}, false
	}
	return p.running.Add(p.need), false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// at returns the verdict at a time. One other than Waiting stays.
func (p *proof) at(at time.Time) verdictOfProof {
	if p.verdict.Progress != fko.Waiting || p.rolledOut.IsZero() || p.unexplained() {
		return p.verdict
	}
	due, byStatus := p.due(at)
	switch {
	case p.finished:
		p.verdict = verdictOfProof{fko.Done, provedByEnd}
	case p.checkpoint:
		p.verdict = verdictOfProof{fko.Done, provedByCheckpoint}
	case due.IsZero() || at.Before(due):
	case byStatus || !p.heard.Before(due):
		// What happened until then has been asked for.
		p.verdict = verdictOfProof{fko.Done, ranFor(p.need)}
	}
	return p.verdict
}

// next is how long to wait until the JobManager is asked again.
func (p *proof) next() time.Duration {
	if p.rolledOut.IsZero() {
		return laterAsk
	}
	wait := laterAsk
	if p.asked < 6 {
		wait = min(laterAsk, firstAsk<<p.asked)
	}
	return wait
}

// missing says at the end of a wait what is not proved.
func (p *proof) missing() string {
	switch {
	case p.restarts > 0 && p.latest != "":
		return "the job restarts: " + p.latest
	case len(p.notRescaled()) > 0:
		return "the job has not been rescaled, perhaps for want of slots: " + strings.Join(p.notRescaled(), "; ")
	case p.last.State == flink.StateRunning && !p.last.tasksRun():
		return fmt.Sprintf("%d of its tasks do not run yet", p.last.pending()+p.last.Tasks["CREATED"])
	}
	return fmt.Sprintf("neither has its first checkpoint completed nor has it run for %s without a restart (upgrade.prove_for)", p.need)
}
