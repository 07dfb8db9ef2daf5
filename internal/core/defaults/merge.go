package defaults

import (
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// strategy merges the value patch over the value base of one field. Neither is
// changed; the result may share parts with both.
type strategy func(base, patch any) (any, error)

// strategies tells fields that are merged by a rule of their own, by their name
// in the specification. All others are merged by mergeValue.
type strategies map[string]strategy

// specStrategies are the rules of a deployment's specification.
var specStrategies = strategies{
	"flinkConfiguration": mergeConfiguration,
	"podTemplate":        mergePodTemplate,
	"savepointSchedule":  mergeFields,
	"deploymentTemplate": mergeTemplate,
}

// containerSizes are the two ways to write one container's size. The operator
// reads only one of them, so they displace each other.
var containerSizes = map[string]string{
	"resource":  "resources",
	"resources": "resource",
}

// mergeValue merges patch over base: objects key by key, where null removes the
// key; of anything else the later wins, lists too.
func mergeValue(base, patch any, rules strategies) (any, error) {
	over, ok := patch.(map[string]any)
	if !ok {
		return patch, nil
	}
	below, _ := base.(map[string]any)
	merged := make(map[string]any, len(below)+len(over))
	maps.Copy(merged, below)
	for key, other := range containerSizes {
		if says(over[key]) && !says(over[other]) {
			delete(merged, other)
		}
	}
	// Sorted, so that of several errors always the same is reported.
	for _, key := range slices.Sorted(maps.Keys(over)) {
		value := over[key]
		if value == nil {
			delete(merged, key)
			continue
		}
		var err error
		if rule := rules[key]; rule != nil {
			merged[key], err = rule(merged[key], value)
		} else {
			merged[key], err = mergeValue(merged[key], value, rules)
		}
		if err != nil {
			return nil, within(key, err)
		}
	}
	return merged, nil
}

// mergeFields merges two objects field by field: of each field the later wins as a
// whole, and null removes it. So does whoever has the last word about a schedule.
func mergeFields(base, patch any) (any, error) {
	below, _ := base.(map[string]any)
	over, ok := patch.(map[string]any)
	if !ok {
		return patch, nil
	}
	merged := make(map[string]any, len(below)+len(over))
	maps.Copy(merged, below)
	maps.Copy(merged, over)
	maps.DeleteFunc(merged, func(_ string, value any) bool { return value == nil })
	return merged, nil
}

// mergeTemplate merges documents of a platform as Merge does.
func mergeTemplate(base, patch any) (any, error) {
	return mergeDocument(nil, base, normalise(patch))
}

// says tells whether a layer says anything with an object: an empty one does
// not.
func says(value any) bool {
	object, ok := value.(map[string]any)
	return ok && len(object) > 0
}

// mergeConfiguration merges Flink configurations. A key displaces all other
// spellings of the same option in base, and null removes all of them.
func mergeConfiguration(base, patch any) (any, error) {
	below, _ := base.(map[string]any)
	over, ok := patch.(map[string]any)
	if !ok {
		return patch, nil
	}
	displaced := make(map[string]bool, len(over))
	for key := range over {
		displaced[flink.CanonicalKey(key)] = true
	}
	merged := make(map[string]any, len(below)+len(over))
	for key, value := range below {
		if !displaced[flink.CanonicalKey(key)] {
			merged[key] = value
		}
	}
	for key, value := range over {
		if value != nil {
			merged[key] = value
		}
	}
	return merged, nil
}

// remove takes the value at path out of tree and returns the result; tree is
// not changed. A path that leads nowhere removes nothing.
func remove(tree flink.Tree, path flink.Path) flink.Tree {
	if len(path) == 0 || tree == nil {
		return tree
	}
	out := maps.Clone(tree)
	if len(path) == 1 {
		delete(out, path[0])
		return out
	}
	below, ok := tree[path[0]].(map[string]any)
	if !ok {
		return tree
	}
	out[path[0]] = remove(below, path[1:])
	return out
}
