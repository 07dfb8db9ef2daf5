package sessionjob

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// model is the resource's data.
type model struct {
	lifecycle.Model
	tfkit.ObjectModel

	SessionCluster     *string            `tfsdk:"session_cluster"`
	FlinkConfiguration map[string]*string `tfsdk:"flink_configuration"`
	Job                *tfkit.JobModel    `tfsdk:"job"`
	Upgrade            *upgradeModel      `tfsdk:"upgrade"`
	SavepointOnDestroy *bool              `tfsdk:"savepoint_on_destroy"`
}

// upgradeModel is the attribute upgrade.
type upgradeModel struct {
	Mode           *string `tfsdk:"mode"`
	OnFailure      *string `tfsdk:"on_failure"`
	AllowStateLoss *bool   `tfsdk:"allow_state_loss"`
}

var _ lifecycle.Data = (*model)(nil)

// Layer implements lifecycle.Data.
func (m *model) Layer() (defaults.Layer, diag.Diagnostics) {
	spec := flink.DeploymentSpec{DeploymentName: m.SessionCluster, FlinkConfiguration: m.FlinkConfiguration, Job: m.Job.Spec()}
	var onFailure *string
	if up := m.Upgrade; up != nil {
		spec.Job.UpgradeMode, onFailure = tfkit.WireUpgradeMode(up.Mode), up.OnFailure
	}
	return m.LayerOf(spec, onFailure), nil
}

// RunsOn implements lifecycle.Data.
func (m *model) RunsOn() string {
	if m.SessionCluster == nil {
		return ""
	}
	return *m.SessionCluster
}

// Choices implements lifecycle.Data.
func (m *model) Choices() lifecycle.Choices {
	up := m.Upgrade
	if up == nil {
		up = &upgradeModel{}
	}
	choices := lifecycle.ChoicesOf(m.RestartTriggers, up.AllowStateLoss, up.OnFailure)
	choices.SavepointOnDestroy = m.SavepointOnDestroy == nil || *m.SavepointOnDestroy
	return choices
}
