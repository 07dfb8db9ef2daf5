package flink

import (
	"maps"
	"reflect"
)

// Overlay returns what a platform has with what is wanted in it. What was wanted before
// and is not any more goes; everything else stays as the platform has it, also fields that
// only a newer one knows, and what it has filled in. Lists are replaced as a whole. The arguments are not changed.
func Overlay(live, before, want Tree) Tree {
	out := maps.Clone(live)
	if out == nil {
		out = Tree{}
	}
	for key, was := range before {
		if _, still := want[key]; still {
			continue
		}
		inside, isTree := was.(Tree)
		under, alsoTree := out[key].(Tree)
		if !isTree || !alsoTree {
			delete(out, key)
			continue
		}
		// Only what was wanted goes: others may have more below the same field.
		if left := Overlay(under, inside, nil); len(left) > 0 {
			out[key] = left
		} else {
			delete(out, key)
		}
	}
	for key, value := range want {
		inside, isTree := value.(Tree)
		if !isTree {
			out[key] = value
			continue
		}
		under, _ := out[key].(Tree)
		was, _ := before[key].(Tree)
		out[key] = Overlay(under, was, inside)
	}
	return out
}

// MergePatch returns the JSON merge patch (RFC 7396) that makes of from what to is.
func MergePatch(from, to Tree) Tree {
	patch := Tree{}
	for key := range from {
		if _, kept := to[key]; !kept {
			patch[key] = nil
		}
	}
	for key, value := range to {
		inside, isTree := value.(Tree)
		under, alsoTree := from[key].(Tree)
		switch {
		case isTree && alsoTree:
			if part := MergePatch(under, inside); len(part) > 0 {
				patch[key] = part
			}
		case !reflect.DeepEqual(value, from[key]):
			patch[key] = value
		}
	}
	return patch
}
