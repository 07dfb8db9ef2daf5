// Package watch is how every wait for a platform goes on: a source tells what
// happens, and the wait says when it is over. It knows no platform. A source may
// be a watch that a server keeps open, or a poller.
package watch

import (
	"context"
	"time"
)

// News is something that a source tells.
type News interface {
	// Trouble is why the source cannot tell how things are. It goes on and tells
	// what it has missed when it can. Nil when it could tell.
	Trouble() error
}

// Source tells how things are, and then each change, until its context ends.
type Source[N News] func(ctx context.Context) <-chan N

// Wait is what to do about news. Its functions are called one at a time.
type Wait[N News] struct {
	// See is shown each news without trouble, and tells whether the wait is over.
	See func(news N) (over bool)
	// Trouble is told of each trouble. Its error ends the wait; nil waits on, and
	// so does a wait without this function.
	Trouble func(err error) error
	// Times are when Look is called, which tells as See does; nil for never.
	Times <-chan time.Time
	Look  func(at time.Time) (over bool)
	// Ready is called before the wait goes on, nil for nothing to do.
	Ready func()
}

// Until waits until the wait is over, and returns nil. It returns the context's
// error at once when that ends, and that of a trouble which does not heal.
func (w Wait[N]) Until(ctx context.Context, source Source[N]) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	all := source(following)
	for {
		if w.Ready != nil {
			w.Ready()
		}
		select {
		case news, open := <-all:
			if !open {
				// Nothing but the end of the context closes it.
				<-ctx.Done()
				return ctx.Err()
			}
			switch err := news.Trouble(); {
			case err == nil && w.See(news):
				return nil
			case err != nil && w.Trouble != nil:
				if err := w.Trouble(err); err != nil {
					return err
				}
			}
		case at := <-w.Times:
			if w.Look(at) {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Join is a source of what several tell, each in its order.
func Join[N News](sources ...Source[N]) Source[N] {
	return func(ctx context.Context) <-chan N {
		all := make(chan N)
		for _, source := range sources {
			go pass(ctx, source(ctx), all, func(news N) N { return news })
		}
		return all
	}
}

// Map is a source that tells in other words what another tells.
func Map[M, N News](source Source[M], tell func(M) N) Source[N] {
	return func(ctx context.Context) <-chan N {
		all := make(chan N)
		from := source(ctx)
		go func() {
			defer close(all)
			pass(ctx, from, all, tell)
		}()
		return all
	}
}

// pass hands on what comes, until the context ends.
func pass[M, N News](ctx context.Context, from <-chan M, to chan<- N, tell func(M) N) {
	for {
		select {
		case news, open := <-from:
			if !open {
				return
			}
			select {
			case to <- tell(news):
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
