package rest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// atOnce is how many requests are on their way at a time.
const atOnce = 8

// largestAnswer bounds the memory that an answer takes.
const largestAnswer = 256 << 20

// transport sends each request with its credentials, reads the whole answer,
// lets only some go at a time, and logs what happens, never what is said.
type transport struct {
	next  http.RoundTripper
	auth  authorization
	grace time.Duration
	slots chan struct{}
}

// as returns an HTTP client with the transport's connections and other credentials.
func (t *transport) as(auth authorization) *http.Client {
	own := *t
	own.auth = auth
	return &http.Client{
		Transport: &own,
		// A redirect leads to a page for people to sign in, or takes the credentials
		// elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip implements http.RoundTripper. The body of the response is in memory.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}
	own, cancel := t.lasting(httptrace.WithClientTrace(ctx, trace))
	defer cancel()
	req = req.Clone(own)
	id := rand.Text()
	req.Header.Set("X-Request-Id", id)
	began := time.Now()
	resp, err := t.answer(req)
	fields := []any{"method", req.Method, "path", req.URL.Path, "request_id", id, "took", time.Since(began).Round(time.Microsecond)}
	if err != nil {
		logctx.From(ctx).Debug("A request got no answer", append(fields, "sent", sent.Load(), "cause", rootCause(err).Error())...)
		if sent.Load() {
			err = &sentError{err}
		}
		return nil, err
	}
	fields = append(fields, "status", resp.StatusCode)
	if theirs := resp.Header.Get("X-Request-Id"); theirs != "" && theirs != id {
		fields = append(fields, "server_request_id", theirs)
	}
	logctx.From(ctx).Debug("A request was answered", fields...)
	return resp, nil
}

// readingKey marks the context of a request that changes nothing.
type readingKey struct{}

// reading returns the context in which a request is sent.
func reading(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, readingKey{}, r.Reads || r.Method == http.MethodGet)
}

// lasting returns a context in which a write that is on its way goes on for a while
// when the caller's ends: its answer says what has become of it.
func (t *transport) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	if reads, _ := ctx.Value(readingKey{}).(bool); reads {
		return context.WithCancel(ctx)
	}
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(t.grace, cancel) })
	return lasting, func() { stop(); cancel() }
}

func (t *transport) answer(req *http.Request) (*http.Response, error) {
	if err := t.auth.apply(req); err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer breaks off: %w", err)
	case len(body) > largestAnswer:
		return nil, fmt.Errorf("the answer has more than %d MiB", largestAnswer>>20)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// sentError marks an error after which the server may have got the request.
type sentError struct{ error }

func (e *sentError) Unwrap() error { return e.error }

func wasSent(err error) bool {
	_, sent := errors.AsType[*sentError](err)
	return sent
}
