package vvp

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// space is a namespace with what is in it.
type space struct {
	name        string
	bindings    []any
	created     string
	terminating bool

	defaults                                                                object
	targets, secrets, sessions, deployments, savepoints, jobs, eventsOfJobs shelf
	// runs are what follows the deployments and session clusters, by their ids.
	runs map[string]*run
}

func newSpace(name string, bindings []any) *space {
	sp := &space{name: name, bindings: bindings, created: now(), runs: map[string]*run{}}
	sp.defaults = object{"kind": "DeploymentDefaults", "apiVersion": "v1", "metadata": object{"namespace": name}, "spec": object{}}
	stamp(sp.defaults)
	return sp
}

// shelf has the objects of one kind, the oldest first.
type shelf struct{ all []object }

// find returns the object with an id or a name, nil for none.
func (s *shelf) find(idOrName string) object {
	for _, o := range s.all {
		if metadata := part(o, "metadata"); idOrName != "" && (metadata["id"] == idOrName || metadata["name"] == idOrName) {
			return o
		}
	}
	return nil
}

func (s *shelf) add(o object) { s.all = append(s.all, o) }

func (s *shelf) drop(o object) {
	s.all = slices.DeleteFunc(s.all, func(other object) bool { return id(other) == id(o) })
}

// list is the answer with those objects that match; nil matches all.
func (s *shelf) list(kind string, matches func(object) bool) object {
	items := []any{}
	for _, o := range s.all {
		if matches == nil || matches(o) {
			items = append(items, o)
		}
	}
	return object{"kind": kind + "List", "apiVersion": "v1", "metadata": object{}, "items": items}
}

// now is the time as the API writes it.
func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") }

// stamp fills in what the server says in the metadata of a new object.
func stamp(o object) {
	metadata := part(o, "metadata")
	metadata["id"], metadata["resourceVersion"] = uuid.NewString(), 1
	metadata["createdAt"] = now()
	metadata["modifiedAt"] = metadata["createdAt"]
	for _, name := range []string{"labels", "annotations"} {
		if part(metadata, name) == nil {
			metadata[name] = object{}
		}
	}
}

// touch counts a write of an object, or a change of its status.
func touch(o object) {
	metadata := part(o, "metadata")
	version, _ := metadata["resourceVersion"].(int)
	metadata["resourceVersion"], metadata["modifiedAt"] = version+1, now()
}

// part returns an object inside of another one, nil for none. A nil one can be read.
func part(o object, path ...string) object {
	for _, name := range path {
		o, _ = o[name].(object)
	}
	return o
}

func text(o object, name string) string {
	value, _ := o[name].(string)
	return value
}

// number returns an integer as the store or a decoded document has it, or what is there
// instead.
func number(o object, name string, instead int) int {
	switch value := o[name].(type) {
	case float64:
		return int(value)
	case int:
		return value
	}
	return instead
}

func id(o object) string { return text(part(o, "metadata"), "id") }

func nameOf(o object) string { return text(part(o, "metadata"), "name") }

func state(o object) string { return text(part(o, "status"), "state") }

// clone returns a copy that shares nothing.
func clone(o object) object {
	document, err := json.Marshal(o)
	if err != nil {
		panic(err) // It came from JSON.
	}
	var out object
	if err := json.Unmarshal(document, &out); err != nil {
		panic(err)
	}
	return out
}
