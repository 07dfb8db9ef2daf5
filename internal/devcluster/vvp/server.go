// Package vvp is a stand-in of Ververica Platform (the self-managed one) for tests: it
// keeps what its REST API is told, with the answers and refusals that the server is
// known for, follows the desired states of deployments and session clusters as the
// server does, and checks requests and answers against the vendor's Swagger files where
// those are there. Who runs the jobs is a World: Memory, which plays them, or
// Kubernetes, where the Flink operator of a cluster does.
//
// What it does beside the API is asked for by annotations of a deployment, which hold
// from its next job on:
//
//	standin.flink/fails            message: a job cannot be created
//	standin.flink/crashes          exception: a job comes up, and then restarts for ever
//	standin.flink/finishes         true: a job ends by itself soon after it has come up
//	standin.flink/ends             message: a job fails for good soon after it has come up
//	standin.flink/operators        names, with commas between: whose state a job has. It restores no
//	                               other state, unless that is allowed
//
// and at once:
//
//	standin.flink/slow             duration (Go) that a transition takes longer
//	standin.flink/savepoint-fails  message: no savepoint can be taken
//	standin.flink/unreachable      true: the platform cannot reach the job's cluster
//	standin.flink/managed          true: the platform's own operator for Kubernetes manages the
//	                               deployment, so that from 3.0 on the API does not write to it
//
// With Kubernetes, fails, crashes, finishes, ends, operators and unreachable do nothing, and those of the
// operator's stand-in are handed on to it.
package vvp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	utilversion "k8s.io/apimachinery/pkg/util/version"
	"sigs.k8s.io/yaml"
)

// Annotations that the stand-in itself follows, whoever runs the jobs.
const (
	annotationSlow    = "standin.flink/slow"
	annotationManaged = "standin.flink/managed"
)

// Versions are the versions of the server that the stand-in can be.
func Versions() []string { return []string{"2.13.0", "2.14.0", "2.15.1", "3.1.3"} }

// apiBase is where the API of the Application Manager is.
const apiBase = "/api/v1"

// object is one of the API's, as decoded JSON.
type object = map[string]any

// Options say what kind of installation a Server is.
type Options struct {
	// Version is one of Versions.
	Version string
	// Checks compare with the vendor's files; nil for none.
	Checks *Checks
	// World runs the jobs.
	World World
	// Look is how often the jobs that run are looked at.
	Look time.Duration
	// Community is the edition with the one namespace "default".
	Community bool
	// Auth has every request need a token. Token is the administrator's.
	Auth  bool
	Token string
}

// Server is a stand-in.
type Server struct {
	Options
	mux *http.ServeMux
	// live ends with Close, and running counts the goroutines that follow something.
	live    context.Context //nolint:containedctx // the server's own life, not that of a request
	end     context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	spaces map[string]*space
	tokens map[string]token
}

// New returns a stand-in that has the namespace "default". It ends with the context, or
// with Close.
func New(ctx context.Context, options Options) *Server {
	s := &Server{Options: options, mux: http.NewServeMux(), spaces: map[string]*space{}, tokens: map[string]token{}}
	s.live, s.end = context.WithCancel(ctx)
	s.spaces[defaultNamespace] = newSpace(defaultNamespace, []any{object{"role": "owner", "members": []any{everybody}}})
	s.namespaces()
	s.apiTokens()
	s.defaults()
	for _, k := range []kind{targets(), secretValues(), sessionClusters(), deployments()} {
		s.serve(k)
	}
	s.wrapped()
	s.savepoints()
	s.history()
	s.status()
	s.proxy()
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(http.StatusNotFound, "No message available for %s", r.URL.Path).write(w, r)
	})
	return s
}

// Close ends what the stand-in does by itself, and waits for it.
func (s *Server) Close() {
	s.end()
	s.running.Wait()
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var handler http.Handler = s.mux
	if s.Auth {
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refused := s.authorize(r); refused != nil {
				refused.write(w, r)
				return
			}
			s.mux.ServeHTTP(w, r)
		})
	}
	if s.Checks == nil {
		handler.ServeHTTP(w, r)
		return
	}
	s.Checks.serve(w, r, handler)
}

// from tells whether the server is of this version or newer.
func (s *Server) from(version string) bool {
	return utilversion.MustParseGeneric(s.Version).AtLeast(utilversion.MustParseGeneric(version))
}

// request is one to an operation, with its body.
type request struct {
	*http.Request
	body object
	// space is nil where the path has no namespace.
	space *space
}

// handle serves one operation, while no other one is at work. Where the pattern has a
// namespace, {ns}, that is there.
func (s *Server) handle(pattern string, do func(r *request) (int, any)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, err := decode(r)
		if err != nil {
			refuse(http.StatusBadRequest, "The request cannot be read: %s", err).write(w, r)
			return
		}
		// The answer is written before another request changes what is in it.
		s.mu.Lock()
		defer s.mu.Unlock()
		asked := &request{Request: r, body: body, space: s.spaces[r.PathValue("ns")]}
		if strings.Contains(pattern, "{ns}") && asked.space == nil {
			refuse(http.StatusNotFound, "Namespace '%s' not found.", r.PathValue("ns")).write(w, r)
			return
		}
		code, result := do(asked)
		write(w, r, code, result)
	})
}

// decode reads the body of a request, which may be YAML as well.
func decode(r *http.Request) (object, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		return nil, nil
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if strings.Contains(r.Header.Get("Content-Type"), "yaml") {
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, err
		}
	}
	body := object{}
	err = json.Unmarshal(text, &body)
	return body, err
}

func write(w http.ResponseWriter, r *http.Request, code int, body any) {
	if refused, ok := body.(*refusal); ok {
		body = refused.body()
	}
	if body == nil {
		w.WriteHeader(code)
		return
	}
	text, err := json.Marshal(body)
	contentType := "application/json"
	if accept := r.Header.Get("Accept"); err == nil && strings.Contains(accept, "yaml") && !strings.Contains(accept, "json") {
		contentType = "application/yaml"
		text, err = yaml.JSONToYAML(text)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(code)
	_, _ = w.Write(text)
}

// refusal is an answer that is no success.
type refusal struct {
	code    int
	message string
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// answer is what a handler gives for a refusal.
func (r *refusal) answer() (int, any) { return r.code, r }

// body is that of the answer. Clients rely on the message alone.
func (r *refusal) body() object {
	return object{"kind": "Error", "apiVersion": "v1", "statusCode": r.code, "reason": http.StatusText(r.code), "message": r.message}
}

func (r *refusal) write(w http.ResponseWriter, to *http.Request) { write(w, to, r.code, r) }
