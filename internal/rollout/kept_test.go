package rollout

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The savepoint of before is the one that the change itself has taken, and stays the same
// for as long as it is named.
func TestKept(t *testing.T) {
	t.Parallel()
	const older, taken = "s3://flink/savepoints/1", "s3://flink/savepoints/2"
	atRisk := planner.Rollout{Action: planner.ActionSavepoint, State: planner.StateAtRisk}
	for name, test := range map[string]struct {
		known     string
		change    planner.Rollout
		last      string
		observed  string
		rolledOut bool
		want      string
	}{
		"rolled out":                       {"", atRisk, older, taken, true, taken},
		"failed after the savepoint":       {"", atRisk, older, taken, false, taken},
		"failed before the savepoint":      {"", atRisk, older, older, false, ""},
		"resumed from where it was":        {"", planner.Rollout{Action: planner.ActionResume, State: planner.StateAtRisk}, older, older, true, older},
		"restored from what has no path":   {"", atRisk, older, "", true, ""},
		"a later change keeps it":          {older, planner.Rollout{Action: planner.ActionSavepoint, State: planner.StateKept}, older, taken, true, older},
		"named already":                    {older, atRisk, older, taken, true, older},
		"nothing is at risk":               {"", planner.Rollout{Action: planner.ActionSavepoint, State: planner.StateKept}, older, taken, true, ""},
		"rescaled, and no savepoint taken": {"", planner.Rollout{Action: planner.ActionScaleInPlace, State: planner.StateAtRisk}, older, older, true, ""},
		"recorded, and nothing runs of it": {"", planner.Rollout{Action: planner.ActionDeferred, State: planner.StateAtRisk}, older, taken, true, ""},
	} {
		observed := &platform.Observed{Status: flink.Status{SavepointPath: test.observed}, RolledOut: test.rolledOut}
		if got := Kept(test.known, test.change, flink.Status{SavepointPath: test.last}, observed); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestTheWayBackIsSaidOfWhatWasAtRisk(t *testing.T) {
	t.Parallel()
	const kept = "s3://flink/savepoints/2"
	risky := Decision{Rollout: planner.Rollout{State: planner.StateAtRisk}}
	for _, part := range []string{`flink_version = "v1_20"`, `job.initial_savepoint_path = "` + kept + `"`, "upgrade.allow_state_loss = true"} {
		if way := risky.WayBack(kept, "v1_20"); !strings.Contains(way, part) {
			t.Errorf("%q lacks %q", way, part)
		}
	}
	rescaled := Decision{Rollout: planner.Rollout{Action: planner.ActionScaleInPlace, State: planner.StateAtRisk}}
	if way := rescaled.WayBack(kept, "v1_20"); way != "" {
		t.Errorf("an older savepoint passes for one of before: %q", way)
	}
	safe := Decision{Rollout: planner.Rollout{State: planner.StateKept}}
	if way := safe.WayBack(kept, "v1_20") + risky.WayBack("", "v1_20"); way != "" {
		t.Errorf("told without need: %q", way)
	}
	if way := risky.WayBack(kept, ""); strings.Contains(way, "flink_version") {
		t.Errorf("a version that nobody knows: %q", way)
	}
}
