package savepoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes "<platform>/<namespace>/<name>" of a FlinkStateSnapshot. The
// refresh that follows fills in the rest.
func (r *savepointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.Append(tfkit.ImportPlace(ctx, r.platforms, platform.KindSavepoint, req.ID, "orders-before-move", &resp.State)...)
}
