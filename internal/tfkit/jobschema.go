package tfkit

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// JobAttribute is the attribute job, with what its type says of the JAR file and
// of the parallelism.
func JobAttribute(jarURI, parallelism string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Required:            true,
		MarkdownDescription: "The job.",
		Attributes: map[string]schema.Attribute{
			"jar_uri": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: jarURI,
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
				MarkdownDescription: parallelism,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"state": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "`running` (default) or `suspended`. A suspended job is stopped by its upgrade mode and keeps its state until it runs again. On `ververica` also `cancelled`: stopped without a savepoint, which loses the state unless checkpoints are retained on cancellation.",
				Validators:          []validator.String{stringvalidator.OneOf(flink.JobRunning, flink.JobSuspended, flink.JobCancelled)},
			},
			"allow_non_restored_state": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether a restart may skip state of a savepoint that the new job has no operator for. Takes effect at the next restart. With `true` the state is kept except for such operators, and nothing tells which they were: " +
					"a plan that turns it on, or changes the program with it, calls the state `at_risk`.",
			},
			"initial_savepoint_path": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The savepoint or retained checkpoint that the first deployment starts from. A change on a job that was deployed drops its current state and restarts it from the new path, " +
					"which needs `upgrade.allow_state_loss`. With `execution.state-recovery.claim-mode = CLAIM` in `flink_configuration` (before 1.20 `execution.savepoint-restore-mode`) its files are the job's own from then on, and Flink deletes them; with the default `NO_CLAIM` they stay.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

// UpgradeModeAttribute is upgrade.mode, with what its type says about it beside.
func UpgradeModeAttribute(more string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How the state survives a restart: `savepoint` (stop with a savepoint, restart from it), `last_state` (restart from the last checkpoint; needs high availability, on `ververica` checkpoints that are retained) or `stateless` (restart empty). " +
			strings.TrimSpace("Default: the safest that the effective configuration allows. "+more),
		Validators: []validator.String{stringvalidator.OneOf(UpgradeModeNames()...)},
	}
}

// AllowStateLossAttribute is upgrade.allow_state_loss.
func AllowStateLossAttribute() schema.Attribute {
	return schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Must be `true` for a change that loses the job's state; without it such a plan is an error. Default `false`.",
	}
}

// AcceptStateRiskAttribute is upgrade.accept_state_risk.
func AcceptStateRiskAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Accepts a change after which the state may not restore, or may come back with other values, by its name: `\"v1_20->v2_3\"` for these two values of `flink_version`, several separated by commas. " +
			"Without it such a plan is an error, which says which kinds of state survive and what the name is. It accepts no other change, so it may stay; while it does, `status.kept_savepoint` names the savepoint of before. " +
			"Removed, the provider forgets that savepoint and deletes nothing.",
		Validators: []validator.String{acceptedRisksValidator()},
	}
}

// SavepointOnDestroyAttribute is savepoint_on_destroy.
func SavepointOnDestroyAttribute() schema.Attribute {
	return schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether a running job with a savepoint directory is stopped with a savepoint before it is destroyed, which is the default. " +
			"The path is reported in a warning.",
	}
}
