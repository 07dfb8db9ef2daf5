package kube

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// errNoAnswer ends an attempt for which the server sent no response header in
// time, for example because packets to it are dropped.
var errNoAnswer = errors.New("no answer in time")

type answerWithinKey struct{}

// answerWithin bounds the time until the header of each response arrives. The
// body may take longer: a big list over a slow line is no outage.
func answerWithin(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, answerWithinKey{}, d)
}

// transport counts requests, bounds the wait for an answer and reads the
// server's clock.
type transport struct {
	next    http.RoundTripper
	counter *requestCounter
	clock   *serverClock
}

// WrappedRoundTripper lets client-go find the transport below.
func (t *transport) WrappedRoundTripper() http.RoundTripper { return t.next }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.counter.add(requestName(req))
	resp, err := t.answer(req)
	if err == nil {
		t.clock.note(resp, time.Now())
	}
	return resp, err
}

func (t *transport) answer(req *http.Request) (*http.Response, error) {
	limit, ok := req.Context().Value(answerWithinKey{}).(time.Duration)
	if !ok {
		return t.next.RoundTrip(req)
	}
	ctx, cancel := context.WithCancel(req.Context())
	timer := time.AfterFunc(limit, cancel)
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if !timer.Stop() && req.Context().Err() == nil {
		if err == nil {
			resp.Body.Close()
		}
		cancel()
		return nil, errNoAnswer
	}
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &cancelOnClose{ReadCloser: resp.Body, cancel: cancel}
	return resp, nil
}

type cancelOnClose struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b *cancelOnClose) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// requestCounter counts by name.
type requestCounter struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *requestCounter) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[name]++
}

func (r *requestCounter) snapshot() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := maps.Clone(r.counts)
	if out == nil {
		out = map[string]int{}
	}
	return out
}

// requestName is the verb of Kubernetes' request attributes and the resource,
// with its subresource, for example "apply flinkdeployments" or "get
// services/proxy" (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb).
// Server-side apply is called "apply" to tell it from other patches.
func requestName(req *http.Request) string {
	resource, named := pathResource(req.URL.Path)
	verb := strings.ToLower(req.Method)
	switch req.Method {
	case http.MethodGet:
		switch {
		case req.URL.Query().Get("watch") == "true" || req.URL.Query().Get("watch") == "1":
			verb = "watch"
		case !named:
			verb = "list"
		}
	case http.MethodPost:
		verb = "create"
	case http.MethodPut:
		verb = "update"
	case http.MethodPatch:
		if media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); strings.HasPrefix(media, "application/apply-patch") {
			verb = "apply"
		}
	}
	return verb + " " + resource
}

// pathResource splits an API path, for example
// /apis/flink.apache.org/v1beta1/namespaces/n/flinkdeployments/orders/status.
func pathResource(path string) (resource string, named bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	// The API may be served below a path, as by Rancher.
	for len(parts) > 1 && parts[0] != "api" && parts[0] != "apis" {
		parts = parts[1:]
	}
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		return path, true
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	resource = parts[0]
	if len(parts) > 2 {
		resource += "/" + parts[2]
	}
	return resource, len(parts) > 1
}

// warnings hands the API server's warnings, such as deprecations, to the log.
type warnings struct{}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _ string, text string) {
	if code == 299 && text != "" {
		logctx.From(ctx).WarnContext(ctx, "The API server warns", "warning", text)
	}
}
