package ververica

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// serverAnnotations begins the annotations that the server writes by itself.
const serverAnnotations = "com.dataartisans.appmanager."

// savepointsIn is the collection of the savepoints of a namespace, jobsIn that of the jobs
// that its deployments have ever started, and eventsIn what happened to them.
const (
	savepointsIn = "savepoints"
	jobsIn       = "jobs"
	eventsIn     = "events"
)

// about asks for the objects of a collection that are about one deployment.
func (c *Client) about(ctx context.Context, namespace, collection, deployment string) ([]object, error) {
	return c.listed(ctx, namespace, collection, url.Values{"deploymentId": {deployment}})
}

// job returns a job that a deployment has started, by its id.
func (c *Client) job(ctx context.Context, namespace, id string) (object, error) {
	var found object
	err := c.do(ctx, namespace, rest.Request{Method: http.MethodGet, Path: at(namespace, jobsIn, id)}, &found)
	return found, err
}

// savepointsOf are those of one deployment, as the server has them now.
func (c *Client) savepointsOf(ctx context.Context, namespace, deployment string) ([]vvp.Savepoint, error) {
	found, err := c.about(ctx, namespace, savepointsIn, deployment)
	out := make([]vvp.Savepoint, len(found))
	for i, object := range found {
		out[i] = vvp.SavepointOf(object)
	}
	return out, err
}

// knownSavepoints are the savepoints of a namespace by deployment, which are read once in
// the life of the client.
func (c *Client) knownSavepoints(ctx context.Context, namespace string) (map[string][]vvp.Savepoint, error) {
	return rest.Once(ctx, c.in(namespace), namespace+"/"+savepointsIn, func(ctx context.Context) (map[string][]vvp.Savepoint, error) {
		all, err := c.listed(ctx, namespace, savepointsIn, nil)
		if err != nil {
			return nil, err
		}
		out := map[string][]vvp.Savepoint{}
		for _, item := range all {
			savepoint := vvp.SavepointOf(item)
			out[savepoint.DeploymentID] = append(out[savepoint.DeploymentID], savepoint)
		}
		return out, nil
	})
}

// observe returns a deployment as the platform has it. fresh asks for its savepoints now.
func (c *Client) observe(ctx context.Context, ref platform.Ref, deployment object, fresh bool) (*platform.Observed, error) {
	id := text(deployment, "metadata", "id")
	var savepoints []vvp.Savepoint
	var err error
	if fresh {
		savepoints, err = c.savepointsOf(ctx, ref.Namespace, id)
	} else {
		var all map[string][]vvp.Savepoint
		all, err = c.knownSavepoints(ctx, ref.Namespace)
		savepoints = all[id]
	}
	if err != nil {
		return nil, err
	}
	of := vvp.Observation{Deployment: deployment, Savepoints: savepoints, Ran: len(savepoints) > 0}
	if !of.Ran && vvp.State(deployment) == vvp.StateCancelled {
		// Nothing of the deployment itself tells whether it ever ran.
		jobs, err := c.about(ctx, ref.Namespace, jobsIn, id)
		if err != nil {
			return nil, err
		}
		of.Ran = len(jobs) > 0
	}
	mark, unfinished := vvp.MarkOf(deployment)
	observed := &platform.Observed{
		Ref: ref, UID: id, Generation: vvp.Version(deployment), Labels: texts(deployment, "metadata", "labels"),
		Annotations: theirs(texts(deployment, "metadata", "annotations")), Spec: vvp.Live(deployment), Status: of.Status(),
		RolledOut: rolledOut(deployment) && !unfinished, Replaces: identities(deployment)[1:],
	}
	// A value that the server has filled in runs already when somebody says it too.
	observed.Enforced = observed.Spec
	if unfinished {
		observed.Unfinished, observed.Written = planner.Action(mark.Action), mark.Written(wholeSpec(observed.Spec, observed.Labels, observed.Annotations))
	}
	return observed, nil
}

// rolledOut tells whether a deployment is in the state that it shall have.
func rolledOut(deployment object) bool {
	desired, state := vvp.Desired(deployment), vvp.State(deployment)
	return desired == state || desired == vvp.StateRunning && state == vvp.StateFinished
}

// wholeSpec is a specification with labels and annotations below "metadata".
func wholeSpec(spec flink.Tree, labels, annotations map[string]string) flink.Tree {
	written := maps.Clone(spec)
	metadata := flink.Tree{}
	for name, values := range map[string]map[string]string{"labels": labels, "annotations": annotations} {
		if len(values) > 0 {
			part := flink.Tree{}
			for key, value := range values {
				part[key] = value
			}
			metadata[name] = part
		}
	}
	if len(metadata) > 0 {
		written["metadata"] = metadata
	}
	return written
}

// theirs are the annotations that are neither the server's nor the provider's own.
func theirs(annotations map[string]string) map[string]string {
	maps.DeleteFunc(annotations, func(key, _ string) bool {
		return strings.HasPrefix(key, serverAnnotations) || strings.HasPrefix(key, annotationPrefix)
	})
	return annotations
}
