package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// dialer opens a connection to the address of a broker.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// newDialer opens connections, encrypted where secured is not nil.
func newDialer(secured *tls.Config, timeout time.Duration) dialer {
	plain := &net.Dialer{Timeout: timeout}
	if secured == nil {
		return plain.DialContext
	}
	return (&tls.Dialer{NetDialer: plain, Config: secured}).DialContext
}

// named has errors name the address as it was given: in those of the network it is one of
// numbers, or missing.
func (d dialer) named(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := d(ctx, network, address)
	if err != nil {
		return nil, &dialError{address, err}
	}
	return connection, nil
}

// dialError means that a connection could not be opened.
type dialError struct {
	address string
	cause   error
}

func (e *dialError) Error() string { return fmt.Sprintf("%s: %v", e.address, e.cause) }

func (e *dialError) Unwrap() error { return e.cause }

// dialed tells that a connection could not be opened.
func dialed(err error) bool {
	_, ok := errors.AsType[*dialError](err)
	return ok
}

// elsewhere tells that the address of a connection that could not be opened is one that
// brokers give of themselves, and not one that the client was given.
func (c *Client) elsewhere(err error) bool {
	failed, ok := errors.AsType[*dialError](err)
	return ok && !slices.Contains(c.servers, failed.address)
}
