package operator

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// inspectTimeout bounds the questions to a JobManager whose answer nobody
// depends on.
const inspectTimeout = 3 * time.Second

// Inspect asks the JobManager of a deployment about its job, through the API
// server's service proxy. It is best effort: what is not answered is empty.
func (d *Deployments) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	var details platform.JobDetails
	job := observed.Status.JobID
	if job == "" {
		return details
	}
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	manager := d.jobManagerOf(ctx, observed.Ref, observed.Spec)
	exception := make(chan string, 1)
	go func() { exception <- d.exceptionOf(ctx, manager, job) }()
	known := checkpointsOf(ctx, d.cluster, manager, job)
	details.LatestCheckpoint, details.RestoredFrom = known.completed, known.restored
	details.Exception = <-exception
	return details
}

// checkpoints are what a JobManager knows of a job's state.
type checkpoints struct {
	// completed is the path of the newest completed checkpoint or savepoint since
	// the JobManager took the job up, and restored that of what it was restored
	// from; empty for none.
	completed, restored string
	// told is false when the JobManager has not answered.
	told bool
}

// newest is the path of the newest state, empty for none.
func (c checkpoints) newest() string { return orElse(c.completed, c.restored) }

// checkpointsOf asks a JobManager about the checkpoints of a job
// (CheckpointingStatistics of Flink's REST API).
func checkpointsOf(ctx context.Context, cluster Store, manager jobManager, job string) checkpoints {
	body, err := cluster.ServiceGet(ctx, manager.Namespace, restService(manager.Ref), manager.port, "/jobs/"+job+"/checkpoints")
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The JobManager does not tell about checkpoints", "cluster", manager.String(), "error", err.Error())
		return checkpoints{}
	}
	type checkpoint struct {
		Path      string `json:"external_path"`
		Triggered int64  `json:"trigger_timestamp"`
	}
	var answer struct {
		Counts *struct{} `json:"counts"`
		Latest struct {
			Completed *checkpoint `json:"completed"`
			Savepoint *checkpoint `json:"savepoint"`
			Restored  *checkpoint `json:"restored"`
		} `json:"latest"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return checkpoints{}
	}
	out, newest := checkpoints{told: answer.Counts != nil}, int64(-1)
	for _, c := range []*checkpoint{answer.Latest.Completed, answer.Latest.Savepoint} {
		switch {
		case c == nil || c.Triggered <= newest:
		case c.Path == "" || strings.HasPrefix(c.Path, "<"):
			// It is in memory (CheckpointProperties, "<checkpoint-not-externally-addressable>").
			out.told, newest = false, c.Triggered
		default:
			out.completed, newest = c.Path, c.Triggered
		}
	}
	if c := answer.Latest.Restored; c != nil {
		out.restored = c.Path
	}
	return out
}
