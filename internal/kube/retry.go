package kube

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// timing are the bounds of waiting for an API server. All of them end early
// with the context.
type timing struct {
	// readOutage and writeOutage bound how long one read or write tries to
	// reach a server that does not answer. A plan against a dead cluster
	// should fail while its user still looks at it; a write is worth more
	// patience, since a control plane restarts in about half a minute.
	readOutage, writeOutage time.Duration
	// firstContact bounds a question that a plan can do without.
	firstContact time.Duration
	// remember is how long other requests fail at once after such a bound was
	// used up, so that 200 resources do not wait one after the other.
	remember time.Duration
	// answer bounds a single write. The API server itself ends a request
	// after 60 s (--request-timeout).
	answer time.Duration
	// busy bounds the retries while the server answers that it, or a webhook
	// it needs, cannot serve at present, or that an object changed meanwhile.
	busy time.Duration
	// internal bounds the retries of other internal errors, which may last.
	internal time.Duration
	// unserved bounds how long writes wait, in all, for a kind whose
	// definition is not installed.
	unserved time.Duration
	// backoff are the pauses between attempts; Steps is ignored.
	backoff wait.Backoff
	// watchBackoff are the pauses before a broken watch is tried again, for as
	// long as somebody follows.
	watchBackoff wait.Backoff
	// linger is how long a watch outlives its last follower. Terraform applies
	// resources in batches, and the next batch follows the same objects.
	linger time.Duration
	// lastAnswer is how long a write outlives its context.
	lastAnswer time.Duration
}

var defaultTiming = timing{
	readOutage:  10 * time.Second,
	writeOutage: 30 * time.Second,
	remember:    5 * time.Second,

	firstContact: 3 * time.Second,

	answer:   65 * time.Second,
	busy:     60 * time.Second,
	internal: 5 * time.Second,
	unserved: 30 * time.Second,
	backoff:  wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.5, Cap: 3 * time.Second, Steps: 1 << 20},

	watchBackoff: wait.Backoff{Duration: 200 * time.Millisecond, Factor: 2, Jitter: 0.5, Cap: 5 * time.Second, Steps: 1 << 20},
	linger:       10 * time.Second,
	lastAnswer:   time.Second,
}

// operation is a request as retries see it.
type operation struct {
	verb  string
	ref   Ref
	write bool
	// awaitKind: wait for a kind that is not served, since the operator that
	// brings its definition may just be being installed.
	awaitKind bool
	// once: the caller deals with a conflict of versions (409) itself.
	once bool
	// dry: nothing is stored.
	dry bool
	// probe: the answer is wanted now or not at all.
	probe bool
}

// do runs one request, classifies its error and repeats it while that is
// worthwhile. Every request that is sent this way can be repeated without harm.
func (c *Client) do(ctx context.Context, op operation, request func(context.Context) error) error {
	patience, answer := c.timing.readOutage, c.timing.readOutage
	if op.write && !op.probe {
		patience, answer = c.timing.writeOutage, c.timing.answer
	}
	if err := c.outage.recent(patience, c.timing.remember); err != nil {
		return err
	}
	start := time.Now()
	backoff := c.timing.backoff
	for attempt := 1; ; attempt++ {
		raw := c.ask(answerWithin(ctx, answer), op, request)
		if raw != nil && ctx.Err() != nil {
			return interrupted(ctx, op)
		}
		err := c.classify(raw, op.verb, op.ref)
		if !isUnreachable(err) {
			c.outage.over()
		}
		if err == nil {
			c.unserved.served(op.ref.Kind)
			return nil
		}
		deadline := c.retryUntil(err, op, start)
		if deadline.IsZero() {
			return err
		}
		pause := max(backoff.Step(), retryAfter(raw))
		if time.Now().Add(pause).After(deadline) {
			if isUnreachable(err) {
				c.outage.found(err, patience)
			}
			return err
		}
		logctx.From(ctx).InfoContext(ctx, "Repeating a request to the API server", "verb", op.verb,
			"object", op.ref.String(), "attempt", attempt, "pause", pause, "error", err.Error())
		if !sleep(ctx, pause) {
			return interrupted(ctx, op)
		}
		if isUnreachable(err) && !op.write {
			// The last attempt must not stretch the whole beyond the bound.
			answer = max(time.Until(deadline), time.Millisecond)
		}
	}
}

// ask sends one request. A write that is on its way when the context ends still has
// a moment for its answer: without it nobody would know whether the write was done.
func (c *Client) ask(ctx context.Context, op operation, request func(context.Context) error) error {
	if !op.write || op.dry || op.probe || ctx.Err() != nil {
		return request(ctx)
	}
	answered, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-answered.Done():
		case <-time.After(c.timing.lastAnswer):
			cancel()
		}
	})()
	return request(answered)
}

// retryUntil is when to give up repeating a request that started at start and
// now failed with err. Zero: at once.
func (c *Client) retryUntil(err error, op operation, start time.Time) time.Time {
	if op.probe {
		return time.Time{}
	}
	outageEnd := start.Add(c.timing.readOutage)
	if op.write {
		outageEnd = start.Add(c.timing.writeOutage)
	}
	busyEnd := start.Add(c.timing.busy)
	switch e := err.(type) { //nolint:errorlint // classify wraps its errors in nothing
	case *UnreachableError:
		if !wrongCertificate(e) {
			return outageEnd
		}
	case *WebhookUnavailableError:
		if e.Answered {
			return start.Add(c.timing.internal)
		}
		return busyEnd
	case *NotServedError:
		if op.awaitKind {
			return c.unserved.firstSeen(op.ref.Kind).Add(c.timing.unserved)
		}
	case *ServerError:
		switch e.Code {
		case http.StatusConflict:
			if !op.once {
				return busyEnd
			}
		case http.StatusTooManyRequests:
			return busyEnd
		case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
			// A load balancer speaks like this for a server that is gone.
			return outageEnd
		case http.StatusInternalServerError:
			return start.Add(c.timing.internal)
		}
	}
	return time.Time{}
}

func isUnreachable(err error) bool {
	_, unreachable := errors.AsType[*UnreachableError](err)
	return unreachable
}

// wrongCertificate: trying again cannot make a certificate trusted.
func wrongCertificate(err error) bool {
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, hostname := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return authority || hostname || invalid
}

// retryAfter is the pause that the server asks for (429 and some 5xx).
func retryAfter(err error) time.Duration {
	if seconds, ok := apierrors.SuggestsClientDelay(err); ok {
		return time.Duration(seconds) * time.Second
	}
	return 0
}

func interrupted(ctx context.Context, op operation) error {
	return fmt.Errorf("the request to %s %s was interrupted: %w", op.verb, op.ref, context.Cause(ctx))
}

// sleep waits, and says whether the context still lives.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// outage remembers that the server could not be reached.
type outage struct {
	mu    sync.Mutex
	since time.Time
	tried time.Duration
	err   error
}

// found records that trying for as long as tried was in vain.
func (o *outage) found(err error, tried time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since, o.tried, o.err = time.Now(), tried, err
}

// over forgets it: the server has answered.
func (o *outage) over() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = nil
}

// recent returns the remembered error when the server was tried, not longer
// ago than remember, for at least as long as the caller would try.
func (o *outage) recent(bound, remember time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil && o.tried >= bound && time.Since(o.since) < remember {
		return o.err
	}
	return nil
}

// unservedKinds makes all writes of a kind that is not served wait for it
// together, instead of one after the other.
type unservedKinds struct {
	mu    sync.Mutex
	since map[Kind]time.Time
}

// firstSeen is when the kind was first found missing.
func (u *unservedKinds) firstSeen(kind Kind) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since == nil {
		u.since = map[Kind]time.Time{}
	}
	if _, ok := u.since[kind]; !ok {
		u.since[kind] = time.Now()
	}
	return u.since[kind]
}

// served forgets it.
func (u *unservedKinds) served(kind Kind) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, kind)
}
