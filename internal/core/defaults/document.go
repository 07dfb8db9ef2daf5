package defaults

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Merge merges the document patch over the document base and returns the
// result; neither is changed. Documents are decoded JSON: objects are
// map[string]any, lists []any. Numbers of the result are json.Number.
//
// Objects are merged key by key, where null removes the key; of anything else
// patch wins, lists too. This is a JSON merge patch (RFC 7396), except for a list
// of patch with an element {"$patch": "merge", "mergeKey": K}: its elements are
// merged over those of base that have an equal value under K, the others come
// behind, in their order; an element without K is never merged, and without a
// mergeKey none is. The directive may stand in lists at any depth and never
// reaches the result, not even from base.
//
// A *DirectiveError says which directive cannot be followed. There is no
// Kubernetes in it: other directives are errors.
func Merge(base, patch any) (any, error) {
	below, err := settled(nil, normalise(base))
	if err != nil {
		return nil, &DirectiveError{Base: true, Err: err}
	}
	merged, err := mergeDocument(nil, below, normalise(patch))
	if err != nil {
		return nil, &DirectiveError{Err: err}
	}
	return merged, nil
}

// DirectiveError says which directive of a document cannot be followed.
type DirectiveError struct {
	// Base tells that it stands in the base, else it stands in the patch.
	Base bool
	// Err names the place and the reason, without the content of the document.
	Err error
}

func (e *DirectiveError) Error() string {
	if e.Base {
		return "base: " + e.Err.Error()
	}
	return "patch: " + e.Err.Error()
}

func (e *DirectiveError) Unwrap() error { return e.Err }

// mergeDocument merges what stands at path of two documents.
func mergeDocument(path flink.Path, base, patch any) (any, error) {
	switch over := patch.(type) {
	case map[string]any:
		below, _ := base.(map[string]any)
		return mergeObject(path, below, over)
	case []any:
		below, _ := base.([]any)
		return mergeList(path, below, over)
	default:
		return patch, nil
	}
}

func mergeObject(path flink.Path, base, patch map[string]any) (map[string]any, error) {
	if err := refuseDirective(path, patch); err != nil {
		return nil, err
	}
	merged := make(map[string]any, len(base)+len(patch))
	maps.Copy(merged, base)
	// Sorted, so that of several errors always the same is reported.
	for _, key := range slices.Sorted(maps.Keys(patch)) {
		if patch[key] == nil {
			delete(merged, key)
			continue
		}
		value, err := mergeDocument(step(path, key), merged[key], patch[key])
		if err != nil {
			return nil, err
		}
		merged[key] = value
	}
	return merged, nil
}

func mergeList(path flink.Path, base, patch []any) ([]any, error) {
	directive, elements, err := takeListDirective(patch)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place(path), err)
	}
	if directive == nil {
		return settledList(path, patch)
	}
	return directive.merge(base, elements, func(below, over any) (any, bool, error) {
		merged, err := mergeDocument(step(path, "*"), below, over)
		return merged, true, err
	})
}

// settled returns a document as it is where there is nothing to merge it with:
// without directives.
func settled(path flink.Path, value any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		if err := refuseDirective(path, value); err != nil {
			return nil, err
		}
		out := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			child, err := settled(step(path, key), value[key])
			if err != nil {
				return nil, err
			}
			out[key] = child
		}
		return out, nil
	case []any:
		_, elements, err := takeListDirective(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place(path), err)
		}
		return settledList(path, elements)
	default:
		return value, nil
	}
}

func settledList(path flink.Path, list []any) ([]any, error) {
	out := make([]any, len(list))
	for i, element := range list {
		child, err := settled(step(path, "*"), element)
		if err != nil {
			return nil, err
		}
		out[i] = child
	}
	return out, nil
}

var errNotInDocument = errors.New("$patch is a directive of lists only: an element {$patch: merge, mergeKey: …}; $patch: replace and $patch: delete are for pod templates")

// refuseDirective tells of an object that asks for a merge that documents do not
// have.
func refuseDirective(path flink.Path, object map[string]any) error {
	if _, ok := object[directivePatch]; ok {
		return fmt.Errorf("%s: %w", place(path), errNotInDocument)
	}
	return nil
}

// step returns a path that goes one step further, without touching the memory
// of the path it comes from.
func step(path flink.Path, key string) flink.Path { return append(slices.Clip(path), key) }

// place names a path in an error.
func place(path flink.Path) string {
	if len(path) == 0 {
		return "the document"
	}
	return strings.Join(path, ".")
}
