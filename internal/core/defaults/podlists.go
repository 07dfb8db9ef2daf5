package defaults

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// deleteFromList is the directive that takes scalars out of a list.
const deleteFromList = "$deleteFromPrimitiveList/"

// wholeList is a list of a patch that is merged already. For strategicpatch it is
// no list, and so nothing to merge.
type wholeList []any

// mergeLists merges the lists of patch that ask for it with {$patch: merge}:
// such a list is then a wholeList in patch and gone from base, so that
// strategicpatch, which does not know the directive, takes it as it is. Both are
// changed. It also finds directives that strategicpatch would drop, with all
// that they stand in, where base has nothing.
func (s podSchema) mergeLists(base, patch map[string]any) error {
	if directive, ok := patch[directivePatch]; ok {
		if directive != directiveReplace && directive != directiveDelete {
			return fmt.Errorf("%s has an unknown directive: an object has $patch: replace or $patch: delete, and {$patch: merge, mergeKey: …} is an element of a list", s.place())
		}
		base = nil
	}
	// Sorted, so that of several errors always the same is reported.
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		if name, found := strings.CutPrefix(key, deleteFromList); found {
			if err := s.deleteFrom(name, base, patch); err != nil {
				return err
			}
		}
		if strings.HasPrefix(key, directivePrefix) {
			continue
		}
		var err error
		switch value := patch[key].(type) {
		case map[string]any:
			below, _ := base[key].(map[string]any)
			err = s.object(key).mergeLists(below, value)
		case []any:
			err = s.mergeListOf(key, value, base, patch)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteFrom takes the scalars that patch wants gone out of the list that base
// has under name. strategicpatch would do it before or after it adds those of
// patch, as chance will have it.
func (s podSchema) deleteFrom(name string, base, patch map[string]any) error {
	gone, ok := patch[deleteFromList+name].([]any)
	if !ok {
		elements, _ := s.list(name)
		return fmt.Errorf("%s: %s has a list of what is to be deleted", elements.place(), strings.TrimSuffix(deleteFromList, "/"))
	}
	if list, ok := base[name].([]any); ok {
		base[name] = slices.DeleteFunc(list, func(element any) bool {
			return slices.ContainsFunc(gone, func(other any) bool { return equalValues(element, other) })
		})
	}
	delete(patch, deleteFromList+name)
	return nil
}

// mergeListOf does the work of mergeLists for the list that patch has under key.
func (s podSchema) mergeListOf(key string, list []any, base, patch map[string]any) error {
	elements, mergeKey := s.list(key)
	below, _ := base[key].([]any)
	directive, rest, err := takeListDirective(list)
	if err == nil && directive != nil && patch[setElementOrder+key] != nil {
		err = errors.New("{$patch: merge} and $setElementOrder exclude each other")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", elements.place(), err)
	}
	if directive != nil {
		merged, err := directive.merge(below, rest, elements.mergeElement)
		if err != nil {
			return err
		}
		patch[key] = wholeList(merged)
		delete(base, key)
		return nil
	}
	if mergeKey == "" || slices.ContainsFunc(list, replacesList) {
		below = nil
	}
	for _, element := range list {
		object, _ := element.(map[string]any)
		var under map[string]any
		if at := position(below, object, mergeKey); at >= 0 {
			under, _ = below[at].(map[string]any)
		}
		if err := elements.mergeLists(under, object); err != nil {
			return err
		}
	}
	return nil
}

// mergeElement merges an element of a list over another, nil for none, and tells
// whether anything remains.
func (s podSchema) mergeElement(below, element any) (any, bool, error) {
	over, ok := element.(map[string]any)
	if !ok {
		return element, element != nil, nil
	}
	switch over[directivePatch] {
	case nil:
	case directiveDelete:
		return nil, false, nil
	default:
		return nil, false, fmt.Errorf("%s: beside {$patch: merge}, an element can only have the directive $patch: delete", s.place())
	}
	under, _ := normalise(below).(map[string]any)
	merged, err := s.merge(under, over)
	return merged, true, err
}

// place names the schema's place in an error.
func (s podSchema) place() string {
	if s.path == "" {
		return "the template"
	}
	return s.path
}

// object returns the schema of the object under key.
func (s podSchema) object(key string) podSchema {
	// podSchema answers every question, with a podSchema.
	child, _, _ := s.LookupPatchMetadataForStruct(key)
	below, _ := child.(podSchema)
	return below
}

// list returns the schema of the elements of the list under key, and the key by
// which Kubernetes merges it, empty where it does not.
func (s podSchema) list(key string) (podSchema, string) {
	child, meta, _ := s.LookupPatchMetadataForSlice(key)
	below, _ := child.(podSchema)
	return below, meta.GetPatchMergeKey()
}
