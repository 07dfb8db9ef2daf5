package confluent

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// The server replaces an application as a whole. These functions keep what others
// have said of it, as the API server of Kubernetes does when an object is applied.

// saidParts are the parts of an object that somebody says.
var saidParts = [][]string{{"spec"}, {"metadata", "labels"}, {"metadata", "annotations"}}

// fieldsOf are all fields that are said of an object. A list is one field.
func fieldsOf(o *unstructured.Unstructured) *fieldpath.Set {
	set := fieldpath.NewSet()
	var walk func(value any, at fieldpath.Path)
	walk = func(value any, at fieldpath.Path) {
		fields, ok := value.(map[string]any)
		if !ok || len(fields) == 0 {
			set.Insert(slices.Clone(at))
			return
		}
		for name, field := range fields {
			walk(field, append(at[:len(at):len(at)], fieldpath.PathElement{FieldName: &name}))
		}
	}
	for _, at := range saidParts {
		if value, found, _ := unstructured.NestedFieldNoCopy(o.Object, at...); found {
			walk(value, pathOf(at))
		}
	}
	return set
}

func pathOf(names []string) fieldpath.Path {
	path := make(fieldpath.Path, len(names))
	for i := range names {
		path[i] = fieldpath.PathElement{FieldName: &names[i]}
	}
	return path
}

// applied returns a live object with what is wanted of it: what was owned and is not
// wanted any more goes, and what others have said stays.
func applied(live, want *unstructured.Unstructured, owned *fieldpath.Set) *unstructured.Unstructured {
	next := live.DeepCopy()
	for _, at := range saidParts {
		before, _, _ := unstructured.NestedMap(live.Object, at...)
		after, _, _ := unstructured.NestedMap(want.Object, at...)
		below := owned
		for _, element := range pathOf(at) {
			below = below.WithPrefix(element)
		}
		merged := over(before, after, below)
		if len(merged) == 0 {
			unstructured.RemoveNestedField(next.Object, at...)
			continue
		}
		// Both are copies, so there is a place for it.
		_ = unstructured.SetNestedMap(next.Object, merged, at...)
	}
	return next
}

func over(live, want map[string]any, owned *fieldpath.Set) map[string]any {
	out := map[string]any{}
	for name, value := range live {
		element := fieldpath.PathElement{FieldName: &name}
		below := owned.WithPrefix(element)
		wanted, isWanted := want[name]
		inside, isMap := value.(map[string]any)
		wantedMap, wantsMap := wanted.(map[string]any)
		switch {
		case isWanted && isMap && wantsMap:
			out[name] = over(inside, wantedMap, below)
		case isWanted, owned.Has(fieldpath.Path{element}):
		case isMap && !below.Empty():
			if rest := over(inside, nil, below); len(rest) > 0 {
				out[name] = rest
			}
		default:
			out[name] = value
		}
	}
	for name, value := range want {
		if _, set := out[name]; !set {
			out[name] = value
		}
	}
	return out
}
