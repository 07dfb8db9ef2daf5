// Package secret is the resource flink_secret: options of connections that nobody
// shall see.
package secret

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// secretResource is the resource flink_secret.
type secretResource struct {
	object.Resource[platform.Secret]
}

var _ object.Full = (*secretResource)(nil)

// NewResource returns the resource flink_secret of the platforms with these names.
func NewResource(platforms []string) resource.Resource {
	return &secretResource{object.Resource[platform.Secret]{Type: object.Type[platform.Secret]{
		Name:      "secret",
		Noun:      "secret",
		Platforms: platforms,
		New:       func() object.Data[platform.Secret] { return &model{} },
		Schema:    secretSchema,
		Told:      []string{"data_wo_version", "server_version", "environments"},
		Computed:  []string{"server_version", "environments"},
		Of:        platform.SQL.Secrets,
	}}}
}

// model is the resource's data. Nil is null.
type model struct {
	object.Common

	// data are the values, which only a configuration has.
	data          map[string]string
	DataVersion   *string  `tfsdk:"data_wo_version"`
	ServerVersion *string  `tfsdk:"server_version"`
	Environments  []string `tfsdk:"environments"`
}

// Want implements object.Data.
func (m *model) Want() (platform.Secret, diag.Diagnostics) {
	return platform.Secret{Described: m.Described(), Data: m.data, Version: ptr.Deref(m.DataVersion, "")}, nil
}

// Take implements object.Data. When somebody else has changed the values, nobody
// knows them any more: the version that the state has is not theirs.
func (m *model) Take(observed platform.Secret) diag.Diagnostics {
	m.TakeDescribed(observed.Described)
	if m.ServerVersion != nil && *m.ServerVersion != observed.Version {
		m.DataVersion = nil
	}
	m.ServerVersion = &observed.Version
	m.Environments = append([]string{}, observed.Environments...)
	return nil
}

// TakeWriteOnly implements object.WriteOnly.
func (m *model) TakeWriteOnly(ctx context.Context, config tftypes.Value) diag.Diagnostics {
	var given struct {
		Data map[string]string `tfsdk:"data_wo"`
	}
	unknown, diags := tfkit.DecodeValue(ctx, config, nil, &given)
	if len(given.Data) == 0 || unknown.Contains(path.Root("data_wo")) {
		diags.AddAttributeError(path.Root("data_wo"), "The values of the secret are not known", "They must be known when they are written. Nothing was written.")
	}
	m.data = given.Data
	return diags
}

// secretSchema is the resource flink_secret.
func secretSchema(ctx context.Context, t object.Type[platform.Secret]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/kafka")
	maps.Copy(attributes, map[string]schema.Attribute{
		"data_wo": schema.MapAttribute{
			Required: true, WriteOnly: true, ElementType: types.StringType,
			MarkdownDescription: "The options by name, for example `{ \"sasl.jaas.config\" = var.jaas }`. Write-only: they are in no plan and in no state. They need a CLI that has write-only attributes, Terraform 1.11 or OpenTofu 1.11.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues()},
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
			MarkdownDescription: "The environments that map the secret, as the server says.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "A secret of Confluent Manager for Apache Flink: options of the connections of Kafka catalogs and databases. All environments share it; each says by a [flink_secret_mapping](secret_mapping.md) what it is for. " +
			"A secret that is mapped is not deleted; the error names the environments. " +
			"On the server, a new secret has the annotation `flink-terraform.io/creation` with a random text, by which its create knows it again when the answer is lost; `annotations` does not show it.",
		Attributes: attributes,
	}
}
