package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Data is the data of one resource, a *Model. What the configuration says is nil
// where it is null or not known; what the provider computes may be unknown.
type Data interface {
	// Shared returns the attributes themselves.
	Shared() *Model
	// Layer returns what the configuration says itself, without its environment.
	Layer() defaults.Layer
	// Choices returns what the configuration decides about the provider's own
	// doing.
	Choices() Choices
	// RunsOn returns the session cluster that runs the job, empty for a
	// resource with a cluster of its own. Another one replaces the resource.
	RunsOn() string
}

// Model are the attributes of all types. A type without one of them leaves it nil.
type Model struct {
	tfkit.Own
	Record

	DeletionProtection *bool          `tfsdk:"deletion_protection"`
	SavepointOnDestroy *bool          `tfsdk:"savepoint_on_destroy"`
	WaitFor            *string        `tfsdk:"wait_for"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// Record are the attributes that say which object it is, and what is known of it.
type Record struct {
	Environment *tfkit.EnvironmentModel `tfsdk:"environment"`
	Name        *string                 `tfsdk:"name"`

	ID            types.String `tfsdk:"id"`
	EffectiveSpec types.String `tfsdk:"effective_spec"`
	Rollout       types.Object `tfsdk:"rollout"`
	Status        types.Object `tfsdk:"status"`
}

// Shared implements Data.
func (m *Model) Shared() *Model { return m }

// Layer implements Data.
func (m *Model) Layer() defaults.Layer { return m.Said() }

// RunsOn implements Data.
func (m *Model) RunsOn() string { return ptr.Deref(m.DeploymentName, "") }

// Choices implements Data.
func (m *Model) Choices() Choices {
	out := Choices{
		AllowStateLoss:  m.AllowStateLoss != nil && *m.AllowStateLoss,
		AcceptStateRisk: ptr.Deref(m.AcceptStateRisk, ""),
		Triggered:       len(m.RestartTriggers) > 0,
		// Session clusters have no state of their own.
		SavepointOnDestroy: m.Job != nil && (m.SavepointOnDestroy == nil || *m.SavepointOnDestroy),
	}
	if m.Upgrade != nil {
		out.OnFailure, out.ProveFor = ptr.Deref(m.Upgrade.OnFailure, ""), ptr.Deref(m.Upgrade.ProveFor, "")
	}
	return out
}

// Choices are what a configuration decides about the provider's own doing.
type Choices = rollout.Choices

// Values of the attribute wait_for.
const (
	waitForRunning   = "running"
	waitForSubmitted = "submitted"
)

// waits tells whether an apply waits until what it wrote runs.
func (m *Model) waits() bool { return m.WaitFor == nil || *m.WaitFor == waitForRunning }

// protected tells whether the resource refuses to be destroyed.
func (m *Model) protected() bool { return m.DeletionProtection != nil && *m.DeletionProtection }

// complete tells what a state lacks that says which object it belongs to.
func (m *Record) complete() diag.Diagnostics {
	return tfkit.Complete(m.Environment != nil, m.Name != nil)
}

// decodeState returns the data of a state, which says which object it belongs to
// where there is no error.
func (t Type) decodeState(ctx context.Context, state tfsdk.State) (Data, diag.Diagnostics) {
	data := t.New()
	diags := tfkit.Decode(ctx, tfsdk.Plan(state), data)
	if !diags.HasError() {
		diags.Append(data.Shared().complete()...)
	}
	return data, diags
}
