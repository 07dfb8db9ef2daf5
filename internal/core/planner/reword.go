package planner

import (
	"maps"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Reword returns the specification after in the words of before: wherever both
// mean the same it keeps the text of before. It is what has to be planned and
// sent, because the operator compares texts: a memory of "2048m" instead of
// "2g", or a configuration key under its new name, would restart a job that a
// Rollout says keeps running. Neither specification is changed.
func Reword(before, after flink.DeploymentSpec) (flink.DeploymentSpec, error) {
	old, err := flink.TreeOf(before)
	if err != nil {
		return flink.DeploymentSpec{}, err
	}
	new, err := flink.TreeOf(after)
	if err != nil {
		return flink.DeploymentSpec{}, err
	}
	return flink.SpecOf(reword(old, new))
}

// reword applies the differences to old. Lists and pod templates that differ
// are taken over whole: their elements have no place of their own.
func reword(old, new flink.Tree) flink.Tree {
	worded := old
	for _, change := range flink.Diff(old, new) {
		if len(change.Path) == 2 && change.Path[0] == "flinkConfiguration" {
			worded = rewordKey(worded, change)
			continue
		}
		worded = takeOver(worded, new, change.Path)
	}
	return worded
}

// rewordKey sets one option of the configuration under the name of the change,
// in place of all its other names.
func rewordKey(worded flink.Tree, change flink.Change) flink.Tree {
	configuration, _ := worded["flinkConfiguration"].(map[string]any)
	options := make(map[string]any, len(configuration)+1)
	name := change.Path[1]
	for key, value := range configuration {
		if flink.CanonicalKey(key) != flink.CanonicalKey(name) {
			options[key] = value
		}
	}
	if change.New != nil {
		options[name] = change.New
	}
	out := maps.Clone(worded)
	out["flinkConfiguration"] = options
	return out
}

// takeOver returns worded with the value that new has at path, or at the
// nearest object above it that only one of the two has. What worded shares with
// other trees is not changed.
func takeOver(worded, new flink.Tree, path flink.Path) flink.Tree {
	out := maps.Clone(worded)
	key := path[0]
	below, inBoth := worded[key].(map[string]any)
	after, isObject := new[key].(map[string]any)
	switch value, ok := new[key]; {
	case len(path) > 1 && inBoth && isObject && key != "podTemplate" && !isIndex(path[1]):
		out[key] = takeOver(below, after, path[1:])
	case ok:
		out[key] = value
	default:
		delete(out, key)
	}
	return out
}

func isIndex(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil
}
