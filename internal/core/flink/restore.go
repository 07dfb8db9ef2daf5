package flink

import (
	"maps"
	"slices"
	"strings"
)

// Restore puts secrets back in the place of their fingerprints in redacted, a
// specification: at each, what the first of known has there with the same
// fingerprint. What none of them knows stays a fingerprint. The arguments are not
// changed.
func (r Redactor) Restore(redacted Tree, known ...Tree) Tree {
	for _, from := range known {
		if !HasFingerprints(redacted) {
			break
		}
		redacted, _ = restorer{}.value(redacted, from, r.Redact(from)).(Tree)
	}
	return redacted
}

// Reveal puts in the place of each fingerprint in redacted, a specification, what
// live has there, whatever that is. What live does not have stays a fingerprint.
func Reveal(redacted, live Tree) Tree {
	if !HasFingerprints(redacted) {
		return redacted
	}
	revealed, _ := restorer{always: true}.value(redacted, live, live).(Tree)
	return revealed
}

// HasFingerprints tells whether a value, of any shape, has a fingerprint in the
// place of a secret.
func HasFingerprints(value any) bool {
	switch value := value.(type) {
	case string:
		return strings.Contains(value, fingerprintMark) && fingerprintForm.MatchString(value)
	case Document:
		return HasFingerprints(map[string]any(value))
	case map[string]any:
		for _, inner := range value {
			if HasFingerprints(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, HasFingerprints)
	}
	return false
}

// restorer walks a redacted value beside one that has the secrets and the same one
// redacted.
type restorer struct {
	// always takes what is there without a look at its fingerprint.
	always bool
}

func (r restorer) value(redacted, from, same any) any {
	switch redacted := redacted.(type) {
	case string:
		if from != nil && (r.always || same == any(redacted)) && HasFingerprints(redacted) {
			return from
		}
	case map[string]any:
		source, _ := asObject(from)
		alike, _ := asObject(same)
		out := maps.Clone(redacted)
		for key, inner := range redacted {
			if key == "flinkConfiguration" {
				out[key] = r.configuration(inner, source[key], alike[key])
				continue
			}
			out[key] = r.value(inner, source[key], alike[key])
		}
		return out
	case []any:
		source, _ := from.([]any)
		alike, _ := same.([]any)
		if len(source) != len(redacted) {
			return redacted
		}
		out := slices.Clone(redacted)
		for i, inner := range redacted {
			out[i] = r.value(inner, source[i], at(alike, i))
		}
		return out
	}
	return redacted
}

// configuration restores the keys of a flinkConfiguration from one that may name
// them otherwise. Either may be nested; what is restored has dotted keys.
func (r restorer) configuration(redacted, from, same any) any {
	if !HasFingerprints(redacted) {
		return redacted
	}
	source, alike := Flatten(from), Flatten(same)
	out := map[string]any{}
	for key, value := range Flatten(redacted) {
		out[key] = value
		if !HasFingerprints(value) {
			continue
		}
		for _, name := range append([]string{key}, names(key)...) {
			if secret, ok := source[name]; ok {
				out[key] = r.value(value, secret, alike[name])
				break
			}
		}
	}
	return out
}
