// Package kafkadatabase is the resource flink_kafka_database: a Kafka cluster as a
// database of SQL statements.
package kafkadatabase

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// databaseResource is the resource flink_kafka_database.
type databaseResource struct {
	object.Resource[platform.KafkaDatabase]
}

var _ object.Full = (*databaseResource)(nil)

// NewResource returns the resource flink_kafka_database of the platforms with these
// names.
func NewResource(platforms []string) resource.Resource {
	return &databaseResource{object.Resource[platform.KafkaDatabase]{Type: object.Type[platform.KafkaDatabase]{
		Name:      "kafka_database",
		Noun:      "Kafka database",
		Platforms: platforms,
		New:       func() object.Data[platform.KafkaDatabase] { return &model{} },
		Schema:    databaseSchema,
		Parent:    object.InCatalog,
		Told:      []string{"kafka_cluster", "ddl_environments", "environments_with_access"},
		Computed:  []string{"environments_with_access"},
		Of:        object.OfSQL(platform.SQL.KafkaDatabases),
	}}}
}

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	KafkaCluster    *tfkit.Connection `tfsdk:"kafka_cluster"`
	DDLEnvironments []string          `tfsdk:"ddl_environments"`
	Access          []string          `tfsdk:"environments_with_access"`
}

// Want implements object.Data.
func (m *model) Want() (platform.KafkaDatabase, diag.Diagnostics) {
	return platform.KafkaDatabase{Described: m.Described(), Cluster: m.KafkaCluster.Want(), DDLEnvironments: m.DDLEnvironments}, nil
}

// Take implements object.Data.
func (m *model) Take(observed platform.KafkaDatabase) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	m.KafkaCluster = tfkit.ConnectionOf(observed.Cluster)
	if !slices.Equal(slices.Sorted(slices.Values(m.DDLEnvironments)), slices.Sorted(slices.Values(observed.DDLEnvironments))) {
		// Their order means nothing.
		m.DDLEnvironments = observed.DDLEnvironments
	}
	m.Access = append([]string{}, observed.Access...)
	return nil
}

// databaseSchema is the resource flink_kafka_database.
func databaseSchema(ctx context.Context, t object.Type[platform.KafkaDatabase]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/shop/orders")
	maps.Copy(attributes, map[string]schema.Attribute{
		"kafka_cluster": tfkit.ConnectionAttribute("The Kafka cluster of the database. The server connects to it when the database is created.", `"bootstrap.servers" = "kafka:9092"`),
		"ddl_environments": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "The environments whose statements may create, change and drop tables of the database. Others only read and write them.",
			Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.UniqueValues(), listvalidator.NoNullValues()},
		},
		"environments_with_access": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The environments that can use the database, as the server says.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "A Kafka cluster in a catalog of Confluent Manager for Apache Flink: a database whose tables are the cluster's topics.",
		Attributes:          attributes,
	}
}
