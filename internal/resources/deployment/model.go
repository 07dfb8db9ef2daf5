package deployment

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is the resource's data. What the configuration says is decoded only
// when it is known; what the provider computes may be unknown.
type model struct {
	tfkit.DeploymentModel

	Environment        *tfkit.EnvironmentModel `tfsdk:"environment"`
	Name               *string                 `tfsdk:"name"`
	SavepointOnDestroy *bool                   `tfsdk:"savepoint_on_destroy"`
	DeletionProtection *bool                   `tfsdk:"deletion_protection"`
	WaitFor            *string                 `tfsdk:"wait_for"`
	Timeouts           timeouts.Value          `tfsdk:"timeouts"`

	ID            types.String `tfsdk:"id"`
	EffectiveSpec types.String `tfsdk:"effective_spec"`
	Rollout       types.Object `tfsdk:"rollout"`
	Status        types.Object `tfsdk:"status"`
}

// Values of the attribute wait_for.
const (
	waitForRunning   = "running"
	waitForSubmitted = "submitted"
)

// allowStateLoss tells whether the configuration accepts that the job's state
// is lost.
func (m *model) allowStateLoss() bool {
	return m.Upgrade != nil && m.Upgrade.AllowStateLoss != nil && *m.Upgrade.AllowStateLoss
}

// waits tells whether an apply waits until the job runs.
func (m *model) waits() bool { return m.WaitFor == nil || *m.WaitFor == waitForRunning }

// savepointOnDestroy tells whether a running job is stopped with a savepoint
// before it is deleted.
func (m *model) savepointOnDestroy() bool {
	return m.SavepointOnDestroy == nil || *m.SavepointOnDestroy
}

// onFailure is what the deployment itself says about a failed upgrade.
func (m *model) onFailure() string {
	if m.Upgrade == nil || m.Upgrade.OnFailure == nil {
		return ""
	}
	return *m.Upgrade.OnFailure
}

// protected tells whether the deployment refuses to be destroyed.
func (m *model) protected() bool { return m.DeletionProtection != nil && *m.DeletionProtection }
