package rollout

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Kept is the savepoint from which a change was made that puts the state at risk, as far
// as it can be told from what is observed: known is the one that is named already, last
// is the status before, and accept the accepted risks, without which none is kept. While
// the change is not rolled out, a path that was there before is an older one.
func Kept(known string, change planner.Rollout, accept string, last flink.Status, observed *platform.Observed) string {
	path := observed.Status.SavepointPath
	switch {
	case accept == "":
		return ""
	case known != "" || change.State != planner.StateAtRisk || change.Action == planner.ActionDeferred:
		return known
	case observed.RolledOut, path != last.SavepointPath:
		return path
	}
	return ""
}

// KeptBefore is the savepoint that is named before a change of the known status: a
// change that puts the state at risk names another one.
func (d *Decision) KeptBefore() string {
	if d.Rollout.State == planner.StateAtRisk && d.Rollout.Action != planner.ActionDeferred && !d.continues {
		return ""
	}
	return d.KeptSavepoint
}

// WayBack says how to go back from a change to the savepoint before it, empty where none
// is named.
func (d *Decision) WayBack(kept string) string {
	if kept == "" || d.Rollout.State != planner.StateAtRisk {
		return ""
	}
	version, _ := d.Before["flinkVersion"].(string)
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
		fmt.Sprintf("upgrade.accept_state_risk is removed, so status.kept_savepoint no more names %s, the way back from an earlier change. Nothing is deleted: the savepoint stays until somebody deletes it.", kept))
}
