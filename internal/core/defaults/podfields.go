package defaults

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
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
	if near := flink.Nearest(name, slices.Sorted(maps.Keys(fields))); near != "" {
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
