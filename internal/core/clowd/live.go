package clowd

import (
	"encoding/json"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Live returns the specification that an entry with a mark comes to, as Back does. Between the
// two halves of a change the entry asks for no pod, which nobody has said.
func Live(place Place, entry flink.Tree, mark Mark) flink.Tree {
	if mark.Phase == PhaseStop && mark.Unfinished() && !runs(entry) {
		entry = clone(entry)
		entry["replicas"] = json.Number("1")
	}
	return Back(place, entry, mark.Said)
}

// Paused is an entry that asks for no pod.
func Paused(entry flink.Tree) flink.Tree {
	out := clone(entry)
	out["replicas"] = json.Number("0")
	return out
}

// Runs tells whether an entry asks for a job that runs.
func Runs(entry flink.Tree) bool { return runs(entry) }
