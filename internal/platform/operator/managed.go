package operator

import (
	"context"

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
func NewDeployments(cluster Store, options Options) *Deployments {
	what := applications
	what.kind.Kind = orElse(options.Kind, what.kind.Kind)
	return newDeployments(what, cluster, options)
}

// NewSessionClusters returns the deployments of a cluster that take session
// jobs.
func NewSessionClusters(cluster Store, options Options) *Deployments {
	return newDeployments(sessionClusters, cluster, options)
}

// NewSessionJobs returns the session jobs of a cluster.
func NewSessionJobs(cluster Store, options Options) *Deployments {
	return newDeployments(sessionJobs, cluster, options)
}

// place names where an object is, for messages.
func (d *Deployments) place(ref platform.Ref) string {
	if d.options.Kind != "" {
		return "the namespace of the environment " + ref.Namespace
	}
	return "the namespace " + ref.Namespace
}

func newDeployments(what managed, cluster Store, options Options) *Deployments {
	return &Deployments{managed: what, cluster: cluster, options: options}
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

func jobManagerOf(ctx context.Context, cluster Store, ref platform.Ref, spec flink.Tree) jobManager {
	session, ok := sessionClusterOf(ref.Namespace, spec)
	if !ok {
		return jobManager{ref, flink.RestPort(spec)}
	}
	ref = session
	if object, err := cluster.Get(ctx, deploymentKind, keyOf(ref)); err == nil {
		spec, _ = object.Object["spec"].(map[string]any)
	}
	return jobManager{ref, flink.RestPort(spec)}
}
