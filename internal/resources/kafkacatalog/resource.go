// Package kafkacatalog is the resource flink_kafka_catalog: Kafka topics with
// schemas as tables of SQL statements.
package kafkacatalog

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// catalogResource is the resource flink_kafka_catalog.
type catalogResource struct {
	object.Resource[platform.KafkaCatalog]
}

var _ object.Full = (*catalogResource)(nil)

// NewResource returns the resource flink_kafka_catalog of the platforms with these
// names.
func NewResource(platforms []string) resource.Resource {
	return &catalogResource{object.Resource[platform.KafkaCatalog]{Type: object.Type[platform.KafkaCatalog]{
		Name:      "kafka_catalog",
		Noun:      "Kafka catalog",
		Platforms: platforms,
		New:       func() object.Data[platform.KafkaCatalog] { return &model{} },
		Schema:    catalogSchema,
		Told:      []string{"sr_instance", "environments_with_access"},
		Computed:  []string{"environments_with_access"},
		Of:        object.OfSQL(platform.SQL.KafkaCatalogs),
	}}}
}

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	SRInstance *tfkit.Connection `tfsdk:"sr_instance"`
	Access     []string          `tfsdk:"environments_with_access"`
}

// Want implements object.Data.
func (m *model) Want() (platform.KafkaCatalog, diag.Diagnostics) {
	return platform.KafkaCatalog{Described: m.Described(), Registry: m.SRInstance.Want()}, nil
}

// Take implements object.Data.
func (m *model) Take(observed platform.KafkaCatalog) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	m.SRInstance = tfkit.ConnectionOf(observed.Registry)
	m.Access = append([]string{}, observed.Access...)
	return nil
}

// catalogSchema is the resource flink_kafka_catalog.
func catalogSchema(ctx context.Context, t object.Type[platform.KafkaCatalog]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/shop")
	maps.Copy(attributes, map[string]schema.Attribute{
		"sr_instance": tfkit.ConnectionAttribute("The schema registry of the catalog. The server connects to it when the catalog is created.", `"schema.registry.url" = "http://schema-registry:8081"`),
		"environments_with_access": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The environments that can use the catalog, as the server says.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "A Kafka catalog of Confluent Manager for Apache Flink: a schema registry, whose Kafka clusters are databases ([flink_kafka_database](kafka_database.md)) and whose topics are tables. " +
			"All environments share it. A catalog with databases is not deleted; the error names them.",
		Attributes: attributes,
	}
}
