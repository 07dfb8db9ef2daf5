package registrytest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// verdict answers whether a schema is compatible.
func (s *Server) verdict(r *http.Request, all bool) (any, *failure) {
	name := r.PathValue("subject")
	text, _ := sent(r)
	if _, err := parsed(text); err != nil {
		return nil, &failure{http.StatusUnprocessableEntity, 42201, "Invalid schema: " + err.Error()}
	}
	wrong := s.disagreement(name, text, all)
	out := map[string]any{"is_compatible": wrong == nil}
	if s.manner.verbose && r.URL.Query().Get("verbose") == "true" {
		messages := []string{}
		if wrong != nil {
			messages = wrong.messages(s.product, s.level(name))
		}
		out["messages"] = messages
	}
	return out, nil
}

func (s *Server) transitive(name string) bool {
	return strings.HasSuffix(s.level(name), "_TRANSITIVE")
}

func (s *Server) compareAll(r *http.Request) (any, *failure) {
	name := r.PathValue("subject")
	switch {
	case !s.manner.comparesAll:
		return nil, &failure{http.StatusNotFound, plain, "Not Found"}
	case len(s.subjects[name].living()) == 0 && !s.manner.opensAllAbsent:
		return nil, noSubject(name)
	}
	return s.verdict(r, s.manner.eager || s.transitive(name))
}

// compareOne compares with the latest version, whichever is named.
func (s *Server) compareOne(r *http.Request) (any, *failure) {
	name := r.PathValue("subject")
	if len(s.subjects[name].living()) == 0 && !s.manner.opensAbsent {
		return nil, noVersion("-1")
	}
	return s.verdict(r, s.manner.strict && s.transitive(name))
}

func (s *Server) getGlobal(*http.Request) (any, *failure) {
	return map[string]any{"compatibilityLevel": s.global}, nil
}

// levelIn reads the level in a body.
func levelIn(r *http.Request) (string, *failure) {
	var body struct {
		Level string `json:"compatibility"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || !slices.Contains(levels, body.Level) {
		return "", &failure{http.StatusUnprocessableEntity, 42203, "Invalid compatibility level."}
	}
	return body.Level, nil
}

func (s *Server) putGlobal(r *http.Request) (any, *failure) {
	level, failed := levelIn(r)
	if failed == nil {
		s.global = level
	}
	return map[string]any{"compatibility": level}, failed
}

func (s *Server) getLevel(r *http.Request) (any, *failure) {
	name, global := r.PathValue("subject"), r.URL.Query().Get("defaultToGlobal") == "true"
	at := s.subjects[name]
	level := s.manner.unset
	switch {
	case at == nil && !s.manner.defaults:
		return nil, noSubject(name)
	case at != nil && at.level != "":
		level = at.level
	case global:
		level = s.global
	case level == "":
		return nil, &failure{http.StatusNotFound, 40408, "Subject '" + name + "' does not have subject-level compatibility configured"}
	}
	return map[string]any{"compatibilityLevel": level}, nil
}

func (s *Server) putLevel(r *http.Request) (any, *failure) {
	level, failed := levelIn(r)
	if failed == nil {
		s.at(r.PathValue("subject")).level = level
	}
	return map[string]any{"compatibility": level}, failed
}

func (s *Server) deleteLevel(r *http.Request) (any, *failure) {
	at := s.at(r.PathValue("subject"))
	old := at.level
	at.level = ""
	return map[string]any{"compatibilityLevel": old}, nil
}

func (s *Server) putMode(r *http.Request) (any, *failure) {
	if !s.manner.modes {
		return nil, &failure{http.StatusMethodNotAllowed, plain, "Method Not Allowed"}
	}
	var body struct {
		Mode string `json:"mode"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, &failure{http.StatusUnprocessableEntity, 42204, "Invalid mode."}
	}
	s.at(r.PathValue("subject")).mode = body.Mode
	return body, nil
}
