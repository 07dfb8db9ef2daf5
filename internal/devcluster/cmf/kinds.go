package cmf

import (
	"cmp"
	"net/http"
	"path"
)

// kind is one kind of objects that are created by POST and replaced by PUT.
type kind struct {
	name string
	// collection is the pattern of the collection's path below base.
	collection string
	// putFrom is the first version that has PUT, empty for all; emptyPut tells that
	// its answer has no body.
	putFrom  string
	emptyPut bool
	// parent says why there can be nothing in the collection; nil where there is
	// always.
	parent func(s *Server, r *http.Request) *refusal
	// noParent is the code of a POST then, where it is not 404, and anyList tells that
	// a list is empty then.
	noParent int
	anyList  bool
	// valid refuses what an object must not be, before it replaces the last one,
	// nil for none.
	valid func(s *Server, r *http.Request, want, last object) *refusal
	// used says why an object must neither go nor, with PUT, be changed.
	used func(s *Server, r *http.Request, name string, change bool) *refusal
	// look sets the status of an object that has been read so often since it was
	// written, singly or by a list.
	look func(s *Server, o object, reads int)
	// written is told of each object that is stored, and of the one before it, and gone
	// of the path of each that is deleted; nil for nothing to do.
	written func(s *Server, r *http.Request, now, last object)
	gone    func(s *Server, at string)
	// matches is the filter of a list, nil for none.
	matches func(r *http.Request) func(object) bool
	// slow tells that a delete is only begun: 202, and gone after some reads.
	slow bool
}

// deletedAfter is how often an object is read until a slow delete is done.
const deletedAfter = 3

// keyDeleting marks, inside of the stand-in, an object whose deletion has begun.
const keyDeleting = "standin.deleting"

func kinds() []kind {
	return []kind{catalogs(), databases(), secrets(), mappings(), computePools(), statements()}
}

// inEnvironment refuses what is in an environment that does not exist.
func inEnvironment(s *Server, r *http.Request) *refusal {
	if name := r.PathValue("env"); s.objects["/environments"][name] == nil {
		return refuse(http.StatusNotFound, "Environment '%s' not found.", name)
	}
	return nil
}

// serve serves the operations of a kind.
func (s *Server) serve(k kind) {
	collection := func(r *http.Request) string {
		return expand(k.collection, r)
	}
	exists := func(r *http.Request) (object, *refusal) {
		if k.parent != nil {
			if refused := k.parent(s, r); refused != nil {
				return nil, refused
			}
		}
		name := r.PathValue("name")
		found := s.objects[collection(r)][name]
		if found == nil {
			return nil, refuse(http.StatusNotFound, "%s '%s' not found.", k.name, name)
		}
		return found, nil
	}
	s.handle("GET "+base+k.collection, func(r *http.Request, _ object) (int, any) {
		if k.parent != nil && !k.anyList {
			if refused := k.parent(s, r); refused != nil {
				return refused.code, refused
			}
		}
		var matches func(object) bool
		if k.matches != nil {
			matches = k.matches(r)
		}
		// A list is a look at each object of the page. Those of the whole collection have
		// a status, by which a filter may choose.
		for name, o := range s.objects[collection(r)] {
			if k.look != nil {
				k.look(s, o, s.reads[path.Join(collection(r), name)])
			}
		}
		names, _, _ := s.onPage(r, collection(r), matches)
		for _, name := range names {
			s.look(k, path.Join(collection(r), name), s.objects[collection(r)][name])
		}
		return http.StatusOK, s.page(r, collection(r), matches)
	})
	s.handle("GET "+base+k.collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		found, refused := exists(r)
		if refused != nil {
			return refused.code, refused
		}
		s.look(k, path.Join(collection(r), r.PathValue("name")), found)
		if s.objects[collection(r)][r.PathValue("name")] == nil {
			return http.StatusNotFound, refuse(http.StatusNotFound, "%s '%s' not found.", k.name, r.PathValue("name"))
		}
		return http.StatusOK, shown(found)
	})
	s.handle("POST "+base+k.collection, func(r *http.Request, body object) (int, any) {
		if k.parent != nil {
			if refused := k.parent(s, r); refused != nil {
				return cmp.Or(k.noParent, refused.code), refused
			}
		}
		name := text(part(body, "metadata"), "name")
		if s.objects[collection(r)][name] != nil {
			return http.StatusConflict, refuse(http.StatusConflict, "%s name '%s' already exists.", k.name, name)
		}
		return s.put(k, r, collection(r), name, body, nil)
	})
	if k.putFrom == "" || s.from(k.putFrom) {
		s.handle("PUT "+base+k.collection+"/{name}", func(r *http.Request, body object) (int, any) {
			last, refused := exists(r)
			if refused == nil && k.used != nil {
				refused = k.used(s, r, r.PathValue("name"), true)
			}
			if refused != nil {
				return refused.code, refused
			}
			code, result := s.put(k, r, collection(r), r.PathValue("name"), body, last)
			if code == http.StatusOK && k.emptyPut {
				return code, nil
			}
			return code, result
		})
	}
	s.handle("DELETE "+base+k.collection+"/{name}", func(r *http.Request, _ object) (int, any) {
		found, refused := exists(r)
		if refused == nil && k.used != nil {
			refused = k.used(s, r, r.PathValue("name"), false)
		}
		switch {
		case refused != nil:
			return refused.code, refused
		case k.slow:
			found[keyDeleting] = true
			s.reads[path.Join(collection(r), r.PathValue("name"))] = 0
			return http.StatusAccepted, nil
		}
		s.drop(k, path.Join(collection(r), r.PathValue("name")))
		return http.StatusNoContent, nil
	})
}

// put stores an object.
func (s *Server) put(k kind, r *http.Request, collection, name string, body, last object) (int, any) {
	if body["kind"] != k.name || body["apiVersion"] != "cmf.confluent.io/v1" {
		return http.StatusBadRequest, refuse(http.StatusBadRequest, "kind: must be %s of cmf.confluent.io/v1", k.name)
	}
	if got := text(part(body, "metadata"), "name"); got != name || name == "" {
		return http.StatusBadRequest, refuse(http.StatusBadRequest, "metadata.name: must be '%s'", name)
	}
	if k.valid != nil {
		if refused := k.valid(s, r, body, last); refused != nil {
			return refused.code, refused
		}
	}
	stored := object{"apiVersion": body["apiVersion"], "kind": k.name, "metadata": part(body, "metadata"), "spec": body["spec"], keyVersion: body[keyVersion], keyVerdict: body[keyVerdict]}
	var before object
	if last != nil {
		before = part(last, "metadata")
	}
	stamp(part(stored, "metadata"), before)
	if s.objects[collection] == nil {
		s.objects[collection] = map[string]object{}
	}
	if k.written != nil {
		k.written(s, r, stored, last)
	}
	s.objects[collection][name] = stored
	at := path.Join(collection, name)
	s.reads[at] = -1
	s.look(k, at, stored)
	return http.StatusOK, shown(stored)
}

// look counts a read of an object.
func (s *Server) look(k kind, at string, o object) {
	s.reads[at]++
	if o[keyDeleting] != nil && s.reads[at] >= deletedAfter {
		s.drop(k, at)
	}
	if k.look != nil {
		k.look(s, o, s.reads[at])
	}
}

// drop forgets an object.
func (s *Server) drop(k kind, at string) {
	delete(s.objects[path.Dir(at)], path.Base(at))
	if k.gone != nil {
		k.gone(s, at)
	}
}

// shown returns what of an object the API shows.
func shown(o object) object {
	out := object{}
	for name, value := range o {
		if name != keyDeleting && name != keyVersion && name != keyBroken && name != keyStarted && name != keyVerdict {
			out[name] = value
		}
	}
	return out
}

// expand returns the path of a collection in a request.
func expand(pattern string, r *http.Request) string {
	out := "/"
	for _, step := range splitPath(pattern) {
		if len(step) > 2 && step[0] == '{' {
			step = r.PathValue(step[1 : len(step)-1])
		}
		out = path.Join(out, step)
	}
	return out
}
