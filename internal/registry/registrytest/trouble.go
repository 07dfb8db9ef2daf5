package registrytest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// Trouble is what happens to requests in place of their answer.
type Trouble struct {
	// Method and Path, the beginning of the path of the interface without its first
	// slash, say which requests; empty for all.
	Method, Path string
	// Registering restricts it to requests to register a schema.
	Registering bool
	// Times is how many requests it happens to; 0 for all from now on.
	Times int

	// Code and Number are those of the error that is answered in place of the
	// registry's answer.
	Code, Number int
	// Text is the message with them.
	Text string
	// Drops breaks the connection before the registry sees the request, and Loses
	// after it has done what it was asked for.
	Drops, Loses bool
	// Hangs answers nothing until the client gives up.
	Hangs bool
	// Then is called before the answer is on its way.
	Then func()
}

// NotPrimary is Karapace that has not found its primary yet: it answers questions,
// and takes nothing.
func NotPrimary(times int) Trouble {
	return Trouble{Registering: true, Times: times, Code: http.StatusInternalServerError, Number: 50003, Text: "Error while forwarding the request to the master."}
}

// trouble is a Trouble with what is left of it.
type trouble struct {
	Trouble
	left int
}

// Make makes trouble until End.
func (s *Server) Make(t Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append(s.troubles, &trouble{t, t.Times})
}

// End ends all trouble.
func (s *Server) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = nil
}

// Requests returns the requests since the last call, for example
// "POST subjects/orders-value/versions".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.requests
	s.requests = nil
	return seen
}

// next notes a request, and returns the trouble that it has; nil for none.
func (s *Server) next(r *http.Request) (t *Trouble, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, s.manner.base), "/")
	s.requests = append(s.requests, r.Method+" "+path)
	for _, t := range s.troubles {
		registering := r.Method == http.MethodPost && strings.HasPrefix(path, "subjects/") && strings.HasSuffix(path, "/versions")
		if t.Method != "" && t.Method != r.Method || !strings.HasPrefix(path, t.Path) || t.Registering && !registering || t.Times > 0 && t.left == 0 {
			continue
		}
		t.left--
		return &t.Trouble, false
	}
	return nil, s.authorization != "" && s.authorization != r.Header.Get("Authorization")
}

// ServeHTTP answers a request, with the trouble that it has.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, refused := s.next(r)
	switch {
	case refused:
		fail(w, http.StatusUnauthorized, http.StatusUnauthorized, "Unauthorized")
		return
	case t == nil:
		s.mux.ServeHTTP(w, r)
		return
	}
	if t.Then != nil {
		t.Then()
	}
	switch {
	case t.Hangs:
		// Only what has read the body sees that the client goes.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	case t.Drops:
		drop(w)
	case t.Loses:
		s.mux.ServeHTTP(httptest.NewRecorder(), r)
		drop(w)
	case t.Code != 0:
		fail(w, t.Code, t.Number, t.Text)
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func fail(w http.ResponseWriter, code, number int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"error_code":%d,"message":%q}`, number, text)
}

// drop breaks the connection of a request.
func drop(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}
