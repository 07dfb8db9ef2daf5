package streamapplication

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
)

var _ resource.ResourceWithValidateConfig = (*Resource)(nil)

// ValidateConfig checks the blueprint as far as it is known, and depends on no environment.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validated(ctx, req.Config.Raw)...)
}

// validated returns the errors of a blueprint. Its warnings are the plan's.
func validated(ctx context.Context, config tftypes.Value) diag.Diagnostics {
	w, diags := readWhole(ctx, config, nil, nil)
	if diags.HasError() || w.streamlets == nil || !w.values["topics"].IsKnown() || w.Name == nil {
		return diags.Errors()
	}
	return blueprintDiagnostics(w.blueprint.Check(blueprint.Limits{Schemas: avroSchemas{}})).Errors()
}
