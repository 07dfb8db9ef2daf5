package standin

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
)

// workers is the number of objects of one kind that are worked on at once. A
// pass mostly sleeps through the steps of a deployment, so there are many.
const workers = 64

// handler brings one object a bit further and returns when to look again, 0 for
// not before something happens.
type handler func(ctx context.Context, key types.NamespacedName) (time.Duration, error)

// loop runs one kind's handler. The queue never hands out a key twice at a
// time, which keeps the order of an object's writes.
type loop struct {
	name   string
	handle handler
	queue  workqueue.TypedRateLimitingInterface[types.NamespacedName]
}

func newLoop(name string, handle handler) *loop {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](10*time.Millisecond, time.Second)
	return &loop{name: name, handle: handle, queue: workqueue.NewTypedRateLimitingQueue(limiter)}
}

func (l *loop) add(key types.NamespacedName) { l.queue.Add(key) }

// run works until ctx is done.
func (l *loop) run(ctx context.Context, log *slog.Logger) {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for l.next(ctx, log) {
			}
		})
	}
	<-ctx.Done()
	l.queue.ShutDown()
	all.Wait()
}

func (l *loop) next(ctx context.Context, log *slog.Logger) bool {
	key, down := l.queue.Get()
	if down {
		return false
	}
	defer l.queue.Done(key)
	again, err := l.handle(ctx, key)
	switch {
	case ctx.Err() != nil:
	case err != nil && !ignorable(err):
		log.Warn("pass failed, trying again", "kind", l.name, "object", key.String(), "error", err)
		l.queue.AddRateLimited(key)
		return true
	case again > 0:
		l.queue.AddAfter(key, again)
	}
	l.queue.Forget(key)
	return true
}
