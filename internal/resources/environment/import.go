package environment

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes an environment over, by `operator/<namespace>`, by the
// namespace alone or by its identity. The refresh that follows finds out
// whether the namespace is the environment's own.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var from identity
	if req.ID != "" {
		parsed, problem := parseID(req.ID)
		if problem != "" {
			resp.Diagnostics.AddError("The import ID cannot be read", "The ID is \""+req.ID+"\": "+problem+" Write operator/<namespace>, or the namespace alone.")
			return
		}
		from = parsed
	} else {
		var given struct {
			Platform  *string `tfsdk:"platform"`
			Namespace string  `tfsdk:"namespace"`
		}
		resp.Diagnostics.Append(req.Identity.Get(ctx, &given)...)
		if resp.Diagnostics.HasError() {
			return
		}
		from = identity{Platform: deref(given.Platform), Namespace: given.Namespace}
		if from.Platform == "" {
			from.Platform = tfkit.PlatformOperator
		}
	}
	state := model{
		Name:      &from.Namespace,
		Platform:  &from.Platform,
		Namespace: &from.Namespace,
		Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
			"create": types.StringType, "update": types.StringType, "delete": types.StringType,
		})},
	}
	resp.Diagnostics.Append(state.complete()...)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, from)...)
}

// parseID reads an import ID. The problem is a sentence, or empty.
func parseID(text string) (parsed identity, problem string) {
	platformName, namespace, found := strings.Cut(text, "/")
	if !found {
		platformName, namespace = tfkit.PlatformOperator, text
	}
	if platformName != tfkit.PlatformOperator {
		return parsed, "there is no platform \"" + platformName + "\"."
	}
	if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
		return parsed, "\"" + namespace + "\" is no name of a namespace (" + strings.Join(problems, "; ") + ")."
	}
	return identity{Platform: platformName, Namespace: namespace}, ""
}
