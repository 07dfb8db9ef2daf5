package ververica

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// bringSavepoint has the platform know of a savepoint at a path as one of a deployment, the
// newest that it has. One that is the newest already is not brought in again, but for a checkpoint
// that a job has left: LATEST_SAVEPOINT passes over that.
func (c *Client) bringSavepoint(ctx context.Context, namespace, deployment, path string) (vvp.Savepoint, error) {
	known, err := c.savepointsOf(ctx, namespace, deployment)
	if err != nil {
		return vvp.Savepoint{}, err
	}
	if newest, found := vvp.Newest(known); found && newest.Location == path && newest.Origin != vvp.OriginRetained {
		return newest, nil
	}
	var brought object
	err = c.do(ctx, namespace, rest.Request{Method: http.MethodPost, Path: at(namespace, savepointsIn), Body: flink.Tree{
		"kind": "Savepoint", "apiVersion": apiVersion,
		"metadata": flink.Tree{"namespace": namespace, "deploymentId": deployment, "origin": vvp.OriginCopied},
		"spec":     flink.Tree{"savepointLocation": path},
	}}, &brought)
	if err != nil {
		return vvp.Savepoint{}, fmt.Errorf("the savepoint %s cannot be given to the platform: %w", path, err)
	}
	return vvp.SavepointOf(brought), nil
}

// used are savepoints without those that were brought in and from which no job of the deployment
// has come up: nobody knows whether there is state at all.
func (c *Client) used(ctx context.Context, namespace, deployment string, savepoints []vvp.Savepoint) []vvp.Savepoint {
	started, err := c.about(ctx, namespace, jobsIn, deployment)
	if err != nil {
		return savepoints
	}
	came := map[string]bool{}
	for _, job := range started {
		if text(job, "status", "started", "startedAt") != "" {
			came[text(job, "spec", "savepointLocation")] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(savepoints), func(s vvp.Savepoint) bool { return s.Origin == vvp.OriginCopied && !came[s.Location] })
}
