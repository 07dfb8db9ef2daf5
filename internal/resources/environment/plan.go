package environment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ValidateConfig checks what concerns several attributes.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.Config), &config)...)
	if resp.Diagnostics.HasError() || !tfkit.Known(req.Config.Raw, "name", "namespace") {
		return
	}
	if config.Namespace == nil && len(validation.IsDNS1123Label(deref(config.Name))) > 0 {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "The name cannot be the name of a namespace",
			"Without namespace, the name \""+deref(config.Name)+"\" names the Kubernetes namespace too, which has lower case letters, digits and hyphens only, at most 63. Set namespace, or choose another name.")
	}
}

// ModifyPlan computes namespace, id and settings from the configuration alone.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.Config), &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, environmentID := types.StringUnknown(), types.StringUnknown()
	if tfkit.Known(req.Config.Raw, "name", "namespace") {
		plan.Namespace = config.Namespace
		if plan.Namespace == nil {
			plan.Namespace = config.Name
		}
		namespace = types.StringPointerValue(plan.Namespace)
		if tfkit.Known(req.Plan.Raw, "platform") {
			environmentID = types.StringValue(id(deref(plan.Platform), *plan.Namespace))
		}
	}
	settings := types.StringUnknown()
	if tfkit.Known(req.Plan.Raw, "name", "deployment_defaults", "deployment_overrides") {
		text, diags := plan.settings()
		resp.Diagnostics.Append(diags...)
		settings = types.StringValue(text)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("namespace"), namespace)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), environmentID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("settings"), settings)...)
	if resp.Diagnostics.HasError() || req.State.Raw.IsNull() {
		return
	}

	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case !namespace.Equal(types.StringPointerValue(state.Namespace)):
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("namespace"))
	case tfkit.Known(req.Plan.Raw, "operator"):
		resp.Diagnostics.Append(checkOwnership(state, plan)...)
	}
}

// checkOwnership refuses to make a namespace the environment's own that it has
// not created: destroying the environment would delete it.
func checkOwnership(state, plan model) diag.Diagnostics {
	if state.createNamespace() || !plan.createNamespace() {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("operator").AtName("create_namespace"),
		"The namespace was not created by this environment",
		"The environment uses the namespace "+deref(state.Namespace)+", which others created. With create_namespace = true, destroying the environment would delete it. "+
			"Set operator.create_namespace = false, or use another namespace.")}
}
