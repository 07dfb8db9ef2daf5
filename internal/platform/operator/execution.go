package operator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// FlinkREST asks Flink's REST API for a path, for example "/jobs/overview". Its error
// is *kube.ServiceError where the answer is no success.
type FlinkREST func(ctx context.Context, path string) ([]byte, error)

// restOf is the REST API of a JobManager in a cluster.
func restOf(cluster Store, manager jobManager) FlinkREST {
	return func(ctx context.Context, path string) ([]byte, error) {
		return cluster.ServiceGet(ctx, manager.Namespace, restService(manager.Ref), manager.port, path)
	}
}

// askExecution asks a JobManager how a job does. It is an error when the
// JobManager cannot be asked, or does not know the job.
func askExecution(ctx context.Context, get FlinkREST, job string) (execution, error) {
	ctx, cancel := context.WithTimeout(ctx, exceptionTimeout)
	defer cancel()
	details, err := get(ctx, "/jobs/"+job)
	if err != nil {
		return execution{}, err
	}
	checkpoints, err := get(ctx, "/jobs/"+job+"/checkpoints")
	var refused *kube.ServiceError
	if errors.As(err, &refused) && refused.Code == http.StatusNotFound {
		// Batch jobs take none (CheckpointingStatisticsHandler).
		checkpoints, err = nil, nil
	}
	if err != nil {
		return execution{}, err
	}
	// The exceptions come last, so that none hides behind a checkpoint.
	exceptions, err := get(ctx, "/jobs/"+job+"/exceptions?maxExceptions=20")
	if err != nil {
		return execution{}, err
	}
	return parseExecution(job, details, checkpoints, exceptions)
}

// parseExecution reads the answers of Flink's REST API: JobDetailsInfo,
// CheckpointingStatistics and JobExceptionsInfoWithHistory, of which the second
// may be missing.
func parseExecution(job string, details, checkpoints, exceptions []byte) (execution, error) {
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
			return execution{}, err
		}
	}
	e := execution{Job: job, State: answer.State, Now: millis(answer.Now), Started: millis(answer.Started), Tasks: map[string]int{}, Parallelism: map[string]int{}, MaxParallelism: map[string]int{}}
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
		e.Failures = append(e.Failures, jobException{millis(entry.Timestamp), rootOf(entry.Stacktrace)})
	}
	if len(e.Failures) == 0 && answer.Root != "" {
		e.Failures = []jobException{{millis(answer.Thrown), rootOf(answer.Root)}}
	}
	slices.SortStableFunc(e.Failures, func(a, b jobException) int { return a.At.Compare(b.At) })
	return e, nil
}

// millis is a timestamp of Flink's, zero for none.
func millis(at int64) time.Time {
	if at <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(at)
}
