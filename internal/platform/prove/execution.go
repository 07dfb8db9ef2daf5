package prove

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Execution is what a JobManager says about one job at one moment. All times are
// by the JobManager's own clock.
type Execution struct {
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
	Failures []Exception
}

// Exception is one entry of a job's exception history.
type Exception struct {
	At time.Time
	// Cause is the deepest cause of the stack trace, class and message.
	Cause string
}

// tasksRun tells whether the job's tasks do their work. Flink says RUNNING of a
// job whose tasks still wait for TaskManagers or restore their state. A batch job
// starts its tasks one after the other.
func (e Execution) tasksRun() bool {
	runs, pending := e.Tasks["RUNNING"]+e.Tasks["FINISHED"], e.pending()
	inTurns := e.Tasks["CREATED"]+e.Tasks["FINISHED"] > 0
	return len(e.Tasks) == 0 || runs > 0 && (pending == 0 || inTurns)
}

func (e Execution) pending() int {
	return e.Tasks["SCHEDULED"] + e.Tasks["DEPLOYING"] + e.Tasks["INITIALIZING"]
}

// Ask asks a JobManager how a job does, by its id. It is an error when the
// JobManager cannot be asked, or does not know the job.
func Ask(ctx context.Context, get FlinkREST, job string) (Execution, error) {
	ctx, cancel := context.WithTimeout(ctx, AnswerTimeout)
	defer cancel()
	details, err := get(ctx, "/jobs/"+job)
	if err != nil {
		return Execution{}, err
	}
	checkpoints, err := get(ctx, "/jobs/"+job+"/checkpoints")
	if refusedWith(err) == http.StatusNotFound {
		// Batch jobs take none (CheckpointingStatisticsHandler).
		checkpoints, err = nil, nil
	}
	if err != nil {
		return Execution{}, err
	}
	// The exceptions come last, so that none hides behind a checkpoint.
	exceptions, err := get(ctx, "/jobs/"+job+"/exceptions?maxExceptions=20")
	if err != nil {
		return Execution{}, err
	}
	return parseExecution(job, details, checkpoints, exceptions)
}

// parseExecution reads the answers of Flink's REST API: JobDetailsInfo,
// CheckpointingStatistics and JobExceptionsInfoWithHistory, of which the second
// may be missing.
func parseExecution(job string, details, checkpoints, exceptions []byte) (Execution, error) {
	type checkpoint struct {
		Triggered int64 `json:"trigger_timestamp"`
	}
	var answer struct {
		State    string `json:"state"`
		Now      int64  `json:"now"`
		Started  int64  `json:"start-time"`
		Vertices []struct {
			ID          string         `json:"id"`
			Parallelism int            `json:"parallelism"`
			Max         int            `json:"maxParallelism"`
			Tasks       map[string]int `json:"tasks"`
		} `json:"vertices"`
		Latest struct {
			Completed *checkpoint `json:"completed"`
			Savepoint *checkpoint `json:"savepoint"`
			Restored  *struct {
				At int64 `json:"restore_timestamp"`
			} `json:"restored"`
		} `json:"latest"`
		Root    string `json:"root-exception"`
		Thrown  int64  `json:"timestamp"`
		History struct {
			Entries []struct {
				Stacktrace string `json:"stacktrace"`
				Timestamp  int64  `json:"timestamp"`
			} `json:"entries"`
		} `json:"exceptionHistory"`
	}
	for _, part := range [][]byte{details, checkpoints, exceptions} {
		if part == nil {
			continue
		}
		if err := json.Unmarshal(part, &answer); err != nil {
			return Execution{}, err
		}
	}
	e := Execution{Job: job, State: answer.State, Now: millis(answer.Now), Started: millis(answer.Started), Tasks: map[string]int{}, Parallelism: map[string]int{}, MaxParallelism: map[string]int{}}
	for _, vertex := range answer.Vertices {
		e.Parallelism[vertex.ID], e.MaxParallelism[vertex.ID] = vertex.Parallelism, vertex.Max
		for state, n := range vertex.Tasks {
			e.Tasks[state] += n
		}
	}
	if restored := answer.Latest.Restored; restored != nil {
		e.Restored = millis(restored.At)
	}
	for _, c := range []*checkpoint{answer.Latest.Completed, answer.Latest.Savepoint} {
		if c != nil {
			e.Checkpoint = later(e.Checkpoint, millis(c.Triggered))
		}
	}
	for _, entry := range answer.History.Entries {
		e.Failures = append(e.Failures, Exception{millis(entry.Timestamp), flink.RootCause(entry.Stacktrace)})
	}
	if len(e.Failures) == 0 && answer.Root != "" {
		e.Failures = []Exception{{millis(answer.Thrown), flink.RootCause(answer.Root)}}
	}
	slices.SortStableFunc(e.Failures, func(a, b Exception) int { return a.At.Compare(b.At) })
	return e, nil
}

// millis is a timestamp of Flink's, zero for none.
func millis(at int64) time.Time {
	if at <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(at)
}
