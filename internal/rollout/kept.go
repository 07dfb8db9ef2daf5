package rollout

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Kept is the savepoint from which a change was made that puts the state at risk, as far
// as it can be told from what is observed: known is the one that is named already, and
// last the status before. While the change is not rolled out, a path that was there
// before is an older one.
func Kept(known string, change planner.Rollout, last flink.Status, observed *platform.Observed) string {
	path := observed.Status.SavepointPath
	switch {
	case known != "" || !LeavesSavepoint(change):
		return known
	case observed.RolledOut, path != last.SavepointPath:
		return path
	}
	return ""
}

// LeavesSavepoint tells whether a change puts the state at risk and has a savepoint of
// before: one that waits has none yet, and a job that is rescaled where it runs goes on
// from a checkpoint.
func LeavesSavepoint(change planner.Rollout) bool {
	return change.State == planner.StateAtRisk && !KeepsStatus(change.Action) && change.Action != planner.ActionScaleInPlace
}

// Endangers tells whether the change restores state that it puts at risk. One that an
// earlier apply has begun is none.
func (d *Decision) Endangers() bool { return d.endangers }

// VersionBefore is flink_version before the change, empty for none.
func (d *Decision) VersionBefore() string {
	version, _ := d.Before["flinkVersion"].(string)
	return version
}

// KeptBefore is the savepoint that is named before a change of the known status: a
// change that puts the state at risk names another one.
func (d *Decision) KeptBefore() string {
	if d.endangers {
		return ""
	}
	return d.KeptSavepoint
}

// WayBack says how to go back from a change to the savepoint before it, empty where none
// is named. version is flink_version of before, empty for none.
func (d *Decision) WayBack(kept, version string) string {
	if kept == "" || !LeavesSavepoint(d.Rollout) {
		return ""
	}
	before := ""
	if version != "" {
		before = fmt.Sprintf("flink_version = %q and what else was changed with it, ", version)
	}
	return fmt.Sprintf("The savepoint of before this change is %s. The way back is %sjob.initial_savepoint_path = %q and upgrade.allow_state_loss = true: the job then goes on as it was when that savepoint was taken.", kept, before, kept)
}

// forgets warns that a savepoint is not named any more, as nobody accepts a risk.
func forgets(kept, still string) []flink.Finding {
	if kept == still {
		return nil
	}
	return warning(nil, "The savepoint of before is forgotten",
		fmt.Sprintf("upgrade.accept_state_risk is not set, so from this change on status.kept_savepoint no more names %s, the way back from an earlier one. Nothing is deleted: the savepoint stays until somebody deletes it.", kept))
}
