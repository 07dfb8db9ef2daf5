// Package registrytest is a schema registry for tests, in memory: what a client sees
// of Confluent Schema Registry, Karapace or Apicurio Registry when it registers,
// looks up and compares Avro schemas. It is for tests only.
package registrytest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Server is a registry. It is safe for concurrent use.
type Server struct {
	product Product
	manner  manner
	mux     *http.ServeMux

	mu       sync.Mutex
	subjects map[string]*subject
	global   string
	// texts are the schemas by their id, from 1.
	texts         []string
	authorization string
	troubles      []*trouble
	requests      []string
}

// New returns an empty registry.
func New(product Product) *Server {
	s := &Server{product: product, manner: manners[product], mux: http.NewServeMux(), subjects: map[string]*subject{}}
	s.global = s.manner.level
	for pattern, serve := range map[string]func(*http.Request) (any, *failure){
		"GET /subjects":                                             s.listSubjects,
		"GET /subjects/{subject}/versions":                          s.listVersions,
		"GET /subjects/{subject}/versions/{version}":                s.getVersion,
		"POST /subjects/{subject}":                                  s.lookUp,
		"POST /subjects/{subject}/versions":                         s.postVersion,
		"DELETE /subjects/{subject}":                                s.deleteSubject,
		"POST /compatibility/subjects/{subject}/versions":           s.compareAll,
		"POST /compatibility/subjects/{subject}/versions/{version}": s.compareOne,
		"GET /config":              s.getGlobal,
		"PUT /config":              s.putGlobal,
		"GET /config/{subject}":    s.getLevel,
		"PUT /config/{subject}":    s.putLevel,
		"DELETE /config/{subject}": s.deleteLevel,
		"PUT /mode/{subject}":      s.putMode,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.mux.HandleFunc(method+" "+s.manner.base+path, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			answer(w, serve, r)
		})
	}
	return s
}

// Start serves the registry until the end of a test, and returns its URL.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL + s.manner.base
}

func answer(w http.ResponseWriter, serve func(*http.Request) (any, *failure), r *http.Request) {
	body, failed := serve(r)
	if failed != nil && failed.number == plain {
		http.Error(w, failed.text, failed.code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if failed != nil {
		w.WriteHeader(failed.code)
		body = map[string]any{"error_code": failed.number, "message": failed.text}
	}
	_ = json.NewEncoder(w).Encode(body)
}

// plain is the number of a failure without JSON.
const plain = -1

// Demand refuses all requests without this user and password. It may be called at
// any time.
func (s *Server) Demand(username, password string) {
	request := &http.Request{Header: http.Header{}}
	request.SetBasicAuth(username, password)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.authorization = request.Header.Get("Authorization")
}

// DemandToken refuses all requests without this bearer token.
func (s *Server) DemandToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.authorization = "Bearer " + token
}

// SetLevel sets the level of a subject, or the global one where the subject is empty.
func (s *Server) SetLevel(name, level string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "" {
		s.global = level
		return
	}
	s.at(name).level = level
}

// Have registers a schema whatever the level, and returns its version.
func (s *Server) Have(t testing.TB, name, text string) int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.at(name)
	level := at.level
	at.level = "NONE"
	v, failed := s.register(name, text)
	at.level = level
	if failed != nil {
		t.Fatal(failed.text)
	}
	return v.number
}

// Versions returns the schemas of a subject as they were registered, deleted ones not.
func (s *Server) Versions(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, v := range s.subjects[name].living() {
		out = append(out, v.text)
	}
	return out
}

func (s *Server) listSubjects(*http.Request) (any, *failure) {
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.subjects)) {
		if len(s.subjects[name].living()) > 0 {
			out = append(out, name)
		}
	}
	return out, nil
}

func (s *Server) listVersions(r *http.Request) (any, *failure) {
	name := r.PathValue("subject")
	at := s.subjects[name]
	versions := at.living()
	if r.URL.Query().Get("deleted") == "true" && at != nil {
		versions = at.versions
	}
	if len(versions) == 0 {
		return nil, noSubject(name)
	}
	return numbers(versions), nil
}

// described is how a registry writes a version.
func (s *Server) described(name string, v version) map[string]any {
	out := map[string]any{"subject": name, "version": v.number, "id": v.id, "schema": in(sorted, v.text)}
	if s.product == Confluent {
		out["schema"] = in(collapsed, v.text)
	}
	if s.manner.naming {
		out["schemaType"] = "AVRO"
	}
	return out
}

// chosen is the version that a path names.
func (s *Server) chosen(r *http.Request) (version, *failure) {
	name, which := r.PathValue("subject"), r.PathValue("version")
	living := s.subjects[name].living()
	if which == "latest" && len(living) > 0 {
		return living[len(living)-1], nil
	}
	number, err := strconv.Atoi(which)
	switch {
	case len(living) == 0:
		return version{}, noSubject(name)
	case err != nil:
		return version{}, &failure{s.manner.badVersion, s.manner.badVersionNumber, "The specified version '" + which + "' is not a valid version id."}
	}
	for _, v := range living {
		if v.number == number {
			return v, nil
		}
	}
	return version{}, noVersion(which)
}

func (s *Server) getVersion(r *http.Request) (any, *failure) {
	v, failed := s.chosen(r)
	return s.described(r.PathValue("subject"), v), failed
}

// sent is the schema in a body; there is none in {}.
func sent(r *http.Request) (text string, ok bool) {
	var body struct {
		Schema *string `json:"schema"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || body.Schema == nil {
		return "", false
	}
	return *body.Schema, true
}

func (s *Server) lookUp(r *http.Request) (any, *failure) {
	name := r.PathValue("subject")
	at := s.subjects[name]
	// To a lookup, Apicurio has a subject whose versions are all deleted.
	if len(at.living()) == 0 && (s.product != Apicurio || at == nil || len(at.versions) == 0) {
		return nil, noSubject(name)
	}
	text, _ := sent(r)
	if _, err := parsed(text); err != nil {
		return nil, &failure{s.manner.unread, s.manner.unreadNumber, "Error while looking up schema under subject " + name}
	}
	v, ok := s.find(name, text, s.manner.alike)
	if !ok {
		return nil, &failure{http.StatusNotFound, 40403, "Schema not found"}
	}
	return s.described(name, v), nil
}

func (s *Server) postVersion(r *http.Request) (any, *failure) {
	name := r.PathValue("subject")
	text, ok := sent(r)
	living := s.subjects[name].living()
	switch {
	case !ok && s.manner.emptied != 0:
		return nil, &failure{s.manner.emptied, s.manner.emptiedNumber, "There is no schema in the body"}
	case !ok && len(living) > 0:
		text = living[len(living)-1].text
	}
	v, failed := s.register(name, text)
	if failed != nil {
		return nil, failed
	}
	if !s.manner.announces {
		return map[string]any{"id": v.id}, nil
	}
	out := s.described(name, v)
	delete(out, "subject")
	return out, nil
}

func (s *Server) deleteSubject(r *http.Request) (any, *failure) {
	return s.remove(r.PathValue("subject"), r.URL.Query().Get("permanent") == "true")
}
