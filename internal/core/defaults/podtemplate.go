package defaults

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// The directives of a Kubernetes strategic merge patch.
const (
	directivePrefix  = "$"
	directivePatch   = "$patch"
	directiveReplace = "replace"
	directiveDelete  = "delete"
)

// mergePodTemplate merges pod templates by Kubernetes strategic merge over
// core/v1 Pod, see
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/:
// lists such as containers and volumes are merged by key, null removes, and
// directives ($patch and its like) do what they say and are gone afterwards. A
// list with the element {$patch: merge, mergeKey: K} is merged by K instead.
func mergePodTemplate(base, patch any) (result any, err error) {
	over, ok := normalise(patch).(map[string]any)
	if !ok {
		return nil, errors.New("a pod template is an object")
	}
	below, _ := normalise(base).(map[string]any)
	schema := newPodSchema()
	defer func() {
		// strategicpatch compares merge keys without a look at their types, and
		// Go cannot compare objects.
		if recover() != nil {
			result, err = nil, schema.explain()
		}
	}()
	merged, err := schema.merge(below, over)
	if err != nil {
		return nil, err
	}
	return merged, nil
}

// MergePodTemplate merges the pod template patch over base by Kubernetes' strategic merge,
// as Expand does with those of layers. Neither is changed.
func MergePodTemplate(base, patch map[string]any) (map[string]any, error) {
	merged, err := mergePodTemplate(base, patch)
	out, _ := merged.(map[string]any)
	return out, err
}

// merge merges two objects of the schema, normalised ones that are the
// caller's to change.
func (s podSchema) merge(below, over map[string]any) (map[string]any, error) {
	directives := hasDirective(over)
	if len(below) == 0 && !directives {
		return withoutDirectives(over), nil
	}
	if directives {
		if err := s.mergeLists(below, over); err != nil {
			return nil, err
		}
	}
	// strategicpatch changes what it is given, and its order.
	base, patch := normaliseObject(below), normaliseObject(over)
	if directives {
		seed(base, patch)
	}
	merged, err := strategicpatch.StrategicMergeMapPatchUsingLookupPatchMeta(base, patch, s)
	if err != nil {
		return nil, s.explain()
	}
	merged = withoutDirectives(merged)
	if s.known != nil {
		keepOrder(*s.known, below, over, merged)
	}
	return map[string]any(merged), nil
}

// normalise returns a deep copy of a document in which every number is a
// json.Number: strategicpatch changes what it is given and compares merge keys
// as Go values, and a port must be the same port in every layer.
func normalise(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return normaliseObject(value)
	case []any:
		out := make([]any, len(value))
		for i, child := range value {
			out[i] = normalise(child)
		}
		return out
	case float64:
		// Never in the form with an exponent, which is no integer to Kubernetes.
		return json.Number(strconv.FormatFloat(value, 'f', -1, 64))
	case int:
		return json.Number(strconv.Itoa(value))
	case int64:
		return json.Number(strconv.FormatInt(value, 10))
	case uint64:
		return json.Number(strconv.FormatUint(value, 10))
	default:
		return value
	}
}

func normaliseObject(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for key, child := range object {
		out[key] = normalise(child)
	}
	return out
}

func hasDirective(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if strings.HasPrefix(key, directivePrefix) || hasDirective(child) {
				return true
			}
		}
	case []any:
		for _, child := range value {
			if hasDirective(child) {
				return true
			}
		}
	}
	return false
}

// seed gives base an empty object or list wherever patch has one and base has
// nothing: strategicpatch drops an object with the directive "replace", with
// all it holds, when there is nothing to replace.
func seed(base, patch map[string]any) {
	for key, value := range patch {
		if strings.HasPrefix(key, directivePrefix) {
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			if base[key] == nil && value[directivePatch] != directiveDelete {
				base[key] = map[string]any{}
			}
			if below, ok := base[key].(map[string]any); ok {
				seed(below, value)
			}
		case []any:
			if base[key] == nil {
				base[key] = []any{}
			}
		}
	}
}

// withoutDirectives drops what strategicpatch leaves of directives and nulls in
// the parts that it takes over whole: elements it appends and lists it
// replaces.
func withoutDirectives(object map[string]any) map[string]any {
	for key, value := range object {
		if value == nil || strings.HasPrefix(key, directivePrefix) {
			delete(object, key)
			continue
		}
		kept, ok := withoutDirective(value, false)
		if !ok {
			delete(object, key)
			continue
		}
		object[key] = kept
	}
	return object
}

// withoutDirective returns what remains of value, and false for nothing: an
// object that asks to be deleted or, in a list, one that only marks the list as
// replaced.
func withoutDirective(value any, inList bool) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		if directive, ok := value[directivePatch]; ok && (inList || directive != directiveReplace) {
			return nil, false
		}
		return withoutDirectives(value), true
	case []any:
		out := make([]any, 0, len(value))
		for _, element := range value {
			if kept, ok := withoutDirective(element, true); ok {
				out = append(out, kept)
			}
		}
		return out, true
	case wholeList:
		return []any(value), true
	default:
		return value, true
	}
}
