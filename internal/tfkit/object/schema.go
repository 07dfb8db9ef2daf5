package object

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Attributes are the attributes that every resource of this package has. example
// is an id.
func (t Type[T]) Attributes(ctx context.Context, example string) map[string]schema.Attribute {
	out := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`" + t.IDForm() + "`, for example `" + example + "`.",
		},
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The name: lower case letters, digits and hyphens, at most 45 characters with newer servers. Another name replaces the " + t.Noun + ".",
			// The newest servers take 45 characters at most, and say so themselves.
			Validators: []validator.String{tfkit.ObjectNameValidator()},
		},
		"labels":      t.texts("Labels"),
		"annotations": t.texts("Annotations"),
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long creating may take. Default: `10m`.",
			Update: true, UpdateDescription: "How long updating may take. Default: `10m`.",
			Delete: true, DeleteDescription: "How long deleting may take, until the " + t.Noun + " is gone. Default: `10m`.",
		}),
	}
	if t.Parent != InEnvironment || len(t.Unplaced) > 0 {
		out["through"] = t.through()
	}
	switch t.Parent {
	case Nothing:
	case InEnvironment:
		out["environment"] = t.environment()
	case InCatalog:
		out["catalog"] = schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The catalog that the " + t.Noun + " is in: `flink_kafka_catalog.shop.name`. Another one replaces the " + t.Noun + ".",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	return out
}

// environment is the attribute of that name. As tfkit.EnvironmentAttribute it takes
// a whole flink_environment.
func (t Type[T]) environment() schema.Attribute {
	return schema.SingleNestedAttribute{
		Required: true,
		MarkdownDescription: "The environment of Confluent Manager for Apache Flink that the " + t.Noun + " is in: `environment = { platform = \"confluent\", name = \"prod\" }`. " +
			"Another one replaces the " + t.Noun + ".",
		Attributes: map[string]schema.Attribute{
			"platform": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`confluent`. No other platform has a " + t.Noun + ".",
			},
			"name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The environment's name. Required, though an assigned environment always has it.",
			},
			"settings": settingsAttribute(),
		},
	}
}

// through is the attribute of that name.
func (t Type[T]) through() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "The environment through whose custom resources the " + t.Noun + " is managed: a whole `flink_environment` (`through = flink_environment.prod`) with `confluent.via = \"custom_resources\"`. " +
			"Left out, and with an environment that is managed over REST, the " + t.Noun + " is managed over REST. All environments share it in either way.",
		Attributes: map[string]schema.Attribute{"settings": settingsAttribute()},
	}
}

func settingsAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "The settings of an assigned `flink_environment`, which say whether its objects are custom resources. Without such a resource: " +
			"`jsonencode({ environment = \"prod\", custom_resources = { namespace = \"confluent\" } })`.",
	}
}

func (t Type[T]) texts(what string) schema.Attribute {
	return schema.MapAttribute{
		Optional:            true,
		ElementType:         types.StringType,
		MarkdownDescription: what + " of the " + t.Noun + " on the server. Others that it has there stay.",
		Validators:          []validator.Map{mapvalidator.NoNullValues()},
	}
}
