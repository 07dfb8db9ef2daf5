package tfkit

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Own is what a resource says itself: its layer, whose attributes have the JSON
// names of the fields, and what stands elsewhere or in other words (see layout).
// A type without one of the attributes leaves its field nil.
type Own struct {
	defaults.Layer
	OwnSecretsModel

	UpgradeMode    *string `tfsdk:"upgrade.mode"`
	AllowStateLoss *bool   `tfsdk:"upgrade.allow_state_loss"`
	// AcceptStateRisk has the words of the risks that are accepted.
	AcceptStateRisk *string `tfsdk:"upgrade.accept_state_risk"`
	// RestartTriggers take the attribute of Layer.RestartNonce, which is made of
	// them.
	RestartTriggers map[string]string `tfsdk:"restart_triggers"`
}

// Said returns the whole layer.
func (o *Own) Said() defaults.Layer {
	layer := o.Layer
	layer.RestartNonce = flink.RestartNonce(o.RestartTriggers)
	layer.SecretConfiguration = o.refer(layer.SecretConfiguration)
	if layer.Job != nil {
		job := *layer.Job
		job.UpgradeMode = WireUpgradeMode(o.UpgradeMode)
		layer.Job = &job
	}
	return layer
}

// Adopt takes the layer of an object that is imported. filled tells that a provider
// has written the object: what it fills in when nobody says it is left out then, as
// most configurations do.
func (o *Own) Adopt(layer defaults.Layer, filled bool) {
	o.Layer = layer
	if layer.Job == nil {
		return
	}
	job, spec := *layer.Job, layer.DeploymentSpec
	o.Job, o.UpgradeMode = &job, importedUpgradeMode(spec)
	if filled && job.State != nil && *job.State == flink.JobRunning {
		o.Job.State = nil
	}
	if filled && job.UpgradeMode != nil && *job.UpgradeMode == flink.DefaultUpgradeMode(spec) {
		o.UpgradeMode = nil
	}
}

// upgradeModes are the values of upgrade.mode and what a specification calls them.
var upgradeModes = []struct{ name, wire string }{
	{"savepoint", flink.UpgradeSavepoint},
	{"last_state", flink.UpgradeLastState},
	{"stateless", flink.UpgradeStateless},
}

// UpgradeModeNames returns the values of upgrade.mode, the safest first.
func UpgradeModeNames() []string {
	names := make([]string, len(upgradeModes))
	for i, mode := range upgradeModes {
		names[i] = mode.name
	}
	return names
}

// UpgradeModeName returns the value of upgrade.mode for that of a specification, nil
// for none.
func UpgradeModeName(wire *string) *string {
	for _, mode := range upgradeModes {
		if wire != nil && *wire == mode.wire {
			return new(mode.name)
		}
	}
	return nil
}

// WireUpgradeMode returns a specification's word for a value of upgrade.mode, nil for
// none.
func WireUpgradeMode(name *string) *string {
	for _, mode := range upgradeModes {
		if name != nil && *name == mode.name {
			return new(mode.wire)
		}
	}
	return nil
}

// importedUpgradeMode returns the value of upgrade.mode of a specification that is
// imported. Where it says none the platform's default rules, stateless, which is
// written out when the provider would choose another.
func importedUpgradeMode(spec flink.DeploymentSpec) *string {
	if spec.Job.UpgradeMode == nil && flink.DefaultUpgradeMode(spec) != flink.UpgradeStateless {
		return UpgradeModeName(new(flink.UpgradeStateless))
	}
	return UpgradeModeName(spec.Job.UpgradeMode)
}
