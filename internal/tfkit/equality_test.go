package tfkit

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestEqualTextsKeepThePriorOne(t *testing.T) {
	text := types.StringValue
	for name, test := range map[string]struct {
		modifier       planmodifier.String
		prior, planned types.String
		keeps          bool
	}{
		"equal memory":              {sameMemory(), text("2g"), text("2048m"), true},
		"equal memory with a space": {sameMemory(), text("2048 mb"), text("2g"), true},
		"memory as a quantity":      {sameMemory(), text("2g"), text("2Gi"), true},
		"other memory":              {sameMemory(), text("2g"), text("2049m"), false},
		"memory that is none":       {sameMemory(), text("2g"), text("two"), false},
		"equal quantity":            {sameQuantity(), text("1Gi"), text("1024Mi"), true},
		"other quantity":            {sameQuantity(), text("1G"), text("1Gi"), false},
		"quantity beyond reason":    {sameQuantity(), text("1e1000000000"), text("10e999999999"), false},
		"quantity that is none":     {sameQuantity(), text("x"), text("1Gi"), false},
		"YAML and JSON":             {sameDocument(), text("spec:\n  priority: 1\n"), text(`{"spec":{"priority":1}}`), true},
		"other order and comments":  {sameDocument(), text("a: 1\nb: 2\n"), text("# both\nb: 2\na: 1\n"), true},
		"other document":            {sameDocument(), text("a: 1\n"), text("a: 2\n"), false},
		"document that is none":     {sameDocument(), text("a: 1\n"), text("a: [\n"), false},
		"nothing before":            {sameMemory(), types.StringNull(), text("2g"), false},
		"nothing after":             {sameMemory(), text("2g"), types.StringNull(), false},
		"not known":                 {sameMemory(), text("2g"), types.StringUnknown(), false},
	} {
		t.Run(name, func(t *testing.T) {
			resp := planmodifier.StringResponse{PlanValue: test.planned}
			test.modifier.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: test.prior, PlanValue: test.planned}, &resp)
			want := test.planned
			if test.keeps {
				want = test.prior
			}
			if !resp.PlanValue.Equal(want) {
				t.Errorf("planned %s, want %s", resp.PlanValue, want)
			}
		})
	}
}

func TestEqualMapsKeepThePriorOne(t *testing.T) {
	type texts map[string]attr.Value
	text := types.StringValue
	for name, test := range map[string]struct {
		modifier       planmodifier.Map
		prior, planned texts
		keeps          bool
	}{
		"equal values":        {SameConfiguration(), texts{"taskmanager.memory.process.size": text("2g")}, texts{"taskmanager.memory.process.size": text("2048m")}, true},
		"equal duration":      {SameConfiguration(), texts{"execution.checkpointing.interval": text("10 min")}, texts{"execution.checkpointing.interval": text("600 s")}, true},
		"old and new key":     {SameConfiguration(), texts{"state.checkpoints.dir": text("s3://a")}, texts{"execution.checkpointing.dir": text("s3://a")}, true},
		"other value":         {SameConfiguration(), texts{"a": text("1"), "b": text("x")}, texts{"a": text("1"), "b": text("y")}, false},
		"one key more":        {SameConfiguration(), texts{"a": text("x")}, texts{"a": text("x"), "b": text("y")}, false},
		"another key":         {SameConfiguration(), texts{"a": text("x")}, texts{"b": text("x")}, false},
		"null instead":        {SameConfiguration(), texts{"a": text("x")}, texts{"a": types.StringNull()}, false},
		"null under new key":  {SameConfiguration(), texts{"state.checkpoints.dir": types.StringNull()}, texts{"execution.checkpointing.dir": types.StringNull()}, true},
		"not known":           {SameConfiguration(), texts{"a": text("x")}, texts{"a": types.StringUnknown()}, false},
		"one key twice":       {SameConfiguration(), texts{"state.checkpoints.dir": text("s3://a")}, texts{"state.checkpoints.dir": text("s3://a"), "execution.checkpointing.dir": text("s3://a")}, false},
		"equal resources":     {sameResources(), texts{"cpu": text("1"), "memory": text("2Gi")}, texts{"cpu": text("1000m"), "memory": text("2048Mi")}, true},
		"memory of resources": {sameResources(), texts{"memory": text("2048m")}, texts{"memory": text("2Gi")}, false},
		"other cpu":           {sameResources(), texts{"cpu": text("1")}, texts{"cpu": text("1100m")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			prior, planned := types.MapValueMust(types.StringType, test.prior), types.MapValueMust(types.StringType, test.planned)
			resp := planmodifier.MapResponse{PlanValue: planned}
			test.modifier.PlanModifyMap(t.Context(), planmodifier.MapRequest{StateValue: prior, PlanValue: planned}, &resp)
			want := planned
			if test.keeps {
				want = prior
			}
			if !resp.PlanValue.Equal(want) {
				t.Errorf("planned %s, want %s", resp.PlanValue, want)
			}
		})
	}
}
