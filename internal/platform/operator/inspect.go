package operator

import (
	"context"
	"encoding/json"
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
	go func() { exception <- rootException(ctx, d.cluster, manager, job) }()
	details.LatestCheckpoint, details.RestoredFrom = checkpointsOf(ctx, d.cluster, manager, job)
	details.Exception = <-exception
	return details
}

// checkpointsOf returns the paths of the newest completed checkpoint, and of
// what the job was restored from (CheckpointingStatistics of Flink's REST API).
func checkpointsOf(ctx context.Context, cluster cluster, manager jobManager, job string) (completed, restored string) {
	body, err := cluster.ServiceGet(ctx, manager.Namespace, restService(manager.Ref), manager.port, "/jobs/"+job+"/checkpoints")
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The JobManager does not tell about checkpoints", "cluster", manager.String(), "error", err.Error())
		return "", ""
	}
	type checkpoint struct {
		Path string `json:"external_path"`
	}
	var answer struct {
		Latest struct {
			Completed *checkpoint `json:"completed"`
			Restored  *checkpoint `json:"restored"`
		} `json:"latest"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", ""
	}
	if c := answer.Latest.Completed; c != nil {
		completed = c.Path
	}
	if c := answer.Latest.Restored; c != nil {
		restored = c.Path
	}
	return completed, restored
}
