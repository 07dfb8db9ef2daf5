package clowd

import (
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Covers tells whether a live value has all of a wanted one. What the live one has beside it,
// such as the zero values that Clowder and its definitions fill in, is not looked at; lists
// have to be of one length. Quantities are compared by what they mean.
func Covers(live, want any) bool {
	switch want := want.(type) {
	case flink.Tree:
		is, isTree := live.(flink.Tree)
		for key, value := range want {
			if !isTree && !zero(value) || isTree && !Covers(is[key], value) {
				return false
			}
		}
		return true
	case []any:
		is, _ := live.([]any)
		return len(is) == len(want) && !slices.ContainsFunc(indexes(want), func(i int) bool { return !Covers(is[i], want[i]) })
	}
	if zero(live) && zero(want) || reflect.DeepEqual(live, want) {
		return true
	}
	return sameQuantity(live, want)
}

func indexes(list []any) []int {
	out := make([]int, len(list))
	for i := range list {
		out[i] = i
	}
	return out
}

// sameQuantity tells whether two values are one quantity in two spellings: Clowder writes
// them back in the canonical one.
func sameQuantity(a, b any) bool {
	first, ok := quantityOf(a)
	second, also := quantityOf(b)
	return ok && also && first.Cmp(second) == 0
}

func quantityOf(value any) (resource.Quantity, bool) {
	text, ok := scalar(value)
	if !ok {
		return resource.Quantity{}, false
	}
	quantity, err := resource.ParseQuantity(text)
	return quantity, err == nil
}

// zero tells whether a value is one that Go leaves where nobody says anything.
func zero(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case flink.Tree:
		return len(value) == 0
	case []any:
		return len(value) == 0
	case string:
		return value == ""
	case bool:
		return !value
	}
	text, ok := scalar(value)
	return ok && text == "0"
}

// at returns what stands at a path of a tree, nil for nothing.
func at(tree flink.Tree, path ...string) any {
	var value any = tree
	for _, step := range path {
		inside, _ := value.(flink.Tree)
		value = inside[step]
	}
	return value
}

func treeAt(tree flink.Tree, path ...string) flink.Tree {
	out, _ := at(tree, path...).(flink.Tree)
	return out
}

func textAt(tree flink.Tree, path ...string) string {
	out, _ := at(tree, path...).(string)
	return out
}

func listAt(tree flink.Tree, path ...string) []any {
	out, _ := at(tree, path...).([]any)
	return out
}

// put sets what stands at a path, and makes the trees on the way.
func put(into flink.Tree, value any, path ...string) {
	for _, step := range path[:len(path)-1] {
		inside, _ := into[step].(flink.Tree)
		if inside == nil {
			inside = flink.Tree{}
			into[step] = inside
		}
		into = inside
	}
	into[path[len(path)-1]] = value
}

// remove takes away what stands at a path, and what is empty then.
func remove(from flink.Tree, first string, more ...string) {
	if len(more) > 0 {
		inside, isTree := from[first].(flink.Tree)
		if !isTree {
			return
		}
		if remove(inside, more[0], more[1:]...); len(inside) > 0 {
			return
		}
	}
	delete(from, first)
}

// clone copies the trees of a tree, and shares its lists.
func clone(of flink.Tree) flink.Tree {
	out := maps.Clone(of)
	for key, value := range out {
		if inside, ok := value.(flink.Tree); ok {
			out[key] = clone(inside)
		}
	}
	return out
}

// set puts a value into a tree, unless it is empty.
func set(into flink.Tree, key string, value any) {
	if !zero(value) {
		into[key] = value
	}
}
