package vvp

import (
	"maps"
	"strconv"
)

// patched is a document after a patch of RFC 7386: null removes.
func patched(document, patch object) object {
	out := maps.Clone(document)
	if out == nil {
		out = object{}
	}
	for key, value := range patch {
		inside, isObject := value.(object)
		switch {
		case value == nil:
			delete(out, key)
		case isObject:
			out[key] = patched(part(out, key), inside)
		default:
			out[key] = value
		}
	}
	return out
}

// over is what is left out in one document, filled from the defaults below it: objects
// merge key by key, all else replaces. What is null counts as left out. An object of
// another kind, such as a strategy, has nothing of the one below.
func over(above, below object) object {
	out := maps.Clone(below)
	if out == nil || above["kind"] != nil && below["kind"] != nil && above["kind"] != below["kind"] {
		out = object{}
	}
	for key, value := range above {
		inside, isObject := value.(object)
		switch {
		case value == nil:
			if _, there := out[key]; !there {
				out[key] = nil
			}
		case isObject:
			out[key] = over(inside, part(out, key))
		default:
			out[key] = value
		}
	}
	return out
}

// stringify has the values of a map of options as the server stores them.
func stringify(options object) {
	for key, value := range options {
		switch value := value.(type) {
		case float64:
			options[key] = strconv.FormatFloat(value, 'f', -1, 64)
		case bool:
			options[key] = strconv.FormatBool(value)
		}
	}
}
