package clowd

import (
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// The lists of ClowdApp.spec in which the provider has something.
const (
	FieldDeployments = "deployments"
	FieldTopics      = "kafkaTopics"
)

// EntryOf returns the entry of a ClowdApp with a name.
func EntryOf(app flink.Tree, name string) (entry flink.Tree, has bool) {
	for _, item := range listAt(app, "spec", FieldDeployments) {
		if entry, _ := item.(flink.Tree); entry["name"] == name {
			return entry, true
		}
	}
	return nil, false
}

// WithEntry is a ClowdApp with an entry in the place of that of its name, or after all others.
func WithEntry(app, entry flink.Tree) flink.Tree {
	return withItem(app, FieldDeployments, "name", entry)
}

// WithoutEntry is a ClowdApp without the entry of a name.
func WithoutEntry(app flink.Tree, name string) flink.Tree {
	return withoutItem(app, FieldDeployments, "name", name)
}

func withItem(app flink.Tree, field, key string, item flink.Tree) flink.Tree {
	list := slices.Clone(listAt(app, "spec", field))
	at := slices.IndexFunc(list, func(other any) bool { is, _ := other.(flink.Tree); return is[key] == item[key] })
	if at < 0 {
		list = append(list, item)
	} else {
		list[at] = item
	}
	return withList(app, field, list)
}

func withoutItem(app flink.Tree, field, key, name string) flink.Tree {
	return withList(app, field, slices.DeleteFunc(slices.Clone(listAt(app, "spec", field)), func(item any) bool {
		is, _ := item.(flink.Tree)
		return is[key] == name
	}))
}

func withList(app flink.Tree, field string, list []any) flink.Tree {
	out, spec := maps.Clone(app), maps.Clone(treeAt(app, "spec"))
	if spec == nil {
		spec = flink.Tree{}
	}
	spec[field] = list
	out["spec"] = spec
	return out
}

// Empty tells whether a ClowdApp asks for nothing: no deployment, no topic, and nothing that
// somebody else has put there.
func Empty(app flink.Tree) bool {
	spec := maps.Clone(treeAt(app, "spec"))
	delete(spec, "envName")
	return hollow(spec)
}

// Idle tells whether a ClowdApp asks for nothing but topics, which nobody is left to use: they
// belong to its environment, and an import does not know that they are of the application.
func Idle(app flink.Tree) bool { return Empty(withList(app, FieldTopics, nil)) }

// hollow tells whether a value has nothing but zero values in it.
func hollow(value any) bool {
	inside, isTree := value.(flink.Tree)
	if !isTree {
		return zero(value)
	}
	for _, below := range inside {
		if !hollow(below) {
			return false
		}
	}
	return true
}
