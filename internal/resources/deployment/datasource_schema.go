package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// checkpointTypes are the attributes of checkpoints.
var checkpointTypes = map[string]attr.Type{
	"latest_path":   types.StringType,
	"restored_path": types.StringType,
}

// Schema describes the data source.
func (d *deploymentDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "What a deployment does at present, whether Terraform manages it or not. `checkpoints` and `exception` come from the JobManager itself, " +
			"through the API server, and are null when it does not answer or the credentials do not allow it.",
		Attributes: map[string]schema.Attribute{
			"environment": schema.SingleNestedAttribute{
				Required:            true,
				MarkdownDescription: "Where the deployment runs. Assign a whole `flink_environment` (`environment = flink_environment.prod`), or name the namespace: `environment = { namespace = \"flink-dev\" }`.",
				Attributes: map[string]schema.Attribute{
					"platform": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The Flink platform: `operator`, the Apache Flink Kubernetes Operator, which is the default.",
					},
					"name": schema.StringAttribute{Optional: true, MarkdownDescription: "The environment's name, for messages only."},
					"namespace": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "The Kubernetes namespace. Required, though an assigned `flink_environment` always has it.",
					},
					"settings": schema.StringAttribute{Optional: true, MarkdownDescription: "The defaults and overrides of an assigned `flink_environment`; not used here."},
				},
			},
			"name": schema.StringAttribute{Required: true, MarkdownDescription: "The deployment's name."},
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`<platform>/<namespace>/<name>`, for example `operator/flink-prod/orders`.",
			},
			"labels": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The labels of the deployment's object."},
			"status": schema.ObjectAttribute{
				Computed:       true,
				AttributeTypes: lifecycle.StatusTypes,
				MarkdownDescription: "What the platform says: `lifecycle_state`, `job_state`, `job_id`, `job_manager`, `savepoint_path` (the newest savepoint or retained checkpoint that the platform knows), `state_location` (where all of the job's state is: `none`, `savepoint_path`, `platform`, or null when nobody has said), " +
					"`active_color`, `error`, `flink_version`, `rest_url` (the JobManager's REST address inside the cluster) and `uid` (of the Kubernetes object).",
			},
			"checkpoints": schema.ObjectAttribute{
				Computed:       true,
				AttributeTypes: checkpointTypes,
				MarkdownDescription: "What the JobManager says: `latest_path` is the newest completed checkpoint, and `restored_path` the savepoint or checkpoint that the job was restored from; " +
					"null when it started without state.",
			},
			"exception": schema.StringAttribute{Computed: true, MarkdownDescription: "The root cause of the job's newest failure, null when there was none."},
		},
	}
}
