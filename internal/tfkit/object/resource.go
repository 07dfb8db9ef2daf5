package object

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// How long the operations may take when the attribute timeouts does not say it.
const (
	createTimeout = 10 * time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 10 * time.Minute
)

// Resource is a resource of a type.
type Resource[T any] struct {
	Type[T]
	data *tfkit.ProviderData
}

// Metadata names the resource type.
func (r *Resource[T]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.Name
}

// Schema describes the resource.
func (r *Resource[T]) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.Type.Schema(ctx, r.Type)
}

// Configure takes what the provider block gave.
func (r *Resource[T]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data, diags := tfkit.Configured(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.data = data
}

// connect connects to the platform of an object.
func (r *Resource[T]) connect(ctx context.Context, data Data[T]) (platform.Objects[T], error) {
	return r.Of(ctx, r.data, r.target(data.Shared()))
}

// Create creates the object. It is in the state before the wait for it begins.
func (r *Resource[T]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	resp.Diagnostics.Append(r.check(ctx, req.Plan.Raw)...)
	resp.Diagnostics.Append(r.decide(plan, nil, tfkit.IdentityChange{}, req.Plan.Raw).Errors()...)
	resp.Diagnostics.Append(r.lacks(plan)...)
	timeout, diags := plan.Shared().Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	want, diags := r.want(ctx, plan, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.begin(ctx, plan, timeout)
	defer cancel()
	attempt := r.attempt("create", plan)
	objects, err := r.connect(ctx, plan)
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
		return
	}
	created, err := objects.Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
		return
	}
	record := func(observed T) {
		resp.Diagnostics.Append(r.record(ctx, &resp.State, tfsdk.State(req.Plan), plan, observed)...)
		resp.Diagnostics.Append(r.identify(ctx, resp.Identity, plan)...)
	}
	record(created)
	observed, err := objects.Await(ctx, created)
	record(observed)
	resp.Diagnostics.Append(r.created(ctx, attempt, plan, err)...)
}

// created reports the end of the wait of a create. Of what has state, only that it has
// failed is an error: Terraform would take another one as leave to delete what may come up
// a minute later, and to create it empty.
func (r *Resource[T]) created(ctx context.Context, attempt tfkit.Attempt, plan Data[T], err error) diag.Diagnostics {
	if _, runs := plan.(Consequential[T]); !runs || err == nil || tfkit.Interrupted(ctx, err) {
		return r.waited(ctx, attempt, plan, err)
	}
	failed, is := errors.AsType[*platform.RolloutError](err)
	if absent := (*platform.NotFoundError)(nil); errors.As(err, &absent) {
		return attempt.Diagnostics(err)
	}
	if is && !failed.Waiting {
		told := *failed
		told.Detail += fmt.Sprintf("\n\nThe %s is in the state and marked as tainted: the next apply deletes it and creates it again, without what its job has come to by then. "+
			"If it comes up by itself and shall stay, run `terraform untaint` on it.", r.Noun)
		return attempt.Diagnostics(&told)
	}
	var diags diag.Diagnostics
	for _, d := range attempt.Diagnostics(err) {
		diags.AddWarning(d.Summary(), fmt.Sprintf("%s\n\nThe %s was created, and nothing is known to have failed, so it is in the state and not tainted. Each refresh says so as long as it does not run.", d.Detail(), r.Noun))
	}
	return diags
}

// want returns the object that a plan asks for, with what only its configuration has.
func (r *Resource[T]) want(ctx context.Context, plan Data[T], config tfsdk.Config) (T, diag.Diagnostics) {
	var diags diag.Diagnostics
	if hidden, ok := plan.(WriteOnly); ok {
		diags = hidden.TakeWriteOnly(ctx, config.Raw)
	}
	want, more := plan.Want()
	return want, append(diags, more...)
}

// Read looks for the object. Only one that the platform says is gone leaves the
// state. Of one that is imported nothing is known but where it is, so all of it is
// taken.
func (r *Resource[T]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework asks for the identity even of what is gone, and a CLI before
	// 1.12 does not keep it.
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, state)...)
	r.data.NoteRefresh(r.Name, r.id(state))
	ctx = r.logged(ctx, state)
	observed, err := r.read(ctx, state)
	if err != nil {
		var absent *platform.NotFoundError
		switch warning, unknown := tfkit.Refused(err); {
		case unknown:
			resp.Diagnostics.Append(warning)
		case errors.As(err, &absent):
			resp.State.RemoveResource(ctx)
		default:
			resp.Diagnostics.Append(r.attempt("read", state).Diagnostics(err)...)
		}
		return
	}
	var diags diag.Diagnostics
	resp.State.Raw, diags = r.refreshed(ctx, req.State.Raw, state, observed)
	resp.Diagnostics.Append(diags...)
	if troubled, ok := state.(Troubled); ok {
		resp.Diagnostics.Append(troubled.Trouble()...)
	}
}

// refreshed returns a state with what the platform says.
func (r *Resource[T]) refreshed(ctx context.Context, raw tftypes.Value, state Data[T], observed T) (tftypes.Value, diag.Diagnostics) {
	known := *state.Shared()
	diags := state.Take(observed)
	if !tfkit.AllNull(raw, r.Told) {
		state.Shared().leaveOthers(known)
	}
	raw, more := tfkit.EncodeInto(ctx, raw, state, append([]string{"labels", "annotations"}, append(r.Planned, r.Told...)...)...)
	return raw, append(diags, more...)
}

func (r *Resource[T]) read(ctx context.Context, state Data[T]) (observed T, err error) {
	objects, err := r.connect(ctx, state)
	if err != nil {
		return observed, err
	}
	return objects.Read(ctx, state.Shared().Ref())
}

// Update replaces the object in place.
func (r *Resource[T]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, state := r.New(), r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, req.Plan, plan)...)
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), state)...)
	timeout, diags := plan.Shared().Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	does := r.decide(plan, state, tfkit.CompareIdentity(req.Plan.Raw, req.State.Raw, r.identifying()), req.Plan.Raw)
	want, diags := r.want(ctx, plan, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(does.Replace) > 0 {
		resp.Diagnostics.Append(r.notPlannedAsReplaced(state, does))
		return
	}
	resp.Diagnostics.Append(does.Errors()...)
	moves, diags := r.moves(plan, state)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(r.lacks(plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if moves {
		resp.Diagnostics.Append(r.takeOver(ctx, plan, timeout)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	before, _ := state.Want()
	if does.Nothing || reflect.DeepEqual(want, before) {
		// What has changed is the provider's alone, such as a timeout.
		resp.State.Raw = r.settled(req.Plan.Raw, req.State.Raw)
		resp.Diagnostics.Append(r.identify(ctx, resp.Identity, plan)...)
		return
	}
	ctx, cancel := r.begin(ctx, plan, timeout)
	defer cancel()
	attempt := r.attempt("update", plan)
	objects, err := r.connect(ctx, plan)
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
		return
	}
	written, err := objects.Update(ctx, want, before)
	if err != nil {
		resp.Diagnostics.Append(attempt.Diagnostics(err)...)
		return
	}
	resp.Diagnostics.Append(r.identify(ctx, resp.Identity, plan)...)
	resp.Diagnostics.Append(r.record(ctx, &resp.State, tfsdk.State(req.Plan), plan, written)...)
	observed, err := objects.Await(ctx, written)
	if failed, is := errors.AsType[*platform.RolloutError](err); is && failed.RolledBack {
		// It is as it was before, but for what an earlier apply has left half way, and the
		// next plan shows the change again.
		resp.State.Raw, diags = r.refreshed(ctx, req.State.Raw, state, observed)
		resp.Diagnostics.Append(diags...)
	} else {
		resp.Diagnostics.Append(r.record(ctx, &resp.State, tfsdk.State(req.Plan), plan, observed)...)
	}
	resp.Diagnostics.Append(r.waited(ctx, attempt, plan, err)...)
}

// Delete deletes the object and waits until it is gone.
func (r *Resource[T]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), state)...)
	timeout, diags := state.Shared().Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	known, diags := state.Want()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := r.begin(ctx, state, timeout)
	defer cancel()
	objects, err := r.connect(ctx, state)
	if err == nil {
		err = objects.Delete(ctx, known)
	}
	if err != nil {
		resp.Diagnostics.Append(r.attempt("delete", state).Diagnostics(err)...)
	}
}

// record writes a planned object to the state, with what the platform alone says
// of it: what is planned stays in the words of the configuration.
func (r *Resource[T]) record(ctx context.Context, state *tfsdk.State, planned tfsdk.State, plan Data[T], observed T) diag.Diagnostics {
	told := r.New()
	diags := told.Take(observed)
	told.Shared().ID = new(r.id(plan))
	var more diag.Diagnostics
	state.Raw, more = tfkit.EncodeInto(ctx, planned.Raw, told, append([]string{"id"}, r.Computed...)...)
	diags.Append(more...)
	state.Raw, more = r.withRollout(ctx, state.Raw, plan, &observed)
	return append(diags, more...)
}

// waited reports the end of a wait. That Terraform was told to stop is no failure
// of the object.
func (r *Resource[T]) waited(ctx context.Context, attempt tfkit.Attempt, plan Data[T], err error) diag.Diagnostics {
	if tfkit.Interrupted(ctx, err) {
		return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("Interrupted while waiting for the %s %q", r.Noun, ptr.Deref(plan.Shared().Name, "")),
			"It was written and is in the state. A refresh shows what has become of it.")}
	}
	if err == nil {
		return nil
	}
	return attempt.Diagnostics(err)
}

// begin bounds an operation and gives the lower layers their logger.
func (r *Resource[T]) begin(ctx context.Context, data Data[T], timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.logged(ctx, data), timeout)
}

func (r *Resource[T]) logged(ctx context.Context, data Data[T]) context.Context {
	ref := data.Shared().Ref()
	fields := []any{r.Name, ref.Name}
	if ref.Namespace != "" {
		fields = append(fields, string(r.Parent), ref.Namespace)
	}
	return tfkit.WithLogger(ctx, fields...)
}
