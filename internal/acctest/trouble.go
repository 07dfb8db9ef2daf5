package acctest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Trouble is what happens to requests of the provider on their way to the stand-in of a server with a REST API.
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

// restServer is the process of the stand-in of a server with a REST API.
type restServer struct {
	process  *devcluster
	endpoint string
}

// startRESTServer starts a stand-in by its command.
func startRESTServer(command string, flags ...string) (*restServer, error) {
	process, ready, err := startDevcluster(command, flags...)
	if err != nil {
		return nil, err
	}
	return &restServer{process: process, endpoint: ready.Endpoint}, nil
}

// proxied is such a server as one test sees it: behind a proxy of its own, where the test makes trouble.
type proxied struct {
	// Endpoint is the URL for the provider, and Server that of the stand-in behind the proxy.
	Endpoint, Server string

	mu       sync.Mutex
	troubles []*trouble
	requests []string
}

// before puts the proxy before a stand-in until the test ends. The test fails when anything was asked or answered against
// the vendor's description of the API.
func (p *proxied) before(t testing.TB, server *restServer) {
	t.Helper()
	target, err := url.Parse(server.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	behind := httputil.NewSingleHostReverseProxy(target)
	// A client that goes away in the middle is a part of some tests.
	behind.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, behind) }))
	p.Endpoint, p.Server = proxy.URL, server.endpoint
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
		if err := server.process.command("check"); err != nil {
			t.Error(err)
		}
	})
}

// Make makes trouble until End.
func (p *proxied) Make(t Trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.troubles = append(p.troubles, &trouble{t, t.Times})
}

// End ends all trouble.
func (p *proxied) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.troubles = nil
}

// Requests returns the requests since the last call, for example "GET /cmf/api/v1/environments".
func (p *proxied) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.requests
	p.requests = nil
	return seen
}

// next notes a request and returns the trouble that it has, nil for none.
func (p *proxied) next(r *http.Request) *Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, r.Method+" "+r.URL.Path)
	for _, t := range p.troubles {
		if t.Method != "" && t.Method != r.Method || !strings.Contains(r.URL.Path, t.Path) || t.Times > 0 && t.left == 0 {
			continue
		}
		t.left--
		return &t.Trouble
	}
	return nil
}

// serve hands a request on to the server, with the trouble that it has.
func (p *proxied) serve(w http.ResponseWriter, r *http.Request, server http.Handler) {
	t := p.next(r)
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

// call asks a stand-in as somebody else than the provider does, and returns the code and the body of the answer.
func (p *proxied) call(t testing.TB, method, path, token, body string) (code int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.Server+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
