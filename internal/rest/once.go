package rest

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"
)

// memory holds what Once has read.
type memory struct {
	flights singleflight.Group
	mu      sync.Mutex
	values  map[string]any
}

func (m *memory) get(key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[key]
	return value, ok
}

func (m *memory) put(key string, value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]any{}
	}
	m.values[key] = value
}

// Once returns what read returns, and calls it once for a key in the life of the
// client, which is one plan or one apply. Failures are not kept. Callers that come
// meanwhile wait for that one call, each no longer than its own context lives.
func Once[T any](ctx context.Context, c *Client, key string, read func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		value     T
		abandoned bool // by the caller that was reading
	}
	for {
		if known, ok := c.known.get(key); ok {
			value, _ := known.(T)
			return value, nil
		}
		flight := c.known.flights.DoChan(key, func() (any, error) {
			// Another flight may have ended since the first look.
			if known, ok := c.known.get(key); ok {
				value, _ := known.(T)
				return outcome{value, false}, nil
			}
			value, err := read(ctx)
			if err == nil {
				c.known.put(key, value)
			}
			return outcome{value, ctx.Err() != nil}, err
		})
		select {
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("reading %s was interrupted: %w", key, context.Cause(ctx))
		case result := <-flight:
			done, _ := result.Val.(outcome)
			if result.Err != nil && done.abandoned && ctx.Err() == nil {
				continue
			}
			return done.value, result.Err
		}
	}
}
