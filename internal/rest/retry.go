package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// timing says how long things may take.
type timing struct {
	// tries is how often a request is sent at most; shortest and longest bound the
	// growing pause between two.
	tries             int
	shortest, longest time.Duration
	// asked is the longest pause that the server may ask for.
	asked time.Duration
	// answer bounds the time until the header of a response arrives.
	answer time.Duration
	// grace is how long a write that is on its way goes on when its context ends.
	grace time.Duration
	// outage is how long it is believed that a server which could not be reached
	// still cannot.
	outage time.Duration
}

// usual tries for about ten seconds.
var usual = timing{
	tries: 7, shortest: 250 * time.Millisecond, longest: 4 * time.Second, asked: time.Minute,
	answer: time.Minute, grace: 10 * time.Second, outage: 20 * time.Second,
}

// attempt decides whether a request is sent again: when no answer came, and for
// 429, 500, 502, 503 and 504. A request that is not idempotent is sent again only
// when it surely was not carried out: no byte of it was sent, or the answer is 429.
type attempt struct {
	client  *Client
	request Request
	ctx     context.Context //nolint:containedctx // It lives for one request.
	tries   int
}

// again is the retryablehttp.CheckRetry of the attempt.
func (a *attempt) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	a.tries++
	switch {
	case err != nil && ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil:
		_, credentials := errors.AsType[*CredentialsError](err)
		return !credentials && !wrongCertificate(err) && (a.request.idempotent() || !wasSent(err)) && !a.client.outage.recent(a.client.timing.outage), nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return a.bearable(ctx, resp), nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return a.request.idempotent() && a.bearable(ctx, resp), nil
	}
	return false, nil
}

// bearable tells whether the pause that a server asks for is not too long, and
// whether anybody still waits: a write on its way is answered after that.
func (a *attempt) bearable(ctx context.Context, resp *http.Response) bool {
	if ctx.Err() != nil {
		return false
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return seconds <= a.client.timing.asked.Seconds()
	}
	at, err := http.ParseTime(text)
	return err != nil || time.Until(at) <= a.client.timing.asked
}

// pause is the retryablehttp.Backoff of the attempt. A server's Retry-After wins.
func (a *attempt) pause(shortest, longest time.Duration, done int, resp *http.Response) time.Duration {
	pause := retryablehttp.DefaultBackoff(shortest, longest, done, resp)
	fields := []any{"request", a.request.String(), "pause", pause}
	if resp != nil {
		fields = append(fields, "status", resp.StatusCode)
	}
	logctx.From(a.ctx).Debug("The request is sent again", fields...)
	return pause
}

// end notes whether the server could be reached.
func (a *attempt) end(err error) {
	switch {
	case err == nil:
		a.client.outage.over()
	case a.ctx.Err() == nil && a.tries >= a.client.timing.tries:
		a.client.outage.found()
	}
}

// wrongCertificate: trying again makes no certificate trusted, by this side or by
// the other.
func wrongCertificate(err error) bool {
	if told, ok := errors.AsType[*net.OpError](err); ok && told.Op == "remote error" {
		return true
	}
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, hostname := errors.AsType[x509.HostnameError](err)
	return verification || authority || hostname
}

// outage remembers that the server could not be reached, so that a refresh of
// many objects does not try for each of them.
type outage struct {
	mu    sync.Mutex
	since time.Time
}

func (o *outage) found() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Now()
}

func (o *outage) over() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Time{}
}

func (o *outage) recent(within time.Duration) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.since.IsZero() && time.Since(o.since) < within
}
