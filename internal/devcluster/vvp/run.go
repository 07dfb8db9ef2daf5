package vvp

import (
	"context"
	"time"
)

// follower brings one deployment or session cluster nearer to what is desired.
type follower interface {
	// next is the transition that is needed, nil for none. It is asked under the lock,
	// and what it returns is called without.
	next(s *Server, r *run) func(ctx context.Context)
	// observe looks at what runs.
	observe(ctx context.Context, s *Server, r *run)
	// abandon ends what runs, when nobody follows it any more.
	abandon(ctx context.Context, s *Server, r *run)
}

// run is the following of one object.
type run struct {
	follower
	sp *space
	o  object

	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
	// starting ends the wait for a job to come up; nil while there is none.
	starting context.CancelFunc
}

// follow has an object followed until its namespace or the server ends.
func (s *Server) follow(sp *space, o object, by follower) {
	r := &run{follower: by, sp: sp, o: o, wake: make(chan struct{}, 1), done: make(chan struct{})}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(s.live)
	sp.runs[id(o)] = r
	s.running.Go(func() {
		defer close(r.done)
		for ctx.Err() == nil {
			s.mu.Lock()
			next := r.next(s, r)
			s.mu.Unlock()
			if next != nil {
				next(ctx)
				continue
			}
			r.observe(ctx, s, r)
			select {
			case <-ctx.Done():
			case <-r.wake:
			case <-time.After(s.Look):
			}
		}
	})
}

// awaken has the follower look again.
func (r *run) awaken() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// interrupt ends the wait for a job to come up.
func (r *run) interrupt() {
	if r.starting != nil {
		r.starting()
	}
}

// forget ends the following of an object that is deleted.
func (sp *space) forget(o object) {
	sp.runs[id(o)].stop()
	delete(sp.runs, id(o))
}

// abandonTimeout is how long what runs may take to go with its namespace.
const abandonTimeout = time.Minute

// abandon ends what an object runs that nobody follows any more.
func (s *Server) abandon(ctx context.Context, r *run) {
	ctx, cancel := context.WithTimeout(ctx, abandonTimeout)
	defer cancel()
	r.abandon(ctx, s, r)
}

// locked does something under the lock.
func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}
