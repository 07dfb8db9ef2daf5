package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is a flink_environment. Nil is null.
type model struct {
	said

	ID        *string        `tfsdk:"id"`
	Platform  *string        `tfsdk:"platform"`
	Namespace *string        `tfsdk:"namespace"`
	Operator  *operatorModel `tfsdk:"operator"`
	Settings  *string        `tfsdk:"settings"`
	Missing   []string       `tfsdk:"missing"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

// said are the attributes that the settings are made of.
type said struct {
	Name                *string         `tfsdk:"name"`
	DeploymentDefaults  *defaults.Layer `tfsdk:"deployment_defaults"`
	DeploymentOverrides *defaults.Layer `tfsdk:"deployment_overrides"`
}

type operatorModel struct {
	CreateNamespace *bool             `tfsdk:"create_namespace"`
	ServiceAccount  *string           `tfsdk:"service_account"`
	Labels          map[string]string `tfsdk:"labels"`
}

// identity is the resource identity of a flink_environment.
type identity struct {
	Platform  string `tfsdk:"platform"`
	Namespace string `tfsdk:"namespace"`
}

// createNamespace is operator.create_namespace with its default.
func (m *model) createNamespace() bool {
	return m.Operator == nil || m.Operator.CreateNamespace == nil || *m.Operator.CreateNamespace
}

// want returns what the environment shall have on its platform.
func (m *model) want() platform.Environment {
	want := platform.Environment{
		Namespace: ptr.Deref(m.Namespace, ""), CreateNamespace: m.createNamespace(),
		Name: ptr.Deref(m.Name, ""), Settings: ptr.Deref(m.Settings, ""),
	}
	if m.Operator != nil {
		want.ServiceAccount = ptr.Deref(m.Operator.ServiceAccount, "")
		want.Labels = m.Operator.Labels
	}
	return want
}

// identity returns the resource identity.
func (m *model) identity() identity {
	return identity{Platform: ptr.Deref(m.Platform, ""), Namespace: ptr.Deref(m.Namespace, "")}
}

// settings returns the text of the attribute settings of an environment on one of
// the platforms.
func (m *said) settings(platforms platform.Known, on string) (string, diag.Diagnostics) {
	rules, diags := tfkit.PlatformOf(platforms, platform.KindEnvironment, on, path.Root("platform"))
	if diags.HasError() {
		return "", diags
	}
	for i, layer := range []*defaults.Layer{m.DeploymentDefaults, m.DeploymentOverrides} {
		if layer != nil {
			diags.Append(tfkit.FindingsBelow(path.Root(layers[i]), rules.ValidateLayer(layer.DeploymentSpec))...)
		}
	}
	if diags.HasError() {
		return "", diags
	}
	text, err := defaults.Settings{Environment: ptr.Deref(m.Name, ""), Defaults: m.DeploymentDefaults, Overrides: m.DeploymentOverrides}.Encode()
	if err != nil {
		diags.AddAttributeError(path.Root("settings"), "The settings cannot be encoded", err.Error())
	}
	return text, diags
}

// id is the attribute id of an environment.
func id(platformName, namespace string) string { return platformName + "/" + namespace }
