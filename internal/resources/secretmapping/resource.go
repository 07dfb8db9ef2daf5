// Package secretmapping is the resource flink_secret_mapping: which secret a
// connection takes in an environment.
package secretmapping

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// mappingResource is the resource flink_secret_mapping.
type mappingResource struct {
	object.Resource[platform.SecretMapping]
}

var _ object.Full = (*mappingResource)(nil)

// NewResource returns the resource flink_secret_mapping of the platforms with these
// names.
func NewResource(platforms []string) resource.Resource {
	return &mappingResource{object.Resource[platform.SecretMapping]{Type: object.Type[platform.SecretMapping]{
		Name:      "secret_mapping",
		Noun:      "secret mapping",
		Platforms: platforms,
		New:       func() object.Data[platform.SecretMapping] { return &model{} },
		Schema:    mappingSchema,
		Parent:    object.InEnvironment,
		Told:      []string{"secret_name"},
		Of:        object.OfSQL(platform.SQL.SecretMappings),
	}}}
}

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	SecretName *string `tfsdk:"secret_name"`
}

// Want implements object.Data.
func (m *model) Want() (platform.SecretMapping, diag.Diagnostics) {
	want := platform.SecretMapping{Described: m.Described()}
	if m.SecretName != nil {
		want.Secret = *m.SecretName
	}
	return want, nil
}

// Take implements object.Data.
func (m *model) Take(observed platform.SecretMapping) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	m.SecretName = &observed.Secret
	return nil
}

// mappingSchema is the resource flink_secret_mapping.
func mappingSchema(ctx context.Context, t object.Type[platform.SecretMapping]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/prod/kafka")
	attributes["secret_name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The secret that it means in this environment: `flink_secret.kafka.name`.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	return schema.Schema{
		MarkdownDescription: "What a `connection_secret_id` of a Kafka catalog or database means in an environment of Confluent Manager for Apache Flink: one of its secrets. " +
			"Its name is that identifier.",
		Attributes: attributes,
	}
}
