package defaults

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// setElementOrder is the directive with which a patch orders a list itself.
const setElementOrder = "$setElementOrder/"

// keepOrder puts the elements of lists that were merged by key into the order
// that they have in base, those that patch added behind them. strategicpatch
// puts added elements first; but the operator merges the pod templates of the
// JobManager and the TaskManagers over the common one by position, unless
// kubernetes.operator.pod-template.merge-arrays-by-name is set, and init
// containers run one after the other.
func keepOrder(known strategicpatch.LookupPatchMeta, base, patch, merged map[string]any) {
	if patch[directivePatch] != nil {
		return
	}
	for key, value := range merged {
		switch value := value.(type) {
		case map[string]any:
			below, ok := base[key].(map[string]any)
			child, _, err := known.LookupPatchMetadataForStruct(key)
			if ok && err == nil {
				over, _ := patch[key].(map[string]any)
				keepOrder(child, below, over, value)
			}
		case []any:
			below, ok := base[key].([]any)
			child, meta, err := known.LookupPatchMetadataForSlice(key)
			mergeKey := meta.GetPatchMergeKey()
			if !ok || err != nil || mergeKey == "" {
				continue
			}
			over, _ := patch[key].([]any)
			if patch[setElementOrder+key] == nil && !slices.ContainsFunc(over, replacesList) {
				sortLike(below, value, mergeKey)
			}
			for _, element := range value {
				keepElementOrder(child, below, over, element, mergeKey)
			}
		}
	}
}

// replacesList tells whether an element marks its list as replaced.
func replacesList(element any) bool {
	object, ok := element.(map[string]any)
	return ok && object[directivePatch] == directiveReplace
}

// keepElementOrder keeps the order of the lists inside an element of a list.
func keepElementOrder(known strategicpatch.LookupPatchMeta, base, patch []any, element any, mergeKey string) {
	object, _ := element.(map[string]any)
	at := position(base, object, mergeKey)
	if at < 0 {
		return
	}
	below, _ := base[at].(map[string]any)
	var over map[string]any
	if in := position(patch, object, mergeKey); in >= 0 {
		over, _ = patch[in].(map[string]any)
	}
	keepOrder(known, below, over, object)
}

// sortLike sorts the elements of list by their positions in base; those that
// base does not have stay behind, in their order.
func sortLike(base, list []any, mergeKey string) {
	rank := func(element any) int {
		object, _ := element.(map[string]any)
		if at := position(base, object, mergeKey); at >= 0 {
			return at
		}
		return len(base)
	}
	slices.SortStableFunc(list, func(a, b any) int { return cmp.Compare(rank(a), rank(b)) })
}

// position returns where list has the element with the same merge key, or -1.
func position(list []any, element map[string]any, mergeKey string) int {
	return slices.IndexFunc(list, func(candidate any) bool {
		object, ok := candidate.(map[string]any)
		return ok && element != nil && object[mergeKey] == element[mergeKey]
	})
}
