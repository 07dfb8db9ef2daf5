package functions_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// run calls a function.
func run(t *testing.T, f function.Function, arguments ...attr.Value) (attr.Value, *function.FuncError) {
	t.Helper()
	var definition function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	empty, fault := definition.Definition.Return.NewResultData(t.Context())
	if fault != nil {
		t.Fatal(fault)
	}
	resp := function.RunResponse{Result: empty}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	return resp.Result.Value(), resp.Error
}

// none is the position of an error that is about no single argument.
const none = -1

// wantFault checks an error: what it says and which argument it is about.
func wantFault(t *testing.T, fault *function.FuncError, position int64, text string) {
	t.Helper()
	if fault == nil {
		t.Fatalf("no error, want %q", text)
	}
	about := int64(none)
	if fault.FunctionArgument != nil {
		about = *fault.FunctionArgument
	}
	if about != position {
		t.Errorf("error %q is about argument %d, want %d", fault.Text, about, position)
	}
	if strings.HasSuffix(fault.Text, ".") {
		t.Errorf("error %q ends in the full stop that the CLI adds", fault.Text)
	}
	if !strings.Contains(fault.Text, text) {
		t.Errorf("error %q does not say %q", fault.Text, text)
	}
}

func dynamic(value attr.Value) types.Dynamic { return types.DynamicValue(value) }

func text(value string) types.Dynamic { return dynamic(types.StringValue(value)) }

func number(t *testing.T, value string) types.Number {
	t.Helper()
	parsed, _, err := big.ParseFloat(value, 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return types.NumberValue(parsed)
}

// object makes an object whose attributes have the types of their values.
func object(t *testing.T, fields map[string]attr.Value) types.Object {
	t.Helper()
	fieldTypes := map[string]attr.Type{}
	for name, field := range fields {
		fieldTypes[name] = field.Type(t.Context())
	}
	value, diags := types.ObjectValue(fieldTypes, fields)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return value
}

func tuple(t *testing.T, elements ...attr.Value) types.Tuple {
	t.Helper()
	var elementTypes []attr.Type
	for _, element := range elements {
		elementTypes = append(elementTypes, element.Type(t.Context()))
	}
	value, diags := types.TupleValue(elementTypes, elements)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return value
}

func str(value string) types.String { return types.StringValue(value) }

func texts(t *testing.T, values map[string]string) types.Map {
	t.Helper()
	value, diags := types.MapValueFrom(t.Context(), types.StringType, values)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return value
}
