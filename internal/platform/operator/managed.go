package operator

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// managed is what Deployments manages: the kind of the objects, and what
// messages call one of them. All of its rules follow from the specification,
// which tells a session cluster, a session job and a cluster with a job of its
// own apart.
type managed struct {
	kind kube.Kind
	noun string
}

var (
	applications    = managed{deploymentKind, "deployment"}
	sessionClusters = managed{deploymentKind, "session cluster"}
	sessionJobs     = managed{sessionJobKind, "session job"}
)

// NewDeployments returns the deployments of a cluster that have a job of their
// own.
func NewDeployments(cluster cluster, options Options) *Deployments {
	return newDeployments(applications, cluster, options)
}

// NewSessionClusters returns the deployments of a cluster that take session
// jobs.
func NewSessionClusters(cluster cluster, options Options) *Deployments {
	return newDeployments(sessionClusters, cluster, options)
}

// NewSessionJobs returns the session jobs of a cluster.
func NewSessionJobs(cluster cluster, options Options) *Deployments {
	return newDeployments(sessionJobs, cluster, options)
}

func newDeployments(what managed, cluster cluster, options Options) *Deployments {
	return &Deployments{managed: what, cluster: cluster, options: options, writes: map[platform.Ref]write{}}
}

// sessionClusterOf returns the name of the session cluster that runs the job of
// a specification; ok is false for a FlinkDeployment.
func sessionClusterOf(spec flink.Tree) (name string, ok bool) {
	name, ok = spec["deploymentName"].(string)
	return name, ok
}

// jobManager is where a JobManager answers inside the cluster: the Flink cluster
// that it belongs to, whose pods and services have its name, and its REST port.
type jobManager struct {
	platform.Ref
	port int
}

// jobManagerOf returns the JobManager that runs the job of an object. That of a
// session job is its session cluster's, whose own configuration has the port.
func (d *Deployments) jobManagerOf(ctx context.Context, ref platform.Ref, spec flink.Tree) jobManager {
	return jobManagerOf(ctx, d.cluster, ref, spec)
}

func jobManagerOf(ctx context.Context, cluster cluster, ref platform.Ref, spec flink.Tree) jobManager {
	name, ok := sessionClusterOf(spec)
	if !ok {
		return jobManager{ref, restPort(spec)}
	}
	ref.Name = name
	if object, err := cluster.Get(ctx, deploymentKind, keyOf(ref)); err == nil {
		spec, _ = object.Object["spec"].(map[string]any)
	}
	return jobManager{ref, restPort(spec)}
}

// jobsOn lists the session jobs that use a session cluster.
func jobsOn(ctx context.Context, cluster cluster, ref platform.Ref) ([]unstructured.Unstructured, error) {
	all, err := cluster.List(ctx, sessionJobKind, ref.Namespace, "")
	if err != nil {
		return nil, err
	}
	var jobs []unstructured.Unstructured
	for i := range all {
		if name, _, _ := unstructured.NestedString(all[i].Object, "spec", "deploymentName"); name == ref.Name {
			jobs = append(jobs, all[i])
		}
	}
	return jobs, nil
}

// users returns the names of the session jobs that use a session cluster, as far
// as they can be listed.
func (d *Deployments) users(ctx context.Context, ref platform.Ref) []string {
	jobs, err := jobsOn(ctx, d.cluster, ref)
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(jobs))
	for i := range jobs {
		names = append(names, jobs[i].GetName())
	}
	return names
}
