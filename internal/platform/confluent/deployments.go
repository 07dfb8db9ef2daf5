package confluent

import (
	"context"
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

var _ platform.Platform = (*Client)(nil)

// Deployments implements platform.Platform. Rules.Has knows no other kind.
func (c *Client) Deployments(platform.Kind) platform.Deployments {
	return platform.Told{
		Inner: scheduled{operator.NewApplications(c.applications(), operator.Options{Kind: applicationKind, Unrouted: true, Noted: noted, MayGo: c.applications().detachAll}), c},
		Tell:  c.told,
	}
}

// Application returns an application as the server has it now, as the object of the operator
// that it becomes, for another way to the same server. That there is none is a
// *platform.NotFoundError.
func (c *Client) Application(ctx context.Context, ref platform.Ref) (*unstructured.Unstructured, error) {
	found, err := c.applications().get(ctx, ref)
	if err != nil {
		return nil, explain(err)
	}
	return objectOf(ref.Namespace, found), nil
}

// told returns what was observed, with the address by which everybody reaches the
// JobManager, and the error in words for people.
func (c *Client) told(observed *platform.Observed, err error) (*platform.Observed, error) {
	if observed != nil && observed.Status.RestURL != "" {
		shown := *observed
		application := observed.Name
		if color := observed.Status.ActiveColor; color != "" {
			application += "-" + color
		}
		shown.Status.RestURL = strings.TrimSuffix(c.Endpoint(), "/") + "/" + strings.Join(webUI(observed.Namespace, "applications", application), "/")
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
