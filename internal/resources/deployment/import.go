package deployment

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// Adopt implements lifecycle.Data.
func (m *model) Adopt(observed *platform.Observed, spec flink.DeploymentSpec) diag.Diagnostics {
	var diags diag.Diagnostics
	if spec.Job == nil {
		diags.AddError("The object is a session cluster",
			observed.String()+" has no job, so it is no flink_deployment.")
		return diags
	}
	var err error
	if m.SpecModel, err = tfkit.SpecModelOf(spec); err != nil {
		diags.AddError("The deployment cannot be imported", tfkit.Sentence(err.Error()))
		return diags
	}
	m.Job = tfkit.JobModelOf(*spec.Job)
	if mode := tfkit.UpgradeModeName(spec.Job.UpgradeMode); mode != nil {
		m.Upgrade = &tfkit.UpgradeModel{Mode: mode}
	}
	if observed.Applied {
		m.dropDefaults(spec)
	}
	if observed.Form.BlueGreen() {
		if m.Upgrade == nil {
			m.Upgrade = &tfkit.UpgradeModel{}
		}
		m.Upgrade.Strategy = new(flink.StrategyBlueGreen)
	}
	m.Labels, m.Annotations = lifecycle.Nullable(observed.Labels), lifecycle.Nullable(observed.Annotations)
	return diags
}

// dropDefaults leaves out what the provider fills in when nobody says it: most
// configurations do not.
func (m *model) dropDefaults(spec flink.DeploymentSpec) {
	if state := m.Job.State; state != nil && *state == flink.JobRunning {
		m.Job.State = nil
	}
	if mode := spec.Job.UpgradeMode; mode != nil && *mode == flink.DefaultUpgradeMode(spec) {
		m.Upgrade = nil
	}
}
