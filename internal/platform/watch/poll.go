package watch

import (
	"context"
	"time"
)

// Poll is a source that asks, at once and then again and again, with pauses that
// grow from the shortest to the longest.
func Poll[N News](shortest, longest time.Duration, ask func(ctx context.Context) N) Source[N] {
	return func(ctx context.Context) <-chan N {
		told := make(chan N)
		go func() {
			defer close(told)
			for pause := shortest; ; pause = min(2*pause, longest) {
				select {
				case told <- ask(ctx):
				case <-ctx.Done():
					return
				}
				select {
				case <-time.After(pause):
				case <-ctx.Done():
					return
				}
			}
		}()
		return told
	}
}
