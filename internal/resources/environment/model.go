package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is a flink_environment. Nil is null.
type model struct {
	ID                  *string           `tfsdk:"id"`
	Name                *string           `tfsdk:"name"`
	Platform            *string           `tfsdk:"platform"`
	Namespace           *string           `tfsdk:"namespace"`
	Operator            *operatorModel    `tfsdk:"operator"`
	DeploymentDefaults  *tfkit.LayerModel `tfsdk:"deployment_defaults"`
	DeploymentOverrides *tfkit.LayerModel `tfsdk:"deployment_overrides"`
	Settings            *string           `tfsdk:"settings"`
	Timeouts            timeouts.Value    `tfsdk:"timeouts"`
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
		Namespace: deref(m.Namespace), CreateNamespace: m.createNamespace(),
		Name: deref(m.Name), Settings: deref(m.Settings),
	}
	if m.Operator != nil {
		want.ServiceAccount = deref(m.Operator.ServiceAccount)
		want.Labels = m.Operator.Labels
	}
	return want
}

// identity returns the resource identity.
func (m *model) identity() identity {
	return identity{Platform: deref(m.Platform), Namespace: deref(m.Namespace)}
}

// settings returns the text of the attribute settings.
func (m *model) settings() (string, diag.Diagnostics) {
	base, diags := m.DeploymentDefaults.Layer(path.Root("deployment_defaults"))
	overrides, more := m.DeploymentOverrides.Layer(path.Root("deployment_overrides"))
	diags.Append(more...)
	if diags.HasError() {
		return "", diags
	}
	text, err := defaults.Settings{Environment: deref(m.Name), Defaults: base, Overrides: overrides}.Encode()
	if err != nil {
		diags.AddAttributeError(path.Root("settings"), "The settings cannot be encoded", err.Error())
	}
	return text, diags
}

// id is the attribute id of an environment.
func id(platformName, namespace string) string { return platformName + "/" + namespace }

func deref(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
