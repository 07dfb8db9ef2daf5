package savepoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema is the resource flink_savepoint.
func (r *savepointResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A savepoint of a running job, taken when the resource is created. The job goes on running. Change `triggers` to take another one. It stays in the state when somebody deletes its object, as long as its files stay (`dispose_on_destroy = false`).\n\n" +
			"`location` can be the `job.initial_savepoint_path` of another deployment, also in another environment.\n\n" +
			"From operator 1.10 on it is a `FlinkStateSnapshot`. Before, the savepoint is triggered through the job's own resource: " +
			"then `path` and `dispose_on_destroy` cannot be used, and there is nothing to import.\n\n" +
			"On `confluent` the server keeps it under the name and a random ending. It is detached when it is completed, so it does not go with the application, and stays on the server after a destroy; `pinned` keeps it below its application instead. `dispose_on_destroy` cannot be used.\n\n" +
			"On `ververica` the platform gives it an id, and its own name stays beside it as an annotation. It is written to the job's own directory and in the format `canonical`: `path`, `format = \"native\"` and `pinned` cannot be used. " +
			"After a destroy it stays known to the platform, which restores from it where it is the job's newest one; `dispose_on_destroy` deletes it there with its files.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "What an import takes: `operator/<namespace>/<name>`, for example `operator/flink-prod/orders-before-move`; on `confluent`, `confluent/<environment>/<deployment>/<savepoint>` with the savepoint's name on the server, which is known when it is taken, for example `confluent/prod/orders/before-move-k3v7q2ma`; on `ververica`, `ververica/<environment>/<deployment>/<id>` with the platform's id.",
			},
			"environment": environmentAttribute(),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The savepoint's own name: that of the `FlinkStateSnapshot`, on `confluent` with a random ending, on `ververica` none of the platform's own. One that is imported from these two has the name that it was taken by, where this provider has taken it, and else its name or id on the server. Another name takes another savepoint.",
				Validators:          []validator.String{tfkit.ObjectNameValidator()},
			},
			"deployment": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The deployment whose job it is of: `flink_deployment.orders.name`. Exactly one of `deployment` and `session_job`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"session_job": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The job in a session cluster that it is of: `flink_session_job.orders.name`. Exactly one of `deployment` and `session_job`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"format": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "`canonical`, which the state backends `hashmap` and `rocksdb` write and either of them restores, so it is the one for a change between them; " +
					"or `native`, which is faster to take and to restore, and only the backend that wrote it restores. " +
					"The backend `forst` and jobs with asynchronous state (`enableAsyncState`, `table.exec.async-state.enabled`) write no `canonical` one. " +
					"Default: the format in which the operator takes the job's own savepoints (`kubernetes.operator.savepoint.format.type`, else `canonical`), and `native` where the job's configuration has `forst` or asynchronous state. " +
					"Another format takes another savepoint; one that is left out keeps the savepoint that there is.",
				Validators:    []validator.String{stringvalidator.OneOf(platform.FormatCanonical, platform.FormatNative)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The directory to write to, for example `s3://flink/moves`. Default: the job's own, `state.savepoints.dir`. " +
					"Another directory takes another savepoint.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"dispose_on_destroy": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Delete the savepoint's files when the resource is destroyed or replaced. Default `false`: they stay. " +
					"On `ververica` the platform deletes them, also when the job does not run. The operator deletes them through the running job; when it does not run, they stay and a warning says where. " +
					"They stay as well when a job of the namespace has started from the savepoint in the mode `CLAIM`: they are its own then, and Flink deletes them.",
			},
			"pinned": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Only on `confluent`, 2.4 and newer. `true`: it stays below its application on the server, pinned, so that neither the retention of a schedule nor a bulk delete takes it. " +
					"Default `false`: it is detached when it is completed, where nothing of that reaches it, and stays when its application is deleted. " +
					"Before an application is deleted, also by a blue/green switch, its pinned savepoint is detached as well; where the server refuses that, the application stays, and the error says to apply `pinned = false` first. " +
					"`false` unpins and detaches it, and so does a destroy. `true` takes another savepoint where this one is detached.",
			},
			"triggers": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Any values. A change takes another savepoint, for example `{ release = var.release }`. No platform has them, so leave them out for one that is imported.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"location": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The path to restore from, for example `s3://flink/savepoints/savepoint-4f085c-85bac988ff93`.",
			},
			"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long taking the savepoint may take, and waiting until the job runs. Default: `30m`.",
				Update: true, UpdateDescription: "How long the rest of a wait may take that was interrupted. Default: `30m`.",
				Delete: true, DeleteDescription: "How long deleting may take. Default: `10m`.",
			}),
		},
	}
}

// IdentitySchema is what tells one savepoint from another.
func (r *savepointResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"platform":    identityschema.StringAttribute{OptionalForImport: true, Description: "The Flink platform. Default: operator."},
			"namespace":   identityschema.StringAttribute{OptionalForImport: true, Description: "The Kubernetes namespace, on the platform operator."},
			"environment": identityschema.StringAttribute{OptionalForImport: true, Description: "The name of the environment, on the platforms confluent and ververica."},
			"deployment":  identityschema.StringAttribute{OptionalForImport: true, Description: "The deployment whose job it is of, on the platforms confluent and ververica."},
			"name":        identityschema.StringAttribute{RequiredForImport: true, Description: "The savepoint's name: that of the FlinkStateSnapshot, on the platform confluent the one on the server, on ververica the platform's id."},
		},
	}
}

// identity are the attributes that say which savepoint it is: another value takes
// another one.
func (r *savepointResource) identity() []tfkit.Identifying {
	out := tfkit.EnvironmentIdentity(r.platforms)
	for _, name := range []string{"name", "deployment", "session_job", "format", "path", "triggers"} {
		out = append(out, tfkit.Identifying{At: []string{name}})
	}
	return out
}

// environmentAttribute is the common attribute with what it means here. The
// settings of an environment mean nothing to a savepoint, so a change of them is
// no change of it.
func environmentAttribute() schema.Attribute {
	attribute := tfkit.EnvironmentAttribute(platform.KindSavepoint)
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Where the job runs. Assign a whole `flink_environment` (`environment = flink_environment.prod`), or name the place: `environment = { namespace = \"flink-dev\" }`, on `confluent` and `ververica` `environment = { platform = \"confluent\", name = \"dev\" }`."
		delete(nested.Attributes, "settings")
		return nested
	}
	return attribute
}
