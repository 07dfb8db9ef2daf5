package kube

import (
	"net/http"
	"sync/atomic"
	"time"
)

// serverClock knows how much the API server's clock is ahead of this machine's,
// from the Date header of its newest answer
// (https://www.rfc-editor.org/rfc/rfc9110#name-date), which has whole seconds.
// The zero value takes both for the same.
type serverClock struct{ ahead atomic.Int64 }

func (c *serverClock) note(answer *http.Response, received time.Time) {
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		c.ahead.Store(int64(date.Sub(received)))
	}
}

// here returns a time of the server's clock as this machine's clock has it.
func (c *serverClock) here(there time.Time) time.Time {
	return there.Add(-time.Duration(c.ahead.Load()))
}
