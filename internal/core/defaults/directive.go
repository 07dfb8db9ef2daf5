package defaults

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// The element {$patch: merge, mergeKey: K} of a list.
const (
	directiveMerge    = "merge"
	directiveMergeKey = "mergeKey"
)

// listDirective asks to merge a list into the list below it, where without one
// the list would replace it or, in a pod template, be merged by the key that
// Kubernetes has for it.
type listDirective struct {
	// key is the field whose value tells elements apart; empty when every
	// element is appended.
	key string
}

// takeListDirective returns the directive of a list, nil for none, and the other
// elements. Its errors do not show the list, which may be confidential.
func takeListDirective(list []any) (*listDirective, []any, error) {
	var found *listDirective
	rest := list
	for i, element := range list {
		object, ok := element.(map[string]any)
		if !ok || object[directivePatch] != directiveMerge {
			if found != nil {
				rest = append(rest, element)
			}
			continue
		}
		if found != nil {
			return nil, nil, errors.New("the list has more than one element {$patch: merge}")
		}
		var err error
		if found, err = readListDirective(object); err != nil {
			return nil, nil, err
		}
		rest = slices.Clone(list[:i])
	}
	return found, rest, nil
}

func readListDirective(object map[string]any) (*listDirective, error) {
	for name := range object {
		if name != directivePatch && name != directiveMergeKey {
			return nil, errors.New("the element {$patch: merge, mergeKey: …} stands for itself: what else is in it belongs into elements of its own")
		}
	}
	value := object[directiveMergeKey]
	if value == nil {
		return &listDirective{}, nil
	}
	key, ok := value.(string)
	if !ok || key == "" {
		return nil, errors.New("mergeKey is the name of a field, a text")
	}
	return &listDirective{key: key}, nil
}

// merge merges the elements of a list over the list below it, which is not
// changed. over merges one element over another, or over nil where there is
// none, and tells whether anything remains.
func (d *listDirective) merge(base, elements []any, over func(below, element any) (any, bool, error)) ([]any, error) {
	merged := slices.Clone(base)
	if merged == nil {
		merged = []any{}
	}
	for _, element := range elements {
		at := d.find(merged, element)
		if at < 0 {
			added, remains, err := over(nil, element)
			if err != nil {
				return nil, err
			}
			if remains {
				merged = append(merged, added)
			}
			continue
		}
		changed, remains, err := over(merged[at], element)
		switch {
		case err != nil:
			return nil, err
		case remains:
			merged[at] = changed
		default:
			merged = slices.Delete(merged, at, at+1)
		}
	}
	return merged, nil
}

// find returns where list has the element that element is merged over, or -1.
func (d *listDirective) find(list []any, element any) int {
	value := d.valueOf(element)
	if value == nil {
		return -1
	}
	return slices.IndexFunc(list, func(candidate any) bool {
		return equalValues(d.valueOf(candidate), value)
	})
}

// valueOf returns what tells an element apart, nil for nothing.
func (d *listDirective) valueOf(element any) any {
	object, ok := element.(map[string]any)
	if !ok || d.key == "" {
		return nil
	}
	return object[d.key]
}

// equalValues tells whether two values of normalised documents are deeply equal,
// numbers by value: 1 and 1.0 are.
func equalValues(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for key, value := range a {
			if in, has := other[key]; !has || !equalValues(value, in) {
				return false
			}
		}
		return true
	case []any:
		other, ok := b.([]any)
		return ok && slices.EqualFunc(a, other, equalValues)
	case json.Number:
		other, ok := b.(json.Number)
		return ok && equalNumbers(string(a), string(other))
	default:
		return a == b
	}
}

// equalNumbers compares integers digit by digit, because large ones have no
// exact float.
func equalNumbers(a, b string) bool {
	if a == b {
		return true
	}
	if !strings.ContainsAny(a, ".eE") && !strings.ContainsAny(b, ".eE") {
		return false
	}
	first, errFirst := strconv.ParseFloat(a, 64)
	second, errSecond := strconv.ParseFloat(b, 64)
	return errFirst == nil && errSecond == nil && first == second
}
