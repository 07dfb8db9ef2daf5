package savepoint

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is the resource's data. Nil is null.
type model struct {
	ID               types.String            `tfsdk:"id"`
	Environment      *tfkit.EnvironmentModel `tfsdk:"environment"`
	Name             *string                 `tfsdk:"name"`
	Deployment       *string                 `tfsdk:"deployment"`
	SessionJob       *string                 `tfsdk:"session_job"`
	Format           *string                 `tfsdk:"format"`
	Path             *string                 `tfsdk:"path"`
	DisposeOnDestroy *bool                   `tfsdk:"dispose_on_destroy"`
	Triggers         types.Map               `tfsdk:"triggers"`
	Location         types.String            `tfsdk:"location"`
	Timeouts         timeouts.Value          `tfsdk:"timeouts"`
}

// identifier is the attribute id.
func identifier(platformName, namespace, name string) string {
	return platformName + "/" + namespace + "/" + name
}

// want returns the savepoint that a model asks for.
func (m *model) want() (platform.Savepoint, diag.Diagnostics) {
	target, diags := m.Environment.Resolve(path.Root("environment"))
	want := platform.Savepoint{
		Ref:       platform.Ref{Namespace: target.Namespace, Name: *m.Name},
		Job:       platform.JobRef{Name: deref(m.Deployment)},
		Format:    deref(m.Format),
		Directory: deref(m.Path),
		Dispose:   m.DisposeOnDestroy != nil && *m.DisposeOnDestroy,
	}
	if m.SessionJob != nil {
		want.Job = platform.JobRef{Session: true, Name: *m.SessionJob}
	}
	m.ID = types.StringValue(identifier(target.Platform, want.Namespace, want.Name))
	return want, diags
}

// known returns the savepoint that a state is about.
func (m *model) known(left resume) (platform.ObservedSavepoint, diag.Diagnostics) {
	want, diags := m.want()
	return platform.ObservedSavepoint{Savepoint: want, Receipt: left.Receipt, Location: m.Location.ValueString()}, diags
}

// imported tells that the state has only what an import says.
func (m *model) imported() bool { return m.Deployment == nil && m.SessionJob == nil }

// adopt fills the attributes from a savepoint that is imported.
func (m *model) adopt(observed *platform.ObservedSavepoint) {
	if observed.Job.Session {
		m.SessionJob = &observed.Job.Name
	} else {
		m.Deployment = &observed.Job.Name
	}
	m.Format, m.DisposeOnDestroy = &observed.Format, &observed.Dispose
	if observed.Directory != "" {
		m.Path = &observed.Directory
	}
}

// refresh takes what the platform says now.
func (m *model) refresh(observed *platform.ObservedSavepoint) {
	m.Location = locationOf(observed)
	m.DisposeOnDestroy = &observed.Dispose
}

// locationOf is the attribute location, null until the savepoint is completed.
func locationOf(observed *platform.ObservedSavepoint) types.String {
	if observed == nil || observed.Location == "" {
		return types.StringNull()
	}
	return types.StringValue(observed.Location)
}

func deref(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
