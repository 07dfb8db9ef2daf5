package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// ask sends a request until a broker answers it. An error is
//
//   - an *UnreachableError: no broker answers within the time, or before the deadline
//     of the context;
//   - a *CredentialsError, a *ListenerError or a *CertificateError: a broker, the
//     token server or the client refuses the other one;
//   - the context's own, whose end ends everything at once.
func ask[A kmsg.Response](ctx context.Context, c *Client, request kmsg.Request) (A, error) {
	return send[A](ctx, c, request, false)
}

// askOnce is ask for a request that must not be carried out twice: when it may have been,
// and no answer came, the error is a *lostError.
func askOnce[A kmsg.Response](ctx context.Context, c *Client, request kmsg.Request) (A, error) {
	return send[A](ctx, c, request, true)
}

// errSilence is the cause of the end of the time that brokers have to answer.
var errSilence = errors.New("no answer came")

func send[A kmsg.Response](ctx context.Context, c *Client, request kmsg.Request, once bool) (A, error) {
	var none A
	bounded, cancel := context.WithTimeoutCause(ctx, c.timing.silence, errSilence)
	defer cancel()
	name := kmsg.NameForKey(request.Key())
	begin, pauses := time.Now(), c.timing.pauses()
	last := errSilence
	// Of a request that may have been carried out it is not said that nobody answers.
	ended := func() error {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && !once {
			return c.unreachable(last, time.Since(begin), context.Cause(ctx))
		}
		return fmt.Errorf("the request %s to Kafka was interrupted: %w", name, context.Cause(ctx))
	}
	for closed := 0; ; {
		answer, err := c.kgo.Request(bounded, request)
		if err == nil {
			c.answered.Store(true)
			typed, ok := answer.(A)
			if !ok {
				return none, fmt.Errorf("%s was answered by %T", name, answer)
			}
			return typed, nil
		}
		if ctx.Err() != nil {
			return none, ended()
		}
		// The end of the time says less than what was seen before it.
		if late, ok := errors.AsType[net.Error](err); bounded.Err() == nil && (errors.Is(last, errSilence) || !ok || !late.Timeout()) {
			last = err
		}
		early := (*kgo.ErrFirstReadEOF)(nil)
		if errors.As(err, &early) && !c.answered.Load() {
			closed++
		}
		if final := c.final(err, closed); final != nil {
			return none, final
		}
		if once && maybeSent(err) {
			return none, &lostError{c.unreachable(last, c.timing.silence, nil)}
		}
		logctx.From(ctx).Debug("The request to Kafka is sent again", "request", name, "pause", pauses.next, "error", err.Error())
		if bounded.Err() != nil || pauses.wait(bounded) != nil {
			if ctx.Err() != nil {
				return none, ended()
			}
			return none, c.unreachable(last, c.timing.silence, nil)
		}
	}
}

// unreachable is the error of a request that no broker has answered for a time, which ended is
// the end of, or nil when that is the client's own.
func (c *Client) unreachable(last error, after time.Duration, ended error) error {
	if failed, ok := errors.AsType[*tokenError](last); ok {
		return &failed.CredentialsError
	}
	return &UnreachableError{Servers: c.servers, After: after.Round(100 * time.Millisecond), Advertised: c.answered.Load() && c.elsewhere(last), Cause: last, Ended: ended}
}

// closings is how often a broker has to close the connection before it answers anything,
// until that means something: one that starts or ends does it too.
const closings = 3

// final is the error of a request that is not worth another try, or nil.
func (c *Client) final(err error, closed int) error {
	if failed, ok := errors.AsType[*tokenError](err); ok && !failed.passes {
		return &failed.CredentialsError
	}
	switch {
	case errors.Is(err, kgo.ErrClientClosed):
		return err
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return &CredentialsError{Mechanism: c.secured.mechanism, Message: words(err, kerr.SaslAuthenticationFailed)}
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return &ListenerError{c.servers, "does not know the SASL mechanism " + c.secured.mechanism, "Say in sasl.mechanism one that the listener of this address has enabled (sasl.enabled.mechanisms)."}
	case errors.Is(err, kerr.IllegalSaslState):
		return &ListenerError{c.servers, "does not ask for SASL", "Leave sasl out, or name a listener with SASL in the bootstrap servers."}
	case refusedOurs(err):
		return &CertificateError{Servers: c.servers, Ours: true, Message: rootCause(err)}
	case wrongCertificate(err):
		return &CertificateError{Servers: c.servers, Message: rootCause(err)}
	case strings.Contains(err.Error(), "broker is too old"):
		return &ListenerError{c.servers, "is too old for what is asked of it", "Use Kafka 2.4 or newer."}
	case strings.Contains(err.Error(), "tls alert record"):
		return &ListenerError{c.servers, "asks for TLS", "Say tls, or name a listener without TLS in the bootstrap servers."}
	case closed >= closings:
		return c.closedEarly()
	}
	if _, plain := errors.AsType[tls.RecordHeaderError](err); plain {
		return &ListenerError{c.servers, "does not speak TLS", "Leave tls out, or name a listener with TLS in the bootstrap servers."}
	}
	return nil
}

// closedEarly says what it means that a broker closes the connection where it would have to
// answer. Kafka does so, without a word, with whoever does not speak what the listener
// speaks.
func (c *Client) closedEarly() error {
	e := &ListenerError{Servers: c.servers, Message: "closes the connection without an answer, as one does to a client that does not speak what its listener asks for"}
	switch {
	case c.secured.mechanism == "" && !c.secured.tls:
		e.Remedy = "Say sasl where the listener asks for SASL, and tls where it asks for TLS; this client has neither."
	case c.secured.mechanism == "":
		e.Remedy = "Say sasl where the listener asks for SASL, and leave tls out where it does not ask for TLS; this client has TLS without SASL."
	case !c.secured.tls:
		e.Remedy = "Say tls where the listener asks for TLS; this client has SASL without TLS."
	default:
		e.Remedy = "Leave tls out where the listener does not ask for TLS; this client has SASL over TLS."
	}
	return e
}

// maybeSent tells whether a broker may have received a request that failed.
func maybeSent(err error) bool {
	_, token := errors.AsType[*tokenError](err)
	return !token && !dialed(err)
}

// refusedOurs: a broker sends an alert of TLS to a client whose certificate it does not take.
func refusedOurs(err error) bool {
	told, ok := errors.AsType[*net.OpError](err)
	return ok && told.Op == "remote error"
}

// wrongCertificate: trying again makes no certificate trusted.
func wrongCertificate(err error) bool {
	_, verification := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, hostname := errors.AsType[x509.HostnameError](err)
	return verification || authority || hostname
}

// rootCause is the innermost message.
func rootCause(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}

// words are a broker's own of an error, or the meaning of its code.
func words(err error, code *kerr.Error) string {
	if _, own, found := strings.Cut(err.Error(), code.Error()+": "); found {
		return own
	}
	return code.Description
}
