package statement

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// lacks is what no custom resource has of what a statement asks for.
func lacks(data object.Data[platform.Statement]) diag.Diagnostics {
	m, _ := data.(*model)
	if m == nil {
		return nil
	}
	var diags diag.Diagnostics
	refuse := func(at path.Path, what, remedy string) {
		diags.AddAttributeError(at, "The custom resource FlinkStatement has no "+what,
			remedy+" Or manage the environment over REST: confluent.via = \"rest\".")
	}
	upgrade := path.Root("upgrade")
	if m.how().Mode != nil {
		refuse(upgrade.AtName("mode"), "mode in which the server stops its job", "Remove upgrade.mode: the server takes a savepoint where the pool has state.checkpoints.dir and state.savepoints.dir.")
	}
	if ptr.Deref(m.how().CarryOver, false) {
		refuse(upgrade.AtName("carry_over"), "carrying over of state", "A second statement would start from a savepoint of the first, and there is no custom resource of a savepoint. Remove upgrade.carry_over.")
	}
	if m.OnDestroy != nil {
		refuse(path.Root("on_destroy"), "statement that is carried out before it is deleted", "Remove on_destroy, and drop by hand what the statement has created.")
	}
	if m.SavepointPath != nil {
		refuse(path.Root("initial_savepoint_path"), "savepoint that it starts from when it is created", "The server takes it of a statement that it has, and the phase that says so is not refreshed. Remove initial_savepoint_path.")
	}
	return diags
}
