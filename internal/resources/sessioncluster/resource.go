// Package sessioncluster is the resource flink_session_cluster: a Flink cluster
// that takes session jobs.
package sessioncluster

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// clusterType is what is this resource type's own.
var clusterType = lifecycle.Type{
	Name: "session_cluster",
	Noun: "session cluster",
	Specification: []string{
		"labels", "annotations", "image", "image_pull_policy", "flink_version", "service_account", "mode", "flink_configuration",
		"job_manager", "task_manager", "pod_template", "log_configuration", "ingress", "upgrade", "restart_triggers",
	},
	New:     func() lifecycle.Data { return &model{} },
	Connect: operatorClusters,
}

// clusterResource is the resource flink_session_cluster.
type clusterResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*clusterResource)(nil)

// NewResource returns the resource flink_session_cluster.
func NewResource() resource.Resource {
	return &clusterResource{lifecycle.Resource{Type: clusterType}}
}

// NewShortcut returns the shortcut past flink_session_cluster.
func NewShortcut(ctx context.Context) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, clusterType, NewResource())
}
