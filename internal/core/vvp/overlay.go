package vvp

import (
	"maps"
	"reflect"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Overlay returns what the server has with what is wanted in it. What was wanted before
// and is not any more goes; everything else stays as the server has it, also fields that
// only a newer server knows. Lists are replaced as a whole. The arguments are not changed.
func Overlay(live, before, want flink.Tree) flink.Tree {
	out := maps.Clone(live)
	if out == nil {
		out = flink.Tree{}
	}
	for key, was := range before {
		if _, still := want[key]; still {
			continue
		}
		inside, isTree := was.(flink.Tree)
		under, alsoTree := out[key].(flink.Tree)
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
		inside, isTree := value.(flink.Tree)
		if !isTree {
			out[key] = value
			continue
		}
		under, _ := out[key].(flink.Tree)
		was, _ := before[key].(flink.Tree)
		out[key] = Overlay(under, was, inside)
	}
	return out
}

// MergePatch returns the JSON merge patch (RFC 7396) that makes of from what to is.
func MergePatch(from, to flink.Tree) flink.Tree {
	patch := flink.Tree{}
	for key := range from {
		if _, kept := to[key]; !kept {
			patch[key] = nil
		}
	}
	for key, value := range to {
		inside, isTree := value.(flink.Tree)
		under, alsoTree := from[key].(flink.Tree)
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

// Without returns of a tree what differs from another one: what a server has of its own
// beyond its defaults. Lists are compared as a whole.
func Without(tree, defaults flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		inside, isTree := value.(flink.Tree)
		under, alsoTree := defaults[key].(flink.Tree)
		switch {
		case value == nil:
		case isTree && alsoTree:
			if part := Without(inside, under); len(part) > 0 {
				out[key] = part
			}
		case !flink.Equal(flink.Tree{key: value}, flink.Tree{key: defaults[key]}):
			out[key] = value
		}
	}
	return out
}

// within returns of a tree what stands at the paths of another one.
func within(tree, paths flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, at := range paths {
		value, has := tree[key]
		if !has || value == nil {
			continue
		}
		inside, isTree := value.(flink.Tree)
		below, alsoTree := at.(flink.Tree)
		if isTree && alsoTree {
			value = within(inside, below)
		}
		out[key] = value
	}
	return out
}
