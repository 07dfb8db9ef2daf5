package savepoint

import (
	"fmt"
	"strings"

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
	Pinned           *bool             `tfsdk:"pinned"`
	Triggers         types.Map         `tfsdk:"triggers"`
	Location         types.String      `tfsdk:"location"`
	Timeouts         timeouts.Value    `tfsdk:"timeouts"`
}

// wanted is a savepoint, and the platform that it is on.
type wanted struct {
	platform.Savepoint

	// id is the attribute id, and target where it is.
	id     string
	target tfkit.Target
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
			Pinned:    m.Pinned != nil && *m.Pinned,
		},
		id: m.ID.ValueString(), target: target, where: tfkit.WhereOf(r.platforms, target.ID(*m.Name)),
	}
	if want.id == "" {
		want.id = target.ID(*m.Name)
	}
	if m.SessionJob != nil {
		want.Job = platform.JobRef{Session: true, Name: *m.SessionJob}
	}
	return want, diags
}

// idOf is the attribute id of what the platform has.
func (w wanted) idOf(observed *platform.ObservedSavepoint) string {
	if observed.Handle == "" {
		return w.id
	}
	return w.target.ID(observed.Handle)
}

// unable returns what is wanted and cannot be done on the platform.
func (r *savepointResource) unable(want wanted) diag.Diagnostics {
	rules := want.target.Rules
	if rules == nil {
		return nil
	}
	var diags diag.Diagnostics
	if want.Dispose && !rules.Can(platform.DisposeSavepoints) {
		diags.AddAttributeError(path.Root("dispose_on_destroy"), fmt.Sprintf("The platform %q does not delete the files of a savepoint", rules.Name()),
			"Remove dispose_on_destroy: the files stay when the resource is destroyed, and whoever has access to them deletes them.")
	}
	if want.Pinned && !rules.Can(platform.PinSavepoints) {
		diags.AddAttributeError(path.Root("pinned"), fmt.Sprintf("The platform %q pins no savepoints", rules.Name()),
			"Remove pinned: nothing on this platform cleans up a savepoint that is a resource of its own. Its files stay with dispose_on_destroy = false, which is the default.")
	}
	if want.Format == platform.FormatNative && !rules.Can(platform.FormatSavepoints) {
		diags.AddAttributeError(path.Root("format"), fmt.Sprintf("The platform %q takes no savepoint in a format that is asked for", rules.Name()),
			fmt.Sprintf("It asks Flink for one in the format of Flink's default, %s. Remove format.", platform.FormatCanonical))
	}
	if want.Directory != "" && !rules.Can(platform.PlaceSavepoints) {
		diags.AddAttributeError(path.Root("path"), fmt.Sprintf("The platform %q writes savepoints where the job does", rules.Name()),
			"Remove path, and set execution.checkpointing.savepoint-dir in flink_configuration of the job.")
	}
	if want.Job.Session && !rules.Has(platform.KindSessionJob) {
		diags.AddAttributeError(path.Root("session_job"), fmt.Sprintf("The platform %q has no %ss", rules.Name(), platform.KindSessionJob),
			"Name a deployment instead: deployment = flink_deployment.<name>.name.")
	}
	return diags
}

// known returns what is known of the savepoint of a model and a receipt.
func (w wanted) known(m *model, left resume) platform.ObservedSavepoint {
	known := platform.ObservedSavepoint{Savepoint: w.Savepoint, Receipt: left.Receipt, Location: m.Location.ValueString(), Unpinnable: left.Unpinnable}
	if rest := strings.TrimPrefix(w.id, w.target.ID("")); rest != w.Name {
		known.Handle = rest
	}
	return known
}

// adopt fills the attributes from a savepoint that is imported.
func (m *model) adopt(observed *platform.ObservedSavepoint) {
	if observed.Job.Session {
		m.SessionJob = &observed.Job.Name
	} else {
		m.Deployment = &observed.Job.Name
	}
	m.Name, m.Format = &observed.Name, &observed.Format
	m.refresh(observed)
	if observed.Directory != "" {
		m.Path = &observed.Directory
	}
}

// refresh takes what the platform says now.
func (m *model) refresh(observed *platform.ObservedSavepoint) {
	m.Location = locationOf(observed)
	m.DisposeOnDestroy, m.Pinned = &observed.Dispose, &observed.Pinned
}

// locationOf is the attribute location, null until the savepoint is completed.
func locationOf(observed *platform.ObservedSavepoint) types.String {
	if observed == nil || observed.Location == "" {
		return types.StringNull()
	}
	return types.StringValue(observed.Location)
}
