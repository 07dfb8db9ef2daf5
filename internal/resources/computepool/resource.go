// Package computepool is the resource flink_compute_pool: where the SQL statements
// of Confluent Manager for Apache Flink run.
package computepool

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// poolType is what is this resource type's own.
var poolType = object.Type[platform.ComputePool]{
	Name:      "compute_pool",
	Noun:      "compute pool",
	New:       func() object.Data[platform.ComputePool] { return &model{} },
	Schema:    poolSchema,
	Parent:    object.InEnvironment,
	Immutable: []string{"type"},
	Told:      []string{"type", "state", "cluster_spec", "status"},
	Computed:  []string{"status"},
	Of:        object.OfSQL(platform.SQL.ComputePools),
}

// poolResource is the resource flink_compute_pool.
type poolResource struct {
	object.Resource[platform.ComputePool]
}

var (
	_ object.Full                         = (*poolResource)(nil)
	_ resource.ResourceWithValidateConfig = (*poolResource)(nil)
)

// NewResource returns the resource flink_compute_pool of the platforms with these
// names.
func NewResource(platforms []string) resource.Resource {
	of := poolType
	of.Platforms = platforms
	return &poolResource{object.Resource[platform.ComputePool]{Type: of}}
}
