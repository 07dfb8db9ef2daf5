package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// keepSavepoint has the platform leave alone the savepoint from which a change was made
// that puts the state at risk, and warns where it may be deleted all the same, or none is
// known: it is the only way back.
func (r *Resource) keepSavepoint(ctx context.Context, deployments platform.Deployments, ref platform.Ref, spec flink.DeploymentSpec, kept string) diag.Diagnostics {
	if spec.Job == nil {
		// Its jobs have their own state.
		return nil
	}
	var diags diag.Diagnostics
	if kept == "" {
		diags.AddWarning(fmt.Sprintf("No savepoint of before is known of %q", ref.Name),
			"The job was restored from state of which the platform does not tell the path, so status.kept_savepoint is null. To go back, look for the newest checkpoint of before in the checkpoint directory, and set job.initial_savepoint_path to it.")
		return diags
	}
	keeper, keeps := deployments.(platform.SavepointKeeper)
	if !keeps {
		return nil
	}
	risk, err := keeper.KeepSavepoint(ctx, ref, spec, kept)
	if err != nil {
		risk = "It could not be told to leave it alone: " + err.Error() + "."
	}
	if risk != "" {
		diags.AddWarning(fmt.Sprintf("The savepoint of before of %q may be deleted", ref.Name), fmt.Sprintf("The way back from this change is %s. %s", kept, risk))
	}
	return diags
}

// withWayBack adds to the error of a rollout how to go back from it.
func withWayBack(err error, way string) error {
	var failed *platform.RolloutError
	if way == "" || !errors.As(err, &failed) {
		return err
	}
	told := *failed
	told.Detail += "\n\n" + way
	return &told
}
