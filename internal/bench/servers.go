package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest/apimetrics"
	"github.com/flink-terraform/terraform-provider-flink/internal/devprocess"
)

// overREST are the platforms that have a server of their own, each with the command of devcluster for its stand-in.
var overREST = []struct{ platform, command string }{{confluent, "cmf"}, {ververica, "vvp"}}

// server is the stand-in of a platform's server, behind a proxy that counts what is asked.
type server struct {
	platform, endpoint string

	mu     sync.Mutex
	counts apimetrics.Counts
}

// serve starts the stand-in of a platform. That of Confluent Manager keeps its applications in the cluster; that of
// Ververica Platform plays its jobs. It ends with stop.
func (b *bench) serve(ctx context.Context, platform, command string) (s *server, stop func(), err error) {
	args := []string{command}
	if platform == confluent {
		args = append(args, "--kubeconfig", os.Getenv(kubeconfigVariable))
	}
	cmd := devprocess.Command(ctx, b.root, args...)
	cmd.Stderr = os.Stderr
	var ready struct {
		Endpoint string `json:"endpoint"`
	}
	process, err := devprocess.Start(ctx, cmd, &ready)
	if err != nil {
		return nil, nil, fmt.Errorf("starting the stand-in of %s: %w", platform, err)
	}
	target, err := url.Parse(ready.Endpoint)
	if err != nil {
		_ = process.Stop()
		return nil, nil, err
	}
	s = &server{platform: platform, counts: apimetrics.Counts{}}
	behind := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(r)
		behind.ServeHTTP(w, r)
	}))
	s.endpoint = proxy.URL
	return s, func() {
		proxy.Close()
		_ = process.Stop()
	}, nil
}

// named are the parts of a path that name one object among many: its name, or its id.
var named = regexp.MustCompile(`/(job-\d+(?:-blue|-green)?|bench-[a-z0-9-]+|flink-note-[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27})(/|$)`)

// count counts a request by its method and its path without names.
func (s *server) count(r *http.Request) {
	path := r.URL.Path
	// Names that follow one another share a slash.
	for cut := ""; cut != path; {
		cut, path = path, named.ReplaceAllString(path, "/*$2")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[r.Method+" "+strings.TrimPrefix(path, "/")]++
}

// read returns how often the server was asked for what since it started.
func (s *server) read() apimetrics.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// requests counts what was asked so far: of the server of a platform that has one, else of the API server.
func (b *bench) requests(ctx context.Context, of *server) (apimetrics.Counts, error) {
	if of != nil {
		return of.read(), nil
	}
	return apimetrics.Read(ctx, b.cluster, asked...)
}
