package platform

import "context"

// Inspector are deployments of a platform that can ask the JobManager about a job.
type Inspector interface {
	// Inspect is best effort: what is not answered is empty.
	Inspect(ctx context.Context, observed *Observed) JobDetails
}

// JobDetails are what the JobManager itself says about a job. Empty fields were
// not told.
type JobDetails struct {
	// LatestCheckpoint is the path of the newest completed checkpoint.
	LatestCheckpoint string
	// RestoredFrom is the path of the checkpoint or savepoint that the job was
	// last restored from.
	RestoredFrom string
	// Exception is the deepest cause of the job's newest failure.
	Exception string
}
