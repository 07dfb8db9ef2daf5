package operator

import (
	"context"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/prove"
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
	details.LatestCheckpoint, details.RestoredFrom = known.Completed, known.Restored
	details.Exception = <-exception
	return details
}

// checkpointsOf asks a JobManager about the checkpoints of a job.
func checkpointsOf(ctx context.Context, cluster Store, manager jobManager, job string) prove.Checkpoints {
	known, err := prove.AskCheckpoints(ctx, restOf(cluster, manager), job)
	if err != nil {
		logctx.From(ctx).InfoContext(ctx, "The JobManager does not tell about checkpoints", "cluster", manager.String(), "error", err.Error())
	}
	return known
}
