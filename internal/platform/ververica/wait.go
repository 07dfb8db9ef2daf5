package ververica

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// shortestPoll and longestPoll bound the pauses between two looks at something.
const (
	shortestPoll = 200 * time.Millisecond
	longestPoll  = 5 * time.Second
)

// looked is what one look gave.
type looked struct {
	over bool
	err  error
}

// Trouble implements watch.News.
func (l looked) Trouble() error { return l.err }

// until looks again and again, until it is over. A server that does not answer for
// a while is waited for; any other error ends the wait, and so does the context.
func until(ctx context.Context, look func(ctx context.Context) (over bool, err error)) error {
	return watch.Wait[looked]{
		See: func(news looked) bool { return news.over },
		Trouble: func(err error) error {
			if _, away := errors.AsType[*rest.UnreachableError](err); away || rest.Code(err) >= http.StatusInternalServerError {
				return nil
			}
			return err
		},
	}.Until(ctx, watch.Poll(shortestPoll, longestPoll, func(ctx context.Context) looked {
		over, err := look(ctx)
		return looked{over, err}
	}))
}
