package savepoint

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is the resource's data. Nil is null.
type model struct {
	ID               types.String      `tfsdk:"id"`
	Environment      *tfkit.PlaceModel `tfsdk:"environment"`
	Name             *string           `tfsdk:"name"`
	Deployment       *string           `tfsdk:"deployment"`
	SessionJob       *string           `tfsdk:"session_job"`
	Format           *string           `tfsdk:"format"`
	Path             *string           `tfsdk:"path"`
	DisposeOnDestroy *bool             `tfsdk:"dispose_on_destroy"`
	Triggers         types.Map         `tfsdk:"triggers"`
	Location         types.String      `tfsdk:"location"`
	Timeouts         timeouts.Value    `tfsdk:"timeouts"`
}

// wanted is a savepoint, and the platform that it is on.
type wanted struct {
	platform.Savepoint

	id, platform string
	// where names the place of it, for messages.
	where string
}

// want returns the savepoint that a model asks for. A state that was edited may not
// say any more which one it is.
func (r *savepointResource) want(m *model) (wanted, diag.Diagnostics) {
	if incomplete := tfkit.Complete(m.Environment != nil, m.Name != nil); incomplete.HasError() {
		return wanted{}, incomplete
	}
	target, diags := m.Environment.Resolve(r.platforms, platform.KindSavepoint, path.Root("environment"))
	want := wanted{
		Savepoint: platform.Savepoint{
			Ref:       target.Ref(*m.Name),
			Job:       platform.JobRef{Name: ptr.Deref(m.Deployment, "")},
			Format:    ptr.Deref(m.Format, ""),
			Directory: ptr.Deref(m.Path, ""),
			Dispose:   m.DisposeOnDestroy != nil && *m.DisposeOnDestroy,
		},
		id: target.ID(*m.Name), platform: target.Platform, where: tfkit.WhereOf(r.platforms, target.ID(*m.Name)),
	}
	if m.SessionJob != nil {
		want.Job = platform.JobRef{Session: true, Name: *m.SessionJob}
	}
	m.ID = types.StringValue(want.id)
	return want, diags
}

// unable returns what is wanted and cannot be done on the platform.
func (r *savepointResource) unable(want wanted) diag.Diagnostics {
	rules, found := r.platforms.Named(want.platform)
	if !found {
		return nil
	}
	var diags diag.Diagnostics
	if want.Dispose && !rules.Can(platform.DisposeSavepoints) {
		diags.AddAttributeError(path.Root("dispose_on_destroy"), fmt.Sprintf("The platform %q does not delete the files of a savepoint", want.platform),
			"Remove dispose_on_destroy: the files stay when the resource is destroyed, and whoever has access to them deletes them.")
	}
	if want.Job.Session && !rules.Has(platform.KindSessionJob) {
		diags.AddAttributeError(path.Root("session_job"), fmt.Sprintf("The platform %q has no %ss", want.platform, platform.KindSessionJob),
			"Name a deployment instead: deployment = flink_deployment.<name>.name.")
	}
	return diags
}

// known returns what is known of the savepoint of a model and a receipt.
func (w wanted) known(m *model, left resume) platform.ObservedSavepoint {
	return platform.ObservedSavepoint{Savepoint: w.Savepoint, Receipt: left.Receipt, Location: m.Location.ValueString()}
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
