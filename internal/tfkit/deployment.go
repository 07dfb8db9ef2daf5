package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// DeploymentModel are the attributes of a flink_deployment that make its
// specification. Nil is null; the fields take only known values (see Decode).
type DeploymentModel struct {
	SpecModel
	ObjectModel
	Job     *JobModel     `tfsdk:"job"`
	Upgrade *UpgradeModel `tfsdk:"upgrade"`
}

// ObjectModel are the attributes that every resource with an object of the
// platform has beside its specification.
type ObjectModel struct {
	Labels          map[string]*string `tfsdk:"labels"`
	Annotations     map[string]*string `tfsdk:"annotations"`
	RestartTriggers map[string]string  `tfsdk:"restart_triggers"`
}

// LayerOf returns what a resource says itself: its specification, and the
// attributes beside it. onFailure is upgrade.on_failure, nil for nothing.
func (m ObjectModel) LayerOf(spec flink.DeploymentSpec, onFailure *string) defaults.Layer {
	layer := defaults.Layer{DeploymentSpec: spec, Labels: m.Labels, Annotations: m.Annotations}
	layer.RestartNonce = flink.RestartNonce(m.RestartTriggers)
	if onFailure != nil {
		layer.Upgrade = &defaults.Upgrade{OnFailure: onFailure}
	}
	return layer
}

// JobModel is the attribute job.
type JobModel struct {
	JarURI                *string  `tfsdk:"jar_uri"`
	EntryClass            *string  `tfsdk:"entry_class"`
	Args                  []string `tfsdk:"args"`
	Parallelism           *int64   `tfsdk:"parallelism"`
	State                 *string  `tfsdk:"state"`
	AllowNonRestoredState *bool    `tfsdk:"allow_non_restored_state"`
	InitialSavepointPath  *string  `tfsdk:"initial_savepoint_path"`
}

// Spec returns the job that the attribute says; an empty one for null.
func (m *JobModel) Spec() *flink.Job {
	if m == nil {
		return &flink.Job{}
	}
	return &flink.Job{
		JarURI:                m.JarURI,
		EntryClass:            m.EntryClass,
		Args:                  m.Args,
		Parallelism:           m.Parallelism,
		State:                 m.State,
		AllowNonRestoredState: m.AllowNonRestoredState,
		InitialSavepointPath:  m.InitialSavepointPath,
	}
}

// JobModelOf returns the attribute that says job, for example of a deployment
// that is imported. The upgrade mode is another attribute's.
func JobModelOf(job flink.Job) *JobModel {
	return &JobModel{
		JarURI:                job.JarURI,
		EntryClass:            job.EntryClass,
		Args:                  job.Args,
		Parallelism:           job.Parallelism,
		State:                 job.State,
		AllowNonRestoredState: job.AllowNonRestoredState,
		InitialSavepointPath:  job.InitialSavepointPath,
	}
}

// UpgradeModel is the attribute upgrade.
type UpgradeModel struct {
	Strategy       *string            `tfsdk:"strategy"`
	Mode           *string            `tfsdk:"mode"`
	OnFailure      *string            `tfsdk:"on_failure"`
	AllowStateLoss *bool              `tfsdk:"allow_state_loss"`
	BlueGreen      map[string]*string `tfsdk:"blue_green"`
}

// upgradeModes are the values of upgrade.mode and what the operator calls them.
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

// UpgradeModeName returns the value of upgrade.mode for a mode of the operator,
// nil for none.
func UpgradeModeName(wire *string) *string {
	for _, mode := range upgradeModes {
		if wire != nil && *wire == mode.wire {
			return new(mode.name)
		}
	}
	return nil
}

// WireUpgradeMode returns the operator's word for a value of upgrade.mode, nil
// for none.
func WireUpgradeMode(name *string) *string {
	for _, mode := range upgradeModes {
		if name != nil && *name == mode.name {
			return new(mode.wire)
		}
	}
	return nil
}

// Layer returns what the deployment whose attributes are below at says itself.
func (m DeploymentModel) Layer(at path.Path) (defaults.Layer, diag.Diagnostics) {
	spec, diags := m.Spec(at)
	spec.Job = m.Job.Spec()
	up := m.Upgrade
	if up == nil {
		return m.LayerOf(spec, nil), diags
	}
	spec.Job.UpgradeMode = WireUpgradeMode(up.Mode)
	layer := m.LayerOf(spec, up.OnFailure)
	if up.Strategy != nil || up.BlueGreen != nil {
		layer.Upgrade = &defaults.Upgrade{OnFailure: up.OnFailure, Strategy: up.Strategy, BlueGreen: up.BlueGreen}
	}
	return layer, diags
}
