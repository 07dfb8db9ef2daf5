package cmf

import (
	"maps"
	"net/http"

	"github.com/google/uuid"
)

// askedSavepoints takes savepoints of statements when it is told to, and lets go of
// them. They are taken at once, and told of from the next look on.
func (s *Server) askedSavepoints(collection string) {
	at := func(r *http.Request) string { return expand(collection, r) }
	s.handle("POST "+base+collection, func(r *http.Request, body object) (int, any) {
		statement := s.objects[expand("/environments/{env}/statements", r)][r.PathValue("name")]
		metadata, spec := part(body, "metadata"), part(body, "spec")
		name := text(metadata, "name")
		if name == "" {
			name = r.PathValue("name") + "-" + uuid.NewString()
		}
		directory := text(spec, "path")
		if directory == "" {
			directory = s.savepointDirectory(r.PathValue("env"), text(part(statement, "spec"), "computePoolName"))
		}
		switch {
		case statement == nil:
			return http.StatusNotFound, refuse(http.StatusNotFound, "Statement '%s' not found.", r.PathValue("name"))
		case body["kind"] != "Savepoint":
			return http.StatusBadRequest, refuse(http.StatusBadRequest, "kind: must be Savepoint")
		case s.objects[at(r)][name] != nil:
			return http.StatusUnprocessableEntity, refuse(http.StatusUnprocessableEntity, "Savepoint '%s' already exists.", name)
		case text(part(statement, "status"), "phase") != "RUNNING":
			return http.StatusUnprocessableEntity, refuse(http.StatusUnprocessableEntity, "Statement '%s' does not run.", r.PathValue("name"))
		case directory == "":
			return http.StatusUnprocessableEntity, refuse(http.StatusUnprocessableEntity, "Statement '%s' has no directory for savepoints.", r.PathValue("name"))
		}
		stored := s.keepSavepoint(at(r), name, directory)
		stored["spec"] = spec
		for _, field := range []string{"labels", "annotations"} {
			if metadata[field] != nil {
				part(stored, "metadata")[field] = metadata[field]
			}
		}
		asked := maps.Clone(stored)
		asked["status"] = object{"state": "TRIGGER_PENDING"}
		return http.StatusCreated, asked
	})
	found := func(r *http.Request) (object, *refusal) {
		name := r.PathValue("savepoint")
		if stored := s.objects[at(r)][name]; stored != nil {
			return stored, nil
		}
		return nil, refuse(http.StatusNotFound, "Savepoint '%s' not found.", name)
	}
	s.handle("GET "+base+collection+"/{savepoint}", func(r *http.Request, _ object) (int, any) {
		stored, refused := found(r)
		if refused != nil {
			return refused.code, refused
		}
		return http.StatusOK, stored
	})
	s.handle("DELETE "+base+collection+"/{savepoint}", func(r *http.Request, _ object) (int, any) {
		stored, refused := found(r)
		if refused != nil {
			return refused.code, refused
		}
		delete(s.files, text(part(stored, "status"), "path"))
		delete(s.objects[at(r)], r.PathValue("savepoint"))
		return http.StatusNoContent, nil
	})
}
