package lifecycle

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Read refreshes the status, and the effective specification at the paths that
// were applied: what others own never enters the state. Only an object that the
// platform says is gone, or another one of the same name, leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	data := r.New()
	resp.Diagnostics.Append(tfkit.Decode(ctx, tfsdk.Plan(req.State), data)...)
	state := data.Shared()
	left, diags := r.readResume(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref, diags := state.refOf()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx = Logged(ctx, ref)
	imported := state.EffectiveSpec.IsNull()
	observed, err := r.observe(ctx, ref, imported)
	if err != nil {
		var absent *platform.NotFoundError
		switch warning, unknown := tfkit.Refused(err); {
		case unknown:
			resp.Diagnostics.Append(warning)
		case errors.As(err, &absent):
			resp.State.RemoveResource(ctx)
		default:
			resp.Diagnostics.Append(r.attempt("read", ref).Diagnostics(err)...)
		}
		return
	}
	if left.UID != "" && left.UID != observed.UID && !slices.Contains(observed.Replaces, left.UID) {
		resp.State.RemoveResource(ctx)
		return
	}
	if imported {
		resp.Diagnostics.Append(r.adopt(data, observed)...)
		resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
		resp.Diagnostics.Append(r.writeResume(ctx, resp.Private, resumeOf(observed))...)
		return
	}
	resp.Diagnostics.Append(state.refresh(observed)...)
	if resp.Diagnostics.HasError() {
		return
	}
	computed := computedValues{id: state.ID, effective: state.EffectiveSpec, rollout: state.Rollout, status: state.Status}
	resp.State.Raw = computed.in(ctx, req.State.Raw)
	if now := left.after(observed); now != left {
		resp.Diagnostics.Append(r.writeResume(ctx, resp.Private, now)...)
	}
}

func (r *Resource) observe(ctx context.Context, ref platform.Ref, imported bool) (*platform.Observed, error) {
	if known, ok := ctx.Value(observationKey{}).(observation); ok && !imported {
		return known.observed, known.err
	}
	deployments, err := r.Connect(ctx, r.data)
	if err != nil {
		return nil, err
	}
	if imported {
		return deployments.Import(ctx, ref)
	}
	return deployments.Read(ctx, ref)
}

// refresh takes the status, and what the cluster has at the applied paths.
func (m *Model) refresh(observed *platform.Observed) diag.Diagnostics {
	var diags diag.Diagnostics
	spec, metadata, err := splitEffective(m.EffectiveSpec.ValueString())
	if err != nil {
		diags.AddError("The state cannot be read", tfkit.Sentence(err.Error()))
		return diags
	}
	live := flink.Observe(spec, observed.Spec)
	if kept := observedMetadata(metadata, observed); len(kept) > 0 {
		live["metadata"] = kept
	}
	if !flink.Equal(effectiveOf(m), live) {
		text, err := defaults.EffectiveText(live)
		if err != nil {
			diags.AddError("The effective specification cannot be written", tfkit.Sentence(err.Error()))
			return diags
		}
		m.EffectiveSpec = types.StringValue(text)
	}
	m.Status = StatusObject(observed.Status)
	return diags
}

// observedMetadata returns the labels and annotations that were applied, with
// the values that the object has now.
func observedMetadata(applied flink.Tree, observed *platform.Observed) flink.Tree {
	out := flink.Tree{}
	for name, live := range map[string]map[string]string{"labels": observed.Labels, "annotations": observed.Annotations} {
		part := flink.Tree{}
		for key := range texts(applied[name]) {
			if value, ok := live[key]; ok {
				part[key] = value
			}
		}
		if len(part) > 0 {
			out[name] = part
		}
	}
	return out
}
