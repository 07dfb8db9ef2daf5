// Package statement is the resource flink_statement: an SQL statement of Confluent
// Manager for Apache Flink.
package statement

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// statementType is what is this resource type's own.
var statementType = object.Type[platform.Statement]{
	Name:      "statement",
	Noun:      "statement",
	New:       func() object.Data[platform.Statement] { return &model{} },
	Schema:    statementSchema,
	Parent:    object.InEnvironment,
	Immutable: []string{"statement", "compute_pool", "properties", "flink_configuration"},
	Told:      []string{"statement", "compute_pool", "properties", "flink_configuration", "parallelism", "stopped", "status"},
	Computed:  []string{"status"},
	Planned:   []string{"rollout"},
	Of:        object.OfSQL(platform.SQL.Statements),
	Lacks:     lacks,
}

// statementResource is the resource flink_statement.
type statementResource struct {
	object.Resource[platform.Statement]
}

var (
	_ object.Full                         = (*statementResource)(nil)
	_ resource.ResourceWithValidateConfig = (*statementResource)(nil)
)

// NewResource returns the resource flink_statement of the platforms with these
// names.
func NewResource(platforms []string) resource.Resource {
	of := statementType
	of.Platforms = platforms
	return &statementResource{object.Resource[platform.Statement]{Type: of}}
}
