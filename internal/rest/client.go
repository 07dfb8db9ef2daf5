// Package rest talks JSON to an HTTP server: it authenticates, repeats what may
// be repeated, and reads once what many ask for. It knows nothing about Flink or
// Terraform: paths are given by the caller, and everything that can go wrong is a
// typed error.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/go-retryablehttp"
)

// Client is a connection to one server. It is safe for concurrent use, and one
// per provider configuration is meant to be shared by everything.
type Client struct {
	endpoint *url.URL
	agent    string
	http     *http.Client
	network  *transport
	auth     authorization
	timing   timing
	outage   *outage
	known    memory
}

// Endpoint is the URL of the server, for messages.
func (c *Client) Endpoint() string { return c.endpoint.String() }

// WithToken returns a client of the same server with another bearer token, empty for
// none. They share their connections and what they know of an outage, but not what
// Once has read: what one token may read, another may not.
func (c *Client) WithToken(token string) *Client {
	auth := bearer(token)
	return &Client{endpoint: c.endpoint, agent: c.agent, http: c.network.as(auth), network: c.network, auth: auth, timing: c.timing, outage: c.outage}
}

// Request is what to ask the server for.
type Request struct {
	Method string
	// Path are the parts of the path below the endpoint, not escaped.
	Path  []string
	Query url.Values
	// Body is sent as JSON; nil for none.
	Body any
	// Reads tells of a POST that it changes nothing, as a search does. It is
	// repeated and interrupted like a GET.
	Reads bool
	// Merges tells of a PATCH that the same one again changes nothing, as that of a
	// merge patch (RFC 7396). It is repeated like a PUT.
	Merges bool
	// Hide takes what nobody may read out of the message of an error; nil for
	// nothing. A server may quote the body.
	Hide func(text string) string
}

// String is for example "PUT environments/prod/compute-pools/sql".
func (r Request) String() string { return r.Method + " " + strings.Join(r.Path, "/") }

// idempotent tells whether sending the request twice is as good as sending it
// once (RFC 9110, 9.2.2).
func (r Request) idempotent() bool {
	return r.Reads || r.Merges || r.Method != http.MethodPost && r.Method != http.MethodPatch
}

// Answer is what the server has answered, with a code of 2xx, or 304.
type Answer struct {
	Code    int
	Body    []byte
	request Request
	from    string
}

// Empty tells that the answer has no body.
func (a *Answer) Empty() bool { return len(bytes.TrimSpace(a.Body)) == 0 }

// Decode reads the body. An error is an *UnreadableError.
func (a *Answer) Decode(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return &UnreadableError{Request: a.request.String(), Endpoint: a.from, Cause: err}
	}
	return nil
}

// Do sends a request and returns the answer. What may be repeated is repeated, see
// attempt. An error is
//
//   - a *StatusError: the server has refused;
//   - an *UnreachableError: no answer came;
//   - an *UnknownOutcomeError around one of these, of a request that must not be
//     sent twice: the caller has to look what has become of it;
//   - a *CredentialsError: no token is to be had;
//   - the context's own, which ends everything but a write on its way at once.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = json.Marshal(r.Body); err != nil {
			return nil, fmt.Errorf("encode the body of %s: %w", r, err)
		}
	}
	got, err := c.send(ctx, r, body)
	if err == nil && got.code == http.StatusUnauthorized && c.auth.renew(got.to) {
		// The token was good when it was taken, and is not any more. Nothing was
		// done, so this is safe for every method.
		got, err = c.send(ctx, r, body)
	}
	if err != nil {
		return nil, c.failure(ctx, r, err)
	}
	if got.code/100 == 2 || got.code == http.StatusNotModified {
		return &Answer{Code: got.code, Body: got.body, request: r, from: c.Endpoint()}, nil
	}
	refused := &StatusError{Request: r.String(), Endpoint: c.Endpoint(), Code: got.code, Number: number(got.body), Message: r.message(got)}
	if !r.idempotent() && got.code >= http.StatusInternalServerError {
		return nil, &UnknownOutcomeError{Err: refused}
	}
	return nil, refused
}

// received is the last response to a request, and to is the request as it was sent.
type received struct {
	code   int
	header http.Header
	body   []byte
	to     *http.Request
}

// send sends a request as often as it takes.
func (c *Client) send(ctx context.Context, r Request, body []byte) (*received, error) {
	at := c.endpoint.JoinPath(escaped(r.Path)...)
	at.RawQuery = r.Query.Encode()
	// An empty slice would be a body of unknown length.
	var sent any
	if body != nil {
		sent = body
	}
	req, err := retryablehttp.NewRequestWithContext(reading(ctx, r), r.Method, at.String(), sent)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.agent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	try := &attempt{client: c, request: r, ctx: ctx}
	retrying := retryablehttp.Client{
		HTTPClient: c.http, RetryMax: c.timing.tries - 1, RetryWaitMin: c.timing.shortest, RetryWaitMax: c.timing.longest,
		CheckRetry: try.again, Backoff: try.pause, ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := retrying.Do(req)
	try.end(err)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return &received{resp.StatusCode, resp.Header, text, resp.Request}, err
}

// failure names what has become of a request without an answer.
func (c *Client) failure(ctx context.Context, r Request, err error) error {
	var credentials *CredentialsError
	switch {
	case errors.As(err, &credentials):
		return credentials
	case ctx.Err() != nil:
		return fmt.Errorf("the request %s was interrupted: %w", r, context.Cause(ctx))
	}
	unreachable := &UnreachableError{Endpoint: c.Endpoint(), Cause: rootCause(err)}
	if !r.idempotent() && wasSent(err) {
		return &UnknownOutcomeError{Err: unreachable}
	}
	return unreachable
}

func escaped(path []string) []string {
	out := make([]string, len(path))
	for i, part := range path {
		out[i] = url.PathEscape(part)
	}
	return out
}
