package vvp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Annotations that Memory follows.
const (
	annotationFails       = "standin.flink/fails"
	annotationCrashes     = "standin.flink/crashes"
	annotationFinishes    = "standin.flink/finishes"
	annotationEnds        = "standin.flink/ends"
	annotationOperators   = "standin.flink/operators"
	annotationSavepoint   = "standin.flink/savepoint-fails"
	annotationUnreachable = "standin.flink/unreachable"
)

// Memory is a World without Flink: it plays the jobs.
type Memory struct {
	pace time.Duration

	mu       sync.Mutex
	jobs     map[string]*played
	clusters map[string]bool
	// files are the savepoints and checkpoints that have been made here, by path, and
	// removed those that are gone. Any other path is of elsewhere, and there.
	files   map[string]held
	removed map[string]bool
}

// held is what a savepoint or a checkpoint has of a job.
type held struct {
	// values is how many values the job had read.
	values    int
	operators []string
}

// NewMemory returns a world without jobs. pace is how long one step of a job takes: it
// comes up after two, and a savepoint takes one.
func NewMemory(pace time.Duration) *Memory {
	return &Memory{pace: pace, jobs: map[string]*played{}, clusters: map[string]bool{}, files: map[string]held{}, removed: map[string]bool{}}
}

// played is a job that has come up.
type played struct {
	Job
	pace    time.Duration
	flinkID string
	// since is when it began to run, until when it was ended, zero while it was not.
	since, until time.Time
	// base is how many values were in what it was restored from.
	base int
}

// Start implements World.
func (m *Memory) Start(ctx context.Context, job Job) error {
	if err := pause(ctx, m.pace); err != nil {
		return err
	}
	if message := text(job.Annotations, annotationFails); message != "" {
		return errors.New(message)
	}
	restored, err := m.restored(job)
	if err != nil {
		return err
	}
	if err := pause(ctx, m.pace); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[job.ID] = &played{Job: job, pace: m.pace, flinkID: strings.ReplaceAll(uuid.NewString(), "-", ""), since: time.Now(), base: restored.values}
	return nil
}

// restored is the state that a job begins with.
func (m *Memory) restored(job Job) (held, error) {
	if job.Savepoint == "" {
		return held{}, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.removed[job.Savepoint] || strings.HasSuffix(job.Savepoint, "/none") {
		return held{}, fmt.Errorf("java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '%s' on file system", job.Savepoint)
	}
	state := m.files[job.Savepoint]
	for _, operator := range state.operators {
		if !job.AllowNonRestoredState && !slices.Contains(operatorsOf(job), operator) {
			return held{}, fmt.Errorf("java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint %s. Cannot map checkpoint/savepoint state for operator %s to the new program, because the operator is not available in the new program. If you want to allow to skip this, you can set the --allowNonRestoredState option on the CLI", job.Savepoint, operator)
		}
	}
	return state, nil
}

// operatorsOf are the operators of a job that have state.
func operatorsOf(job Job) []string {
	if names := text(job.Annotations, annotationOperators); names != "" {
		return strings.Split(names, ",")
	}
	return nil
}

// Observe implements World.
func (m *Memory) Observe(_ context.Context, job Job) (Observation, error) {
	if why := text(job.Annotations, annotationUnreachable); why != "" {
		return Observation{Unreachable: "The cluster cannot be reached"}, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	is := m.jobs[job.ID]
	if is == nil {
		return Observation{}, fmt.Errorf("job %s has no cluster", job.ID)
	}
	at := time.Now()
	seen := Observation{Status: is.status(at), FlinkJobID: is.flinkID, Restarts: len(is.crashes(at))}
	if seen.Status == stateFailed {
		seen.Failure = text(is.Annotations, annotationEnds)
	}
	return seen, nil
}

// Savepoint implements World.
func (m *Memory) Savepoint(ctx context.Context, job Job) (string, error) {
	if err := pause(ctx, m.pace); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	is, at := m.jobs[job.ID], time.Now()
	message := text(job.Annotations, annotationSavepoint)
	switch {
	case is == nil || !is.until.IsZero() || is.status(at) != stateRunning:
		return "", fmt.Errorf("job %s does not run", job.ID)
	case message != "":
		return "", fmt.Errorf("org.apache.flink.runtime.checkpoint.CheckpointException: %s", message)
	}
	path := fmt.Sprintf("%s/savepoint-%s-%s", strings.TrimSuffix(savepointDirectory(job.Spec), "/"), is.flinkID[:6], uuid.NewString()[:12])
	m.files[path] = is.holds(at)
	return path, nil
}

// Suspend implements World.
func (m *Memory) Suspend(ctx context.Context, job Job) (string, error) {
	path, err := m.Savepoint(ctx, job)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[job.ID].until = time.Now()
	return path, nil
}

// Annotate implements World: each call has the annotations with it.
func (m *Memory) Annotate(context.Context, Job) error { return nil }

// Cancel implements World.
func (m *Memory) Cancel(ctx context.Context, job Job) (string, error) {
	if err := pause(ctx, m.pace); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	is, at := m.jobs[job.ID], time.Now()
	if is == nil || !is.until.IsZero() {
		return "", nil
	}
	is.until = at
	path := is.checkpoint(at)
	if path == "" || !retains(job.Spec) || is.status(at) == stateFinished {
		return "", nil
	}
	m.files[path] = is.holds(at)
	return path, nil
}

// Forget implements World.
func (m *Memory) Forget(path string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, path)
	m.removed[path] = true
}

// StartCluster implements World.
func (m *Memory) StartCluster(ctx context.Context, cluster Cluster) error {
	if err := pause(ctx, m.pace); err != nil {
		return err
	}
	if message := text(cluster.Annotations, annotationFails); message != "" {
		return errors.New(message)
	}
	return pause(ctx, m.pace)
}

// StopCluster implements World.
func (m *Memory) StopCluster(ctx context.Context, _ Cluster) error { return pause(ctx, m.pace) }

// retains tells whether a job leaves its newest checkpoint when it is canceled.
func retains(spec object) bool {
	return strings.EqualFold(text(part(spec, "flinkConfiguration"), "execution.checkpointing.externalized-checkpoint-retention"), "RETAIN_ON_CANCELLATION")
}
