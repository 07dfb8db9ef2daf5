package sessioncluster

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
	tfkit.SpecModel
	tfkit.ObjectModel

	Upgrade *upgradeModel `tfsdk:"upgrade"`
}

// upgradeModel is the attribute upgrade.
type upgradeModel struct {
	OnFailure      *string `tfsdk:"on_failure"`
	AllowStateLoss *bool   `tfsdk:"allow_state_loss"`
}

var _ lifecycle.Data = (*model)(nil)

// Layer implements lifecycle.Data.
func (m *model) Layer() (defaults.Layer, diag.Diagnostics) {
	spec, diags := m.Spec(path.Empty())
	var onFailure *string
	if m.Upgrade != nil {
		onFailure = m.Upgrade.OnFailure
	}
	return m.LayerOf(spec, onFailure), diags
}

// RunsOn implements lifecycle.Data.
func (*model) RunsOn() string { return "" }

// Choices implements lifecycle.Data.
func (m *model) Choices() lifecycle.Choices {
	up := m.Upgrade
	if up == nil {
		up = &upgradeModel{}
	}
	return lifecycle.ChoicesOf(m.RestartTriggers, up.AllowStateLoss, up.OnFailure)
}
