package lifecycle

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// A state that somebody has edited does not say any more which object it belongs
// to. No call asks the platform for one then.
func TestAStateThatSaysNoObjectIsAnError(t *testing.T) {
	t.Parallel()
	one := &sameAnswer{}
	data := dataOf(one)
	r := &plainResource{Resource{Type: plainType, data: data}}
	shortcut := NewShortcut(t.Context(), plainType, r)
	whole := stateWith(t, shortcut, anApplication, flink.Status{JobState: flink.StateRunning})
	config := tfsdk.Config{Schema: shortcut.schema, Raw: whole}
	plan := tfsdk.Plan{Schema: shortcut.schema, Raw: whole}
	for call, do := range map[string]func(tfsdk.State) diag.Diagnostics{
		"read": func(state tfsdk.State) diag.Diagnostics {
			ctx, current := shortcut.Current(t.Context(), data, state.Raw, []byte(privateOf(t, resume{UID: "u"})))
			if current {
				t.Error("the shortcut answers")
			}
			var resp resource.ReadResponse
			r.Read(ctx, resource.ReadRequest{State: state}, &resp)
			return resp.Diagnostics
		},
		"update": func(state tfsdk.State) diag.Diagnostics {
			var resp resource.UpdateResponse
			r.Update(t.Context(), resource.UpdateRequest{State: state, Plan: plan, Config: config}, &resp)
			return resp.Diagnostics
		},
		"delete": func(state tfsdk.State) diag.Diagnostics {
			var resp resource.DeleteResponse
			r.Delete(t.Context(), resource.DeleteRequest{State: state}, &resp)
			return resp.Diagnostics
		},
		"plan": func(state tfsdk.State) diag.Diagnostics {
			var resp resource.ModifyPlanResponse
			r.ModifyPlan(t.Context(), resource.ModifyPlanRequest{State: state, Plan: plan, Config: config}, &resp)
			return resp.Diagnostics
		},
		"plan of a destroy": func(state tfsdk.State) diag.Diagnostics {
			var resp resource.ModifyPlanResponse
			gone := tfsdk.Plan{Schema: shortcut.schema, Raw: tftypes.NewValue(shortcut.raw, nil)}
			r.ModifyPlan(t.Context(), resource.ModifyPlanRequest{State: state, Plan: gone, Config: config}, &resp)
			return resp.Diagnostics
		},
	} {
		for _, attribute := range []string{"environment", "name"} {
			t.Run(call+" without "+attribute, func(t *testing.T) {
				values := map[string]tftypes.Value{}
				if err := whole.As(&values); err != nil {
					t.Fatal(err)
				}
				values[attribute] = tftypes.NewValue(values[attribute].Type(), nil)
				diags := do(tfsdk.State{Schema: shortcut.schema, Raw: tftypes.NewValue(shortcut.raw, values)})
				for _, given := range diags {
					at, placed := given.(diag.DiagnosticWithPath)
					if placed && at.Path().Equal(path.Root(attribute)) && strings.Contains(given.Detail(), "terraform state rm") {
						return
					}
				}
				t.Errorf("told: %v", diags)
			})
		}
	}
	if one.reads > 0 {
		t.Errorf("%d reads", one.reads)
	}
}
