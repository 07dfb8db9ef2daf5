package standin

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// The simulated Flink: what runs behind one object, seen only through its
// answers at a moment in time. Nothing here talks to the apiserver.

// jobManager is a JobManager process and the pod it runs in.
type jobManager struct {
	deploymentUID, podUID types.UID
	portOpen              time.Time   // when the REST port answers
	failure               *podFailure // why the pod does not start; nil: it does
	passing               bool        // the failure ends by itself, some time after it was noticed
	failureEnds           time.Time   // zero: the failure stays
	injected              bool        // the failure comes from the annotation and goes with it
	crashing              bool        // the process dies each time, since its savepoint is missing
	highAvailable         bool
	manualRestore         bool // the Deployment's times do not prove that it never started
}

// podFailure is a pod that does not start.
type podFailure struct {
	reason  string // as in a container's waiting state, e.g. ErrImagePull
	message string
}

// failing returns why the pod does not run at now.
func (jm *jobManager) failing(now time.Time) *podFailure {
	if jm.failure == nil || (!jm.failureEnds.IsZero() && !now.Before(jm.failureEnds)) {
		return nil
	}
	return jm.failure
}

func (jm *jobManager) up(now time.Time) bool {
	return jm != nil && jm.failing(now) == nil && !now.Before(jm.portOpen)
}

// started reports whether the process ever ran.
func (jm *jobManager) started(now time.Time) bool { return jm.up(now) }

// flinkJob is one execution of a program.
type flinkJob struct {
	id, name     string
	created      time.Time
	running      time.Time
	ends         time.Time // zero: it runs until stopped
	endState     string    // FAILED or FINISHED
	cause        *flinkError
	atStart      bool // main failed, so there was never a job
	restoredFrom string
	checkpoints  string // directory; "" none are taken
	interval     time.Duration
	back         time.Time // pods were lost: RESTARTING until then
	crash        *crash    // nil: no task throws
	step         time.Duration
	parallelism  int64     // that of its vertex
	rescaled     time.Time // its tasks were restored last where it runs
}

// crash is a task that throws after a while. The restart strategy starts the job
// again, two steps later.
type crash struct {
	after   time.Duration
	once    bool
	message string
}

func (c *crash) trace() string {
	return "java.lang.IllegalStateException: " + c.message + "\n\tat org.example.Job.map(Job.java:1)\n"
}

// crashes are the times up to now at which a task has thrown, the last hundred.
func (j *flinkJob) crashes(now time.Time) []time.Time {
	if j.crash == nil || now.Before(j.running) {
		return nil
	}
	var times []time.Time
	cycle := j.crash.after + 2*j.step
	n := max(0, int(now.Sub(j.running)/cycle)-100)
	for at := j.running.Add(time.Duration(n)*cycle + j.crash.after); !now.Before(at); at = at.Add(cycle) {
		times = append(times, at)
		if j.crash.once {
			break
		}
	}
	return times
}

// runs is since when the job runs at now, or will run when it restarts.
func (j *flinkJob) runs(now time.Time) time.Time {
	since := j.running
	if crashes := j.crashes(now); len(crashes) > 0 {
		since = crashes[len(crashes)-1].Add(2 * j.step)
	}
	return later(since, j.back)
}

// firstCheckpoint is when the first checkpoint of the running job completes, zero
// for never: no job of which a task will throw runs for long enough.
func (j *flinkJob) firstCheckpoint(now time.Time) time.Time {
	if j.atStart || j.crash != nil && (!j.crash.once || len(j.crashes(now)) == 0) {
		return time.Time{}
	}
	at := j.runs(now).Add(j.step / 2)
	if j.crash == nil && !j.ends.IsZero() && j.endState == jobFailed && !at.Before(j.ends) {
		return time.Time{}
	}
	return at
}

func (j *flinkJob) state(now time.Time) string {
	switch {
	case j == nil || now.Before(j.created):
		return jobReconciling
	case !j.ends.IsZero() && !now.Before(j.ends):
		return j.endState
	case now.Before(j.running):
		return jobCreated
	case now.Before(j.runs(now)):
		return jobRestarting
	}
	return jobRunning
}

// lastCheckpoint is the path of the newest checkpoint, "" before the first.
func (j *flinkJob) lastCheckpoint(now time.Time) string {
	if j == nil || j.checkpoints == "" || j.atStart {
		return ""
	}
	if !j.ends.IsZero() && now.After(j.ends) {
		now = j.ends
	}
	if now.Sub(j.created) < j.interval/2 {
		return ""
	}
	return checkpointPath(j.checkpoints, j.id, now.Sub(j.created), j.interval)
}

// checkpointPath is where a job that has run for some time has its newest checkpoint.
func checkpointPath(dir, jobID string, ran, interval time.Duration) string {
	return flinkPath(dir) + "/" + jobID + "/chk-" + strconv.Itoa(1+int(ran/interval))
}

// nextChange is when the job's state changes by itself, zero for never.
func (j *flinkJob) nextChange(now time.Time) time.Time {
	for _, t := range []time.Time{j.created, j.running, j.back, j.ends} {
		if now.Before(t) {
			return t
		}
	}
	return time.Time{}
}

// program is what a job's arguments ask for, as the recorded job reads them.
type program struct {
	failStart  bool
	failAfter  int // numbers until it fails; 0: never
	countUntil int // numbers until it finishes; 0: endless
}

func parseProgram(args []string) program {
	var p program
	for i, arg := range args {
		number := 0
		if i+1 < len(args) {
			number, _ = strconv.Atoi(args[i+1])
		}
		switch arg {
		case "--fail-start":
			p.failStart = true
		case "--fail-after":
			p.failAfter = number
		case "--count":
			p.countUntil = number
		}
	}
	return p
}

// checkpointSteps is the time between two checkpoints.
const checkpointSteps = 3

// numbersPerStep is how fast the recorded job counts, in steps.
const numbersPerStep = 200

// startJob plans the life of a job whose JobManager answers from at on.
func startJob(id, name string, s *spec, f faults, at time.Time, step time.Duration) *flinkJob {
	j := &flinkJob{id: id, name: name, created: at, running: at.Add(2 * step), interval: checkpointSteps * step, step: step, crash: f.crash, parallelism: s.vertexParallelism()}
	config := flatConfig(s.config)
	if checkpointing(config, s.job.upgradeMode) {
		j.checkpoints = checkpointDir(config)
	}
	if j.crash == nil && s.image != nil && strings.HasPrefix(tagOf(*s.image), "crash") {
		j.crash = &crash{after: 2 * step, message: "asked to crash"}
	}
	p := parseProgram(s.job.argList())
	numbers := func(n int) time.Time {
		return at.Add(step + time.Duration(n)*step/numbersPerStep)
	}
	switch {
	case p.failStart, f.jobFails == "at-start":
		message := "asked to fail at start"
		if !p.failStart {
			message = f.jobFailsMessage
		}
		j.ends, j.endState, j.atStart = at, jobFailed, true
		j.cause = newError(typeSerializedThrowable, "Error",
			"org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: %s", message).
			because(typeSerializedThrowable, "java.lang.IllegalStateException: "+message)
	case f.jobFails == "after-running":
		j.ends, j.endState = j.running.Add(2*step), jobFailed
		j.cause = jobException(f.jobFailsMessage)
	case p.failAfter > 0:
		j.ends, j.endState = numbers(p.failAfter), jobFailed
		j.cause = jobException(fmt.Sprintf("asked to fail after %d", p.failAfter))
	case p.countUntil > 0:
		// The recorded bounded jobs were all seen running before they were over.
		j.ends, j.endState = later(numbers(p.countUntil), j.running.Add(2*step)), jobFinished
	}
	return j
}

func jobException(message string) *flinkError {
	return newError(typeSerializedThrowable, "Error", "org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy").
		because(typeSerializedThrowable, "java.lang.IllegalStateException: "+message)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// unpullable reports whether the image is one that no registry has: tag nope.
func unpullable(image string) bool {
	return strings.HasPrefix(tagOf(image), "nope")
}

func tagOf(image string) string {
	_, tag, _ := strings.Cut(path.Base(image), ":")
	return tag
}

func pullFailure(image string) *podFailure {
	return &podFailure{reason: "ErrImagePull", message: fmt.Sprintf(
		"failed to pull and unpack image %q: failed to resolve reference %q: %s: not found", image, image, image)}
}

// missingPath reports whether no savepoint can be there: the last element is none.
func missingPath(p string) bool { return path.Base(p) == "none" }

// unwritable reports whether Flink cannot write a savepoint below dir.
func unwritable(dir string) bool { return strings.HasPrefix(flinkPath(dir), "file:/proc/") }

// flinkPath writes a path as Flink's Path class prints it: file:/x, not file:///x.
func flinkPath(p string) string {
	if rest, ok := strings.CutPrefix(p, "file:///"); ok {
		return "file:/" + strings.TrimRight(rest, "/")
	}
	return strings.TrimRight(p, "/")
}

func newSavepointPath(dir, jobID string) string {
	return savepointPath(dir, jobID, randomHex(6))
}

func savepointPath(dir, jobID, suffix string) string {
	return flinkPath(dir) + "/savepoint-" + jobID[:min(6, len(jobID))] + "-" + suffix
}

func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	if _, err := rand.Read(raw); err != nil {
		panic(err) // crypto/rand does not fail on any supported system
	}
	return hex.EncodeToString(raw)
}
