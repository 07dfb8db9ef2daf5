package functions_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

// served are the provider's functions by name.
func served(t *testing.T) map[string]function.Function {
	t.Helper()
	with, ok := provider.New("test")().(interface {
		Functions(context.Context) []func() function.Function
	})
	if !ok {
		t.Fatal("the provider has no functions")
	}
	out := map[string]function.Function{}
	for _, construct := range with.Functions(t.Context()) {
		built := construct()
		var named function.MetadataResponse
		built.Metadata(t.Context(), function.MetadataRequest{}, &named)
		out[named.Name] = built
	}
	return out
}

func effectiveSpec(t *testing.T) function.Function {
	t.Helper()
	return served(t)["effective_spec"]
}

// TestEffectiveSpecTakesWholeResources holds that whole resources can be given to
// effective_spec, whatever attributes they get, and whatever is unknown of those
// that take no part.
func TestEffectiveSpecTakesWholeResources(t *testing.T) {
	arguments := map[string]map[string]attr.Value{"flink_environment": {}, "flink_deployment": {}}
	for _, construct := range provider.New("test")().Resources(t.Context()) {
		built := construct()
		var named resource.MetadataResponse
		built.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: provider.TypeName}, &named)
		argument, tested := arguments[named.TypeName]
		if !tested {
			continue
		}
		var described resource.SchemaResponse
		built.Schema(t.Context(), resource.SchemaRequest{}, &described)
		for name := range described.Schema.Attributes {
			argument[name] = types.DynamicNull()
			if slices.Contains([]string{"id", "timeouts", "environment", "rollout", "status", "effective_spec", "missing", "operator", "namespace"}, name) {
				argument[name] = types.DynamicUnknown()
			}
		}
	}
	for name, argument := range arguments {
		if len(argument) == 0 {
			t.Fatalf("there is no resource %s", name)
		}
	}
	arguments["flink_deployment"]["job"] = job(t)
	got, fault := run(t, effectiveSpec(t), dynamic(object(t, arguments["flink_environment"])), dynamic(object(t, arguments["flink_deployment"])))
	if want := types.StringValue("{" + leastJob + "}"); fault != nil || !want.Equal(got) {
		t.Errorf("effective_spec is %v, %v; want %s", got, fault, want)
	}
}

func TestFunctionsAreDescribed(t *testing.T) {
	functions := served(t)
	for name, built := range functions {
		var defined function.DefinitionResponse
		built.Definition(t.Context(), function.DefinitionRequest{}, &defined)
		if defined.Definition.Summary == "" || defined.Definition.MarkdownDescription == "" {
			t.Errorf("%s is not described", name)
		}
		for _, parameter := range defined.Definition.Parameters {
			if parameter.GetName() == "" || parameter.GetMarkdownDescription() == "" {
				t.Errorf("parameter %q of %s is not described", parameter.GetName(), name)
			}
		}
	}
	if diff := cmp.Diff([]string{"duration", "effective_spec", "memory", "merge"}, slices.Sorted(maps.Keys(functions))); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}
