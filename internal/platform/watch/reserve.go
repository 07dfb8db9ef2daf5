package watch

import (
	"context"
	"time"
)

// rollbackShare is the part of the time that a rollback may take, and rollbackMost its most.
const (
	rollbackShare = 4
	rollbackMost  = 5 * time.Minute
)

// Reserve shortens the time for a rollout, so that a rollback fits in what is left.
func Reserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/rollbackShare, rollbackMost)))
}
