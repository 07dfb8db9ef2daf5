package cmf

import (
	"net/http"
	"strings"
)

// foreignSavepoints takes savepoints that the server has not made: of each it is told
// a name and a path, and it does not look what is there.
func (s *Server) foreignSavepoints(detached string) {
	s.handle("POST "+base+detached, func(_ *http.Request, body object) (int, any) {
		metadata, path := part(body, "metadata"), text(part(body, "spec"), "path")
		name := text(metadata, "name")
		switch {
		case body["kind"] != "Savepoint" || name == "" || path == "":
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "kind, metadata.name and spec.path: must not be null")
		case s.objects[detached][name] != nil:
			return http.StatusUnprocessableEntity, refuse(http.StatusUnprocessableEntity, "Detached Savepoint '%s' already exists.", name)
		}
		stamp(metadata, nil)
		stored := object{
			"apiVersion": "cmf.confluent.io/v1", "kind": "Savepoint", "metadata": metadata, "spec": part(body, "spec"),
			"status": object{"state": "COMPLETED", "path": path},
		}
		if s.objects[detached] == nil {
			s.objects[detached] = map[string]object{}
		}
		s.objects[detached][name] = stored
		return http.StatusCreated, stored
	})
}

// namedLike is the filter of the objects whose names begin so.
func namedLike(prefix string) func(object) bool {
	return func(o object) bool { return strings.HasPrefix(text(part(o, "metadata"), "name"), prefix) }
}
