package streamapplication

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// Shortcut answers for applications that nothing changes, and for those that are created, as
// lifecycle.Shortcut does for deployments.
type Shortcut struct {
	resource Resource

	schema schema.Schema
	raw    tftypes.Type
	checks tfkit.Checks
	// planned are the values that a plan begins with: what the provider computes is unknown.
	planned map[string]tftypes.Value
}

// NewShortcut returns the shortcut past flink_stream_application.
func NewShortcut(ctx context.Context, platforms platform.Known) *Shortcut {
	s := &Shortcut{resource: *newResource(platforms), planned: map[string]tftypes.Value{}} //nolint:contextcheck // What is made once serves all calls.
	var resp resource.SchemaResponse
	s.resource.Schema(ctx, resource.SchemaRequest{}, &resp)
	s.schema, s.raw, s.checks = resp.Schema, resp.Schema.Type().TerraformType(ctx), tfkit.ChecksOf(ctx, resp.Schema)
	for name, attribute := range resp.Schema.Attributes {
		if attribute.IsComputed() {
			s.planned[name] = tftypes.NewValue(attribute.GetType().TerraformType(ctx), tftypes.UnknownValue)
		}
	}
	return s
}

// Values is the type of the resource's values.
func (s *Shortcut) Values() tftypes.Type { return s.raw }

// Version is that of the resource's schema.
func (s *Shortcut) Version() int64 { return s.schema.Version }

// Valid tells that there is nothing to say of a configuration.
func (s *Shortcut) Valid(ctx context.Context, config tftypes.Value) bool {
	return s.checks.Pass(ctx, config) && len(validated(ctx, config)) == 0
}

// with is the resource with what the provider block gave.
func (s *Shortcut) with(data *tfkit.ProviderData) *Resource {
	r := s.resource
	r.data = data
	return &r
}

// Settled tells whether a plan that proposes the prior state as it is has nothing to do, and returns the
// warnings about the blueprint. False means that the resource has to plan.
func (s *Shortcut) Settled(ctx context.Context, data *tfkit.ProviderData, prior tftypes.Value, private []byte) (diag.Diagnostics, bool) {
	p, diags := s.with(data).existing(ctx, prior, lifecycle.PrivateBytes(private))
	if len(diags) > 0 || p.is.streamlets == nil || p.is.settings == nil {
		return nil, false
	}
	p.schemas = map[string]string{}
	if diags := p.resolve(ctx, p.is); len(diags) > 0 || !maps.Equal(p.schemas, texts(p.is.values["schemas"])) {
		return nil, false
	}
	warnings := p.check()
	if warnings.HasError() {
		return nil, false
	}
	for _, streamlet := range p.is.named() {
		rendered, err := p.streamlet(p.is, streamlet)
		if err != nil || rendered.document == nil {
			return nil, false
		}
		if _, settled := p.deployments().Settled(ctx, data, rendered.value, p.private.Streamlets[streamlet]); !settled {
			return nil, false
		}
	}
	changes, known := p.topicChanges(ctx)
	for _, c := range changes {
		if c.changes || len(topics.Allowed(c.want, c.observed())) > 0 {
			return nil, false
		}
	}
	return warnings, known
}

// Current tells whether a refresh finds the application as the state has it, and has nothing to say of it.
// Else the context has what was found.
func (s *Shortcut) Current(ctx context.Context, data *tfkit.ProviderData, state tftypes.Value, private []byte) (context.Context, bool) {
	if data == nil {
		return ctx, false
	}
	now := s.with(data).refresh(ctx, state, lifecycle.PrivateBytes(private))
	if len(now.diags) == 0 && now.private == nil && now.raw.Equal(state) {
		return ctx, true
	}
	return context.WithValue(ctx, refreshedKey{}, now), false
}

// PlanCreate plans an application that does not exist.
func (s *Shortcut) PlanCreate(ctx context.Context, data *tfkit.ProviderData, config, proposed tftypes.Value) (tftypes.Value, diag.Diagnostics) {
	values := maps.Clone(fields(proposed))
	maps.Copy(values, s.planned)
	plan := tftypes.NewValue(s.raw, values)
	p, diags := s.with(data).planned(ctx, config, plan, tftypes.NewValue(s.raw, nil), noPrivate{})
	if diags.HasError() {
		return plan, diags
	}
	planned, more := p.plan(ctx)
	return planned, append(diags, more...)
}

// Create creates an application, and returns its state and private state. Both are what there is also
// when it ends with an error.
func (s *Shortcut) Create(ctx context.Context, data *tfkit.ProviderData, config, plan tftypes.Value) (tftypes.Value, []byte, diag.Diagnostics) {
	none := tftypes.NewValue(s.raw, nil)
	state := tfsdk.State{Schema: s.schema, Raw: none}
	var private lifecycle.PrivateValues
	diags := s.with(data).apply(ctx, tfsdk.Config{Schema: s.schema, Raw: config}, tfsdk.Plan{Schema: s.schema, Raw: plan}, none, noPrivate{}, &state, &private)
	return state.Raw, private.Bytes(), diags
}
