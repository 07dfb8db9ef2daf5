package clowd

import (
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Differs returns the paths, joined by dots, at which a live specification is not what is wanted,
// in order. What it has beside that is not looked at.
func Differs(live, want flink.Tree) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		inside, isTree := want[key].(flink.Tree)
		if under, alsoTree := live[key].(flink.Tree); isTree && alsoTree {
			for _, below := range Differs(under, inside) {
				out = append(out, key+"."+below)
			}
			continue
		}
		if !Covers(live[key], want[key]) {
			out = append(out, key)
		}
	}
	return out
}

// AppsOf are the names of the applications that Clowder knows of an environment.
func AppsOf(environment flink.Tree) []string {
	var out []string
	for _, item := range listAt(environment, "status", "apps") {
		app, _ := item.(flink.Tree)
		out = append(out, textAt(app, "name"))
	}
	return out
}

// Said is the specification of a ClowdEnvironment without the zero values that Clowder writes
// back, and without its target namespace.
func Said(spec flink.Tree) flink.Tree {
	out := solid(spec)
	delete(out, "targetNamespace")
	return out
}

// solid is a tree without what is hollow.
func solid(tree flink.Tree) flink.Tree {
	out := flink.Tree{}
	for key, value := range tree {
		if hollow(value) {
			continue
		}
		if inside, isTree := value.(flink.Tree); isTree {
			value = solid(inside)
		}
		out[key] = value
	}
	return out
}
