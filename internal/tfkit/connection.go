package tfkit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Connection is the data of ConnectionAttribute.
type Connection struct {
	Config   map[string]string `tfsdk:"connection_config"`
	SecretID *string           `tfsdk:"connection_secret_id"`
}

// ConnectionAttribute says how the platform reaches something. example is an option
// of its client.
func ConnectionAttribute(description, example string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"connection_config": schema.MapAttribute{
				Required: true, ElementType: types.StringType,
				MarkdownDescription: "Options of the client, for example `" + example + "`. They are shown in plans and on the server; secrets belong into a `flink_secret`.",
				Validators:          []validator.Map{mapvalidator.NoNullValues(), secretsInClear{}},
			},
			"connection_secret_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "By what name each environment finds the secret with the rest of the options: that of a `flink_secret_mapping` there. " +
					"An environment without such a mapping does not see it.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

// Want returns the connection that is asked for.
func (c *Connection) Want() platform.Connection {
	if c == nil {
		return platform.Connection{}
	}
	return platform.Connection{Config: c.Config, SecretID: ptr.Deref(c.SecretID, "")}
}

// ConnectionOf returns the data of a connection that a platform has.
func ConnectionOf(observed platform.Connection) *Connection {
	out := &Connection{Config: observed.Config}
	if out.Config == nil {
		out.Config = map[string]string{}
	}
	if observed.SecretID != "" {
		out.SecretID = &observed.SecretID
	}
	return out
}

// secretsInClear warns of secrets among the options of a client.
type secretsInClear struct{}

// Description implements validator.Map.
func (secretsInClear) Description(context.Context) string {
	return "secrets belong into a flink_secret"
}

// MarkdownDescription implements validator.Map.
func (c secretsInClear) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateMap implements validator.Map.
func (secretsInClear) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for _, key := range slices.Sorted(maps.Keys(req.ConfigValue.Elements())) {
		if flink.SensitiveKey(key) || strings.Contains(key, "auth.user.info") {
			resp.Diagnostics.AddAttributeWarning(req.Path.AtMapKey(key), "A secret is in a connection",
				fmt.Sprintf("The value of %s is in clear in the state and on the server. Put it into a flink_secret, and name that by connection_secret_id and a flink_secret_mapping.", key))
		}
	}
}
