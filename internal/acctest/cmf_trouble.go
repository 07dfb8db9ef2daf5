package acctest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Trouble is what happens to requests of the provider on their way to the stand-in of Confluent Manager for Apache Flink.
type Trouble struct {
	// Method and Path, a part of the path, say which requests; empty for all.
	Method, Path string
	// Times is how many requests it happens to; 0 for all from now on.
	Times int

	// Code is answered in place of the server, which does not get the request.
	Code int
	// Drops breaks the connection before the server gets the request, and Loses after the server has carried it out.
	Drops, Loses bool
	// Slow is how long the server takes.
	Slow time.Duration
	// Then is called when the server has carried the request out, before its answer is on its way.
	Then func()
}

// trouble is a Trouble with what is left of it.
type trouble struct {
	Trouble
	left int
}

// Make makes trouble until End.
func (c *CMFHandle) Make(t Trouble) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.troubles = append(c.troubles, &trouble{t, t.Times})
}

// InTrouble runs a test for each of some troubles, beside a server that is in it.
func InTrouble(t *testing.T, troubles map[string]Trouble, test func(t *testing.T, cmf *CMFHandle)) {
	t.Helper()
	SkipUnlessAcceptance(t)
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			FirstCLIOnly(t)
			cmf := CMF(t, "2.3.1")
			cmf.Make(trouble)
			test(t, cmf)
		})
	}
}

// End ends all trouble.
func (c *CMFHandle) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.troubles = nil
}

// Requests returns the requests since the last call, for example "GET /cmf/api/v1/environments".
func (c *CMFHandle) Requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.requests
	c.requests = nil
	return seen
}

// next notes a request and returns the trouble that it has, nil for none.
func (c *CMFHandle) next(r *http.Request) *Trouble {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, r.Method+" "+r.URL.Path)
	for _, t := range c.troubles {
		if t.Method != "" && t.Method != r.Method || !strings.Contains(r.URL.Path, t.Path) || t.Times > 0 && t.left == 0 {
			continue
		}
		t.left--
		return &t.Trouble
	}
	return nil
}

// serve hands a request on to the server, with the trouble that it has.
func (c *CMFHandle) serve(w http.ResponseWriter, r *http.Request, server http.Handler) {
	t := c.next(r)
	if t == nil {
		server.ServeHTTP(w, r)
		return
	}
	select {
	case <-time.After(t.Slow):
	case <-r.Context().Done():
	}
	switch {
	case t.Code != 0:
		w.WriteHeader(t.Code)
	case t.Drops:
		drop(w)
	default:
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, r)
		if t.Then != nil {
			t.Then()
		}
		if t.Loses {
			drop(w)
			return
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes())
	}
}

// drop breaks the connection of a request.
func drop(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}
