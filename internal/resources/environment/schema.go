package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema is the resource flink_environment.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A place for Flink deployments, and what it says about them: the namespace with the service account that Flink needs, defaults that fill what a deployment leaves out, and overrides that win over what it says.\n\n" +
			"Assign the whole resource to a deployment: `environment = flink_environment.prod`. A change of the defaults then shows, in one plan, what it does to each job.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`<platform>/<namespace>`, for example `operator/flink-prod`; on `confluent`, `ververica` and `clowder`, `<platform>/<name>`.",
			},
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The environment's name. Messages use it, and it is the default of `namespace`. On `confluent`, `ververica` and `clowder` the environment goes by it, and another one replaces the environment: 4 to 45 lower case letters, digits and hyphens on `confluent`; on `ververica`, where it is the platform's own namespace, at most 63, with a letter or digit at both ends, as on `clowder`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"platform": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(r.platforms.Default()),
				MarkdownDescription: "The Flink platform: `operator`, the Apache Flink Kubernetes Operator, which is the default, `confluent`, Confluent Manager for Apache Flink, `ververica`, Ververica Platform, `clowder`, Clowder, or `cloudflow`, Lightbend Cloudflow. The last two have stream applications alone. Another platform replaces the environment.",
				Validators:          []validator.String{stringvalidator.OneOf(r.platforms.Names(platform.KindEnvironment)...)},
			},
			"namespace": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The Kubernetes namespace in which the jobs run. Default: `name`. On `confluent` and `ververica` it must exist. On `clowder` it is the target namespace, in which the applications are. Another namespace replaces the environment.",
				Validators:          []validator.String{tfkit.NamespaceValidator()},
			},
			"operator":  operatorAttribute(),
			"confluent": confluentAttribute(),
			"ververica": ververicaAttribute(),
			"clowder":   clowderAttribute(),
			"cloudflow": cloudflowAttribute(),
			"deployment_defaults": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "What deployments take where they say nothing themselves. Scalars: the deployment's wins; maps: merged key by key, and `null` removes a key; lists: replaced; " +
					"pod templates: Kubernetes' strategic merge.",
				Attributes: tfkit.LayerAttributes(),
			},
			"deployment_overrides": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "What wins over what deployments say (policy). Merged in the same manner as `deployment_defaults`, but last.",
				Attributes:          tfkit.LayerAttributes(),
			},
			"kafka":           kafkaAttribute(),
			"schema_registry": schemaRegistryAttribute(),
			"settings": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Name, defaults, overrides, Kafka and the schema registry as one JSON text, known at plan. It travels with the environment that is assigned to a deployment or a stream application.",
			},
			"missing": schema.ListAttribute{
				Computed:    true,
				ElementType: types.StringType,
				MarkdownDescription: "What somebody has changed or deleted of the namespace, the service account, its role and role binding, for example `label team=payments of namespace flink-prod` or `role flink`, and on `confluent` of what the environment says there, for example `flinkApplicationDefaults`; on `ververica`, of the deployment target, the roles and the deployment defaults, for example `deployment defaults: template.spec.flinkConfiguration[\"state.backend.type\"]`; on `clowder`, of the ClowdEnvironment, for example `providers.kafka.mode of ClowdEnvironment prod`. " +
					"A plan that empties it puts that back. Labels and annotations of others are theirs.",
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long creating may take. Default: `5m`.",
				Update: true, UpdateDescription: "How long updating may take. Default: `5m`.",
				Delete: true, DeleteDescription: "How long deleting may take, until the namespace is gone. Default: `15m`.",
			}),
		},
	}
}

func operatorAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What the environment has on the platform `operator`.",
		Attributes: map[string]schema.Attribute{
			"create_namespace": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Create the namespace, and delete it with the environment. Default `true`: a namespace that exists already is then refused. " +
					"With `false` it must exist and stays.",
			},
			"service_account": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Create a service account of this name, with the role and role binding that Flink's native Kubernetes mode needs. Default: none is created. " +
					"Name it in `deployment_defaults.service_account` for the deployments to use it.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"labels": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Labels of what is created.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
		},
	}
}

func confluentAttribute() schema.Attribute {
	configuration := func(of string) schema.Attribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Flink configuration of " + of + ".",
			Validators:          []validator.Map{mapvalidator.NoNullValues()},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What the environment has on the platform `confluent`.",
		Attributes: map[string]schema.Attribute{
			"via":              viaAttribute(),
			"custom_resources": customResourcesAttribute(),
			"kubernetes_cluster": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes cluster in which the namespace is, of those that the server knows (2.3 and newer). Default: the server's own, `default-k8s-cluster`. Another cluster replaces the environment.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"labels": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Labels of the environment on the server (2.3 and newer). Those of others stay.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"compute_pool_defaults": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "What the clusters of compute pools take. What the environment says wins over what a pool says.",
				Attributes:          tfkit.PoolAttributes(),
			},
			"statement_defaults": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "What SQL statements of the environment take. What the environment says wins over what a statement says.",
				Attributes: map[string]schema.Attribute{
					"detached":    configuration("statements that write, such as `INSERT INTO`"),
					"interactive": configuration("statements whose result is read, such as `SELECT`"),
				},
			},
		},
	}
}

// IdentitySchema is what tells one environment from another.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"platform": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The Flink platform. Default: operator.",
			},
			"namespace": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The Kubernetes namespace, on the platform operator.",
			},
			"name": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The environment's name, on the platforms confluent and ververica.",
			},
		},
	}
}
