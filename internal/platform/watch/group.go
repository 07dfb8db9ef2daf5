package watch

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Group is the waits that go on at the same time for things of which a server can
// be asked one by one, or for all of them at once. Each wait has pauses of its own,
// as with Poll. When one is due and others are or will soon be, all are told by one
// answer, so that what many waits ask for does not grow with their number. A wait
// hears only what was asked for after it had begun, and each thing in its order.
type Group[N News] struct {
	// Shortest and Longest bound the growing pauses of a wait.
	Shortest, Longest time.Duration
	// One asks for one thing.
	One func(ctx context.Context, name string) N
	// All asks for all things at once.
	All func(ctx context.Context) Answer[N]

	mu      sync.Mutex
	members []*member[N]
	// timer looks again when the next wait is due.
	timer *time.Timer
	// stop ends the asking for all things that is on its way; nil when none is.
	stop context.CancelFunc
	// price is how many requests the last answer for all things took, and barred
	// until when nobody asks for one.
	price  int
	barred time.Time
}

// Answer is what a Group is told of all things at once.
type Answer[N News] struct {
	// Requests is how many it took, 0 when that tells nothing. All things are only
	// asked for together while it takes less than to ask for each that is due.
	Requests int
	// Of returns the news of a thing, ok false for one that has to be asked for on its
	// own. It is nil when all things cannot be asked for at once, at least for a while.
	Of func(name string) (news N, ok bool)
}

// bar is how long nobody asks for all things after it could not be done.
const bar = time.Minute

// member is one wait of a group.
type member[N News] struct {
	ctx  context.Context //nolint:containedctx // It lives as long as the wait.
	name string
	// pause is the present one, and due when it ends: never while something is asked
	// for, or told and not heard yet.
	pause time.Duration
	due   time.Time
	// asking tells that an answer for it is on its way.
	asking bool
	// news has the newest that the wait has not heard.
	news chan N
}

// Source is a source of the news of one thing.
func (g *Group[N]) Source(name string) Source[N] {
	return func(ctx context.Context) <-chan N {
		told := make(chan N)
		m := g.join(ctx, name)
		go func() {
			defer close(told)
			defer g.leave(m)
			for {
				select {
				case news := <-m.news:
					select {
					case told <- news:
						g.heard(m)
					case <-ctx.Done():
						return
					}
				case <-ctx.Done():
					return
				}
			}
		}()
		return told
	}
}

// join adds a wait. One that is alone is due at once; who comes to others waits a
// moment for those who come with it.
func (g *Group[N]) join(ctx context.Context, name string) *member[N] {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := &member[N]{ctx: ctx, name: name, pause: g.Shortest / 2, due: time.Now(), news: make(chan N, 1)}
	if len(g.members) > 0 {
		m.due = m.due.Add(m.pause)
	}
	g.members = append(g.members, m)
	g.look()
	return m
}

// leave takes a wait out. The last one ends what is asked for.
func (g *Group[N]) leave(m *member[N]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = slices.DeleteFunc(g.members, func(other *member[N]) bool { return other == m })
	if len(g.members) == 0 && g.stop != nil {
		g.stop()
	}
	g.look()
}

// heard begins the next pause of a wait.
func (g *Group[N]) heard(m *member[N]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m.pause = min(2*m.pause, g.Longest)
	if !m.asking {
		m.due = time.Now().Add(m.pause)
	}
	g.look()
}

// look asks for what is due, and sets the timer for what is due next. The mutex is
// the caller's, here and in the functions below.
func (g *Group[N]) look() {
	if g.timer != nil {
		g.timer.Stop()
	}
	if g.stop != nil {
		// When all things are told, it looks again.
		return
	}
	now := time.Now()
	var due []*member[N]
	var next time.Time
	soon := 0
	for _, m := range g.members {
		switch {
		case m.due.IsZero():
			continue
		case !m.due.After(now):
			due = append(due, m)
			continue
		case !m.due.After(now.Add(m.pause / 2)):
			soon++
		}
		if next.IsZero() || m.due.Before(next) {
			next = m.due
		}
	}
	if len(due) > 0 && len(due)+soon > max(1, g.price) && now.After(g.barred) {
		g.askForAll(due[0].ctx)
		return
	}
	for _, m := range due {
		g.askForOne(m)
	}
	if !next.IsZero() {
		g.timer = time.AfterFunc(next.Sub(now), func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.look()
		})
	}
}

// askForOne asks for what one wait is about.
func (g *Group[N]) askForOne(m *member[N]) {
	m.asking, m.due = true, time.Time{}
	go func() {
		news := g.One(m.ctx, m.name)
		g.mu.Lock()
		defer g.mu.Unlock()
		m.tell(news)
	}()
}

// askForAll asks for all things at once, for all waits of now for which nothing is
// asked yet. It goes on when the wait with the context ends, for the others.
func (g *Group[N]) askForAll(ctx context.Context) {
	ctx, g.stop = context.WithCancel(context.WithoutCancel(ctx))
	var asked []*member[N]
	for _, m := range g.members {
		if !m.asking {
			m.asking, m.due = true, time.Time{}
			asked = append(asked, m)
		}
	}
	go func() {
		answer := g.All(ctx)
		interrupted := ctx.Err() != nil
		g.mu.Lock()
		defer g.mu.Unlock()
		g.stop()
		g.stop = nil
		switch {
		case answer.Of != nil:
			g.price = cmp.Or(answer.Requests, g.price)
		case !interrupted:
			g.barred = time.Now().Add(bar)
		}
		for _, m := range asked {
			g.take(m, answer)
		}
		g.look()
	}()
}

// take tells a wait what an answer has for it, or asks for that on its own.
func (g *Group[N]) take(m *member[N], answer Answer[N]) {
	if m.ctx.Err() != nil {
		return
	}
	if answer.Of != nil {
		if news, ok := answer.Of(m.name); ok {
			m.tell(news)
			return
		}
	}
	g.askForOne(m)
}

// tell puts news in the place of what the wait has not heard yet.
func (m *member[N]) tell(news N) {
	m.asking = false
	select {
	case <-m.news:
	default:
	}
	m.news <- news
}
