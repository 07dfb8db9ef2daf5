package lifecycle

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Shortcut answers for resources that nothing changes, which are most of those in
// most plans, and for resources that are created. It decides as the resource itself does; what it saves is
// the framework's way there, which walks the schema for each value several
// times over.
type Shortcut struct {
	Type

	raw    tftypes.Type
	types  tfkit.Types
	checks tfkit.Checks
	schema schema.Schema
	// planned are the values that a plan begins with: what the provider computes is
	// unknown, and what is only written is null.
	planned map[string]tftypes.Value
}

// NewShortcut returns the shortcut past a resource of a type.
func NewShortcut(ctx context.Context, of Type, past resource.Resource) *Shortcut {
	var resp resource.SchemaResponse
	past.Schema(ctx, resource.SchemaRequest{}, &resp)
	s := &Shortcut{
		Type: of, raw: resp.Schema.Type().TerraformType(ctx), types: tfkit.TypesOf(resp.Schema.Attributes),
		checks: tfkit.ChecksOf(ctx, resp.Schema), schema: resp.Schema, planned: map[string]tftypes.Value{},
	}
	for name, attribute := range resp.Schema.Attributes {
		switch values := attribute.GetType().TerraformType(ctx); {
		case attribute.IsComputed():
			s.planned[name] = tftypes.NewValue(values, tftypes.UnknownValue)
		case attribute.IsWriteOnly():
			s.planned[name] = tftypes.NewValue(values, nil)
		}
	}
	return s
}

// Values is the type of the resource's values.
func (s *Shortcut) Values() tftypes.Type { return s.raw }

// Version is that of the resource's schema. A state of the same version needs no
// more than the form of the schema.
func (s *Shortcut) Version() int64 { return s.schema.Version }

// Valid tells that there is nothing to say of a configuration. False means that the
// resource has to be asked.
func (s *Shortcut) Valid(ctx context.Context, config tftypes.Value) bool {
	return s.checks.Pass(ctx, config)
}

// Settled tells whether a plan that proposes the prior state as it is has
// nothing to do and nothing to say: the resource still expands to what the
// state has, no apply is left to finish, and no rule has a warning. False means
// that the resource has to plan.
func (s *Shortcut) Settled(ctx context.Context, _ *tfkit.ProviderData, prior tftypes.Value, private []byte) (diag.Diagnostics, bool) {
	data := s.New()
	if _, diags := tfkit.DecodeValue(ctx, prior, s.types, data); len(diags) > 0 {
		return nil, false
	}
	left, diags := s.readResume(ctx, privateBytes(private))
	if len(diags) > 0 || left.Unfinished != "" {
		return nil, false
	}
	left.refer(data)
	decided, diags := s.decide(data, data, left)
	if len(diags) > 0 {
		return nil, false
	}
	m := data.Shared()
	planned := computedValues{
		id:        types.StringValue(decided.target.ID(*m.Name)),
		effective: types.StringUnknown(),
		rollout:   types.ObjectUnknown(tfkit.RolloutTypes),
		status:    types.ObjectUnknown(StatusTypes),
	}
	planned.fill(decided, m)
	return nil, planned.id.Equal(m.ID) && planned.effective.Equal(m.EffectiveSpec) &&
		planned.rollout.Equal(m.Rollout) && planned.status.Equal(m.Status)
}

// privateBytes is a private state as the framework stores it: a JSON object of
// keys and encoded values.
type privateBytes []byte

// GetKey implements tfkit.PrivateReader.
func (p privateBytes) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	if len(p) == 0 {
		return nil, nil
	}
	var values map[string][]byte
	if err := json.Unmarshal(p, &values); err != nil {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be read", err.Error())}
	}
	return values[key], nil
}
