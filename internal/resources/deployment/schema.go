package deployment

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema describes the resource. rollout and status are objects without nested
// attributes: every attribute costs in every plan, and nobody configures these.
func (r *deploymentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := tfkit.SpecAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"environment": tfkit.EnvironmentAttribute("deployment"),
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The deployment's name, also of its Kubernetes object: lower-case letters, digits and `-`, at most 45 characters. " +
				"Another name replaces the deployment: the job is stopped with a savepoint and the new one starts empty unless `job.initial_savepoint_path` is given.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"labels":      tfkit.MetadataAttribute("Labels of the deployment's object.", tfkit.LabelsValidator()),
		"annotations": tfkit.MetadataAttribute("Annotations of the deployment's object."),
		"job":         jobAttribute(),
		"upgrade":     upgradeAttribute(),
		"restart_triggers": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Any change restarts the job by its upgrade mode, for example `{ config = filesha256(\"app.conf\") }`. " +
				"The operator sees a `restartNonce` that is derived from it.",
			Validators: []validator.Map{mapvalidator.NoNullValues()},
		},
		"savepoint_on_destroy": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether a running job with a savepoint directory is stopped with a savepoint before it is destroyed, which is the default. " +
				"The path is reported in a warning.",
		},
		"deletion_protection": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "When `true`, a plan that would destroy or replace the deployment is an error. Default `false`.",
		},
		"wait_for": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "When an apply is done: `running` (default), when the new specification runs, or fails with the cause; " +
				"`submitted`, when the cluster has accepted it.",
			Validators: []validator.String{stringvalidator.OneOf(waitForRunning, waitForSubmitted)},
		},
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long a create may take, until the job runs. Default: `20m`.",
			Update: true, UpdateDescription: "How long an update may take, until the new specification runs or a rollback is done. Default: `30m`.",
			Delete: true, DeleteDescription: "How long a destroy may take, with the savepoint, until the deployment is gone. Default: `15m`.",
		}),
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Platform, namespace and name: `operator/flink-prod/orders`.",
		},
		"effective_spec": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The whole specification after expansion, as JSON text in the operator's terms: the environment's defaults, what the deployment says, and the environment's overrides, " +
				"with the labels and annotations under `metadata`. A refresh puts in what the cluster has at these paths, so that a plan shows drift path by path.",
		},
		"rollout": schema.ObjectAttribute{
			Computed:       true,
			AttributeTypes: rolloutTypes,
			MarkdownDescription: "What the last change did to the job, and in a plan what this change will do: `revision` (counts up with every action), `action` " +
				"(`create`, `none`, `metadata`, `config_only`, `scale_in_place`, `savepoint_upgrade`, `last_state_upgrade`, `stateless_restart`, `redeploy_from_savepoint`, `suspend`, `resume`, `rerun`, `deferred`, `recreate`), " +
				"`because` (the attributes that cause it), `state` (`kept`, `lost`, `fresh` or `none`), `downtime` and `summary`, one line for people.",
		},
		"status": schema.ObjectAttribute{
			Computed:       true,
			AttributeTypes: statusTypes,
			MarkdownDescription: "What was last observed: `lifecycle_state`, `job_state`, `job_id`, `job_manager` (the state of the JobManager's deployment), `savepoint_path` (the newest savepoint or checkpoint from which the job can be restored), " +
				"`active_color`, `error`, `flink_version` and `rest_url` (the JobManager's REST address inside the cluster).",
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One Flink job on a cluster of its own: a `FlinkDeployment` of the Apache Flink Kubernetes Operator. " +
			"The plan says what an update does to the running job (`rollout`), and an apply ends when the new specification runs, or with the cause why it does not.",
		Attributes: attributes,
	}
}

func jobAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "The job.",
		Attributes: map[string]schema.Attribute{
			"jar_uri": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The job's JAR file, for example `local:///opt/flink/usrlib/orders.jar` for a file in the image.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"entry_class": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The main class. Left out, the JAR file's manifest names it.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"args": schema.ListAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Arguments of the main class.",
				Validators:          []validator.List{listvalidator.NoNullValues()},
			},
			"parallelism": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Default parallelism of the job, at least 1. Required unless `task_manager.replicas` is set.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"state": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`running` (default) or `suspended`. A suspended job is stopped by its upgrade mode and keeps its state until it runs again.",
				Validators:          []validator.String{stringvalidator.OneOf(flink.JobRunning, flink.JobSuspended)},
			},
			"allow_non_restored_state": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether a restart may skip state of a savepoint that the new job has no operator for. Takes effect at the next restart.",
			},
			"initial_savepoint_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The savepoint or retained checkpoint that the first deployment starts from. A change on a job that was deployed drops its current state and restarts it from the new path, " +
					"which needs `upgrade.allow_state_loss`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

func upgradeAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "How the deployment is upgraded.",
		Attributes: map[string]schema.Attribute{
			"strategy": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`in_place` (default): the running job is stopped and restarted.",
				Validators:          []validator.String{stringvalidator.OneOf("in_place")},
			},
			"mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How the state survives a restart: `savepoint` (stop with a savepoint, restart from it), `last_state` (restart from the last checkpoint; needs high availability) or `stateless` (restart empty). " +
					"Default: the safest that the effective configuration allows.",
				Validators: []validator.String{stringvalidator.OneOf(tfkit.UpgradeModeNames()...)},
			},
			"on_failure": tfkit.OnFailureAttribute(),
			"allow_state_loss": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Must be `true` for a change that loses the job's state; without it such a plan is an error. Default `false`.",
			},
		},
	}
}
