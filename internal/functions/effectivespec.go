package functions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// NewEffectiveSpec is the function effective_spec, for environments and deployments
// of these types.
func NewEffectiveSpec(environment, deployment func() tftypes.Object) function.Function {
	return effectiveSpecFunction{environment, deployment}
}

type effectiveSpecFunction struct {
	environment, deployment func() tftypes.Object
}

// Positions of the arguments.
const (
	environmentArgument = iota
	deploymentArgument
)

// environmentModel are the attributes of a flink_environment that take part in
// the specification of a deployment.
type environmentModel struct {
	Name                *string         `tfsdk:"name"`
	Settings            *string         `tfsdk:"settings"`
	DeploymentDefaults  *defaults.Layer `tfsdk:"deployment_defaults"`
	DeploymentOverrides *defaults.Layer `tfsdk:"deployment_overrides"`
}

// Metadata names the function.
func (effectiveSpecFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "effective_spec"
}

// Definition describes the function.
func (effectiveSpecFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The specification of a deployment in an environment",
		MarkdownDescription: "Returns what the attribute `effective_spec` of a new `flink_deployment` would be: the environment's defaults, what the deployment says and the environment's overrides in one specification, as JSON text. Secrets are in it as they are given, not as fingerprints: the result is sensitive when an argument is. Keys of `secret_configuration_wo` are not in it. " +
			"Use `jsondecode()` to look into it; nothing is created and no cluster is asked. For a test of a module, give the module an output of what the test asserts, as in the example: an output works in the test commands of Terraform and of OpenTofu.\n\n" +
			"The result is unknown as long as an attribute that takes part in it is. Attributes that do not exist, values of a wrong type, and documents that cannot be read or merged are errors that name the attribute; " +
			"the rules of the operator are not checked.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name: "environment", AllowUnknownValues: true,
				MarkdownDescription: "A whole `flink_environment`, or an object with some of its attributes: `settings`, or else `deployment_defaults` and `deployment_overrides`.",
			},
			function.DynamicParameter{
				Name: "deployment", AllowUnknownValues: true,
				MarkdownDescription: "An object with attributes of a `flink_deployment`, `job` at least, or a whole one. Its attribute `environment` is not looked at.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run expands the deployment.
func (f effectiveSpecFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var environment, deployment types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &environment, &deployment); resp.Error != nil {
		return
	}
	settings, environmentKnown, fault := f.readEnvironment(ctx, environment)
	if fault != nil {
		resp.Error = fault
		return
	}
	layer, deploymentKnown, fault := f.readDeployment(ctx, deployment)
	if fault != nil {
		resp.Error = fault
		return
	}
	if !environmentKnown || !deploymentKnown {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	text, fault := effectiveText(settings, layer)
	if fault != nil {
		resp.Error = fault
		return
	}
	resp.Error = resp.Result.Set(ctx, text)
}

func effectiveText(settings defaults.Settings, layer defaults.Layer) (string, *function.FuncError) {
	result, err := defaults.Expand(settings, layer)
	var merge *defaults.MergeError
	if errors.As(err, &merge) {
		position := int64(deploymentArgument)
		if merge.Layer != "" {
			position = environmentArgument
		}
		return "", faultAt(position, "the deployment cannot be expanded: "+err.Error())
	}
	if err != nil {
		return "", faultOf(err.Error())
	}
	tree, err := result.Effective()
	if err != nil {
		return "", faultOf(err.Error())
	}
	// Terraform itself hides the result when it hides an argument.
	text, err := defaults.EffectiveText(tree)
	if err != nil {
		return "", faultOf(err.Error())
	}
	return text, nil
}

// readEnvironment returns the settings of an environment, and whether they are
// known.
func (f effectiveSpecFunction) readEnvironment(ctx context.Context, argument types.Dynamic) (settings defaults.Settings, known bool, fault *function.FuncError) {
	var model environmentModel
	known, text := readObject(ctx, argument, f.environment(), &model)
	if text != "" {
		return settings, false, faultAt(environmentArgument, text)
	}
	// The settings of a flink_environment say all that its other attributes do.
	if model.Settings != nil {
		settings, err := defaults.Decode(*model.Settings)
		if err != nil {
			return settings, false, faultAt(environmentArgument, tfkit.Sentence(err.Error())+" Take the attribute settings of a flink_environment unchanged.")
		}
		return settings, known, nil
	}
	if model.Name != nil {
		settings.Environment = *model.Name
	}
	settings.Defaults, settings.Overrides = model.DeploymentDefaults, model.DeploymentOverrides
	return settings, known, nil
}

// readDeployment returns what a deployment says, and whether it is known.
func (f effectiveSpecFunction) readDeployment(ctx context.Context, argument types.Dynamic) (layer defaults.Layer, known bool, fault *function.FuncError) {
	var own tfkit.Own
	known, text := readObject(ctx, argument, f.deployment(), &own)
	var strategy *string
	if own.Upgrade != nil {
		strategy = own.Upgrade.Strategy
	}
	switch {
	case text != "":
	case !known:
		return layer, false, nil
	case own.Job == nil:
		text = "A deployment has a job: the attribute job is missing."
	case own.UpgradeMode != nil && !slices.Contains(tfkit.UpgradeModeNames(), *own.UpgradeMode):
		text = fmt.Sprintf("upgrade.mode is one of %s, not %q.", strings.Join(tfkit.UpgradeModeNames(), ", "), *own.UpgradeMode)
	case strategy != nil && *strategy != flink.StrategyInPlace && *strategy != flink.StrategyBlueGreen:
		text = fmt.Sprintf("upgrade.strategy is %s or %s, not %q.", flink.StrategyInPlace, flink.StrategyBlueGreen, *strategy)
	}
	if text != "" {
		return layer, false, faultAt(deploymentArgument, text)
	}
	return own.Said(), true, nil
}

// readObject fills a struct from an argument that is an object with attributes of a
// type. It tells whether all that the struct takes is known, and what is wrong.
func readObject(ctx context.Context, argument types.Dynamic, of tftypes.Object, into any) (known bool, fault string) {
	raw, err := argument.ToTerraformValue(ctx)
	switch {
	case err != nil:
		return false, err.Error()
	case !raw.IsKnown():
		return false, ""
	case raw.IsNull(), !raw.Type().Is(tftypes.Object{}) && !raw.Type().Is(tftypes.Map{}):
		return false, "an object is expected"
	}
	unknown, diags := tfkit.DecodeAny(ctx, raw, of, into)
	return len(unknown) == 0, explain(diags)
}

// explain returns errors as text; the details name the attributes.
func explain(diags diag.Diagnostics) string {
	var out []string
	for _, d := range diags.Errors() {
		out = append(out, d.Detail())
	}
	return strings.Join(out, "\n")
}
