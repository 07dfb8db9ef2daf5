package defaults

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Own is what the layer of a deployment would say at one of its paths.
type Own struct {
	// Path leads to a scalar, a list or a key of a map in the layer, with the
	// layer's own names of keys. A document, and the list of an ingress's
	// certificates, is one value.
	Path flink.Path
	// Value is nil for nothing.
	Value any
	// Inherited tells of a key of a map without a value that a lower layer would
	// fill it in: this one has to remove it.
	Inherited bool
}

// Own returns what the deployment itself would have to say for its expansion to
// become live, where it has said something else: changes are the differences of
// the expansion to live, in the form that Result.Effective returns. Values that
// the environment gives, and those that nobody gave, are left out, as the
// deployment cannot have said them.
func (o Origins) Own(changes []flink.Change, live flink.Tree) []Own {
	at := slices.IndexFunc(o.layers, func(l layerTree) bool { return l.kind == deployment })
	if at < 0 {
		return nil
	}
	a := absorber{origins: o, own: o.layers[at].tree, below: o.layers[:at], live: live, keys: o.mergeKeys(), found: map[string]*Own{}}
	var gone []flink.Change
	for _, change := range changes {
		if change.New == nil {
			gone = append(gone, change)
			continue
		}
		a.take(change)
	}
	// From the end of a list on, so that the positions before stay.
	for _, change := range slices.Backward(gone) {
		a.take(change)
	}
	return a.values()
}

// absorber collects what the layer of a deployment would say.
type absorber struct {
	origins Origins
	own     flink.Tree
	below   []layerTree
	live    flink.Tree
	keys    mergeKeys
	found   map[string]*Own
}

func (a *absorber) take(change flink.Change) {
	path := change.Path
	if len(path) > 1 && path[0] == "metadata" {
		path = path[1:]
	}
	if a.origins.Of(path) != "" {
		return
	}
	own, ok := a.keys.find(a.own, a.origins.merged, path)
	if !ok {
		return
	}
	if rest := path[len(own):]; len(rest) > 0 {
		if own, ok = a.beyond(own, path[:len(own)], rest); !ok {
			return
		}
	}
	if change.New == nil {
		own = own[:len(own)-a.emptied(change.Path)]
	}
	end := min(oneValue(own), len(own))
	value := a.value(own[:end])
	switch {
	case end == len(own):
		value.Value = change.New
		value.Inherited = change.New == nil && end > 1 && flink.IsMap(own[end-2]) && a.isInherited(path)
	case own[end-1] == "tls":
		value.Value = flink.ValueAt(a.live, path[:end])
	default:
		value.Value = put(value.Value, own[end:], change.New)
	}
}

// oneValue returns how many steps lead to what is one value of a layer.
func oneValue(path flink.Path) int {
	for i, step := range path {
		switch {
		case flink.IsDocument(step), step == "tls":
			return i + 1
		case flink.IsMap(step):
			return i + 2
		}
	}
	return len(path)
}

// value returns what was found for a path, at first what the layer says.
func (a *absorber) value(path flink.Path) *Own {
	key := strings.Join(path, "\x00")
	if a.found[key] == nil {
		a.found[key] = &Own{Path: slices.Clone(path), Value: normalise(flink.ValueAt(a.own, path))}
	}
	return a.found[key]
}

func (a *absorber) values() []Own {
	all := make([]Own, 0, len(a.found))
	for _, key := range slices.Sorted(maps.Keys(a.found)) {
		all = append(all, *a.found[key])
	}
	return all
}

// beyond returns the path in the layer of an element that the expansion does not
// have: somebody has added it behind those that are there.
func (a *absorber) beyond(own, list, rest flink.Path) (flink.Path, bool) {
	index, err := strconv.Atoi(rest[0])
	elements, isList := flink.ValueAt(a.own, own).([]any)
	merged, alsoList := flink.ValueAt(a.origins.merged, list).([]any)
	if err != nil || !isList || !alsoList || index < len(merged) {
		return nil, false
	}
	own = append(slices.Clip(own), strconv.Itoa(len(elements)+index-len(merged)))
	return append(own, rest[1:]...), true
}

// emptied returns how many of the objects around a path are gone with its value.
// A job stays: nothing runs without one.
func (a *absorber) emptied(path flink.Path) int {
	around := 0
	for n := len(path) - 1; n > 0 && path[n-1] != "job" && path[n-1] != "metadata" && flink.ValueAt(a.live, path[:n]) == nil; n-- {
		around++
	}
	return around
}

func (a *absorber) isInherited(path flink.Path) bool {
	return slices.ContainsFunc(a.below, func(l layerTree) bool { return a.keys.mentions(l.tree, a.origins.merged, path) })
}

// put returns a value with another one at a path in it, nil for removed.
// Containers are made where none are, and changed where they are.
func put(into any, path flink.Path, value any) any {
	if len(path) == 0 {
		return value
	}
	index, err := strconv.Atoi(path[0])
	list, isList := into.([]any)
	if isList || into == nil && err == nil {
		switch {
		case err != nil || index < 0 || index > len(list):
			return into
		case value == nil && len(path) == 1 && index < len(list):
			return slices.Delete(list, index, index+1)
		case index == len(list):
			return append(list, put(nil, path[1:], value))
		}
		list[index] = put(list[index], path[1:], value)
		return list
	}
	object, ok := into.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	if value == nil && len(path) == 1 {
		delete(object, path[0])
	} else {
		object[path[0]] = put(object[path[0]], path[1:], value)
	}
	return object
}
