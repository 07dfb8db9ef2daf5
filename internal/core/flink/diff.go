package flink

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference of two specifications. A nil value is one that is
// absent.
type Change struct {
	Path     Path
	Old, New any
}

// Diff returns what differs in meaning between two specifications, sorted by
// path; values that the operator or Flink read as equal do not. There is one
// Change for a key of flinkConfiguration, whatever its name, and one for a leaf
// elsewhere, inside pod templates too; a list of scalars is a leaf.
func Diff(from, to Tree) []Change {
	d := differ{version: versionOf(from, to)}
	d.objects(specScope, nil, from, to)
	slices.SortStableFunc(d.changes, func(a, b Change) int { return a.Path.Compare(b.Path) })
	return d.changes
}

// Equal tells whether two specifications mean the same.
func Equal(a, b Tree) bool { return len(Diff(a, b)) == 0 }

// Compare orders paths step by step, list indexes by number.
func (p Path) Compare(other Path) int {
	return slices.CompareFunc(p, other, func(a, b string) int {
		first, errFirst := strconv.Atoi(a)
		second, errSecond := strconv.Atoi(b)
		if errFirst == nil && errSecond == nil && first != second {
			return first - second
		}
		return strings.Compare(a, b)
	})
}

// versionOf is the Flink version for which the keys of configurations are
// compared: the new one, because when it changes the job restarts anyway.
func versionOf(from, to Tree) *Version {
	for _, spec := range []Tree{to, from} {
		text, _ := spec["flinkVersion"].(string)
		if version, err := ParseVersion(text); err == nil {
			return &version
		}
	}
	return nil
}

type differ struct {
	version *Version
	changes []Change
}

func (d *differ) report(path Path, from, to any) {
	d.changes = append(d.changes, Change{Path: slices.Clone(path), Old: from, New: to})
}

// objects compares two objects key by key.
func (d *differ) objects(in scope, path Path, from, to map[string]any) {
	for key := range from {
		d.values(in.step(key), append(path, key), in.counterpart(key, to, from), in.counterpart(key, from, to))
	}
	for key, after := range to {
		if _, done := from[key]; !done {
			d.values(in.step(key), append(path, key), in.counterpart(key, to, from), after)
		}
	}
}

// values compares two values, nil for absent.
func (d *differ) values(in scope, path Path, from, to any) {
	if in.kind == scopeConfiguration {
		d.configurations(path, from, to)
		return
	}
	from, to = in.meaning(from), in.meaning(to)
	switch {
	case from == nil && to == nil:
		return
	case isObject(from, to):
		d.objectOrAbsent(in, path, from, to)
	case isList(from, to):
		d.lists(in, path, from, to)
	case !in.sameScalar(from, to):
		d.report(path, from, to)
	}
}

// objectOrAbsent compares objects of which one may be absent: an empty one that
// appears or goes is a change of its own, because the operator compares
// presence, any other is told leaf by leaf.
func (d *differ) objectOrAbsent(in scope, path Path, from, to any) {
	before, _ := from.(map[string]any)
	after, _ := to.(map[string]any)
	if (from == nil || to == nil) && len(before)+len(after) == 0 {
		d.report(path, from, to)
		return
	}
	d.objects(in, path, before, after)
}

func (d *differ) lists(in scope, path Path, from, to any) {
	before, _ := from.([]any)
	after, _ := to.([]any)
	if !holdsObjects(before) && !holdsObjects(after) {
		if !slices.EqualFunc(before, after, in.sameScalar) {
			d.report(path, from, to)
		}
		return
	}
	for i := range max(len(before), len(after)) {
		d.values(in, append(path, strconv.Itoa(i)), at(before, i), at(after, i))
	}
}

// configurations compares the keys of two Flink configurations under the names
// by which Flink finds them.
func (d *differ) configurations(path Path, from, to any) {
	flatOld, flatNew := Flatten(from), Flatten(to)
	if maps.Equal(flatOld, flatNew) {
		return
	}
	before, after := d.configuration(flatOld), d.configuration(flatNew)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		was := before[key]
		is, kept := after[key]
		switch {
		case !kept:
			d.report(append(path, was.name), was.value, nil)
		case !ReaderOf(d.version).Same(key, was.value, is.value):
			d.report(append(path, is.name), was.value, is.value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if _, done := before[key]; !done {
			d.report(append(path, after[key].name), nil, after[key].value)
		}
	}
}

// entry is a value of a configuration and the name under which it stands.
type entry struct{ name, value string }

// configuration returns the values of a flat configuration under their names in
// the version at hand.
func (d *differ) configuration(flat map[string]string) map[string]entry {
	found := make(map[string]entry, len(flat))
	for name, text := range flat {
		key := keyIn(d.version, name)
		if other, twice := found[key]; twice && precedes(key, other.name, name) {
			continue
		}
		found[key] = entry{name, text}
	}
	return found
}

// precedes tells whether Flink looks a key up under the name first before it does
// so under the name second.
func precedes(key, first, second string) bool {
	all := names(key)
	return slices.Index(all, first) < slices.Index(all, second)
}

func isObject(values ...any) bool {
	return all[map[string]any](values)
}

func isList(values ...any) bool {
	return all[[]any](values)
}

// all tells whether each value is a T or absent.
func all[T any](values []any) bool {
	for _, value := range values {
		if _, ok := value.(T); !ok && value != nil {
			return false
		}
	}
	return true
}

func holdsObjects(list []any) bool {
	return slices.ContainsFunc(list, func(item any) bool {
		switch item.(type) {
		case map[string]any, []any:
			return true
		}
		return false
	})
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}
