package vvp

import (
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"strings"
)

// Names of the API, and the places of what it keeps of those that it writes itself.
const (
	ownAnnotations  = "com.dataartisans.appmanager.controller."
	specVersion     = ownAnnotations + "deployment.spec.version"
	transitioning   = ownAnnotations + "deployment.transitioning"
	transitionSince = ownAnnotations + "deployment.transitioning.since"
)

// naming is what the names of a kind look like.
type naming struct {
	pattern *regexp.Regexp
	max     int
}

var (
	looseNames  = naming{regexp.MustCompile(`^[-_0-9a-zA-Z]+$`), 250}
	strictNames = naming{regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`), 63}
)

// kind is one kind of objects that have a name, and are created by POST and by PUT.
type kind struct {
	name, collection string
	names            naming
	// patches tells that there is PATCH.
	patches bool
	shelf   func(*space) *shelf
	// complete fills in a specification that was sent as a whole, before valid looks at
	// it; nil for nothing to do.
	complete func(s *Server, sp *space, spec object) object
	// valid refuses what an object must not become; last is nil for a new one.
	valid func(s *Server, sp *space, want, last object) *refusal
	// status is that of a new object; nil for none.
	status func() object
	// protected says why an object cannot be written to, and used why it cannot go.
	protected, used func(s *Server, sp *space, o object) *refusal
	// written is told of each object that is stored, gone of each that is deleted.
	written func(s *Server, sp *space, o object, fresh, changed bool)
	gone    func(sp *space, o object)
	// shown is what of an object the API shows; nil for all.
	shown func(o object) object
	// matches is the filter of a list, nil for none.
	matches func(r *request) func(object) bool
}

// serve serves the operations of a kind.
func (s *Server) serve(k kind) {
	at := apiBase + "/namespaces/{ns}/" + k.collection
	show := func(o object) object {
		if k.shown != nil {
			return k.shown(o)
		}
		return o
	}
	s.handle("GET "+at, func(r *request) (int, any) {
		var matches func(object) bool
		if k.matches != nil {
			matches = k.matches(r)
		}
		list := k.shelf(r.space).list(k.name, matches)
		items, _ := list["items"].([]any)
		for i := range items {
			o, _ := items[i].(object)
			items[i] = show(o)
		}
		return http.StatusOK, list
	})
	s.handle("POST "+at, func(r *request) (int, any) {
		name := nameOf(r.body)
		if k.shelf(r.space).find(name) != nil {
			return refuse(http.StatusConflict, "%s with name '%s' already exists in namespace '%s'.", k.name, name, r.space.name).answer()
		}
		stored, refused := s.store(k, r, name, nil, true)
		if refused != nil {
			return refused.answer()
		}
		return http.StatusCreated, show(stored)
	})
	one := func(pattern string, do func(r *request, found object) (int, any)) {
		s.handle(pattern+" "+at+"/{name}", func(r *request) (int, any) {
			found := k.shelf(r.space).find(r.PathValue("name"))
			if found == nil && pattern != http.MethodPut {
				return refuse(http.StatusNotFound, "%s '%s' not found in namespace '%s'.", k.name, r.PathValue("name"), r.space.name).answer()
			}
			if found != nil && pattern != http.MethodGet && k.protected != nil {
				if refused := k.protected(s, r.space, found); refused != nil {
					return refused.answer()
				}
			}
			return do(r, found)
		})
	}
	one(http.MethodGet, func(_ *request, found object) (int, any) { return http.StatusOK, show(found) })
	one(http.MethodPut, func(r *request, found object) (int, any) {
		name := r.PathValue("name")
		if found != nil {
			name = nameOf(found)
		}
		stored, refused := s.store(k, r, name, found, true)
		switch {
		case refused != nil:
			return refused.answer()
		case found == nil:
			return http.StatusCreated, show(stored)
		}
		return http.StatusOK, show(stored)
	})
	if k.patches {
		one(http.MethodPatch, func(r *request, found object) (int, any) {
			stored, refused := s.store(k, r, nameOf(found), found, false)
			if refused != nil {
				return refused.answer()
			}
			return http.StatusOK, show(stored)
		})
	}
	one(http.MethodDelete, func(r *request, found object) (int, any) {
		if k.used != nil {
			if refused := k.used(s, r.space, found); refused != nil {
				return refused.answer()
			}
		}
		k.shelf(r.space).drop(found)
		if k.gone != nil {
			k.gone(r.space, found)
		}
		return http.StatusOK, show(found)
	})
}

// store keeps an object that was sent, as a whole or as a patch of the last one.
func (s *Server) store(k kind, r *request, name string, last object, whole bool) (object, *refusal) {
	if refused := k.mayBe(r, name, last); refused != nil {
		return nil, refused
	}
	want := object{"kind": k.name, "apiVersion": "v1", "metadata": metadataOf(r, name, last, whole)}
	if whole {
		want["spec"] = over(part(r.body, "spec"), nil)
		if k.complete != nil {
			want["spec"] = k.complete(s, r.space, part(want, "spec"))
		}
	} else {
		want["spec"] = patched(clone(part(last, "spec")), part(r.body, "spec"))
	}
	if refused := k.valid(s, r.space, want, last); refused != nil {
		return nil, refused
	}
	changed := last == nil || !reflect.DeepEqual(clone(part(last, "spec")), clone(part(want, "spec")))
	stored := last
	if last == nil {
		stored = want
		stamp(stored)
		if k.status != nil {
			stored["status"] = k.status()
		}
		k.shelf(r.space).add(stored)
	} else {
		stored["metadata"], stored["spec"] = want["metadata"], want["spec"]
		touch(stored)
	}
	if k.written != nil {
		k.written(s, r.space, stored, last == nil, changed)
	}
	return stored, nil
}

// mayBe refuses what is no object of the kind, or not this one.
func (k kind) mayBe(r *request, name string, last object) *refusal {
	metadata := part(r.body, "metadata")
	given := text(metadata, "name")
	switch {
	case r.space.terminating:
		return refuse(http.StatusConflict, "Namespace '%s' is being deleted.", r.space.name)
	case r.body["kind"] != nil && r.body["kind"] != k.name:
		return refuse(http.StatusBadRequest, "kind: must be %s", k.name)
	case r.body["apiVersion"] != nil && r.body["apiVersion"] != "v1":
		return refuse(http.StatusBadRequest, "apiVersion: must be v1")
	case text(metadata, "namespace") != "" && text(metadata, "namespace") != r.space.name:
		return refuse(http.StatusBadRequest, "metadata.namespace: must be '%s', as in the path", r.space.name)
	case last != nil && given != "" && given != name:
		return refuse(http.StatusBadRequest, "metadata.name: the name of a %s cannot be changed", k.name)
	case last == nil && name == "":
		return refuse(http.StatusBadRequest, "metadata.name: must not be empty")
	case last == nil && (len(name) > k.names.max || !k.names.pattern.MatchString(name)):
		return refuse(http.StatusBadRequest, "metadata.name: '%s' must have at most %d characters and match %s", name, k.names.max, k.names.pattern)
	case last == nil && given != "" && given != name:
		return refuse(http.StatusBadRequest, "metadata.name: must be '%s', as in the path", name)
	}
	return nil
}

// systems are the parts of metadata that the server alone says.
var systems = []string{"id", "createdAt", "modifiedAt", "resourceVersion"}

// metadataOf is what the metadata of an object become.
func metadataOf(r *request, name string, last object, whole bool) object {
	before, sent := part(last, "metadata"), part(r.body, "metadata")
	out := over(sent, nil)
	if !whole {
		out = patched(before, sent)
	}
	for _, field := range systems {
		delete(out, field)
		if value, there := before[field]; there {
			out[field] = value
		}
	}
	out["name"], out["namespace"] = name, r.space.name
	annotations := object{}
	maps.Copy(annotations, part(out, "annotations"))
	for key := range annotations {
		if strings.HasPrefix(key, ownAnnotations) {
			delete(annotations, key)
		}
	}
	for key, value := range part(before, "annotations") {
		if strings.HasPrefix(key, ownAnnotations) {
			annotations[key] = value
		}
	}
	out["annotations"] = annotations
	if part(out, "labels") == nil {
		out["labels"] = object{}
	}
	return out
}
