package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// observationKey is the key of an observation in a context.
type observationKey struct{}

// observation is what the platform has answered about an object.
type observation struct {
	observed *platform.Observed
	err      error
}

// Current tells whether a refresh finds the object just as the state has it.
// False means that the resource has to read it, with the returned context, in
// which it finds the platform's answer if there is one: an endpoint that does
// not answer is waited for only once.
func (s *Shortcut) Current(ctx context.Context, data *tfkit.ProviderData, state tftypes.Value, private []byte) (context.Context, bool) {
	known := s.New()
	if data == nil || tfkit.DecodeValue(ctx, state, s.types, known) != nil {
		return ctx, false
	}
	m := known.Shared()
	left, diags := s.readResume(ctx, privateBytes(private))
	if m.EffectiveSpec.IsNull() || len(diags) > 0 || left.UID == "" {
		return ctx, false
	}
	ref, diags := m.refOf()
	if len(diags) > 0 {
		return ctx, false
	}
	observed, err := (&Resource{Type: s.Type, data: data}).observe(Logged(ctx, ref), ref, false)
	ctx = context.WithValue(ctx, observationKey{}, observation{observed, err})
	if err != nil || left.UID != observed.UID || left.after(observed) != left {
		return ctx, false
	}
	fresh := *m
	if len(fresh.refresh(observed)) > 0 {
		return ctx, false
	}
	return ctx, fresh.EffectiveSpec.Equal(m.EffectiveSpec) && fresh.Status.Equal(m.Status)
}
