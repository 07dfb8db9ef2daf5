// Package prove decides whether a version that was rolled out also works. A job may
// come up and throw on its first records, and its restart strategy then starts it
// again for ever, while its platform says that it runs. It knows no platform: what
// the platform says of a job is told to it, and what the job does it reads from
// Flink's REST API, by whatever way the platform has to that.
package prove

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

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

// Want is what a proof asks for.
type Want struct {
	// For is how long the job must run without a restart when no checkpoint
	// completes first; zero asks for nothing.
	For time.Duration
	// Began is when the wait began. What happened before is of an earlier
	// execution.
	Began time.Time
	// Parallelism is what each vertex shall have before the proof begins, by its
	// hexadecimal id; empty for any. A vertex that the job does not have is left out.
	Parallelism map[string]int
	// Slots is how many slots each vertex shall take before the proof begins, as far as
	// its max parallelism allows; zero for any.
	Slots int64
}

// Proof collects what shows that a version works. Its caller tells it whether the
// status has the version rolled out, which is that the job runs or has finished by
// what its platform says, and what the JobManager answers. It is pure: times and
// answers come from the caller.
type Proof struct {
	want Want

	// rolledOut is since when the status has the version rolled out, zero while it
	// does not, and ran tells that it has had it.
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
	last       Execution
	verdict    Verdict
}

// New returns a proof that has heard of nothing yet.
func New(want Want) *Proof { return &Proof{want: want} }

// Asks tells whether anything has to be proved.
func (p *Proof) Asks() bool { return p.want.For > 0 }

// Holds takes note that the status has the version rolled out at a time, and
// whether its job has finished.
func (p *Proof) Holds(at time.Time, finished bool) {
	if p.rolledOut.IsZero() {
		p.rolledOut, p.ran, p.asked = at, true, 0
	}
	p.finished = finished
}

// Broken takes note of a status that does not have the version rolled out, and
// whether that shows a restart of the job.
func (p *Proof) Broken(at time.Time, restarting bool) {
	if !p.rolledOut.IsZero() && restarting {
		p.asked = 0
		if p.restarting.IsZero() {
			p.restarting = at
		}
	}
	p.rolledOut = time.Time{}
}

// Answer takes note of what the JobManager says.
func (p *Proof) Answer(at time.Time, e Execution) {
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
			// Whether the platform starts it again is in the status.
			break
		}
		if !f.At.After(p.failed) || here(f.At).Before(p.want.Began) {
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
		restored := !p.rescales() || !e.Restored.IsZero() && !here(e.Restored).Before(p.want.Began)
		p.checkpoint = p.checkpoint || restored && !e.Checkpoint.IsZero() && e.Checkpoint.After(later(p.failed, e.Restored)) && !here(e.Checkpoint).Before(p.want.Began)
	}
}

// Unanswered takes note that the JobManager could not be asked. It may be busy
// with the restart, and is asked again for some time.
func (p *Proof) Unanswered(at time.Time) {
	p.asked++
	if p.Unexplained() && at.Sub(p.restarting) > silence && p.verdict.Progress == Waiting {
		p.verdict = Verdict{Failed, unknownRestart}
	}
}

// Unexplained tells whether the status shows a restart whose cause the JobManager
// has not told.
func (p *Proof) Unexplained() bool { return !p.restarting.IsZero() }

// Explained takes note of the cause of such a restart, empty where nobody knows
// it. Without a cause it may be a lost TaskManager as well as the job.
func (p *Proof) Explained(cause string) {
	p.restarting = time.Time{}
	p.restarted(cause, cause == "" || byTheCluster.MatchString(cause))
}

// rescales tells whether the tasks have to be restored with another parallelism.
func (p *Proof) rescales() bool { return len(p.want.Parallelism) > 0 || p.want.Slots > 0 }

// notRescaled says, by the last answer, which vertices do not have their
// parallelism yet. The job runs on with its former tasks meanwhile, and so does
// its status.
func (p *Proof) notRescaled() []string {
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
func (p *Proof) wanted(vertex string) (int, bool) {
	if p.want.Slots == 0 {
		want, ok := p.want.Parallelism[vertex]
		return want, ok
	}
	if limit := p.last.MaxParallelism[vertex]; limit > 0 {
		return min(int(p.want.Slots), limit), true
	}
	return int(p.want.Slots), true
}

// anew forgets what an execution has shown.
func (p *Proof) anew() {
	p.running, p.checkpoint, p.asked = time.Time{}, false, 0
}

// restarted takes note of a restart. The cause is empty where it is not known.
func (p *Proof) restarted(cause string, forgivable bool) {
	p.anew()
	p.latest = cause
	if p.restarts++; forgivable && p.restarts <= forgivenRestarts || p.verdict.Progress != Waiting {
		return
	}
	if cause == "" {
		cause = unknownRestart
	}
	p.verdict = Verdict{Failed, cause}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
