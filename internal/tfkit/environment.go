package tfkit

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
)

// PlatformOperator is the Apache Flink Kubernetes Operator, the platform of an
// environment that names none.
const PlatformOperator = "operator"

// PlatformValidator accepts the platforms that this provider can manage.
func PlatformValidator() validator.String { return stringvalidator.OneOf(PlatformOperator) }

// EnvironmentModel is the environment attribute of a deployment. Every field is
// optional, so that a whole flink_environment, which has more, can be assigned.
type EnvironmentModel struct {
	Platform  *string `tfsdk:"platform"`
	Name      *string `tfsdk:"name"`
	Namespace *string `tfsdk:"namespace"`
	Settings  *string `tfsdk:"settings"`
}

// Target is where a deployment goes, and what its environment says about it.
type Target struct {
	Platform  string
	Namespace string
	// Name is the environment's name, or empty.
	Name     string
	Settings defaults.Settings
}

// EnvironmentAttribute is the attribute that places a resource of the given
// kind, for example "deployment", in an environment. It is a nested attribute
// with optional fields: Terraform then drops the other attributes of an
// assigned flink_environment and fills those that an object leaves out.
func EnvironmentAttribute(kind string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Required: true,
		MarkdownDescription: "Where the " + kind + " runs. Assign a whole `flink_environment` (`environment = flink_environment.prod`): its defaults and overrides come with it. " +
			"Without such a resource, name at least the namespace: `environment = { namespace = \"flink-dev\" }`.",
		Attributes: map[string]schema.Attribute{
			"platform": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Flink platform: `operator`, the Apache Flink Kubernetes Operator, which is the default. Another platform replaces the " + kind + ".",
				Validators:          []validator.String{PlatformValidator()},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(
					platformChanges, "Another platform replaces the "+kind+".", "Another platform replaces the "+kind+".")},
			},
			"name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The environment's name, for messages only.",
			},
			"namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The Kubernetes namespace. Required, though an assigned `flink_environment` always has it. Another namespace replaces the " + kind + ".",
				Validators:          []validator.String{NamespaceValidator()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"settings": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The defaults and overrides of an assigned `flink_environment`, as the JSON text of its attribute `settings`.",
			},
		},
	}
}

// platformChanges asks for replacement when the platform is another one; the
// default platform, named or not, is the same.
func platformChanges(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = !req.PlanValue.IsUnknown() &&
		orDefault(req.PlanValue.ValueStringPointer(), PlatformOperator) != orDefault(req.StateValue.ValueStringPointer(), PlatformOperator)
}

// Resolve returns the target of an environment attribute at the given path.
// Every value must be known.
func (e EnvironmentModel) Resolve(at path.Path) (Target, diag.Diagnostics) {
	var diags diag.Diagnostics
	target := Target{
		Platform:  orDefault(e.Platform, PlatformOperator),
		Name:      orDefault(e.Name, ""),
		Namespace: orDefault(e.Namespace, ""),
	}
	if target.Namespace == "" {
		diags.AddAttributeError(at.AtName("namespace"), "The environment has no namespace",
			"Assign a whole flink_environment (environment = flink_environment.prod), or name the namespace: environment = { namespace = \"flink-dev\" }.")
	}
	settings, err := defaults.Decode(orDefault(e.Settings, ""))
	if err != nil {
		diags.AddAttributeError(at.AtName("settings"), "The environment's settings cannot be read",
			fmt.Sprintf("%s Assign the attribute settings of a flink_environment unchanged, or leave it out.", Sentence(err.Error())))
	}
	target.Settings = settings
	if target.Name == "" {
		target.Name = settings.Environment
	}
	return target, diags
}

func orDefault(value *string, otherwise string) string {
	if value == nil {
		return otherwise
	}
	return *value
}
