package platformtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// States of a job in the words of the service.
const (
	starting = "STARTING"
	up       = "UP"
	down     = "DOWN"
	broken   = "BROKEN"
)

// job is what the service has of a deployment. The service keeps no history: what
// runs is what was written last.
type job struct {
	UID    string            `json:"uid"`
	Spec   flink.Tree        `json:"spec"`
	Labels map[string]string `json:"labels,omitempty"`
	State  string            `json:"state"`
	// Started counts the starts, From is what the last one restored, and Saved the
	// newest savepoint.
	Started int    `json:"started"`
	From    string `json:"from,omitempty"`
	Saved   string `json:"saved,omitempty"`
	Error   string `json:"error,omitempty"`
	// slow is how many more reads see it starting.
	slow int
}

// Service is a Flink platform over REST that starts a job within a few reads. A job
// with an image that ends with ":broken" does not come up.
type Service struct {
	URL string

	mutex sync.Mutex
	jobs  map[string]*job
	uids  int
	// calls are the writes that were made, in their order.
	calls []string
}

// NewService serves until the test ends.
func NewService(t *testing.T) *Service {
	t.Helper()
	s := &Service{jobs: map[string]*job{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Took returns the writes since the last Took.
func (s *Service) Took() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	out := s.calls
	s.calls = nil
	return out
}

// ServeHTTP answers GET, POST, PUT and DELETE of /<namespace>/<name>, and POST of
// /<namespace>/<name>/stop.
func (s *Service) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at, stops := strings.CutSuffix(req.URL.Path, "/stop")
	if req.Method != http.MethodGet {
		s.calls = append(s.calls, strings.TrimSpace(req.Method+" "+strings.TrimPrefix(req.URL.RequestURI(), "/")))
	}
	known := s.jobs[at]
	switch {
	case known == nil && req.Method == http.MethodPost && !stops:
		s.uids++
		known = &job{UID: fmt.Sprintf("uid-%d", s.uids)}
		s.jobs[at] = known
		s.write(known, req)
	case known == nil:
		http.Error(w, "there is no "+at, http.StatusNotFound)
		return
	case req.Method == http.MethodPost && !stops:
		http.Error(w, at+" is there", http.StatusConflict)
		return
	case stops:
		known.State = down
		if req.URL.Query().Get("savepoint") == "true" {
			known.Saved = fmt.Sprintf("s3://saved/%d", known.Started)
		}
	case req.Method == http.MethodPut:
		s.write(known, req)
	case req.Method == http.MethodDelete:
		delete(s.jobs, at)
	case known.State == starting:
		known.proceed()
	}
	// A recorder of a test has room for it.
	_ = json.NewEncoder(w).Encode(known)
}

// write takes what a request says, and starts the job when it says from where.
func (s *Service) write(known *job, req *http.Request) {
	var said job
	if err := json.NewDecoder(req.Body).Decode(&said); err != nil {
		known.State, known.Error = broken, err.Error()
		return
	}
	known.Spec, known.Labels = said.Spec, said.Labels
	if req.URL.Query().Has("start") {
		known.State, known.Error, known.slow = starting, "", 2
		known.From = req.URL.Query().Get("start")
		known.Started++
	}
}

// proceed is one read of a job that starts.
func (j *job) proceed() {
	image, _ := j.Spec["image"].(string)
	switch j.slow--; {
	case j.slow > 0:
	case strings.HasSuffix(image, ":broken"):
		j.State, j.Error = broken, "the image has no job"
	default:
		j.State = up
	}
}

// From is what the job at a path, /<namespace>/<name>, has restored last, empty for
// nothing.
func (s *Service) From(path string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.jobs[path].From
}
