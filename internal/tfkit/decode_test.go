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

// sample has each kind of a field that the framework can decode too.
type sample struct {
	Text     *string            `tfsdk:"text"`
	Truth    *bool              `tfsdk:"truth"`
	Whole    *int64             `tfsdk:"whole"`
	Real     *float64           `tfsdk:"real"`
	List     []string           `tfsdk:"list"`
	Texts    map[string]string  `tfsdk:"texts"`
	Nullable map[string]*string `tfsdk:"nullable"`
	Inner    *inner             `tfsdk:"inner"`
	Inners   []inner            `tfsdk:"inners"`
	ID       types.String       `tfsdk:"id"`
	Timeouts timeouts.Value     `tfsdk:"timeouts"`
}

type inner struct {
	Text *string `tfsdk:"text"`
}

func sampleSchema(t *testing.T) schema.Schema {
	t.Helper()
	text := schema.StringAttribute{Optional: true}
	nested := map[string]schema.Attribute{"text": text}
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"text": text, "id": text,
		"truth":    schema.BoolAttribute{Optional: true},
		"whole":    schema.Int64Attribute{Optional: true},
		"real":     schema.Float64Attribute{Optional: true},
		"list":     schema.ListAttribute{Optional: true, ElementType: types.StringType},
		"texts":    schema.MapAttribute{Optional: true, ElementType: types.StringType},
		"nullable": schema.MapAttribute{Optional: true, ElementType: types.StringType},
		"inner":    schema.SingleNestedAttribute{Optional: true, Attributes: nested},
		"inners":   schema.ListNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{Attributes: nested}},
		"timeouts": TimeoutsAttribute(t.Context(), timeouts.Opts{Create: true}),
	}}
}

// TestDecodeValue compares with what the framework decodes, and with the values
// that it began with.
func TestDecodeValue(t *testing.T) {
	t.Parallel()
	described := sampleSchema(t)
	created := map[string]attr.Type{"create": types.StringType}
	for name, m := range map[string]sample{
		"everything": {
			Text: new("a"), Truth: new(true), Whole: new(int64(2)), Real: new(0.5), List: []string{"a"}, Texts: map[string]string{"a": "b"},
			Nullable: map[string]*string{"a": new("b"), "c": nil}, Inner: &inner{new("a")}, Inners: []inner{{new("a")}, {}}, ID: types.StringValue("x"),
			Timeouts: timeouts.Value{Object: types.ObjectValueMust(created, map[string]attr.Value{"create": types.StringValue("5m")})},
		},
		"nothing": {},
		"empty":   {List: []string{}, Texts: map[string]string{}, Nullable: map[string]*string{}, Inner: &inner{}, Inners: []inner{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := tfsdk.State{Schema: described, Raw: tftypes.NewValue(described.Type().TerraformType(t.Context()), nil)}
			if m.Timeouts.IsNull() {
				m.Timeouts.Object = types.ObjectNull(created)
			}
			if diags := state.Set(t.Context(), &m); diags.HasError() {
				t.Fatal(diags)
			}
			var want, got sample
			if diags := state.Get(t.Context(), &want); diags.HasError() {
				t.Fatal(diags)
			}
			if unknown, diags := DecodeValue(t.Context(), state.Raw, TypesOf(described.Attributes), &got); len(diags)+len(unknown) > 0 {
				t.Fatal(unknown, diags)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-framework +own:\n%s", diff)
			}
			if raw, diags := Encode(t.Context(), state.Raw.Type(), got); diags.HasError() || !raw.Equal(state.Raw) {
				t.Errorf("encoded %s\nwant %s\n%v", raw, state.Raw, diags)
			}
		})
	}
}

func TestDecodeValueNamesWhatItCannotTake(t *testing.T) {
	t.Parallel()
	object := func(of tftypes.Type, value any) tftypes.Value {
		return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": of}}, map[string]tftypes.Value{"a": tftypes.NewValue(of, value)})
	}
	type whole struct {
		A *int64 `tfsdk:"a"`
	}
	type text struct {
		A string `tfsdk:"a"`
	}
	for _, test := range []struct {
		name    string
		raw     tftypes.Value
		target  any
		unknown string
		want    string
	}{
		{"a fraction for a whole number", object(tftypes.Number, big.NewFloat(1.5)), &whole{}, "", "a is a whole number"},
		{"null for what cannot be null", object(tftypes.String, nil), &text{}, "", "a cannot be null"},
		{"an object for a text", object(tftypes.Object{}, map[string]tftypes.Value{}), &text{}, "", "a is a text"},
		{"unknown", object(tftypes.String, tftypes.UnknownValue), &whole{}, "a", ""},
		{"an attribute that the struct lacks", object(tftypes.String, "x"), &inner{}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			unknown, diags := DecodeValue(t.Context(), test.raw, nil, test.target)
			if got := unknown.String(); got != "["+test.unknown+"]" {
				t.Errorf("unknown is %s", got)
			}
			switch {
			case test.want == "" && len(diags) > 0:
				t.Error(diags)
			case test.want != "":
				if len(diags) != 1 || attributes(diags)[0] != "a" || diags[0].Detail() != "Another type is expected: the attribute "+test.want+"." {
					t.Errorf("got %v, want %s", diags, test.want)
				}
			}
		})
	}
}

// What stands in another attribute than its JSON name says, or in other words.
func TestAFieldTakesTheAttributeOfItsTag(t *testing.T) {
	t.Parallel()
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"restart_triggers": tftypes.Map{ElementType: tftypes.String},
		"upgrade":          tftypes.Object{AttributeTypes: map[string]tftypes.Type{"mode": tftypes.String, "on_failure": tftypes.String}},
		"session_cluster":  tftypes.String,
	}}
	raw := filled(of, "")
	var own Own
	if unknown, diags := DecodeValue(t.Context(), raw, nil, &own); len(diags)+len(unknown) > 0 {
		t.Fatal(unknown, diags)
	}
	if own.RestartTriggers["a"] != "restart_triggers" || *own.UpgradeMode != "mode" || *own.Upgrade.OnFailure != "on_failure" || *own.DeploymentName != "session_cluster" {
		t.Errorf("%+v", own)
	}
	if got, diags := Encode(t.Context(), of, own); diags.HasError() || !got.Equal(raw) {
		t.Errorf("encoded %s\nwant %s\n%v", got, raw, diags)
	}
	own.Upgrade = nil
	want := with(raw, tftypes.NewValue(tftypes.String, nil), "upgrade", "on_failure")
	if got, diags := Encode(t.Context(), of, own); diags.HasError() || !got.Equal(want) {
		t.Errorf("encoded %s\nwant %s\n%v", got, want, diags)
	}
}
