// Package described has what a stand-in of a server is asked and answers compared with the vendor's
// description of its API.
package described

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// Log keeps what a description does not allow. The zero Log works.
type Log struct {
	mu         sync.Mutex
	violations []string
}

// Violations returns what was found since the last call.
func (l *Log) Violations() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.violations
	l.violations = nil
	return found
}

func (l *Log) report(r *http.Request, what string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, fmt.Sprintf("%s of %s %s: %s", what, r.Method, r.URL.Path, err))
}

// Judge compares requests and answers with a description.
type Judge interface {
	// Request returns what an answer is compared by, nil for nothing, and what is wrong with a
	// request, whose body it may read.
	Request(r *http.Request) (*openapi3filter.RequestValidationInput, error)
	// Answer is what is wrong with an answer.
	Answer(to *openapi3filter.RequestValidationInput, answer *httptest.ResponseRecorder) error
}

// Serve answers a request by a handler, and has both judged.
func (l *Log) Serve(w http.ResponseWriter, r *http.Request, handler http.Handler, by Judge) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	input, err := by.Request(r)
	if err != nil {
		l.report(r, "the request", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorded := httptest.NewRecorder()
	handler.ServeHTTP(recorded, r)
	if input != nil {
		if err := by.Answer(input, recorded); err != nil {
			l.report(r, fmt.Sprintf("the answer %d", recorded.Code), err)
		}
	}
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(recorded.Body.Bytes())
}
