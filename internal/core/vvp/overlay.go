package vvp

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

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
