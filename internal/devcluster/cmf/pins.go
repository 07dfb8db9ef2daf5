package cmf

import (
	"net/http"
	"slices"
)

// sourceManual is how a savepoint came to be that somebody has asked for.
const sourceManual = "MANUAL"

// sources are all of them.
var sources = []string{sourceManual, "UPGRADE", "SCHEDULE"}

// pins serves what 2.4 has for the savepoints of applications: a pin, and the delete of
// many, from which a pin keeps one.
func (s *Server) pins(collection string) {
	at := func(r *http.Request) string { return expand(collection, r) }
	s.handle("PUT "+base+collection+"/{name}", func(r *http.Request, body object) (int, any) {
		name := r.PathValue("name")
		stored := s.objects[at(r)][name]
		switch named := text(part(body, "metadata"), "name"); {
		case stored == nil:
			return http.StatusNotFound, refuse(http.StatusNotFound, "Savepoint '%s' not found.", name)
		case named != "" && named != name:
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "metadata.name: must be '%s'", name)
		}
		// Everything else is ignored.
		pinned, _ := part(body, "spec")["pinned"].(bool)
		part(stored, "spec")["pinned"] = pinned
		s.observeSavepoint(r, name, stored)
		return http.StatusOK, stored
	})
	s.handle("DELETE "+base+collection, func(r *http.Request, _ object) (int, any) {
		source := r.URL.Query().Get("source")
		if !slices.Contains(sources, source) {
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "source: must be one of %v", sources)
		}
		deleted := 0
		// Nothing here has the age of an hour.
		aged := r.URL.Query().Has("olderThanDays") || r.URL.Query().Has("olderThanHours")
		for name, stored := range s.objects[at(r)] {
			if aged || isPinned(stored) || text(part(stored, "status"), "source") != source {
				continue
			}
			if err := s.deleteSnapshot(r.Context(), s.namespaceOf(r), name, true); err != nil {
				return http.StatusInternalServerError, refuse(http.StatusInternalServerError, "%s", err)
			}
			delete(s.objects[at(r)], name)
			deleted++
		}
		return http.StatusOK, object{"deletedCount": deleted, "failedCount": 0, "failures": []any{}}
	})
}

func isPinned(stored object) bool {
	pinned, _ := part(stored, "spec")["pinned"].(bool)
	return pinned
}

// staysAttached refuses to detach a savepoint. What the server does about one that is
// pinned, or whose name is taken, is not documented: here it refuses both.
func (s *Server) staysAttached(stored object, name string) *refusal {
	switch {
	case s.from("2.4") && isPinned(stored):
		return refuse(http.StatusConflict, "Savepoint '%s' is pinned.", name)
	case s.objects["/detached-savepoints"][name] != nil:
		return refuse(http.StatusConflict, "Detached Savepoint '%s' already exists.", name)
	}
	return nil
}
