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

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// statementSchema is the resource flink_statement.
func statementSchema(ctx context.Context, t object.Type[platform.Statement]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/prod/orders-by-region")
	settings := func(description string) schema.Attribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: description + " A change replaces the statement.",
			Validators:          []validator.Map{mapvalidator.NoNullValues()},
		}
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"statement": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The SQL text. Another text replaces the statement, which then starts anew: the plan warns of it. Blanks, line breaks and a semicolon at the end make no other text. " +
				"A destroy does not undo a `CREATE TABLE`: drop the table by a statement of its own.",
			Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers: []planmodifier.String{layout{}},
		},
		"compute_pool": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The pool that it runs on: `flink_compute_pool.sql.name`. The pool says which Flink version it has. Another pool replaces the statement.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"properties":          settings("Properties of the SQL session, for example `{ \"sql.current-catalog\" = \"shop\", \"sql.current-database\" = \"orders\" }`."),
		"flink_configuration": settings("Flink configuration of the job. What the environment's `statement_defaults` say wins over it. A sink that is written exactly once needs `execution.checkpointing.interval`."),
		"parallelism": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How many tasks of each operator run. Default of the server: 1. It is changed in place.",
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		"stopped": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "`true` stops the statement, with a savepoint where its pool has a savepoint directory, and gives its resources free; `false` (default) goes on from there.",
		},
		"status": schema.ObjectAttribute{
			Computed:            true,
			AttributeTypes:      map[string]attr.Type{"phase": types.StringType, "detail": types.StringType, "sql_kind": types.StringType},
			MarkdownDescription: "What was last observed: `phase` (`PENDING`, `RUNNING`, `STOPPED`, `COMPLETED`, `FAILING`, `FAILED`, `DELETING`), `detail`, and `sql_kind`, what the server makes of the text.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "An SQL statement of Confluent Manager for Apache Flink. An apply waits until it runs, or has come to its end, and fails with the server's reason and the job's exceptions when it cannot.",
		Attributes:          attributes,
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
	if !req.StateValue.IsNull() && !req.ConfigValue.IsUnknown() && words(req.StateValue.ValueString()) == words(req.ConfigValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
