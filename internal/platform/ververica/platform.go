package ververica

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.Platform = (*Client)(nil)

// Deployments implements platform.Platform.
func (c *Client) Deployments(kind platform.Kind) platform.Deployments {
	if kind == platform.KindSessionCluster {
		return platform.Told{Inner: sessions{c}, Tell: tell}
	}
	return platform.Told{Inner: applications{jobs{c}}, Tell: tell}
}

// tell gives an error the words in which it leaves the package.
func tell(observed *platform.Observed, err error) (*platform.Observed, error) {
	return observed, told(err)
}

// told returns an error as one of the platform. Those that callers tell apart stay.
func told(err error) error {
	var (
		rollout *platform.RolloutError
		other   *platform.OtherObjectError
		begun   *platform.BegunError
		absent  *platform.NotFoundError
		exists  *platform.ExistsError
		fields  *platform.FieldsError
	)
	switch {
	case err == nil, errors.As(err, &rollout), errors.As(err, &other), errors.As(err, &begun), errors.As(err, &absent), errors.As(err, &exists), errors.As(err, &fields):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		var explained *platform.ExplainedError
		if !errors.As(err, &explained) {
			return &platform.ExplainedError{Cause: "it takes too long", Err: err, Remedy: "Raise the timeout in the attribute timeouts, or look at the deployment in the platform."}
		}
	}
	return explain(err)
}
