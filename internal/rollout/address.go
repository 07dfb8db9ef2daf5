package rollout

import (
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// keyRestPort is the option with the port of the JobManager's REST server
// (RestOptions.PORT).
const keyRestPort = "rest.port"

// KeepsAddress tells whether the JobManager answers after a change where it answered
// before, although it is another one then. An object that is created again is not
// taken for that: until it runs, it has no address. Neither are two colors, which
// have one each.
func (d *Decision) KeepsAddress() bool {
	another := []planner.Action{planner.ActionCreate, planner.ActionRecreate, planner.ActionBlueGreen}
	if slices.Contains(another, d.Rollout.Action) || d.Kept.BlueGreen() || d.Form.BlueGreen() {
		return false
	}
	port := func(spec flink.Tree) string { return flink.Flatten(spec["flinkConfiguration"])[keyRestPort] }
	return port(d.Before) == port(d.Effective)
}
