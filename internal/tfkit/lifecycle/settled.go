package lifecycle

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Shortcut answers for resources that nothing changes, which are most of
// those in most plans. It decides as the resource itself does; what it saves is
// the framework's way there, which walks the schema for each value several
// times over.
type Shortcut struct {
	Type

	raw   tftypes.Type
	types tfkit.Types
}

// NewShortcut returns the shortcut past a resource of a type.
func NewShortcut(ctx context.Context, of Type, past resource.Resource) *Shortcut {
	var resp resource.SchemaResponse
	past.Schema(ctx, resource.SchemaRequest{}, &resp)
	return &Shortcut{Type: of, raw: resp.Schema.Type().TerraformType(ctx), types: tfkit.TypesOf(resp.Schema.Attributes)}
}

// Values is the type of the resource's values.
func (s *Shortcut) Values() tftypes.Type { return s.raw }

// Settled tells whether a plan that proposes the prior state as it is has
// nothing to do and nothing to say: the resource still expands to what the
// state has, no apply is left to finish, and no rule has a warning. False means
// that the resource has to plan.
func (s *Shortcut) Settled(ctx context.Context, prior tftypes.Value, private []byte) bool {
	data := s.New()
	if tfkit.DecodeValue(ctx, prior, s.types, data) != nil {
		return false
	}
	left, diags := s.readResume(ctx, privateBytes(private))
	if len(diags) > 0 || left.Unfinished != "" {
		return false
	}
	decided, diags := decide(ctx, data, data, left)
	if len(diags) > 0 {
		return false
	}
	m := data.Shared()
	planned := computedValues{
		id:        types.StringValue(Identifier(decided.target.Platform, decided.target.Namespace, *m.Name)),
		effective: types.StringUnknown(),
		rollout:   types.ObjectUnknown(rolloutTypes),
		status:    types.ObjectUnknown(StatusTypes),
	}
	planned.fill(decided, m)
	return planned.id.Equal(m.ID) && planned.effective.Equal(m.EffectiveSpec) &&
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
