package statement

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/sql"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// statementSchema is the resource flink_statement.
func statementSchema(ctx context.Context, t object.Type[platform.Statement]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/prod/orders-by-region")
	settings := func(description string) schema.Attribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: description + " A change is as another text.",
			Validators:          []validator.Map{mapvalidator.NoNullValues()},
		}
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"statement": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The SQL text. The server changes the text of no statement. Another text of one that runs a job is an error, unless `upgrade.carry_over` has the new one go on from the savepoint of the one before, " +
				"or `upgrade.allow_state_loss` has it begin anew. One that was carried out at once, such as `CREATE TABLE`, is replaced. Blanks, line breaks and a semicolon at the end make no other text.",
			Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers: []planmodifier.String{layout{}},
		},
		"compute_pool": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The pool that it runs on: `flink_compute_pool.sql.name`. The pool says which Flink version it has. Another pool is as another text.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"properties":          settings("Properties of the SQL session, for example `{ \"sql.current-catalog\" = \"shop\", \"sql.current-database\" = \"orders\" }`."),
		"flink_configuration": settings("Flink configuration of the job. What the environment's `statement_defaults` say wins over it. A sink that is written exactly once needs `execution.checkpointing.interval`."),
		"parallelism": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How many tasks of each operator run. Default of the server: 1. It is changed in place: the job restarts as `status.upgrade_mode` says.",
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		"stopped": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "`true` stops the job as `status.upgrade_mode` says, which has to keep its state unless `upgrade.allow_state_loss` is set, and gives its resources free; " +
				"`false` (default) goes on from there.",
		},
		"initial_savepoint_path": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The savepoint or checkpoint that the job starts from, for example `flink_savepoint.before.location`. The server compiles the statement first and then starts it from there. " +
				"Another path drops the job's present state, which needs `upgrade.allow_state_loss`.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"on_destroy": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "A statement that is carried out before this one is deleted, or replaced, on the same pool and with the same properties: `DROP TABLE totals` of one that says `CREATE TABLE totals …`, " +
				"as a destroy alone leaves the table. A job stops before. When it fails, the statement stays, and the next destroy tries it again. It is left out of a definition that has failed, also of a `CREATE TABLE … AS`: the table of that name may be somebody else's, so drop by hand what one has left.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"upgrade": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How the statement is changed.",
			Attributes: map[string]schema.Attribute{
				"mode": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "How the server stops the job, from version 2.5 on: `savepoint`, `last_state` or `stateless`. " +
						"Default: `savepoint` where the pool has `state.checkpoints.dir` and `state.savepoints.dir`, otherwise `stateless`, which loses its state.",
					Validators: []validator.String{stringvalidator.OneOf(tfkit.UpgradeModeNames()...)},
				},
				"carry_over": schema.BoolAttribute{
					Optional: true,
					MarkdownDescription: "`true` carries state and offsets over to another text, pool or settings: a second statement is compiled under the other of the names `<name>` and `<name>-next`, the first stops with a savepoint, and the second starts from it. " +
						"When it does not run, it is deleted and the first goes on. Flink refuses a savepoint with state for which the new text has no operator of the same id, so what starts has all of it. Default `false`.",
				},
				"allow_non_restored_state": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "`true` starts from a savepoint although the new text has nothing to take a part of its state, which is left: also offsets, where Flink gives the source another id. Default `false`.",
				},
				"allow_state_loss": tfkit.AllowStateLossAttribute(),
				"prove_for":        tfkit.ProveForAttribute(),
			},
		},
		"rollout": schema.ObjectAttribute{
			Computed: true, AttributeTypes: tfkit.RolloutTypes,
			MarkdownDescription: "What the last change did to the job, and in a plan what this change will do, in the words of `flink_deployment`: `revision`, `action`, `because`, `state` (`kept`, `lost`, `fresh` or `none`), `downtime` and `summary`, one line for people.",
		},
		"status": schema.ObjectAttribute{
			Computed: true,
			AttributeTypes: map[string]attr.Type{
				"phase": types.StringType, "detail": types.StringType, "sql_kind": types.StringType, "upgrade_mode": types.StringType,
				"savepoint_path": types.StringType, "statement_name": types.StringType, "proof": types.StringType,
			},
			MarkdownDescription: "What was last observed: `phase` (`PENDING`, `RUNNING`, `STOPPED`, `COMPLETED`, `FAILING`, `FAILED`, `DELETING`), `detail`, `sql_kind`, what the server makes of the text, " +
				"`upgrade_mode`, how the server stops the job (null where the pool cannot be read), `savepoint_path`, the newest savepoint of a statement that is stopped, `statement_name`, its name on the server, and `proof`, what showed that its job works.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "An SQL statement of Confluent Manager for Apache Flink. " +
			"The plan says what a change does to its job (`rollout`). An apply waits until the job runs and has proved that it works, or has come to its end, and fails with the server's reason and the job's exceptions when it cannot.",
		Attributes: attributes,
	}
}

// layout keeps the text of the state where another one differs in its layout alone.
type layout struct{}

// Description implements planmodifier.String.
func (layout) Description(context.Context) string {
	return "Blanks, line breaks and a semicolon at the end make no other text."
}

// MarkdownDescription implements planmodifier.String.
func (l layout) MarkdownDescription(ctx context.Context) string { return l.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (layout) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && !req.ConfigValue.IsUnknown() && sql.Words(req.StateValue.ValueString()) == sql.Words(req.ConfigValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
