package lifecycle

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Read refreshes the status, and the effective specification at the paths that
// were applied: what others own never enters the state. Only an object that the
// platform says is gone, or another one of the same name, leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.read(ctx, req, resp, req.Private, resp.Private)
}

func (r *Resource) read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, before tfkit.PrivateReader, private tfkit.PrivateWriter) {
	data, diags := r.decodeState(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	state := data.Shared()
	r.data.NoteRefresh(r.Name, state.ID.ValueString())
	left, diags := r.readResume(ctx, before)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	target, diags := r.target(state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref := target.Ref(*state.Name)
	ctx = Logged(ctx, ref)
	imported := state.EffectiveSpec.IsNull()
	observed, err := r.observe(ctx, target, ref, imported)
	if err != nil {
		var absent *platform.NotFoundError
		switch warning, unknown := tfkit.Refused(err); {
		case unknown:
			resp.Diagnostics.Append(warning)
		case errors.As(err, &absent):
			resp.Diagnostics.Append(r.gone(ref, false, state)...)
			resp.State.RemoveResource(ctx)
		default:
			resp.Diagnostics.Append(r.attempt("read", ref, state.ID.ValueString()).Diagnostics(err)...)
		}
		return
	}
	if left.UID != "" && left.UID != observed.UID && !slices.Contains(observed.Replaces, left.UID) {
		resp.Diagnostics.Append(r.gone(ref, true, state)...)
		resp.State.RemoveResource(ctx)
		return
	}
	if imported {
		resp.Diagnostics.Append(r.adopt(state, observed)...)
		resp.Diagnostics.Append(r.failure(target, state)...)
		resp.State.Raw, diags = tfkit.Encode(ctx, req.State.Raw.Type(), data)
		resp.Diagnostics.Append(diags...)
		left = resumeOf(state.ID.ValueString(), observed)
		resp.Diagnostics.Append(r.writeResume(ctx, private, left)...)
		return
	}
	now := left.after(state.ID.ValueString(), observed)
	var drifted bool
	drifted, now.Words, diags = state.refresh(observed)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	raw := req.State.Raw
	if drifted {
		left.refer(data)
		raw = r.absorbDrift(ctx, raw, data, observed, now.Unfinished != "")
	}
	resp.Diagnostics.Append(r.failure(target, state)...)
	resp.Diagnostics.Append(tfkit.Findings(rollout.Lost(ref, statusOf(state.Status)))...)
	if known := statusOf(state.Status).KeptSavepoint; known == "" && observed.RolledOut {
		// The apply has not seen the savepoint of before, as it did not wait, or was ended.
		state.Status = withKept(state.Status, rollout.Kept(known, tfkit.RolloutOf(state.Rollout), flink.Status{}, observed))
	}
	computed := computedValues{id: state.ID, effective: state.EffectiveSpec, rollout: state.Rollout, status: state.Status}
	resp.State.Raw, diags = computed.in(ctx, raw)
	resp.Diagnostics.Append(diags...)
	if now != left {
		resp.Diagnostics.Append(r.writeResume(ctx, private, now)...)
	}
}

func (r *Resource) observe(ctx context.Context, target tfkit.Target, ref platform.Ref, imported bool) (*platform.Observed, error) {
	if known, ok := ctx.Value(observationKey{}).(observation); ok && !imported {
		return known.observed, known.err
	}
	deployments, err := r.connect(ctx, target)
	if err != nil {
		return nil, err
	}
	if imported {
		return deployments.Import(ctx, ref)
	}
	return deployments.Read(ctx, ref)
}

// refresh takes the status, and what the platform has at the applied paths. It
// tells whether that differs in meaning, and returns the specification in the
// platform's words, empty where these are the state's.
func (m *Model) refresh(observed *platform.Observed) (drifted bool, words string, diags diag.Diagnostics) {
	id := m.ID.ValueString()
	now, findings := rollout.Refresh(id, m.EffectiveSpec.ValueString(), statusOf(m.Status), observed)
	if diags = tfkit.Findings(findings); diags.HasError() {
		return now.Drifted, "", diags
	}
	if now.Drifted {
		m.EffectiveSpec = types.StringValue(now.Effective)
	}
	with := *observed
	with.Status = now.Status
	m.Status = ObservedStatus(id, &with)
	return now.Drifted, now.Words, diags
}
