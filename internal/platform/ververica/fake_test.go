package ververica

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// said is what a server of these tests answers to a request: a code with a body, which
// is JSON, or lost for an answer that never arrives. then is called before, with the body
// of the request.
type said struct {
	code int
	body string
	lost bool
	then func(body string)
}

// script is a server that answers by a script: to the requests of a method and path
// these answers, and the last of them ever after. What is not in it is not found.
type script struct {
	mu      sync.Mutex
	answers map[string][]said
	// requests are those that came, and bodies what was sent with each.
	requests, bodies []string
	tokens           []string
}

// version215 answers what a server tells of itself.
var version215 = []said{{code: 200, body: `{"status":{"revisionInformation":{"buildVersion":"2.15.1"}}}`}}

const asksVersion = "GET /api/v1/status/system-info"

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	name := r.Method + " " + r.URL.Path
	s.tokens = append(s.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if name == asksVersion && s.answers[name] == nil {
		s.answers[name] = version215
	}
	if name != asksVersion {
		s.requests, s.bodies = append(s.requests, name), append(s.bodies, string(body))
	}
	all := s.answers[name]
	if len(all) == 0 {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"not found"}`)
		return
	}
	next := all[0]
	if len(all) > 1 {
		s.answers[name] = all[1:]
	}
	if next.then != nil {
		next.then(string(body))
	}
	if next.lost {
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			connection.Close()
		}
		return
	}
	w.WriteHeader(next.code)
	fmt.Fprint(w, next.body)
}

// writes are the requests that are no GET, each with its body.
func (s *script) writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for i, request := range s.requests {
		if !strings.HasPrefix(request, http.MethodGet) {
			out = append(out, strings.TrimSpace(request+" "+s.bodies[i]))
		}
	}
	return out
}

// count is how often something was asked for.
func (s *script) count(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(s.requests), func(other string) bool { return other != request }))
}

// following starts a server with a script, and returns a client of it.
func following(t *testing.T, answers map[string][]said) (*Client, *script) {
	t.Helper()
	return configured(t, Config{}, nil, answers)
}

// configured is following with a configuration and environment variables.
func configured(t *testing.T, config Config, variables map[string]string, answers map[string][]said) (*Client, *script) {
	t.Helper()
	if answers == nil {
		answers = map[string][]said{}
	}
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	config.Endpoint = server.URL
	client, err := Connect(config, func(name string) string { return variables[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client, s
}

// once are the answers of one code and body, given ever after.
func once(code int, body string) []said { return []said{{code: code, body: body}} }

// decoded is a JSON object.
func decoded(t *testing.T, text string) object {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out object
	if err := decoder.Decode(&out); err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	return out
}
