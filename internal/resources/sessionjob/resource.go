// Package sessionjob is the resource flink_session_job: a job in a session
// cluster.
package sessionjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// jobType is what is this resource type's own.
var jobType = lifecycle.Type{
	Name:    "session_job",
	Kind:    platform.KindSessionJob,
	RunsOn:  "session_cluster",
	New:     func() lifecycle.Data { return &lifecycle.Model{} },
	Refuses: refuses,
}

// jobResource is the resource flink_session_job.
type jobResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*jobResource)(nil)

// NewResource returns the resource flink_session_job on some platforms.
func NewResource(platforms platform.Known) resource.Resource {
	return &jobResource{lifecycle.Resource{Type: jobType.On(platforms)}}
}

// NewShortcut returns the shortcut past flink_session_job.
func NewShortcut(ctx context.Context, platforms platform.Known) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, jobType.On(platforms), NewResource(platforms))
}
