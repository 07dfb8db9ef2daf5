// Package deployment is the resource flink_deployment: one Flink job on a
// cluster of its own.
package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// deploymentType is what is this resource type's own.
var deploymentType = lifecycle.Type{
	Name:    "deployment",
	Kind:    platform.KindDeployment,
	New:     func() lifecycle.Data { return &lifecycle.Model{} },
	Refuses: refuses,
}

// deploymentResource is the resource flink_deployment.
type deploymentResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*deploymentResource)(nil)

// NewResource returns the resource flink_deployment on some platforms.
func NewResource(platforms platform.Known) resource.Resource {
	return &deploymentResource{lifecycle.Resource{Type: deploymentType.On(platforms)}}
}

// NewPart returns what runs deployments within a resource of a kind that has several of them.
func NewPart(ctx context.Context, platforms platform.Known, of platform.Kind) *lifecycle.Shortcut {
	part := deploymentType.On(platforms)
	part.PartOf = of
	return lifecycle.NewShortcut(ctx, part, NewResource(platforms))
}

// NewShortcut returns the shortcut past flink_deployment.
func NewShortcut(ctx context.Context, platforms platform.Known) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, deploymentType.On(platforms), NewResource(platforms))
}
