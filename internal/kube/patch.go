package kube

// Patch is a JSON merge patch (RFC 7386). It is a value and not text, so that
// whatever stands in a path or a name is encoded as JSON wants it.
type Patch map[string]any

// Set sets the field at a path of map keys and returns the patch. A nil value
// removes the field.
func (p Patch) Set(value any, path ...string) Patch {
	at := map[string]any(p)
	for _, key := range path[:len(path)-1] {
		next, ok := at[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[key] = next
		}
		at = next
	}
	at[path[len(path)-1]] = value
	return p
}

// RemoveAnnotations removes annotations and returns the patch.
func (p Patch) RemoveAnnotations(names ...string) Patch {
	for _, name := range names {
		p.Set(nil, "metadata", "annotations", name)
	}
	return p
}

// isConditional tells whether a patch names the version that it is meant for.
func (p Patch) isConditional() bool {
	metadata, _ := p["metadata"].(map[string]any)
	version, _ := metadata["resourceVersion"].(string)
	return version != ""
}
