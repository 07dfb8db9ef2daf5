package standin

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// eventCounter remembers how often each Event was said, so that a repetition
// raises a count and does not make a new object.
type eventCounter struct {
	mu     sync.Mutex
	counts map[types.NamespacedName]int64
}

func (c *eventCounter) next(key types.NamespacedName) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[types.NamespacedName]int64{}
	}
	c.counts[key]++
	return c.counts[key]
}

// event tells about the object of the pass with one of the operator's reasons.
func (p *pass) event(ctx context.Context, typ, reason, component, message string) {
	p.emit(ctx, p.obj, typ, reason, component, message)
}

// emit writes a core/v1 Event named as the operator names them: the component
// and a hash of what is said. An Event that cannot be written is not missed.
func (o *operator) emit(ctx context.Context, about *unstructured.Unstructured, typ, reason, component, message string) {
	if len(message) > 1024 {
		message = message[:1024]
	}
	hash := fnv.New32a()
	_, _ = fmt.Fprint(hash, about.GetUID(), typ, reason, message)
	key := types.NamespacedName{Namespace: about.GetNamespace(), Name: fmt.Sprintf("%s.%d", component, hash.Sum32())}
	now := time.Now().UTC().Format(time.RFC3339)
	if count := o.events.next(key); count > 1 {
		_, err := o.api.patch(ctx, events, key, map[string]any{"count": count, "lastTimestamp": now})
		if err == nil || !apierrors.IsNotFound(err) {
			return
		}
	}
	_, err := o.api.create(ctx, events, map[string]any{
		"apiVersion": "v1", "kind": "Event",
		"metadata": map[string]any{"namespace": key.Namespace, "name": key.Name},
		"involvedObject": map[string]any{
			"apiVersion": about.GetAPIVersion(), "kind": about.GetKind(), "namespace": about.GetNamespace(), "name": about.GetName(), "uid": string(about.GetUID()),
		},
		"type": typ, "reason": reason, "message": message, "count": int64(1),
		"firstTimestamp": now, "lastTimestamp": now, "source": map[string]any{"component": component},
	})
	if err != nil && !ignorable(err) && !apierrors.IsAlreadyExists(err) {
		o.log.Debug("event not written", "object", about.GetName(), "reason", reason, "error", err)
	}
}
