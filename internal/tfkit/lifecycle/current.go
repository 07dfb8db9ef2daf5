package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rollout"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// observationKey is the key of an observation in a context.
type observationKey struct{}

// observation is what the platform has answered about an object.
type observation struct {
	observed *platform.Observed
	err      error
}

// Current tells whether a refresh finds the object just as the state has it, and
// has nothing to say of it.
// False means that the resource has to read it, with the returned context, in
// which it finds the platform's answer if there is one: an endpoint that does
// not answer is waited for only once.
func (s *Shortcut) Current(ctx context.Context, data *tfkit.ProviderData, state tftypes.Value, private []byte) (context.Context, bool) {
	if data == nil {
		return ctx, false
	}
	var m Model
	if _, diags := tfkit.DecodeValue(ctx, state, s.types, &m.Record); len(diags) > 0 || len(m.complete()) > 0 {
		return ctx, false
	}
	data.NoteRefresh(s.Name, m.ID.ValueString())
	left, diags := s.readResume(ctx, privateBytes(private))
	if m.EffectiveSpec.IsNull() || len(diags) > 0 || left.UID == "" {
		return ctx, false
	}
	target, diags := s.target(&m)
	if len(diags) > 0 {
		return ctx, false
	}
	ref := target.Ref(*m.Name)
	observed, err := s.resource(data).observe(Logged(ctx, ref), target, ref, false)
	ctx = context.WithValue(ctx, observationKey{}, observation{observed, err})
	if err != nil || left.UID != observed.UID || left.after(m.ID.ValueString(), observed) != left {
		return ctx, false
	}
	fresh := m
	drifted, words, diags := fresh.refresh(observed)
	if len(diags) > 0 {
		return ctx, false
	}
	return ctx, !target.Rules.HasFailed(observed.Status) && !rollout.IsDeleted(observed.Status) && !drifted && words == left.Words && fresh.Status.Equal(m.Status)
}
