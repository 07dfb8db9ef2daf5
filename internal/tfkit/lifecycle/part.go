package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Part is one thing of the type within a resource that has several of them: its values, as a
// resource of the type would have them, null for nothing, and its private state.
type Part struct {
	Value   tftypes.Value
	Private []byte
}

// Exists tells whether there is a state of the part.
func (p Part) Exists() bool { return !p.Value.IsNull() }

// PlanPart plans a part by its configuration and the values that are proposed for it, as
// ModifyPlan does. replaces are the attributes of which another value means another
// object; the plan is that of the new one then.
func (s *Shortcut) PlanPart(ctx context.Context, data *tfkit.ProviderData, config, proposed tftypes.Value, prior Part) (planned tftypes.Value, replaces path.Paths, diags diag.Diagnostics) {
	if !prior.Exists() {
		planned, diags = s.PlanCreate(ctx, data, config, proposed)
		return planned, nil, diags
	}
	plan := tfsdk.Plan{Schema: s.schema, Raw: proposed}
	resp := resource.ModifyPlanResponse{Plan: plan}
	s.resource(data).modifyPlan(ctx, resource.ModifyPlanRequest{Config: s.config(config), Plan: plan, State: s.state(prior.Value)}, &resp, privateBytes(prior.Private))
	return resp.Plan.Raw, resp.RequiresReplace, resp.Diagnostics
}

// ApplyPart creates a part or changes it to what was planned, and returns what is there
// then, also when it ends with an error. A part that is created is to be released: held
// ends when the caller ends, whose state nobody has before.
func (s *Shortcut) ApplyPart(ctx context.Context, data *tfkit.ProviderData, config, planned tftypes.Value, prior Part, held <-chan struct{}) (Part, diag.Diagnostics) {
	if !prior.Exists() {
		r := s.resource(data)
		r.held = held
		state, private, diags := s.create(ctx, r, config, planned)
		return Part{Value: state, Private: private}, diags
	}
	resp := resource.UpdateResponse{State: s.state(prior.Value)}
	private := privateValues{}
	s.resource(data).update(ctx, resource.UpdateRequest{Config: s.config(config), Plan: tfsdk.Plan{Schema: s.schema, Raw: planned}, State: s.state(prior.Value)}, &resp, privateBytes(prior.Private), private)
	return Part{Value: resp.State.Raw, Private: private.or(prior.Private)}, resp.Diagnostics
}

// ReleasePart ends the create of a part, when the state is about to have it. Where that fails, the
// next plan shows that the end of the create is left to do.
func (s *Shortcut) ReleasePart(ctx context.Context, data *tfkit.ProviderData, part Part) {
	r := s.resource(data)
	state, diags := r.decodeState(ctx, s.state(part.Value))
	left, more := r.readResume(ctx, privateBytes(part.Private))
	if diags.Append(more...); diags.HasError() {
		return
	}
	target, diags := r.target(state.Shared())
	if diags.HasError() {
		return
	}
	ref := target.Ref(*state.Shared().Name)
	deployments, err := r.connect(ctx, target)
	if err != nil {
		return
	}
	if holder, ok := deployments.(platform.Holder); ok {
		if err := holder.Release(ctx, ref, objectOf(left, state.Shared())); err != nil {
			logctx.From(ctx).WarnContext(ctx, "The mark of an unfinished create stays", "object", ref.String(), "error", err.Error())
		}
	}
}

// ReadPart refreshes a part, and tells whether that is as it was. The value is null when its object
// is gone.
func (s *Shortcut) ReadPart(ctx context.Context, data *tfkit.ProviderData, prior Part) (now Part, same bool, diags diag.Diagnostics) {
	ctx, current := s.Current(ctx, data, prior.Value, prior.Private)
	if current {
		return prior, true, nil
	}
	resp := resource.ReadResponse{State: s.state(prior.Value)}
	private := privateValues{}
	s.resource(data).read(ctx, resource.ReadRequest{State: s.state(prior.Value)}, &resp, privateBytes(prior.Private), private)
	return Part{Value: resp.State.Raw, Private: private.or(prior.Private)}, false, resp.Diagnostics
}

// PrivateBytes reads a private state as the framework stores it.
func PrivateBytes(of []byte) tfkit.PrivateReader { return privateBytes(of) }

// PrivateValues collects a private state, and Bytes is it as the framework stores it.
type PrivateValues struct{ values privateValues }

// SetKey implements tfkit.PrivateWriter.
func (p *PrivateValues) SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics {
	if p.values == nil {
		p.values = privateValues{}
	}
	return p.values.SetKey(ctx, key, value)
}

// Bytes is the private state as the framework stores it, nil for none.
func (p *PrivateValues) Bytes() []byte { return p.values.bytes() }

// PlanDestroyPart says what a destroy does to a part.
func (s *Shortcut) PlanDestroyPart(ctx context.Context, data *tfkit.ProviderData, prior Part) diag.Diagnostics {
	return s.resource(data).planDestroy(ctx, s.state(prior.Value))
}

// DeletePart deletes a part and waits until it is gone. It is there still after an error.
func (s *Shortcut) DeletePart(ctx context.Context, data *tfkit.ProviderData, prior Part) diag.Diagnostics {
	resp := resource.DeleteResponse{State: s.state(prior.Value)}
	s.resource(data).delete(ctx, resource.DeleteRequest{State: s.state(prior.Value)}, &resp, privateBytes(prior.Private))
	return resp.Diagnostics
}

func (s *Shortcut) state(raw tftypes.Value) tfsdk.State {
	return tfsdk.State{Schema: s.schema, Raw: raw}
}

// or is the private state that was written, or the one before where none was.
func (p privateValues) or(before []byte) []byte {
	if len(p) == 0 {
		return before
	}
	return p.bytes()
}

// GuardPart decides once more about a part whose plan may not have known everything, and
// returns the errors. It asks nobody, so that all parts can be guarded before the first is
// written.
func (s *Shortcut) GuardPart(ctx context.Context, config, planned tftypes.Value, prior Part) diag.Diagnostics {
	plan := s.New()
	_, diags := tfkit.DecodeValue(ctx, planned, s.types, plan)
	var before Data
	var left resume
	if prior.Exists() {
		before = s.New()
		_, more := tfkit.DecodeValue(ctx, prior.Value, s.types, before)
		diags.Append(more...)
		left, more = s.readResume(ctx, privateBytes(prior.Private))
		diags.Append(more...)
	}
	if diags.HasError() {
		return diags
	}
	left.referPlanned(plan, before, config)
	decided, diags := s.decide(plan, before, left)
	decided.hide(&diags)
	return diags.Errors()
}
