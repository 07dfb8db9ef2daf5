package kube

import (
	"context"
	"net/http"
)

// interruptible ends a request with its context also while client-go waits for
// a program that prints credentials: it runs that without the context. The
// program itself cannot be reached; it runs on until it ends by itself, and its
// answer serves the next request.
type interruptible struct{ next http.RoundTripper }

// WrappedRoundTripper lets client-go find the transport below.
func (t *interruptible) WrappedRoundTripper() http.RoundTripper { return t.next }

// RoundTrip implements http.RoundTripper.
func (t *interruptible) RoundTrip(req *http.Request) (*http.Response, error) {
	type outcome struct {
		resp *http.Response
		err  error
	}
	outcomes := make(chan outcome, 1)
	// client-go writes the credentials into the headers of the request, which is
	// the caller's again when this returns.
	own := req.Clone(req.Context())
	go func() {
		resp, err := t.next.RoundTrip(own) //nolint:bodyclose // whoever receives the response closes it
		outcomes <- outcome{resp, err}
	}()
	select {
	case o := <-outcomes:
		return o.resp, o.err
	case <-req.Context().Done():
		go func() {
			if late := <-outcomes; late.err == nil {
				late.resp.Body.Close()
			}
		}()
		return nil, context.Cause(req.Context())
	}
}
