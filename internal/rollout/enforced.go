package rollout

import (
	"maps"
	"reflect"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Enforced is Record.Enforced of the object of an id.
func Enforced(id string, observed *platform.Observed) string {
	if len(observed.Enforced) == 0 {
		return ""
	}
	// What cannot be written is not known, and then counts as a change.
	text, err := defaults.EffectiveText(flink.Redactor{Owner: id}.Redact(observed.Enforced))
	if err != nil {
		return ""
	}
	return text
}

// withEnforced returns a specification on record with those values that it lacks and
// are wanted, and that run already because the platform adds them by itself. It
// returns their paths as well, in order.
func (r Record) withEnforced(old, wanted flink.Tree, redactor flink.Redactor) (flink.Tree, []flink.Path) {
	enforced, err := flink.ParseTree([]byte(r.Enforced))
	if err != nil {
		return old, nil
	}
	shown := redactor.Redact(wanted)
	var paths []flink.Path
	out := addEnforced(old, wanted, shown, flink.Observe(shown, enforced), nil, &paths)
	return out, paths
}

// addEnforced goes through what is wanted: shown is that without secrets, and runs what
// runs of it, in the same words where both mean the same.
func addEnforced(old, wanted, shown, runs flink.Tree, at flink.Path, paths *[]flink.Path) flink.Tree {
	out := maps.Clone(old)
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		here := append(slices.Clone(at), key)
		has, said := old[key]
		inside, isTree := wanted[key].(map[string]any)
		if isTree {
			within, isSaid := has.(map[string]any)
			if said && !isSaid {
				continue
			}
			part, _ := shown[key].(map[string]any)
			running, _ := runs[key].(map[string]any)
			if within = addEnforced(within, inside, part, running, here, paths); len(within) > 0 {
				out = with(out, key, within)
			}
			continue
		}
		if value, runs := runs[key]; !said && runs && reflect.DeepEqual(value, shown[key]) {
			out = with(out, key, wanted[key])
			*paths = append(*paths, here)
		}
	}
	return out
}

func with(tree flink.Tree, key string, value any) flink.Tree {
	if tree == nil {
		tree = flink.Tree{}
	}
	tree[key] = value
	return tree
}
