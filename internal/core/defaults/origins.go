package defaults

import (
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// layerKind tells the layers of an expansion apart.
type layerKind int

const (
	environmentDefaults layerKind = iota
	deployment
	environmentOverrides
	rendered
)

// RenderedOrigin is where the values come from that a stream application adds to a
// streamlet.
const RenderedOrigin = "rendered by the application"

// layerTree is one layer in the form in which it was merged.
type layerTree struct {
	kind   layerKind
	tree   flink.Tree
	remove []flink.Path
}

// Origins knows which layer gave each value of an expanded deployment.
type Origins struct {
	environment string
	// layers from the first to the one that wins.
	layers []layerTree
	merged flink.Tree
}

// providerDefaults are the paths that Expand fills when no layer does.
var providerDefaults = map[string]bool{
	"job.state":    true,
	"upgrade.mode": true,
}

// Of names the layer that gave the value at path of the specification, or that
// removed it: "" for the deployment itself (and for a value nobody gave),
// "default of environment prod", "override of environment prod", RenderedOrigin, or "default"
// for a default of the provider.
func (o Origins) Of(path flink.Path) string {
	keys := o.mergeKeys()
	for _, layer := range slices.Backward(o.layers) {
		if keys.mentions(layer.tree, o.merged, path) || removes(layer.remove, path) {
			return o.name(layer.kind)
		}
	}
	if providerDefaults[path.Attribute()] {
		return "default"
	}
	return ""
}

func (o Origins) name(kind layerKind) string {
	var what string
	switch kind {
	case environmentDefaults:
		what = "default"
	case environmentOverrides:
		what = "override"
	case rendered:
		return RenderedOrigin
	default:
		return ""
	}
	if o.environment == "" {
		return what + " of the environment"
	}
	return what + " of environment " + o.environment
}

func removes(removed []flink.Path, path flink.Path) bool {
	return slices.ContainsFunc(removed, func(gone flink.Path) bool {
		return len(gone) <= len(path) && slices.Equal(gone, path[:len(gone)])
	})
}

// mergeKeys are the keys by which directives of the layers merge lists, by the
// names that lead to the list, without positions.
type mergeKeys map[string][]string

// mergeKeys collects what the directives of all layers say: a list is merged by
// one of them, and found again in every layer.
func (o Origins) mergeKeys() mergeKeys {
	keys := mergeKeys{}
	for _, layer := range o.layers {
		if hasDirective(layer.tree) {
			keys.collect("", layer.tree)
		}
	}
	return keys
}

func (k mergeKeys) collect(names string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, child := range value {
			k.collect(names+"/"+name, child)
		}
	case []any:
		// A directive that cannot be read has stopped the expansion.
		if directive, _, err := takeListDirective(value); err == nil && directive != nil && directive.key != "" {
			k[names] = append(k[names], directive.key)
		}
		for _, element := range value {
			k.collect(names, element)
		}
	}
}

// mentions tells whether a layer has something, a null included, at a path of
// the merged specification.
func (k mergeKeys) mentions(layer, merged any, path flink.Path) bool {
	_, found := k.find(layer, merged, path)
	return found
}

// find returns the path in a layer of what stands at a path of the merged
// specification: keys of a configuration under the layer's own names, and
// elements of a list that was merged by key where that key has them. It ends at
// a scalar or null, which decides all that is below.
func (k mergeKeys) find(layer, merged any, path flink.Path) (own flink.Path, found bool) {
	names := ""
	for depth, step := range path {
		switch here := layer.(type) {
		case map[string]any:
			child, ok := here[step]
			if !ok && depth > 0 && path[depth-1] == "flinkConfiguration" {
				step, ok = spelling(here, step)
				child = here[step]
			}
			if !ok {
				return nil, false
			}
			layer = child
			own = append(own, step)
			names += "/" + step
			if object, isObject := merged.(map[string]any); isObject {
				merged = object[step]
			} else {
				merged = nil
			}
		case []any:
			list, _ := merged.([]any)
			index, err := strconv.Atoi(step)
			if err != nil || index < 0 || index >= len(list) {
				// Gone from the result, or not an element: the list is the answer.
				return own, true
			}
			merged = list[index]
			at := slices.IndexFunc(here, func(element any) bool { return sameElement(element, merged, k[names]) })
			if at < 0 {
				return nil, false
			}
			layer = here[at]
			own = append(own, strconv.Itoa(at))
		default:
			// A scalar or null above the path decides all that is below.
			return own, true
		}
	}
	return own, true
}

// spelling returns the key under which a configuration names the same option.
func spelling(configuration map[string]any, key string) (string, bool) {
	canonical := flink.CanonicalKey(key)
	for candidate := range configuration {
		if flink.CanonicalKey(candidate) == canonical {
			return candidate, true
		}
	}
	return key, false
}

// elementKeys are the keys by which Kubernetes merges the lists of a pod.
var elementKeys = []string{"name", "mountPath", "devicePath", "containerPort", "topologyKey", "ip", "uid", "port"}

// sameElement tells whether an element of a layer's list became the element of
// the merged list. The keys of directives go before those of Kubernetes.
func sameElement(element, merged any, keys []string) bool {
	a, isObject := element.(map[string]any)
	b, alsoObject := merged.(map[string]any)
	if isObject && alsoObject {
		for _, key := range append(slices.Clip(keys), elementKeys...) {
			if x, ok := a[key]; ok {
				return equalValues(normalise(x), b[key])
			}
		}
	}
	return equalValues(normalise(element), merged)
}
