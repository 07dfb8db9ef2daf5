// Package deployment is the resource flink_deployment: one Flink job on a
// cluster of its own.
package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// deploymentType is what is this resource type's own.
var deploymentType = lifecycle.Type{
	Name: "deployment",
	Noun: "deployment",
	Specification: []string{
		"labels", "annotations", "image", "image_pull_policy", "flink_version", "service_account", "mode", "flink_configuration", "job",
		"job_manager", "task_manager", "pod_template", "log_configuration", "ingress", "upgrade", "restart_triggers",
	},
	New:     func() lifecycle.Data { return &model{} },
	Connect: operatorDeployments,
}

// deploymentResource is the resource flink_deployment.
type deploymentResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*deploymentResource)(nil)

// NewResource returns the resource flink_deployment.
func NewResource() resource.Resource {
	return &deploymentResource{lifecycle.Resource{Type: deploymentType}}
}

// NewShortcut returns the shortcut past flink_deployment.
func NewShortcut(ctx context.Context) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, deploymentType, NewResource())
}
