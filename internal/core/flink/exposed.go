package flink

import (
	"strconv"
)

// Exposed returns the attributes, as Path.Attribute names them, into which changes
// from one specification to another put a secret where the first one has none:
// where the Redactor finds more in the new value than in the old one. Of the
// variables of pods, all of whose values it hides, it takes those with the name of
// a secret, those with one in their value, and those that took their value from
// elsewhere. The changes are those of Diff.
func Exposed(from, to Tree, changes []Change) map[string]bool {
	before, after := Redactor{}.Redact(from), Redactor{}.Redact(to)
	exposed := map[string]bool{}
	for _, c := range changes {
		var more bool
		switch at := variableAt(c.Path); {
		case c.Path[0] == "flinkConfiguration" && len(c.Path) == 2:
			// The two may name the key otherwise, or nest it.
			more = moreSecrets(Redactor{}.configuration(c.Path[1], c.New), Redactor{}.configuration(c.Path[1], c.Old))
		case at != nil:
			more = variableExposed(ValueAt(from, at), ValueAt(to, at))
		default:
			more = moreSecrets(ValueAt(after, c.Path), ValueAt(before, c.Path))
		}
		if more {
			exposed[c.Path.Attribute()] = true
		}
	}
	return exposed
}

// moreSecrets tells whether a redacted value has a secret where another one has
// none. The elements of lists are compared one by one, as each may be shown.
func moreSecrets(after, before any) bool {
	switch after := after.(type) {
	case string:
		text, _ := before.(string)
		return len(fingerprintForm.FindAllString(after, -1)) > len(fingerprintForm.FindAllString(text, -1))
	case []any:
		list, _ := before.([]any)
		for i, item := range after {
			if moreSecrets(item, at(list, i)) {
				return true
			}
		}
	}
	return false
}

// variableAt returns the path of the environment variable of a pod whose value is
// at a path; nil for none.
func variableAt(path Path) Path {
	if n := len(path); n > 3 && path[n-1] == "value" && (path[n-3] == "env" || path[n-3] == "envVars") && isIndex(path[n-2]) {
		return path[:n-1]
	}
	return nil
}

// variableExposed tells whether a variable has a secret where the one that stood
// there has none.
func variableExposed(from, to any) bool {
	before, existed := from.(map[string]any)
	after, _ := to.(map[string]any)
	if value, has := after["value"]; !has || value == nil || value == "" {
		return false
	}
	if value, has := before["value"]; existed && (!has || value == nil) {
		return true
	}
	return holdsSecret(after) && !holdsSecret(before)
}

// holdsSecret tells whether the value of a variable is a secret.
func holdsSecret(variable map[string]any) bool {
	name, _ := variable["name"].(string)
	text := scalarText(variable["value"])
	return text != "" && (SensitiveKey(name) || secretVariable.MatchString(name) || Redactor{}.words(text) != text)
}

// ValueAt returns what is at a path of a specification; nil for nothing.
func ValueAt(value any, path Path) any {
	for _, step := range path {
		if list, ok := value.([]any); ok {
			index, err := strconv.Atoi(step)
			if err != nil || index < 0 {
				return nil
			}
			value = at(list, index)
			continue
		}
		object, ok := asObject(value)
		if !ok {
			return nil
		}
		value = object[step]
	}
	return value
}
