package lifecycle

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Attributes are those of Model but the name, and ObjectAttributes. rollout and status are objects without
// nested attributes: every attribute costs in every plan, and nobody configures
// these. runs says what an apply waits for, for example "its job runs".
func (t Type) Attributes(ctx context.Context, runs string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"environment": tfkit.EnvironmentAttribute(t.Kind),
		"deletion_protection": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("When `true`, a plan that would destroy or replace the %s is an error. With `-replace` and for a tainted resource the provider sees a create: there the apply is the error, before anything of the resource is touched. Default `false`.", t.Kind),
		},
		"wait_for": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "When an apply is done: `running` (default), when the new specification runs and has proved that it works (`upgrade.prove_for`), or fails with the cause; " +
				"`submitted`, when the cluster has accepted it.",
			Validators: []validator.String{stringvalidator.OneOf(waitForRunning, waitForSubmitted)},
		},
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, CreateDescription: fmt.Sprintf("How long a create may take, until %s. Default: `20m`.", runs),
			Update: true, UpdateDescription: "How long an update may take, until the new specification runs or a rollback is done. Default: `30m`.",
			Delete: true, DeleteDescription: fmt.Sprintf("How long a destroy may take, until the %s is gone. Default: `15m`.", t.Kind),
		}),
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Platform, namespace and name: `operator/flink-prod/orders`; on `confluent` and `ververica`, the environment's name in the place of the namespace.",
		},
		"effective_spec": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: fmt.Sprintf("The whole specification after expansion, as JSON text in the operator's terms: the environment's defaults, what the %s says, and the environment's overrides, ", t.Kind) +
				"with the labels and annotations under `metadata`. A refresh puts in what the cluster has at these paths, so that a plan shows drift path by path. Fingerprints stand in the place of secrets (guide Secrets). " +
				fmt.Sprintf("What the %s says itself comes back into its own attributes as well, so that `ignore_changes` leaves it there; what the environment gives does not.", t.Kind),
		},
		"rollout": schema.ObjectAttribute{
			Computed:       true,
			AttributeTypes: tfkit.RolloutTypes,
			MarkdownDescription: "What the last change did to the job, and in a plan what this change will do: `revision` (counts up with every action), `action` " +
				"(`create`, `none`, `metadata`, `config_only`, `scale_in_place`, `savepoint_upgrade`, `last_state_upgrade`, `stateless_restart`, `redeploy_from_savepoint`, `blue_green`, `suspend`, `resume`, `rerun`, `deferred`, `recreate`), " +
				"`because` (the attributes that cause it), `state` (`kept`, `at_risk`, `lost`, `fresh` or `none`), `downtime` and `summary`, one line for people.",
		},
		"status": schema.ObjectAttribute{
			Computed:       true,
			AttributeTypes: StatusTypes,
			MarkdownDescription: "What was last observed: `lifecycle_state`, `job_state`, `job_id`, `job_manager` (the state of the JobManager's deployment), `savepoint_path` (the newest savepoint or checkpoint from which the job can be restored), " +
				"`state_location` (where all of the job's state is, by which a plan tells whether a change would lose it: `none`, `savepoint_path` for the path beside it, `platform` for the job that runs or checkpoints that only the platform knows; null when nobody has said), " +
				"`kept_savepoint` (the savepoint from which a change was made that `upgrade.accept_state_risk` accepts, for the way back with `job.initial_savepoint_path`; it stays until that is removed), " +
				"`active_color`, `error`, `flink_version`, `rest_url` (the JobManager's REST address, inside the cluster or, on `confluent`, of the server; a plan knows it where a restart leaves it as it is), `uid` (of the object, so that no other one of its name is taken for it) and " +
				"`proof` (what showed that the job works since it was last started: `first checkpoint completed`, for example `ran for 30 s`, or `finished`).",
		},
	}
	maps.Copy(attributes, t.ObjectAttributes())
	return attributes
}

// ObjectAttributes are what is said of an object of the type beside its specification: labels,
// annotations, and what restarts it.
func (t Type) ObjectAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"labels":      tfkit.MetadataAttribute(fmt.Sprintf("Labels of the %s's object.", t.Kind), tfkit.LabelsValidator()),
		"annotations": tfkit.MetadataAttribute(fmt.Sprintf("Annotations of the %s's object.", t.Kind)),
		"restart_triggers": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Any change restarts the job by its upgrade mode, for example `{ config = filesha256(\"app.conf\") }`. " +
				"The operator sees a `restartNonce` that is derived from it.",
			Validators: []validator.Map{mapvalidator.NoNullValues()},
		},
	}
}
