package kube

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
)

// Change is one thing that happened to a followed object.
type Change struct {
	// Object is the new version, without managedFields; nil when the object is
	// not there, and beside Err. It is shared between followers and must not
	// be changed.
	Object *unstructured.Unstructured
	// Deleted: the object was there and is gone.
	Deleted bool
	// Err tells of trouble with the connection, perhaps before the first
	// state. The watch goes on; what changes meanwhile arrives when it is back.
	Err error
}

// Trouble is the trouble with the connection, nil for none.
func (c Change) Trouble() error { return c.Err }

// Follow delivers the present state of an object (Object nil when it is not
// there) and then each of its versions in order, until the context ends; then
// the channel is closed. Nothing is dropped while the receiver is busy. What
// lies before the last write of this client to the object is never delivered.
// Versions that pass while the connection is broken are seen as their last
// one; a deletion and re-creation among them is seen as such.
//
// All followers of a kind in a namespace share one watch.
func (c *Client) Follow(ctx context.Context, kind Kind, key Key) <-chan Change {
	f := &follower{name: key.Name, signal: make(chan struct{}, 1)}
	f.since, _ = c.written.get(Ref{kind, key})
	out := make(chan Change)
	h := c.join(listScope{kind, key.Namespace}, f) //nolint:contextcheck // the watch may outlive its first follower
	go func() {
		defer close(out)
		defer c.leave(h, f)
		for {
			for _, change := range f.take() {
				if change.Err != nil {
					logctx.From(ctx).WarnContext(ctx, "The watch is interrupted and will be resumed",
						"object", Ref{kind, key}.String(), "error", change.Err.Error())
				}
				select {
				case out <- change:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-f.signal:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// follower is the queue between a watch, which must not be held up, and one
// receiver. It has no bound: a receiver needs every version, and it lags by a
// few at most.
type follower struct {
	name  string
	since string // resource version below which nothing is shown
	told  bool   // whether the first state has been queued; guarded by the hub

	mu     sync.Mutex
	queue  []Change
	signal chan struct{}
}

func (f *follower) push(change Change) {
	f.mu.Lock()
	f.queue = append(f.queue, change)
	f.mu.Unlock()
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

func (f *follower) take() []Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := f.queue
	f.queue = nil
	return changes
}

// olderVersion compares two resource versions of one resource
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
// An empty one is older than all others; versions that are no numbers, from
// servers other than Kubernetes' own, count as not older.
func olderVersion(a, b string) bool {
	if a == "" || b == "" {
		return a == "" && b != ""
	}
	order, err := resourceversion.CompareResourceVersion(a, b)
	return err == nil && order < 0
}
