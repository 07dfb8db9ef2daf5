package provider_test

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/lifecycle"
)

// described is a resource's schema in the forms that the decoder needs.
type described struct {
	values tftypes.Object
	types  tfkit.Types
}

func describedResources(t *testing.T) map[string]described {
	t.Helper()
	out := map[string]described{}
	for _, construct := range provider.New("test")().Resources(t.Context()) {
		built := construct()
		var named resource.MetadataResponse
		built.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: provider.TypeName}, &named)
		var schema resource.SchemaResponse
		built.Schema(t.Context(), resource.SchemaRequest{}, &schema)
		values, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
		if !ok {
			t.Fatalf("%s has no object", named.TypeName)
		}
		out[named.TypeName] = described{values, tfkit.TypesOf(schema.Schema.Attributes)}
	}
	return out
}

// filled returns a value of a type with every leaf set.
func filled(of tftypes.Type, name string) tftypes.Value {
	switch of := of.(type) {
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, attribute := range of.AttributeTypes {
			values[name] = filled(attribute, name)
		}
		return tftypes.NewValue(of, values)
	case tftypes.Map:
		return tftypes.NewValue(of, map[string]tftypes.Value{"a": filled(of.ElementType, name)})
	case tftypes.List:
		return tftypes.NewValue(of, []tftypes.Value{filled(of.ElementType, name)})
	case tftypes.Set:
		return tftypes.NewValue(of, []tftypes.Value{filled(of.ElementType, name)})
	}
	switch {
	case name == "pod_template":
		return tftypes.NewValue(of, "metadata:\n  labels:\n    a: b\n")
	case name == "savepoint_schedule", name == "deployment_template":
		return tftypes.NewValue(of, "retention:\n  keepLast: 7\n")
	case name == "mode":
		return tftypes.NewValue(of, "savepoint")
	case name == "cpu":
		return tftypes.NewValue(of, big.NewFloat(0.5))
	case of.Is(tftypes.Number):
		return tftypes.NewValue(of, big.NewFloat(2))
	case of.Is(tftypes.Bool):
		return tftypes.NewValue(of, true)
	default:
		return tftypes.NewValue(of, name)
	}
}

// leaves are the paths of all that a value has in it, elements of maps and lists of
// texts apart.
func leaves(value tftypes.Value, at *tftypes.AttributePath) []*tftypes.AttributePath {
	var out []*tftypes.AttributePath
	var fields map[string]tftypes.Value
	var elements []tftypes.Value
	switch {
	case value.Type().Is(tftypes.Object{}) && value.As(&fields) == nil:
		for name, field := range fields {
			out = append(out, leaves(field, at.WithAttributeName(name))...)
		}
	case value.Type().Is(tftypes.List{}) && value.As(&elements) == nil && elements[0].Type().Is(tftypes.Object{}):
		out = leaves(elements[0], at.WithElementKeyInt(0))
	}
	if _, isAttribute := at.LastStep().(tftypes.AttributeName); isAttribute {
		out = append(out, at)
	}
	return out
}

// replaced returns a value with another one at a path, made of the one that is there.
func replaced(t *testing.T, value tftypes.Value, at *tftypes.AttributePath, by any) tftypes.Value {
	t.Helper()
	out, err := tftypes.Transform(value, func(here *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if here.Equal(at) {
			return tftypes.NewValue(value.Type(), by), nil
		}
		return value, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// names returns a path as the attributes that lead to it.
func names(at *tftypes.AttributePath) string {
	var out []string
	for _, step := range at.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			out = append(out, string(name))
		}
	}
	return strings.Join(out, ".")
}

// models are the structs that the values of a type are decoded into.
func models(typeName string) func() any {
	switch typeName {
	case "flink_deployment", "flink_session_cluster", "flink_session_job":
		return func() any { return &lifecycle.Model{} }
	case "flink_environment":
		return func() any {
			return &struct {
				Defaults  *defaults.Layer `tfsdk:"deployment_defaults"`
				Overrides *defaults.Layer `tfsdk:"deployment_overrides"`
			}{}
		}
	default:
		return nil
	}
}

// Whatever is configured is in the struct that the provider decides by, and comes
// back from it: with each attribute set, null and unknown.
func TestEveryAttributeComesBack(t *testing.T) {
	t.Parallel()
	tested := 0
	for typeName, of := range describedResources(t) {
		model := models(typeName)
		if model == nil {
			continue
		}
		tested++
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			whole := filled(of.values, "")
			if typeName == "flink_environment" {
				layers := map[string]tftypes.Type{"deployment_defaults": of.values.AttributeTypes["deployment_defaults"], "deployment_overrides": of.values.AttributeTypes["deployment_overrides"]}
				whole = filled(tftypes.Object{AttributeTypes: layers}, "")
			}
			check := func(t *testing.T, raw, want tftypes.Value, unknown string) {
				t.Helper()
				into := model()
				missing, diags := tfkit.DecodeValue(t.Context(), raw, of.types, into)
				if len(diags) > 0 {
					t.Fatal(diags)
				}
				if unknown == "" != (len(missing) == 0) || unknown != "" && !strings.HasPrefix(unknown, strings.ReplaceAll(missing[0].String(), "[0]", "")) {
					t.Errorf("unknown are %s, want %s", missing, unknown)
				}
				got, diags := tfkit.Encode(t.Context(), raw.Type(), into)
				if diff, err := want.Diff(got); len(diags) > 0 || err != nil || len(diff) > 0 {
					t.Errorf("%v %v %v", diff, err, diags)
				}
			}
			check(t, whole, whole, "")
			for _, at := range leaves(whole, tftypes.NewAttributePath()) {
				without := replaced(t, whole, at, nil)
				t.Run(names(at)+" is null", func(t *testing.T) { check(t, without, without, "") })
				t.Run(names(at)+" is unknown", func(t *testing.T) {
					want := without
					if name, _, found := strings.Cut(names(at), ".tls."); found {
						// A list is known as a whole or not at all.
						want = nulled(t, whole, name+".tls")
					}
					check(t, replaced(t, whole, at, tftypes.UnknownValue), want, names(at))
				})
			}
		})
	}
	if tested != 4 {
		t.Errorf("%d types were tested", tested)
	}
}

func nulled(t *testing.T, value tftypes.Value, attribute string) tftypes.Value {
	t.Helper()
	at := tftypes.NewAttributePath()
	for name := range strings.SplitSeq(attribute, ".") {
		at = at.WithAttributeName(name)
	}
	return replaced(t, value, at, nil)
}

// fieldsOf are the paths of a struct's fields in JSON.
func fieldsOf(of reflect.Type, within flink.Path) []flink.Path {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return []flink.Path{within}
	}
	var out []flink.Path
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		out = append(out, fieldsOf(of.Field(i).Type, append(slices.Clip(within), name))...)
	}
	return out
}

// Every field of a specification has an attribute, by which it can be set.
func TestEveryFieldOfASpecificationHasAnAttribute(t *testing.T) {
	t.Parallel()
	resources := describedResources(t)
	var said []flink.Tree
	for _, typeName := range []string{"flink_deployment", "flink_session_job"} {
		var model lifecycle.Model
		of := resources[typeName]
		if _, diags := tfkit.DecodeValue(t.Context(), filled(of.values, ""), of.types, &model); diags.HasError() {
			t.Fatal(diags)
		}
		tree, err := flink.TreeOf(model.Layer().DeploymentSpec)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, tree)
	}
	fields := fieldsOf(reflect.TypeFor[flink.DeploymentSpec](), nil)
	if len(fields) < 30 {
		t.Fatalf("there are only %d fields", len(fields))
	}
	for _, field := range fields {
		if !slices.ContainsFunc(said, func(tree flink.Tree) bool { return has(tree, field) }) {
			text, _ := json.Marshal(said)
			t.Errorf("no attribute %s gives %s: %s", field.Attribute(), field, text)
		}
	}
}

func has(value any, at flink.Path) bool {
	for _, step := range at {
		object, ok := value.(map[string]any)
		if !ok {
			return false
		}
		if value, ok = object[step]; !ok {
			return false
		}
	}
	return true
}
