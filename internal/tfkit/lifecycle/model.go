package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Data is the data of one resource: a pointer to the model of its type, which
// embeds Model. What the configuration says is decoded only when it is known;
// what the provider computes may be unknown.
type Data interface {
	// Shared returns the attributes that every type has.
	Shared() *Model
	// Layer returns what the configuration says itself, without its environment.
	Layer() (defaults.Layer, diag.Diagnostics)
	// Choices returns what the configuration decides about the provider's own
	// doing.
	Choices() Choices
	// RunsOn returns the session cluster that runs the job, empty for a
	// resource with a cluster of its own. Another one replaces the resource.
	RunsOn() string
	// Adopt fills the attributes that configure an object from one that is
	// imported, all but those of Model.
	Adopt(observed *platform.Observed, spec flink.DeploymentSpec) diag.Diagnostics
}

// Model are the attributes that every type has.
type Model struct {
	Environment        *tfkit.EnvironmentModel `tfsdk:"environment"`
	Name               *string                 `tfsdk:"name"`
	DeletionProtection *bool                   `tfsdk:"deletion_protection"`
	WaitFor            *string                 `tfsdk:"wait_for"`
	Timeouts           timeouts.Value          `tfsdk:"timeouts"`

	ID            types.String `tfsdk:"id"`
	EffectiveSpec types.String `tfsdk:"effective_spec"`
	Rollout       types.Object `tfsdk:"rollout"`
	Status        types.Object `tfsdk:"status"`
}

// Shared implements Data.
func (m *Model) Shared() *Model { return m }

// Choices are what a configuration decides about the provider's own doing.
type Choices struct {
	// AllowStateLoss accepts that the job's state is lost.
	AllowStateLoss bool
	// OnFailure is what the resource itself says about a failed upgrade, empty
	// for nothing.
	OnFailure string
	// Triggered tells that the resource has restart triggers.
	Triggered bool
	// SavepointOnDestroy stops a running job with a savepoint before it is
	// deleted.
	SavepointOnDestroy bool
}

// ChoicesOf returns the choices that are made alike by all types: by the
// triggers, by upgrade.allow_state_loss and by upgrade.on_failure.
func ChoicesOf(restartTriggers map[string]string, allowStateLoss *bool, onFailure *string) Choices {
	out := Choices{Triggered: len(restartTriggers) > 0, AllowStateLoss: allowStateLoss != nil && *allowStateLoss}
	if onFailure != nil {
		out.OnFailure = *onFailure
	}
	return out
}

// Values of the attribute wait_for.
const (
	waitForRunning   = "running"
	waitForSubmitted = "submitted"
)

// waits tells whether an apply waits until what it wrote runs.
func (m *Model) waits() bool { return m.WaitFor == nil || *m.WaitFor == waitForRunning }

// protected tells whether the resource refuses to be destroyed.
func (m *Model) protected() bool { return m.DeletionProtection != nil && *m.DeletionProtection }

// refOf returns the object that a state belongs to.
func (m *Model) refOf() (platform.Ref, diag.Diagnostics) {
	target, diags := m.Environment.Resolve(path.Root("environment"))
	return platform.Ref{Namespace: target.Namespace, Name: *m.Name}, diags
}
