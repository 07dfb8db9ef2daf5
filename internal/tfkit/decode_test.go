package tfkit

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// decoded has the layer's attributes and values of the framework's own.
type decoded struct {
	LayerModel
	ID       types.String   `tfsdk:"id"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func decodedSchema(t *testing.T) schema.Schema {
	t.Helper()
	attributes := LayerAttributes()
	attributes["id"] = schema.StringAttribute{Computed: true}
	attributes["timeouts"] = TimeoutsAttribute(t.Context(), timeouts.Opts{Create: true})
	return schema.Schema{Attributes: attributes}
}

// TestDecodeValue compares with what the framework decodes.
func TestDecodeValue(t *testing.T) {
	t.Parallel()
	described := decodedSchema(t)
	encode := func(t *testing.T, m decoded) tfsdk.State {
		t.Helper()
		state := tfsdk.State{Schema: described, Raw: tftypes.NewValue(described.Type().TerraformType(t.Context()), nil)}
		if m.Timeouts.IsNull() {
			m.Timeouts.Object = types.ObjectNull(map[string]attr.Type{"create": types.StringType})
		}
		if diags := state.Set(t.Context(), &m); diags.HasError() {
			t.Fatal(diags)
		}
		return state
	}
	partly := full()
	partly.JobManager, partly.TaskManager.Resources, partly.Ingress.TLS, partly.Labels = nil, nil, []IngressTLSModel{{}}, nil
	for name, m := range map[string]decoded{
		"everything": {
			LayerModel: full(), ID: types.StringValue("x"),
			Timeouts: timeouts.Value{Object: types.ObjectValueMust(map[string]attr.Type{"create": types.StringType}, map[string]attr.Value{"create": types.StringValue("5m")})},
		},
		"a part":     {LayerModel: partly, ID: types.StringUnknown()},
		"nothing":    {},
		"empty maps": {LayerModel: LayerModel{Labels: map[string]*string{}, SpecModel: SpecModel{LogConfiguration: map[string]string{}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := encode(t, m)
			var want, got decoded
			if diags := state.Get(t.Context(), &want); diags.HasError() {
				t.Fatal(diags)
			}
			if err := DecodeValue(t.Context(), state.Raw, TypesOf(described.Attributes), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-framework +own:\n%s", diff)
			}
		})
	}
}

func TestDecodeValueRefuses(t *testing.T) {
	t.Parallel()
	object := func(of tftypes.Type, value any) tftypes.Value {
		return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": of}}, map[string]tftypes.Value{"a": tftypes.NewValue(of, value)})
	}
	for _, test := range []struct {
		name   string
		raw    tftypes.Value
		target any
		want   string
	}{
		{"a fraction for a whole number", object(tftypes.Number, big.NewFloat(1.5)), &struct {
			A *int64 `tfsdk:"a"`
		}{}, "a: 1.5 is no whole number"},
		{"null for what cannot be null", object(tftypes.String, nil), &struct {
			A string `tfsdk:"a"`
		}{}, "a: null for a string"},
		{"unknown", object(tftypes.String, tftypes.UnknownValue), &struct {
			A *string `tfsdk:"a"`
		}{}, "a: unknown"},
		{"an attribute that is not there", object(tftypes.String, "x"), &struct {
			B *string `tfsdk:"b"`
		}{}, `no attribute "b"`},
		{"a value of the framework without its type", object(tftypes.String, "x"), &struct {
			A types.String `tfsdk:"a"`
		}{}, "a: no type for a basetypes.StringValue"},
		{"no struct", object(tftypes.String, "x"), new(string), "cannot decode into *string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := DecodeValue(t.Context(), test.raw, nil, test.target)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
