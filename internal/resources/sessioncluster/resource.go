// Package sessioncluster is the resource flink_session_cluster: a Flink cluster
// that takes session jobs.
package sessioncluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// clusterType is what is this resource type's own.
var clusterType = lifecycle.Type{
	Name:    "session_cluster",
	Kind:    platform.KindSessionCluster,
	New:     func() lifecycle.Data { return &lifecycle.Model{} },
	Refuses: refuses,
}

// clusterResource is the resource flink_session_cluster.
type clusterResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*clusterResource)(nil)

// NewResource returns the resource flink_session_cluster on some platforms.
func NewResource(platforms platform.Known) resource.Resource {
	return &clusterResource{lifecycle.Resource{Type: clusterType.On(platforms)}}
}

// NewShortcut returns the shortcut past flink_session_cluster.
func NewShortcut(ctx context.Context, platforms platform.Known) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, clusterType.On(platforms), NewResource(platforms))
}
