package savepoint

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes "operator/<namespace>/<name>" of a FlinkStateSnapshot. The
// refresh that follows fills in the rest.
func (r *savepointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	parts := strings.Split(req.ID, "/")
	if len(parts) != 3 || parts[0] != tfkit.PlatformOperator || parts[1] == "" || parts[2] == "" {
		resp.Diagnostics.AddError("The import id is not one of a savepoint",
			"The id "+req.ID+" does not have the form operator/<namespace>/<name>, for example operator/flink-prod/orders-before-move.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("environment").AtName("namespace"), parts[1])...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), parts[2])...)
}
