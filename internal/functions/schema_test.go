package functions_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/functions"
	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
)

// TestEffectiveSpecKnowsTheResources holds that whole resources can be given to
// effective_spec, whatever attributes they get.
func TestEffectiveSpecKnowsTheResources(t *testing.T) {
	accepted := map[string][]string{
		"flink_environment": functions.EnvironmentAttributes(),
		"flink_deployment":  functions.DeploymentAttributes(),
	}
	for _, construct := range provider.New("test")().Resources(t.Context()) {
		built := construct()
		var named resource.MetadataResponse
		built.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: provider.TypeName}, &named)
		want, tested := accepted[named.TypeName]
		if !tested {
			continue
		}
		delete(accepted, named.TypeName)
		var described resource.SchemaResponse
		built.Schema(t.Context(), resource.SchemaRequest{}, &described)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(described.Schema.Attributes)), want); diff != "" {
			t.Errorf("attributes of %s (-resource +function):\n%s", named.TypeName, diff)
		}
	}
	for name := range accepted {
		t.Errorf("there is no resource %s", name)
	}
}

func TestFunctionsAreDescribed(t *testing.T) {
	served, ok := provider.New("test")().(interface {
		Functions(context.Context) []func() function.Function
	})
	if !ok {
		t.Fatal("the provider has no functions")
	}
	var names []string
	for _, construct := range served.Functions(t.Context()) {
		built := construct()
		var named function.MetadataResponse
		built.Metadata(t.Context(), function.MetadataRequest{}, &named)
		names = append(names, named.Name)
		var defined function.DefinitionResponse
		built.Definition(t.Context(), function.DefinitionRequest{}, &defined)
		if defined.Definition.Summary == "" || defined.Definition.MarkdownDescription == "" {
			t.Errorf("%s is not described", named.Name)
		}
		for _, parameter := range defined.Definition.Parameters {
			if parameter.GetName() == "" || parameter.GetMarkdownDescription() == "" {
				t.Errorf("parameter %q of %s is not described", parameter.GetName(), named.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"duration", "effective_spec", "memory", "merge"}, slices.Sorted(slices.Values(names))); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}
