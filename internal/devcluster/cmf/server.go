// Package cmf is a stand-in of Confluent Manager for Apache Flink for tests: it
// keeps what its REST API is told, with the answers and refusals that the server
// is known for, and checks every request and answer against the vendor's OpenAPI
// file where that is there. It runs no Flink itself: an application is a
// FlinkDeployment in a cluster.
//
// What it does beside the API is asked for by annotations of an object:
//
//	standin.flink/fails     a shared compute pool, or a statement, fails with this message
//	standin.flink/refuses   a statement does not start from a savepoint with state for what it does not have
//	standin.flink/throws    the job of a statement throws this again and again
//	standin.flink/topics    none: a statement has the tables alone that statements have
//	                        created; otherwise each other name is a topic's, since the
//	                        stand-in has no Kafka to look into
package cmf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	utilversion "k8s.io/apimachinery/pkg/util/version"

	"github.com/google/uuid"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/flinksql"
)

// Annotations that a stand-in follows, and a value of one.
const (
	annotationFails  = "standin.flink/fails"
	annotationTopics = "standin.flink/topics"
	topicsNone       = "none"
)

// Versions are the versions of the server that the stand-in can be.
func Versions() []string { return []string{"2.1.0", "2.2.0", "2.3.1", "2.4.1"} }

// base is where the API is.
const base = "/cmf/api/v1"

// object is one of the API's, as decoded JSON.
type object = map[string]any

// refusal is an answer that is no success.
type refusal struct {
	code    int
	message string
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// Server is a stand-in.
type Server struct {
	version string
	mux     *http.ServeMux
	checks  *Checks
	// kubernetes is nil for a server without applications.
	kubernetes *Kubernetes
	judge      Judge

	mu sync.Mutex
	// objects are by collection, the path below base, and name.
	objects map[string]map[string]object
	// reads counts the reads of an object since it was written, by its path.
	reads map[string]int
	// files are the savepoints that statements have left.
	files map[string]bool
	// defined are, by environment, the texts that have defined tables and the like.
	defined map[string][]flinksql.Text
}

// New returns a stand-in of one of the Versions that has nothing yet. checks may be
// nil, and so may the cluster of a server without applications.
func New(version string, checks *Checks, kubernetes *Kubernetes) *Server {
	s := &Server{
		version: version, mux: http.NewServeMux(), checks: checks, kubernetes: kubernetes, judge: flinksql.Sentences{},
		objects: map[string]map[string]object{}, reads: map[string]int{}, files: map[string]bool{}, defined: map[string][]flinksql.Text{},
	}
	s.environments()
	if kubernetes != nil {
		s.applications()
		s.savepoints()
	}
	for _, k := range kinds() {
		s.serve(k)
	}
	s.exceptions()
	s.statementSavepoints()
	if s.from("2.2") {
		s.handle("GET "+base+"/system-information", func(*http.Request, object) (int, any) {
			return http.StatusOK, object{"status": object{"version": version, "revision": "standin"}}
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		write(w, http.StatusNotFound, failure(refuse(http.StatusNotFound, "No static resource %s.", r.URL.Path)))
	})
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.checks == nil || s.from("2.4") && isOf24(r) {
		s.mux.ServeHTTP(w, r)
		return
	}
	s.checks.serve(w, r, s.mux)
}

// from tells whether the server is of this version or newer.
func (s *Server) from(version string) bool {
	return utilversion.MustParseGeneric(s.version).AtLeast(utilversion.MustParseGeneric(version))
}

// answer is what a handler gives: a code, and a body or nil.
type answer func(r *http.Request, body object) (int, any)

// handle serves one operation, while no other one is at work.
func (s *Server) handle(pattern string, do answer) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var body object
		if r.Method == http.MethodPost || r.Method == http.MethodPut {
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil && (!errors.Is(err, io.EOF) || !strings.HasSuffix(pattern, "/detach")) {
				write(w, http.StatusBadRequest, failure(refuse(http.StatusBadRequest, "JSON parse error: %s", err)))
				return
			}
		}
		// The answer is written before another request changes what is in it.
		s.mu.Lock()
		defer s.mu.Unlock()
		code, result := do(r, body)
		write(w, code, result)
	})
}

func write(w http.ResponseWriter, code int, body any) {
	if refused, ok := body.(*refusal); ok {
		body = failure(refused)
	}
	if body == nil {
		w.WriteHeader(code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// failure is the body of a refusal.
func failure(r *refusal) object { return object{"errors": []any{object{"message": r.message}}} }

// page returns the page of a collection that a request asks for.
func (s *Server) page(r *http.Request, collection string, matches func(object) bool) object {
	names, of, all := s.onPage(r, collection, matches)
	items := []any{}
	for _, name := range names {
		items = append(items, shown(s.objects[collection][name]))
	}
	return object{
		"pageable": of, "metadata": object{"size": all}, "items": items,
	}
}

// onPage returns the names of the objects on the page that a request asks for, which
// page it is, and of how many objects.
func (s *Server) onPage(r *http.Request, collection string, matches func(object) bool) (names []string, of object, all int) {
	for name, o := range s.objects[collection] {
		if matches == nil || matches(o) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("size"))
	if size <= 0 || size > 100 {
		size = 20
	}
	of = object{"page": number, "size": size, "sort": object{"sorted": false, "unsorted": true, "empty": true}}
	return names[min(number*size, len(names)):min((number+1)*size, len(names))], of, len(names)
}

// stamp fills what the server says in the metadata of a new object, or of one that
// had other metadata before.
func stamp(metadata, before object) {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	metadata["creationTimestamp"], metadata["uid"] = now, uuid.NewString()
	if len(before) > 0 {
		metadata["creationTimestamp"], metadata["uid"] = before["creationTimestamp"], before["uid"]
	}
	metadata["updateTimestamp"] = now
	for _, name := range []string{"labels", "annotations"} {
		if metadata[name] == nil {
			metadata[name] = object{}
		}
	}
}

// part returns an object inside of another one, or an empty one.
func part(o object, name string) object {
	inside, _ := o[name].(object)
	if inside == nil {
		return object{}
	}
	return inside
}

func text(o object, name string) string {
	value, _ := o[name].(string)
	return value
}
