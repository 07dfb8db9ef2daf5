// Package sessionjob is the resource flink_session_job: a job in a session
// cluster.
package sessionjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// jobType is what is this resource type's own.
var jobType = lifecycle.Type{
	Name:          "session_job",
	Noun:          "session job",
	Specification: []string{"session_cluster", "labels", "annotations", "flink_configuration", "job", "upgrade", "restart_triggers"},
	New:           func() lifecycle.Data { return &model{} },
	Connect:       operatorJobs,
}

// jobResource is the resource flink_session_job.
type jobResource struct{ lifecycle.Resource }

var _ lifecycle.Full = (*jobResource)(nil)

// NewResource returns the resource flink_session_job.
func NewResource() resource.Resource {
	return &jobResource{lifecycle.Resource{Type: jobType}}
}

// NewShortcut returns the shortcut past flink_session_job.
func NewShortcut(ctx context.Context) *lifecycle.Shortcut {
	return lifecycle.NewShortcut(ctx, jobType, NewResource())
}
