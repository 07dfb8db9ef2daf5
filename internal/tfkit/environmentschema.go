package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// EnvironmentAttribute is the attribute that places a resource of the given
// kind, for example "deployment", in an environment. It is a nested attribute
// with optional fields: Terraform then drops the other attributes of an
// assigned flink_environment and fills those that an object leaves out. Resolve
// checks the values, and no validator does: under `terraform test` validators
// are asked about the random texts of a mocked environment, and plans are not.
func EnvironmentAttribute(kind platform.Kind) schema.Attribute {
	return schema.SingleNestedAttribute{
		Required: true,
		MarkdownDescription: "Where the " + string(kind) + " runs. Assign a whole `flink_environment` (`environment = flink_environment.prod`): its defaults and overrides come with it. " +
			"Without such a resource, name at least the namespace: `environment = { namespace = \"flink-dev\" }`, or on `confluent` and `ververica` the environment: `{ platform = \"ververica\", name = \"prod\" }`.",
		Attributes: map[string]schema.Attribute{
			"platform": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Flink platform: `operator`, the Apache Flink Kubernetes Operator, which is the default, `confluent`, Confluent Manager for Apache Flink, or `ververica`, Ververica Platform. Another platform replaces the " + string(kind) + ".",
			},
			"name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The environment's name. On `confluent` and `ververica` it says where the " + string(kind) + " is, is required, and another one replaces the " + string(kind) + "; otherwise it is for messages only.",
			},
			"namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes namespace. On `operator` it is required, though an assigned `flink_environment` always has it, and another one replaces the " + string(kind) + "; on `confluent` and `ververica` only the environment has it.",
			},
			"settings": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The defaults and overrides of an assigned `flink_environment`, as the JSON text of its attribute `settings`.",
			},
		},
	}
}
