package rollout

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
)

// KeepsAddress tells whether the JobManager answers after a change where it was last
// seen to, although it is another one then. What may be created again is not taken
// for that: until it runs, it has no address. Neither are two colors, which have one
// each.
func (d *Decision) KeepsAddress() bool {
	another := []planner.Action{planner.ActionCreate, planner.ActionRecreate, planner.ActionRedeploy, planner.ActionBlueGreen}
	if slices.Contains(another, d.Rollout.Action) || d.Kept.BlueGreen() || d.Form.BlueGreen() {
		return false
	}
	// What was seen counts, and not the specification before: that of a deferred or
	// a rolled back change never ran. An address with a path is that of a server, which
	// leads to the JobManager whatever its port is.
	seen, err := url.Parse(d.Status.RestURL)
	return err == nil && (seen.Path != "" || seen.Port() == strconv.Itoa(flink.RestPort(d.Effective)))
}
