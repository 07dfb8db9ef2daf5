package secret

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// secretSchema is the resource flink_secret.
func secretSchema(ctx context.Context, t object.Type[platform.Secret]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/kafka")
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The name. On `confluent`: lower case letters, digits and hyphens, at most 45 characters with newer servers. On `ververica`: letters, digits, hyphens and underscores, at most 250; a deployment refers to the value by it, as in `flink_configuration = { \"s3.secret-key\" = \"$${S3_KEY}\" }`. " +
				"Another name replaces the secret.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"environment": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "The environment that the secret is in, on `ververica`: a whole `flink_environment` (`environment = flink_environment.prod`), or `environment = { platform = \"ververica\", name = \"prod\" }`. Another one replaces the secret. " +
				"Left out, the secret is one of `confluent`, where all environments share it.",
			Attributes: map[string]schema.Attribute{
				"platform": schema.StringAttribute{Optional: true, MarkdownDescription: "`ververica`."},
				"name":     schema.StringAttribute{Optional: true, MarkdownDescription: "The environment's name. Required, though an assigned environment always has it."},
			},
		},
		"data_wo": schema.MapAttribute{
			Required: true, WriteOnly: true, ElementType: types.StringType,
			MarkdownDescription: "The values by name. On `confluent` these are options of connections, for example `{ \"sasl.jaas.config\" = var.jaas }`; on `ververica` a secret has one value, `{ value = var.s3_key }`. " +
				"Write-only: they are in no plan and in no state. They need a CLI that has write-only attributes, Terraform 1.11 or OpenTofu 1.11.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
		},
		"data_wo_version": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The version of `data_wo`, any text: a change of it writes the values again. When somebody else has changed the secret on the server, and after an import, a plan shows that it is not there yet.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"server_version": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The version that the server gives the secret. It tells that somebody has changed the values, which the server does not show.",
		},
		"environments": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "On `confluent`, the environments that map the secret, as the server says.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "A secret of a platform.\n\n" +
			"On `confluent`, Confluent Manager for Apache Flink: options of the connections of Kafka catalogs and databases. All environments share it; each says by a [flink_secret_mapping](secret_mapping.md) what it is for. " +
			"A secret that is mapped is not deleted; the error names the environments.\n\n" +
			"On `ververica`, Ververica Platform: a secret value of an environment, to which `flink_configuration` and the URI of a job's jar refer by its name. The platform keeps it in its database, up to 2.x in clear.\n\n" +
			"On the server, a new secret has the annotation `flink-terraform.io/creation` with a random text, by which its create knows it again when the answer is lost; `annotations` does not show it.",
		Attributes: attributes,
	}
}
