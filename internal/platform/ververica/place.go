package ververica

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// place names the deployment target of a deployment on a cluster of its own that names none:
// the one with the name of the namespace, else the only one.
func (c *Client) place(ctx context.Context, namespace string, spec flink.Tree) error {
	if spec["deploymentTargetName"] != nil || spec["sessionClusterName"] != nil {
		return nil
	}
	all, err := c.list(ctx, namespace, targets)
	if err != nil {
		return err
	}
	if _, has := all[namespace]; has || c.written.Has(key{namespace, targets, namespace}) {
		spec["deploymentTargetName"] = namespace
		return nil
	}
	names := slices.Sorted(maps.Keys(all))
	if len(names) == 1 {
		spec["deploymentTargetName"] = names[0]
		return nil
	}
	which := "there is none"
	if len(names) > 1 {
		which = "there are " + strings.Join(names, ", ")
	}
	return &platform.ExplainedError{
		Cause:  "no deployment target is named",
		Err:    fmt.Errorf("a deployment runs in the Kubernetes namespace of a deployment target of the namespace %s, and %s", namespace, which),
		Remedy: "Name one in ververica.deployment_target, of the deployment or of the environment's deployment_defaults, or have a flink_environment create one.",
	}
}

// unplaced takes the deployment target out of an imported specification where place would name the
// same: nobody need say it.
func (c *Client) unplaced(ctx context.Context, namespace string, spec flink.Tree) {
	own, _ := spec["ververica"].(flink.Tree)
	placed := flink.Tree{}
	if err := c.place(ctx, namespace, placed); err != nil || placed["deploymentTargetName"] != own["deploymentTarget"] {
		return
	}
	if delete(own, "deploymentTarget"); len(own) == 0 {
		delete(spec, "ververica")
	}
}
