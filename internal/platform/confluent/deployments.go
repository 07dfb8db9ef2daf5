package confluent

import (
	"context"
	"errors"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

var _ platform.Platform = (*Client)(nil)

// Deployments implements platform.Platform. Rules.Has knows no other kind.
func (c *Client) Deployments(platform.Kind) platform.Deployments {
	return deployments{c, operator.NewApplications(c.applications(), operator.Options{Kind: applicationKind, Unrouted: true, Noted: noted})}
}

// deployments are FlinkApplications: what the operator does with them, in the words
// of Confluent Manager, and reached by it.
type deployments struct {
	client *Client
	inner  *operator.Applications
}

var (
	_ platform.Deployments = deployments{}
	_ platform.Inspector   = deployments{}
)

// told returns what was observed, with the address by which everybody reaches the
// JobManager, and the error in words for people.
func (d deployments) told(observed *platform.Observed, err error) (*platform.Observed, error) {
	if observed != nil && observed.Status.RestURL != "" {
		shown := *observed
		application := observed.Name
		if color := observed.Status.ActiveColor; color != "" {
			application += "-" + color
		}
		shown.Status.RestURL = strings.TrimSuffix(d.client.Endpoint(), "/") + "/" + strings.Join(webUI(observed.Namespace, application), "/")
		observed = &shown
	}
	return observed, explainDeployment(err)
}

// explainDeployment returns an error about an application as one of the platform.
func explainDeployment(err error) error {
	var (
		rollout  *platform.RolloutError
		other    *platform.OtherObjectError
		begun    *platform.BegunError
		absent   *platform.NotFoundError
		exists   *kube.ExistsError
		notFound *kube.NotFoundError
	)
	switch {
	case errors.As(err, &rollout), errors.As(err, &other), errors.As(err, &begun), errors.As(err, &absent):
		return err
	case errors.As(err, &exists):
		return &platform.ExistsError{Err: err, Ours: exists.Ours()}
	case errors.As(err, &notFound):
		return &platform.ExplainedError{Cause: "it does not exist", Err: err, Remedy: "Apply again: Terraform then creates it anew."}
	case errors.Is(err, context.DeadlineExceeded):
		return &platform.ExplainedError{Cause: "it takes too long", Err: err, Remedy: "Raise the timeout in the attribute timeouts, or look at the application in Confluent Manager."}
	}
	return explain(err)
}

// Read implements platform.Deployments.
func (d deployments) Read(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	return d.told(d.inner.Read(ctx, ref))
}

// Import implements platform.Deployments.
func (d deployments) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	return d.told(d.inner.Import(ctx, ref))
}

// Check implements platform.Deployments: the server does not check before it writes.
func (d deployments) Check(context.Context, platform.Deployment, bool) error { return nil }

// Begin implements platform.Deployments.
func (d deployments) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	began, err := d.inner.Begin(ctx, change)
	if err != nil {
		return nil, explainDeployment(err)
	}
	return rolling{d, began}, nil
}

// Delete implements platform.Deployments.
func (d deployments) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	deleted, err := d.inner.Delete(ctx, ref, options)
	return deleted, explainDeployment(err)
}

// Inspect implements platform.Inspector.
func (d deployments) Inspect(ctx context.Context, observed *platform.Observed) platform.JobDetails {
	return d.inner.Inspect(ctx, observed)
}

// rolling is a rollout as the platform tells it.
type rolling struct {
	d     deployments
	inner platform.Rollout
}

// Observed implements platform.Rollout.
func (r rolling) Observed() *platform.Observed {
	observed, _ := r.d.told(r.inner.Observed(), nil)
	return observed
}

// Await implements platform.Rollout.
func (r rolling) Await(ctx context.Context) (*platform.Observed, error) {
	return r.d.told(r.inner.Await(ctx))
}

// Settle implements platform.Rollout.
func (r rolling) Settle(ctx context.Context) (*platform.Observed, error) {
	return r.d.told(r.inner.Settle(ctx))
}
