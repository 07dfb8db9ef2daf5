package deployment

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// model is the resource's data.
type model struct {
	lifecycle.Model
	tfkit.DeploymentModel

	SavepointOnDestroy *bool `tfsdk:"savepoint_on_destroy"`
}

var _ lifecycle.Data = (*model)(nil)

// Layer implements lifecycle.Data.
func (m *model) Layer() (defaults.Layer, diag.Diagnostics) {
	return m.DeploymentModel.Layer(path.Empty())
}

// RunsOn implements lifecycle.Data.
func (*model) RunsOn() string { return "" }

// Choices implements lifecycle.Data.
func (m *model) Choices() lifecycle.Choices {
	up := m.Upgrade
	if up == nil {
		up = &tfkit.UpgradeModel{}
	}
	choices := lifecycle.ChoicesOf(m.RestartTriggers, up.AllowStateLoss, up.OnFailure)
	choices.SavepointOnDestroy = m.SavepointOnDestroy == nil || *m.SavepointOnDestroy
	return choices
}
