package functions_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/functions"
)

func TestMerge(t *testing.T) {
	pod := object(t, map[string]attr.Value{
		"image": str("a:1"), "replicas": number(t, "12345678901234567890"), "paused": types.BoolValue(false),
		"labels": texts(t, map[string]string{"a": "1", "b": "2"}), "none": types.StringNull(),
		"env": tuple(t, object(t, map[string]attr.Value{"name": str("A"), "value": str("1")})),
	})
	patch := object(t, map[string]attr.Value{
		"image": str("a:2"), "labels": object(t, map[string]attr.Value{"a": types.DynamicNull(), "c": number(t, "3")}),
		"env": tuple(t,
			object(t, map[string]attr.Value{"$patch": str("merge"), "mergeKey": str("name")}),
			object(t, map[string]attr.Value{"name": str("A"), "value": str("2")}),
			object(t, map[string]attr.Value{"name": str("B")})),
	})
	merged := object(t, map[string]attr.Value{
		"image": str("a:2"), "replicas": number(t, "12345678901234567890"), "paused": types.BoolValue(false),
		"labels": object(t, map[string]attr.Value{"b": str("2"), "c": number(t, "3")}), "none": types.DynamicNull(),
		"env": tuple(t, object(t, map[string]attr.Value{"name": str("A"), "value": str("2")}), object(t, map[string]attr.Value{"name": str("B")})),
	})
	small := object(t, map[string]attr.Value{"a": number(t, "1")})
	for _, test := range []struct {
		name        string
		base, patch attr.Value
		want        attr.Value
	}{
		{"objects", dynamic(pod), dynamic(patch), dynamic(merged)},
		{"texts", text("a: &x {b: \"1e3\"}\nc: *x\n"), text(`{"a": {"b": null, "d": 0.50}}`), text("a:\n  d: 0.50\nc:\n  b: \"1e3\"\n")},
		{"a text over an object", dynamic(small), text("b: yes"), dynamic(object(t, map[string]attr.Value{"a": number(t, "1"), "b": types.BoolValue(true)}))},
		{"an object over a text", text("b: |\n  one\n  two\n"), dynamic(small), text("a: 1\nb: |\n  one\n  two\n")},
		{"a map", dynamic(texts(t, map[string]string{"a": "1"})), text("{}"), dynamic(object(t, map[string]attr.Value{"a": str("1")}))},
		{"lists and sets", dynamic(small), dynamic(object(t, map[string]attr.Value{
			"l": types.ListValueMust(types.StringType, []attr.Value{str("a")}), "s": types.SetValueMust(types.StringType, []attr.Value{str("b")}),
		})), dynamic(object(t, map[string]attr.Value{"a": number(t, "1"), "l": tuple(t, str("a")), "s": tuple(t, str("b"))}))},
		{"unknown", types.DynamicUnknown(), text("a: 1"), types.DynamicUnknown()},
		{"an unknown text", text("a: 1"), dynamic(types.StringUnknown()), types.DynamicUnknown()},
		{"an unknown part", dynamic(small), dynamic(object(t, map[string]attr.Value{"a": tuple(t, types.StringUnknown())})), types.DynamicUnknown()},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, fault := run(t, functions.NewMerge(), test.base, test.patch)
			if fault != nil {
				t.Fatal(fault)
			}
			if !got.Equal(test.want) {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestMergeFaults(t *testing.T) {
	for _, test := range []struct {
		name        string
		base, patch attr.Value
		position    int64
		want        string
	}{
		{"a broken base", text("a: 1\n b: 2\n"), text("{}"), 0, "line 2"},
		{"a broken patch", text("{}"), text("a: [\n"), 1, "line 1"},
		{"an empty text", text(""), text("{}"), 0, "the text is empty"},
		{"a number", dynamic(types.Int64Value(1)), text("{}"), 0, "a document is an object"},
		{"null", types.DynamicNull(), text("{}"), 0, "a document is an object"},
		{"a null text", text("{}"), dynamic(types.StringNull()), 1, "a document is an object"},
		{"a list", text("{}"), dynamic(tuple(t, str("a"))), 1, "a document is an object"},
		{"a directive in the base", text("l: [{$patch: merge, mergeKey: 1}]"), text("{}"), 0, "at l: mergeKey is the name"},
		{"a directive in the patch", text("{}"), text("a: {$patch: replace}"), 1, "$patch is a directive of lists only"},
		{"a huge number", dynamic(object(t, nil)), text(`{"a": 1e999999999999}`), none, "too large for Terraform"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, fault := run(t, functions.NewMerge(), test.base, test.patch)
			wantFault(t, fault, test.position, test.want)
		})
	}
}
