package vvp

import (
	"context"
	"net/http"
)

// Job is one run of a deployment, as a World has to carry it out.
type Job struct {
	// ID is that of the Job resource, and Deployment the name of what it is a run of.
	ID, Deployment string
	// Namespace is the one in Kubernetes.
	Namespace string
	// Cluster is the id of the session cluster that it runs on, empty for a cluster of
	// its own, and ClusterName its name.
	Cluster, ClusterName string
	// Spec is the specification of the template, with the values of secrets in it.
	Spec object
	// Annotations are those of the deployment as they are now.
	Annotations object
	// Savepoint is the path that the job begins with, empty for none.
	Savepoint             string
	AllowNonRestoredState bool
}

// Cluster is a session cluster, as a World has to run it.
type Cluster struct {
	ID, Name    string
	Namespace   string
	Spec        object
	Annotations object
}

// Observation is what the platform sees of a job.
type Observation struct {
	// Status is Flink's own: RUNNING, RESTARTING, FINISHED, FAILED, CANCELED.
	Status     string
	FlinkJobID string
	Restarts   int
	// Failure is why the job has failed for good.
	Failure string
	// Unreachable is why the cluster does not answer.
	Unreachable string
}

// World runs jobs and session clusters. Each call is about one job or cluster, and there
// are several at once.
type World interface {
	// Start runs a job and returns when it has come up, or why it cannot.
	Start(ctx context.Context, job Job) error
	// Observe tells how a job that has come up is.
	Observe(ctx context.Context, job Job) (Observation, error)
	// Savepoint takes a savepoint of a job, which runs on, and returns its path.
	Savepoint(ctx context.Context, job Job) (string, error)
	// Suspend takes a savepoint of a job and ends it. With an error it runs on.
	Suspend(ctx context.Context, job Job) (string, error)
	// Annotate tells of the annotations of a job's deployment, which have changed.
	Annotate(ctx context.Context, job Job) error
	// Cancel ends a job, also one that has not come up, and returns the checkpoint that
	// is retained, empty for none.
	Cancel(ctx context.Context, job Job) (string, error)
	// Forget removes the files of a savepoint.
	Forget(path string)
	// StartCluster runs a session cluster, or changes one that runs, and StopCluster ends it.
	StartCluster(ctx context.Context, cluster Cluster) error
	StopCluster(ctx context.Context, cluster Cluster) error
	// Flink answers a request to the REST interface of the cluster of a job.
	Flink(w http.ResponseWriter, r *http.Request, job Job, path string)
}
