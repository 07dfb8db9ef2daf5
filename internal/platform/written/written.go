// Package written is how a platform over REST knows again what it has written: in
// the lists that it has asked for before, and after an answer that was lost. It knows
// no platform.
package written

import "sync"

// Log has the objects that a connection has written, each with the moment when a write
// of it last began or ended. Moments only count. K names an object. It is safe for
// concurrent use, and its zero value is empty.
type Log[K comparable] struct {
	mu   sync.Mutex
	now  int
	last map[K]int
}

// Write notes that a write of an object begins. What it returns notes that it ends.
func (l *Log[K]) Write(key K) (ends func()) {
	note := func() { l.note(key) }
	note()
	return note
}

func (l *Log[K]) note(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = map[K]int{}
	}
	l.now++
	l.last[key] = l.now
}

// Moment is the present one.
func (l *Log[K]) Moment() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// Since tells whether an object was written after a moment.
func (l *Log[K]) Since(moment int, key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last[key] > moment
}

// Has tells whether an object was ever written.
func (l *Log[K]) Has(key K) bool { return l.Since(0, key) }
