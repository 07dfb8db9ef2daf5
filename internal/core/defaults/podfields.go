package defaults

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// fieldsByType has the JSON fields of the types of a Pod, each read once.
var fieldsByType sync.Map

// podFields returns the fields of a type by their names in JSON, with those of
// the types that it embeds.
func podFields(of reflect.Type) map[string]reflect.Type {
	if known, ok := fieldsByType.Load(of); ok {
		fields, _ := known.(map[string]reflect.Type)
		return fields
	}
	fields := map[string]reflect.Type{}
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && field.Anonymous:
			maps.Copy(fields, podFields(field.Type))
		case name != "":
			fields[name] = field.Type
		}
	}
	fieldsByType.Store(of, fields)
	return fields
}

// meant says which field was meant by a name that the present object does not
// have: one that is spelled almost so, one of an object around it, or one of an
// object in it.
func (c *podCheck) meant(name string) (advice string, found bool) {
	present := c.around[len(c.around)-1]
	fields := podFields(present.of)
	if near := nearest(name, slices.Sorted(maps.Keys(fields))); near != "" {
		return fmt.Sprintf("Did you mean %s?", near), true
	}
	for i := len(c.around) - 2; i >= 0; i-- {
		if _, has := podFields(c.around[i].of)[name]; has {
			return fmt.Sprintf("It belongs to %s: check the indentation.", placeOf(c.around[i].path)), true
		}
	}
	var inside []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		of := fields[field]
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			continue
		}
		if _, has := podFields(of)[name]; has {
			inside = append(inside, field)
		}
	}
	switch {
	case len(inside) == 0:
		return "", false
	case slices.Contains(inside, "containers"):
		// What a container has, its siblings have too.
		inside = []string{"containers"}
	case len(inside) > 3:
		inside = append(inside[:3:3], "…")
	}
	return fmt.Sprintf("It belongs one level deeper, into %s: check the indentation.", strings.Join(inside, ", ")), true
}

func placeOf(path string) string {
	if path == "" {
		return "the top of the template"
	}
	return path
}

// nearest returns the name that is spelled almost like another, empty for none:
// apart from case, hyphens and a plural, by one letter, or two in a long name.
func nearest(name string, known []string) string {
	plain := func(text string) string {
		return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(text)), "s")
	}
	for _, candidate := range known {
		if plain(candidate) == plain(name) {
			return candidate
		}
	}
	best, least := "", 2
	if len(name) >= 8 {
		least = 3
	}
	if len(name) < 4 {
		return ""
	}
	for _, candidate := range known {
		if distance := typingErrors(strings.ToLower(name), strings.ToLower(candidate)); distance < least {
			best, least = candidate, distance
		}
	}
	return best
}

// typingErrors counts the letters that are missing, too many, wrong or swapped
// with their neighbor (the optimal string alignment distance).
func typingErrors(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
