package confluent

import (
	"context"
	"errors"
	"maps"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// savepointSchedule is the field of an application's specification by which the server
// takes savepoints of the job, and cleans them up. The operator never sees it.
const savepointSchedule = "savepointSchedule"

// firstWithSchedules is the first version that has it. What an older one does with the
// field is not documented.
const firstWithSchedules = "2.4"

// requireSchedules is an error for a server without schedules.
func (c *Client) requireSchedules(ctx context.Context) error {
	return c.require(ctx, "A schedule of savepoints", firstWithSchedules)
}

// handedOn is what of a specification the operator gets.
func handedOn(spec flink.Tree) flink.Tree {
	if _, scheduled := spec[savepointSchedule]; !scheduled {
		return spec
	}
	rest := maps.Clone(spec)
	delete(rest, savepointSchedule)
	return rest
}

// scheduled are deployments of which some have a schedule, which not every server
// takes. They are asked before anything is written: a change may delete the
// application first.
type scheduled struct {
	*operator.Applications

	client *Client
}

// Check implements platform.Deployments. A server that cannot be asked is left to the
// apply.
func (s scheduled) Check(ctx context.Context, want platform.Deployment, exists bool) error {
	if len(want.Spec.SavepointSchedule) > 0 {
		if old, ok := errors.AsType[*platform.ExplainedError](s.client.requireSchedules(ctx)); ok {
			return &platform.RejectedError{By: product, Path: flink.Path{savepointSchedule}, Message: old.Error() + ". " + old.Remedy}
		}
	}
	return s.Applications.Check(ctx, want, exists)
}

// Begin implements platform.Deployments.
func (s scheduled) Begin(ctx context.Context, change platform.Change) (platform.Rollout, error) {
	if len(change.Spec.SavepointSchedule) > 0 {
		if err := s.client.requireSchedules(ctx); err != nil {
			return nil, err
		}
	}
	return s.Applications.Begin(ctx, change)
}
