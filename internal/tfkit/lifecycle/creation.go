package lifecycle

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// PlanCreate plans a resource that does not exist. The framework's plan modifiers
// look for the prior value of each attribute, and there is none.
func (s *Shortcut) PlanCreate(ctx context.Context, data *tfkit.ProviderData, config, proposed tftypes.Value) (tftypes.Value, diag.Diagnostics) {
	values := map[string]tftypes.Value{}
	if err := proposed.As(&values); err != nil {
		return proposed, notComputed(err)
	}
	values = maps.Clone(values)
	maps.Copy(values, s.planned)
	plan := tfsdk.Plan{Schema: s.schema, Raw: tftypes.NewValue(s.raw, values)}
	resp := resource.ModifyPlanResponse{Plan: plan}
	s.resource(data).ModifyPlan(ctx, resource.ModifyPlanRequest{Config: s.config(config), Plan: plan, State: s.nothing()}, &resp)
	return resp.Plan.Raw, resp.Diagnostics
}

// Create creates a resource, and returns its state and private state. Both are
// what there is also when it ends with an error.
func (s *Shortcut) Create(ctx context.Context, data *tfkit.ProviderData, config, plan tftypes.Value) (tftypes.Value, []byte, diag.Diagnostics) {
	return s.create(ctx, s.resource(data), config, plan)
}

func (s *Shortcut) create(ctx context.Context, r *Resource, config, plan tftypes.Value) (tftypes.Value, []byte, diag.Diagnostics) {
	resp := resource.CreateResponse{State: s.nothing()}
	private := privateValues{}
	r.create(ctx, resource.CreateRequest{Config: s.config(config), Plan: tfsdk.Plan{Schema: s.schema, Raw: plan}}, &resp, private)
	return resp.State.Raw, private.bytes(), resp.Diagnostics
}

func (s *Shortcut) resource(data *tfkit.ProviderData) *Resource {
	return &Resource{Type: s.Type, data: data}
}

func (s *Shortcut) config(raw tftypes.Value) tfsdk.Config {
	return tfsdk.Config{Schema: s.schema, Raw: raw}
}

// nothing is the state of a resource that does not exist.
func (s *Shortcut) nothing() tfsdk.State {
	return tfsdk.State{Schema: s.schema, Raw: tftypes.NewValue(s.raw, nil)}
}

// privateValues is a private state that is written.
type privateValues map[string][]byte

// SetKey implements tfkit.PrivateWriter.
func (p privateValues) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// bytes is the private state as privateBytes reads it.
func (p privateValues) bytes() []byte {
	if len(p) == 0 {
		return nil
	}
	// A map of bytes always has a JSON form.
	encoded, _ := json.Marshal(p)
	return encoded
}
