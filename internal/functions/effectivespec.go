package functions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// NewEffectiveSpec is the function effective_spec.
func NewEffectiveSpec() function.Function { return effectiveSpecFunction{} }

type effectiveSpecFunction struct{}

// Positions of the arguments.
const (
	environmentArgument = iota
	deploymentArgument
)

// otherEnvironmentAttributes are the attributes of a flink_environment that do
// not take part in the specification of a deployment.
var otherEnvironmentAttributes = []string{"id", "namespace", "operator", "platform", "timeouts"}

// otherDeploymentAttributes are the attributes of a flink_deployment that do not
// take part in its specification.
var otherDeploymentAttributes = []string{
	"deletion_protection", "effective_spec", "environment", "id", "name", "rollout", "savepoint_on_destroy", "status", "timeouts", "wait_for",
}

// environmentModel are the attributes of a flink_environment that take part in
// the specification of a deployment.
type environmentModel struct {
	Name                *string           `tfsdk:"name"`
	Settings            *string           `tfsdk:"settings"`
	DeploymentDefaults  *tfkit.LayerModel `tfsdk:"deployment_defaults"`
	DeploymentOverrides *tfkit.LayerModel `tfsdk:"deployment_overrides"`
}

// Metadata names the function.
func (effectiveSpecFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "effective_spec"
}

// Definition describes the function.
func (effectiveSpecFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The specification of a deployment in an environment",
		MarkdownDescription: "Returns what the attribute `effective_spec` of a new `flink_deployment` would be: the environment's defaults, what the deployment says and the environment's overrides in one specification, as JSON text. " +
			"Use `jsondecode()` to look into it, for example in a test of a module or in a policy; nothing is created and no cluster is asked.\n\n" +
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
func (effectiveSpecFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var environment, deployment types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &environment, &deployment); resp.Error != nil {
		return
	}
	settings, environmentKnown, fault := readEnvironment(ctx, environment)
	if fault != nil {
		resp.Error = fault
		return
	}
	layer, deploymentKnown, fault := readDeployment(ctx, deployment)
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
		return "", function.NewArgumentFuncError(position, tfkit.Sentence("the deployment cannot be expanded: "+err.Error()))
	}
	if err != nil {
		return "", function.NewFuncError(tfkit.Sentence(err.Error()))
	}
	tree, err := result.Effective()
	if err != nil {
		return "", function.NewFuncError(tfkit.Sentence(err.Error()))
	}
	text, err := defaults.EffectiveText(tree)
	if err != nil {
		return "", function.NewFuncError(tfkit.Sentence(err.Error()))
	}
	return text, nil
}

// readEnvironment returns the settings of an environment, and whether they are
// known.
func readEnvironment(ctx context.Context, argument types.Dynamic) (defaults.Settings, bool, *function.FuncError) {
	var settings defaults.Settings
	fault := func(text string) *function.FuncError { return function.NewArgumentFuncError(environmentArgument, text) }
	object, err := readObject(ctx, argument)
	var model environmentModel
	if err == nil {
		err = assign(object, &model, otherEnvironmentAttributes...)
	}
	switch {
	case errors.Is(err, errUnknown):
		return settings, false, nil
	case err != nil:
		return settings, false, fault(tfkit.Sentence(err.Error()))
	}
	// The settings of a flink_environment say all that its other attributes do.
	if model.Settings != nil {
		settings, err := defaults.Decode(*model.Settings)
		if err != nil {
			return settings, false, fault(tfkit.Sentence(err.Error()) + " Take the attribute settings of a flink_environment unchanged.")
		}
		return settings, true, nil
	}
	if model.Name != nil {
		settings.Environment = *model.Name
	}
	var diags, more diag.Diagnostics
	settings.Defaults, diags = model.DeploymentDefaults.Layer(path.Root("deployment_defaults"))
	settings.Overrides, more = model.DeploymentOverrides.Layer(path.Root("deployment_overrides"))
	if diags.Append(more...); diags.HasError() {
		return settings, false, fault(explain(diags))
	}
	return settings, true, nil
}

// readDeployment returns what a deployment says, and whether it is known.
func readDeployment(ctx context.Context, argument types.Dynamic) (defaults.Layer, bool, *function.FuncError) {
	fault := func(text string) (defaults.Layer, bool, *function.FuncError) {
		return defaults.Layer{}, false, function.NewArgumentFuncError(deploymentArgument, text)
	}
	object, err := readObject(ctx, argument)
	var model tfkit.DeploymentModel
	if err == nil {
		err = assign(object, &model, otherDeploymentAttributes...)
	}
	switch {
	case errors.Is(err, errUnknown):
		return defaults.Layer{}, false, nil
	case err != nil:
		return fault(tfkit.Sentence(err.Error()))
	case model.Job == nil:
		return fault("A deployment has a job: the attribute job is missing.")
	}
	if up := model.Upgrade; up != nil && up.Mode != nil && !slices.Contains(tfkit.UpgradeModeNames(), *up.Mode) {
		return fault(fmt.Sprintf("upgrade.mode is one of %s, not %q.", strings.Join(tfkit.UpgradeModeNames(), ", "), *up.Mode))
	}
	if up := model.Upgrade; up != nil && up.Strategy != nil && *up.Strategy != flink.StrategyInPlace && *up.Strategy != flink.StrategyBlueGreen {
		return fault(fmt.Sprintf("upgrade.strategy is %s or %s, not %q.", flink.StrategyInPlace, flink.StrategyBlueGreen, *up.Strategy))
	}
	layer, diags := model.Layer(path.Empty())
	if diags.HasError() {
		return fault(explain(diags))
	}
	return layer, true, nil
}

// readObject reads an argument that is an object.
func readObject(ctx context.Context, argument types.Dynamic) (map[string]any, error) {
	value, err := decode(ctx, argument)
	if err != nil {
		return nil, err
	}
	switch value := value.(type) {
	case unknown:
		return nil, errUnknown
	case map[string]any:
		return value, nil
	default:
		return nil, errors.New("an object is expected")
	}
}

// explain returns errors as text; the details name the attributes.
func explain(diags diag.Diagnostics) string {
	var out []string
	for _, d := range diags.Errors() {
		out = append(out, d.Detail())
	}
	return strings.Join(out, "\n")
}
