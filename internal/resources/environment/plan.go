package environment

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ValidateConfig checks what concerns several attributes.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config struct {
		Name      *string `tfsdk:"name"`
		Namespace *string `tfsdk:"namespace"`
	}
	unknown, diags := tfkit.DecodeValue(ctx, req.Config.Raw, nil, &config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || len(unknown) > 0 {
		return
	}
	if config.Namespace == nil && len(validation.IsDNS1123Label(ptr.Deref(config.Name, ""))) > 0 {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "The name cannot be the name of a namespace",
			"Without namespace, the name \""+ptr.Deref(config.Name, "")+"\" names the Kubernetes namespace too, which has lower case letters, digits and hyphens only, at most 63. Set namespace, or choose another name.")
	}
}

// ModifyPlan computes namespace, id and settings from the configuration alone, and
// plans to put back what is missing.
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
	exists := !req.State.Raw.IsNull()
	var state model
	if exists {
		resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), &state)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	namespace := namespaceIn(req.Config.Raw, config)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("namespace"), namespace)...)
	var change tfkit.IdentityChange
	if exists {
		change = tfkit.CompareIdentity(resp.Plan.Raw, req.State.Raw, r.identifying())
		change.Different.Append(otherTarget(resp.Plan.Raw, &plan, &state)...)
	}
	environmentID := types.StringUnknown()
	switch {
	case change.Replaces() && !r.data.Refreshed(typeName, ptr.Deref(state.ID, "")):
		resp.Diagnostics.Append(notPlannedAsReplaced(&state, change.Different...))
		return
	case exists && !change.Replaces():
		// What is not known yet turns out to be the same, or nothing is applied.
		environmentID = types.StringPointerValue(state.ID)
		if config.Namespace == nil && tfkit.Known(req.Config.Raw, "namespace") {
			namespace = types.StringPointerValue(state.Namespace)
		}
	case !tfkit.Known(req.Plan.Raw, "platform"):
	case placedByName(r.platforms, plan.Platform):
		if tfkit.Known(req.Plan.Raw, "name") {
			environmentID = types.StringValue(id(ptr.Deref(plan.Platform, ""), ptr.Deref(plan.Name, "")))
		}
	case !namespace.IsUnknown():
		environmentID = types.StringValue(id(ptr.Deref(plan.Platform, ""), namespace.ValueString()))
	}
	plan.Namespace = namespace.ValueStringPointer()
	if tfkit.Known(req.Plan.Raw, "platform", "name") {
		resp.Diagnostics.Append(checkPlatform(r.platforms, &plan)...)
	}
	settings := types.StringUnknown()
	switch {
	case !tfkit.Known(req.Plan.Raw, "platform"):
	case tfkit.Known(req.Plan.Raw, tfkit.AttributesOf(said{})...) && wayKnown(req.Plan.Raw) && (plan.Kafka == nil && plan.way().CustomResources == nil || !namespace.IsUnknown()):
		text, diags := plan.settings(r.platforms, ptr.Deref(plan.Platform, ""), namespace.ValueString())
		resp.Diagnostics.Append(diags...)
		settings = types.StringValue(text)
	default:
		rules, diags := tfkit.PlatformOf(r.platforms, platform.KindEnvironment, ptr.Deref(plan.Platform, ""), path.Root("platform"))
		resp.Diagnostics.Append(diags...)
		if rules != nil {
			resp.Diagnostics.Append(unknownSecrets(rules, req.Plan.Raw)...)
		}
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("namespace"), namespace)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), environmentID)...)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("settings"), settings)...)
	// An apply leaves nothing missing, or fails.
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("missing"), []string{})...)
	switch {
	case resp.Diagnostics.HasError() || !exists:
	case change.Replaces():
		resp.RequiresReplace = change.Different
	case tfkit.Known(req.Plan.Raw, "operator", onVerverica, onClowder, onCloudflow):
		resp.Diagnostics.Append(checkOwnership(state, plan)...)
	}
	if exists && !change.Replaces() && wayKnown(req.Plan.Raw) && !namespace.IsUnknown() {
		_, diags := changeOfWay(plan, state)
		resp.Diagnostics.Append(diags...)
	}
}

// identifying are the attributes that say which environment a resource is, or that
// its platform never changes. The name is not one of them, unless it is the
// namespace's too, or environments of the platform go by it.
func (r *Resource) identifying() []tfkit.Identifying {
	return []tfkit.Identifying{
		{At: []string{"platform"}, Default: r.platforms.Default()},
		{At: []string{"namespace"}},
		{At: []string{"name"}, When: func(prior tftypes.Value) bool {
			var name *string
			at, _, err := tftypes.WalkAttributePath(prior, tftypes.NewAttributePath().WithAttributeName("platform"))
			value, ok := at.(tftypes.Value)
			return err == nil && ok && value.As(&name) == nil && placedByName(r.platforms, name)
		}},
		{At: []string{"confluent", "kubernetes_cluster"}, Default: defaultCluster},
	}
}

// checkPlatform checks what depends on the platform: the name, where environments go
// by it, and that nothing is said to another platform.
func checkPlatform(of platform.Known, plan *model) diag.Diagnostics {
	var diags diag.Diagnostics
	rules, known := of.Named(ptr.Deref(plan.Platform, of.Default()))
	if !known {
		return diags
	}
	if rules.PlacedBy() == platform.PlacedByName {
		diags.Append(tfkit.CheckEnvironmentName(rules, ptr.Deref(plan.Name, ""), path.Root("name"))...)
	}
	if plan.Confluent != nil {
		diags.Append(checkSecrets(rules, plan.Confluent)...)
	}
	diags.Append(plan.checkWay()...)
	diags.Append(plan.checkVerverica()...)
	for block, given := range map[string]bool{"operator": plan.Operator != nil, "confluent": plan.Confluent != nil, onVerverica: plan.Ververica != nil, onClowder: plan.Clowder != nil, onCloudflow: plan.Cloudflow != nil} {
		if given && block != rules.Name() {
			diags.AddAttributeError(path.Root(block), fmt.Sprintf("The environment is not of the platform %q", block),
				fmt.Sprintf("Its platform is %q, to which %s says nothing. Remove %s, or set platform = %q.", rules.Name(), block, block, block))
		}
	}
	return diags
}

// checkSecrets refuses secrets in what travels in clear to pools and statements.
func checkSecrets(rules platform.Rules, m *confluentModel) diag.Diagnostics {
	var diags diag.Diagnostics
	below := func(values flink.Configuration, at path.Path) {
		diags.Append(tfkit.FindingsBelow(at, rules.ValidateLayer(flink.DeploymentSpec{FlinkConfiguration: values}))...)
	}
	root := path.Root("confluent")
	if m.ComputePoolDefaults != nil {
		below(m.ComputePoolDefaults.FlinkConfiguration, root.AtName("compute_pool_defaults"))
	}
	if m.StatementDefaults == nil {
		return diags
	}
	for name, values := range map[string]map[string]string{"detached": m.StatementDefaults.Detached, "interactive": m.StatementDefaults.Interactive} {
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if flink.SensitiveKey(key) {
				diags.AddAttributeError(root.AtName("statement_defaults").AtName(name).AtMapKey(key), fmt.Sprintf("The secret %s cannot be in an environment", key),
					"What an environment says is in clear in the state and on the server. Options of a connection belong into a flink_secret.")
			}
		}
	}
	return diags
}

// namespaceIn returns the namespace that a configuration leads to.
func namespaceIn(raw tftypes.Value, config model) types.String {
	switch {
	case !tfkit.Known(raw, "namespace"):
		return types.StringUnknown()
	case config.Namespace != nil:
		return types.StringPointerValue(config.Namespace)
	case !tfkit.Known(raw, "name"):
		return types.StringUnknown()
	}
	return types.StringPointerValue(config.Name)
}

// notPlannedAsReplaced is the error of an apply that leads to another environment.
func notPlannedAsReplaced(state *model, different ...path.Path) diag.Diagnostic {
	return tfkit.NotPlannedAsReplaced(fmt.Sprintf("the environment %q", ptr.Deref(state.Name, "")), ptr.Deref(state.ID, ""), different)
}

// checkOwnership refuses to make a namespace the environment's own that it has
// not created: destroying the environment would delete it.
func checkOwnership(state, plan model) diag.Diagnostics {
	if state.createNamespace() || !plan.createNamespace() {
		return nil
	}
	if ptr.Deref(state.Platform, "") == onVerverica {
		return diag.Diagnostics{notCreated(onVerverica, ptr.Deref(state.Name, ""))}
	}
	block := "operator"
	if _, ok := state.onClowd(); ok {
		block = onClowder
	}
	if ptr.Deref(state.Platform, "") == onCloudflow {
		block = onCloudflow
	}
	return diag.Diagnostics{notCreated(block, ptr.Deref(state.Namespace, ""))}
}
