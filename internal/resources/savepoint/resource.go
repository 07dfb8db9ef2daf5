// Package savepoint is the resource flink_savepoint: a savepoint of a running
// job.
package savepoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// How long the operations may take when the attribute timeouts does not say
// it: Flink gives a savepoint ten minutes by default, and it may be tried
// three times.
const (
	createTimeout = 30 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 10 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*savepointResource)(nil)
	_ resource.ResourceWithValidateConfig = (*savepointResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*savepointResource)(nil)
	_ resource.ResourceWithImportState    = (*savepointResource)(nil)
	_ resource.ResourceWithIdentity       = (*savepointResource)(nil)
)

// typeName is the name of the type without the provider's.
const typeName = "savepoint"

// savepointResource is the resource flink_savepoint.
type savepointResource struct {
	data      *tfkit.ProviderData
	platforms platform.Known
}

// NewResource returns the resource flink_savepoint on some platforms.
func NewResource(platforms platform.Known) resource.Resource {
	return &savepointResource{platforms: platforms}
}

// connect returns the savepoints of a platform.
func (r *savepointResource) connect(ctx context.Context, name string) (platform.Savepoints, error) {
	connected, err := r.data.Platform(ctx, name)
	if err != nil {
		return nil, err
	}
	return connected.Savepoints(), nil
}

// Metadata names the resource type.
func (r *savepointResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + typeName
}

// Configure takes what the provider block gave.
func (r *savepointResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// Create takes the savepoint. It is in the state before the wait for it begins.
func (r *savepointResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	want, diags := r.want(&plan)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.unable(want)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(logged(ctx, want), timeout)
	defer cancel()

	savepoints, err := r.connect(ctx, want.target.Platform)
	if err != nil {
		resp.Diagnostics.Append(attempt("take", want).Diagnostics(err)...)
		return
	}
	taken, err := savepoints.Take(ctx, want.Savepoint)
	if err != nil {
		resp.Diagnostics.Append(attempt("take", want).Diagnostics(err)...)
		return
	}
	record := recorder{of: r, state: &resp.State, private: resp.Private, identity: resp.Identity}
	resp.Diagnostics.Append(record.write(ctx, &plan, want, taken)...)
	if resp.Diagnostics.HasError() {
		return
	}
	observed, err := savepoints.Await(ctx, *taken)
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), &plan, want, observed)...)
	resp.Diagnostics.Append(told(ctx, want, untaintable(err, observed))...)
}

// Read looks for the savepoint. Only one that the platform says is gone leaves
// the state.
func (r *savepointResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.NoteRefresh(typeName, state.ID.ValueString())
	want, diags := r.want(&state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := want.known(&state, left)
	ctx = logged(ctx, want)
	record := recorder{of: r, state: &resp.State, private: resp.Private, identity: resp.Identity}
	resp.Diagnostics.Append(record.identify(ctx, want.id)...)
	observed, err := r.read(ctx, want.target.Platform, known)
	if err != nil {
		var absent *platform.NotFoundError
		switch warning, unknown := tfkit.Refused(err); {
		case unknown:
			resp.Diagnostics.Append(warning)
		case errors.As(err, &absent):
			resp.State.RemoveResource(ctx)
		default:
			resp.Diagnostics.Append(attempt("read", want).Diagnostics(err)...)
		}
		return
	}
	state.refresh(observed)
	resp.Diagnostics.Append(owned(want, observed)...)
	resp.Diagnostics.Append(record.write(ctx, &state, want, observed)...)
	r.data.NoteRefresh(typeName, state.ID.ValueString())
}

// owned says that the files of a savepoint are not its own any more.
func owned(want wanted, observed *platform.ObservedSavepoint) diag.Diagnostics {
	if observed.Owner == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("location"), fmt.Sprintf("The savepoint %q belongs to a job", want.Name),
		fmt.Sprintf("%s. Nothing tells whether they are still in %s, so start nothing else from there: change triggers to take another savepoint, or remove this one from the configuration. Its files are not deleted with it, also with dispose_on_destroy = true.",
			observed.Owner, observed.Location))}
}

func (r *savepointResource) read(ctx context.Context, on string, known platform.ObservedSavepoint) (*platform.ObservedSavepoint, error) {
	savepoints, err := r.connect(ctx, on)
	if err != nil {
		return nil, err
	}
	return savepoints.Read(ctx, known)
}

// Update decides what happens to the files at the end and to what cleans up, and
// goes on with a wait that was interrupted.
func (r *savepointResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if change := tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identity()); change.Replaces() {
		resp.Diagnostics.Append(notPlannedAsReplaced(&state, change))
		return
	}
	at, diags := r.want(&state)
	resp.Diagnostics.Append(diags...)
	known := at.known(&state, left)
	want, diags := r.want(&plan)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.unable(want)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(logged(ctx, want), timeout)
	defer cancel()

	record := recorder{of: r, state: &resp.State, private: resp.Private, identity: resp.Identity}
	same := want.Dispose == known.Dispose && want.Pinned == known.Pinned
	if same && known.Location != "" {
		resp.Diagnostics.Append(record.write(ctx, &plan, at, &known)...)
		return
	}
	observed := &known
	savepoints, err := r.connect(ctx, want.target.Platform)
	if err == nil && !same {
		observed, err = savepoints.Change(ctx, known, want.Savepoint)
	}
	if err != nil {
		resp.Diagnostics.Append(attempt("change", want).Diagnostics(err)...)
		return
	}
	if observed.Location == "" {
		observed, err = savepoints.Await(ctx, *observed)
	}
	resp.Diagnostics.Append(record.write(context.WithoutCancel(ctx), &plan, at, observed)...)
	resp.Diagnostics.Append(told(ctx, want, err)...)
}

// Delete deletes the savepoint, and its files where that is wanted.
func (r *savepointResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	left, diags := readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	want, diags := r.want(&state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := want.known(&state, left)
	ctx, cancel := context.WithTimeout(logged(ctx, want), timeout)
	defer cancel()

	savepoints, err := r.connect(ctx, want.target.Platform)
	if err != nil {
		resp.Diagnostics.Append(attempt("delete", want).Diagnostics(err)...)
		return
	}
	note, err := savepoints.Delete(ctx, known)
	if note != "" {
		resp.Diagnostics.AddWarning(fmt.Sprintf("The savepoint %q was not deleted in the usual way", known.Name), note)
	}
	if err != nil {
		resp.Diagnostics.Append(attempt("delete", want).Diagnostics(err)...)
	}
}

// recorder writes a savepoint to the state.
type recorder struct {
	of       *savepointResource
	state    *tfsdk.State
	private  tfkit.PrivateWriter
	identity *tfsdk.ResourceIdentity
}

// write writes a savepoint of which the model and what is wanted of it are known.
func (r recorder) write(ctx context.Context, m *model, want wanted, observed *platform.ObservedSavepoint) diag.Diagnostics {
	m.ID, m.Location = types.StringValue(want.idOf(observed)), locationOf(observed)
	if m.Format == nil && observed.Format != "" {
		// The platform has chosen.
		m.Format = &observed.Format
	}
	diags := r.state.Set(ctx, m)
	diags.Append(writeResume(ctx, r.private, resumeOf(observed))...)
	return append(diags, r.identify(ctx, m.ID.ValueString())...)
}

// identify writes the identity of the savepoint of an id. One that an earlier version
// made may say less, until a refresh completes it.
func (r recorder) identify(ctx context.Context, id string) diag.Diagnostics {
	is, ok := r.of.parse(id)
	if !ok {
		return nil
	}
	return r.identity.Set(ctx, is)
}

// told reports the end of a wait. That Terraform was told to stop is no failure
// of the savepoint.
func told(ctx context.Context, want wanted, err error) diag.Diagnostics {
	switch {
	case err == nil:
		return nil
	case tfkit.Interrupted(ctx, err):
		return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("Interrupted while the savepoint %q was taken", want.Name),
			"It was asked for and is in the state. The next plan shows that its location is still to come, and the next apply goes on waiting.")}
	}
	return attempt("take", want).Diagnostics(err)
}

// untaintable adds to the error of a create what Terraform does about it.
func untaintable(err error, observed *platform.ObservedSavepoint) error {
	var failure *platform.RolloutError
	if !errors.As(err, &failure) {
		return err
	}
	result := *failure
	result.Detail += "\n\nThe savepoint is in the state and marked as tainted: the next apply takes another one."
	if observed.State == platform.SavepointPending {
		result.Detail += " If this one is completed by then and shall stay, run `terraform untaint` on it."
	}
	return &result
}

// attempt names what is tried on a savepoint, for its errors.
func attempt(verb string, want wanted) tfkit.Attempt {
	return tfkit.Attempt{
		Doing:  fmt.Sprintf("%s the savepoint %q in %s", verb, want.Name, want.where),
		Import: fmt.Sprintf("terraform import flink_savepoint.<name> %s", want.id),
	}
}

// logged returns a context whose log lines name the savepoint.
func logged(ctx context.Context, want wanted) context.Context {
	return tfkit.WithLogger(ctx, "namespace", want.Namespace, "savepoint", want.Name)
}
