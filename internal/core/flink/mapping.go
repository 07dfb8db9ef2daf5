package flink

import (
	"reflect"
	"slices"
	"strings"
)

// Mapping is what becomes of one attribute of a deployment on a platform.
type Mapping struct {
	// Path is the attribute in the specification.
	Path Path
	// Field is where it is in what the platform gets, in the words of a guide: fields that are
	// separated by ", ", or a text with blanks. It is empty where the platform has nothing for it,
	// and a plan that says it is an error.
	Field string
	// Why says how it is written, or why it is refused and what to do instead.
	Why string
}

// withParts are the objects whose attributes are told one by one.
var withParts = []string{"job", "jobManager", "taskManager"}

// Attributes are the paths of all attributes of a deployment, in the order of DeploymentSpec: those of
// a job and of a component one by one, and every other object as a whole.
func Attributes() []Path {
	var out []Path
	var walk func(of reflect.Type, below Path)
	walk = func(of reflect.Type, below Path) {
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if below == nil && slices.Contains(withParts, name) {
				walk(field.Type.Elem(), Path{name})
				continue
			}
			out = append(out, append(slices.Clone(below), name))
		}
	}
	walk(reflect.TypeFor[DeploymentSpec](), nil)
	return out
}
