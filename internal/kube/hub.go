package kube

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// hubs are the watches that run.
type hubs struct {
	mu      sync.Mutex
	running map[listScope]*hub
}

// hub is one list and watch of a kind in a namespace, and who follows objects
// in it. client-go's Reflector does the listing, watching, expiring and backing
// off; the hub is the store that it fills.
type hub struct {
	client *Client
	scope  listScope
	stop   context.CancelFunc

	// idle ends the hub some time after its last follower left; hubs.mu guards it.
	idle *time.Timer

	mu        sync.Mutex
	synced    bool
	version   string // how far the watch has come
	objects   map[string]*unstructured.Unstructured
	followers map[string][]*follower
}

var (
	_ cache.ReflectorStore         = (*hub)(nil)
	_ cache.ReflectorBookmarkStore = (*hub)(nil)
)

// join adds a follower to the hub of the scope, and starts the hub if it is
// the first.
func (c *Client) join(scope listScope, f *follower) *hub {
	c.hubs.mu.Lock()
	defer c.hubs.mu.Unlock()
	h := c.hubs.running[scope]
	if h == nil {
		ctx, stop := context.WithCancel(context.Background())
		h = &hub{
			client: c, scope: scope, stop: stop,
			objects: map[string]*unstructured.Unstructured{}, followers: map[string][]*follower{},
		}
		c.hubs.running[scope] = h
		go h.run(ctx)
	}
	if h.idle != nil {
		h.idle.Stop()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.followers[f.name] = append(h.followers[f.name], f)
	h.greet(f)
	return h
}

// leave removes a follower. The watch ends when the last one has left and no
// other comes for a while.
func (c *Client) leave(h *hub, f *follower) {
	c.hubs.mu.Lock()
	defer c.hubs.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	rest := slices.DeleteFunc(h.followers[f.name], func(other *follower) bool { return other == f })
	h.followers[f.name] = rest
	if len(rest) == 0 {
		delete(h.followers, f.name)
	}
	if len(h.followers) == 0 {
		h.idle = time.AfterFunc(c.timing.linger, func() { c.endIdle(h) })
	}
}

// endIdle ends the watch of a hub without followers.
func (c *Client) endIdle(h *hub) {
	c.hubs.mu.Lock()
	defer c.hubs.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.followers) == 0 && c.hubs.running[h.scope] == h {
		h.stop()
		delete(c.hubs.running, h.scope)
	}
}

// run lists and watches until ctx ends.
func (h *hub) run(ctx context.Context) {
	// Trouble is told to the followers, who know their log; client-go's own
	// lines would go to the standard error of the process.
	silent := logr.Discard()
	ctx = klog.NewContext(ctx, silent)
	backoff := h.client.timing.watchBackoff
	cache.NewReflectorWithOptions(h.source(), nil, h, cache.ReflectorOptions{
		Name: flightName(h.scope), TypeDescription: h.scope.kind.Kind, Backoff: &backoff, Logger: &silent,
	}).RunWithContext(ctx)
}

// source is where the Reflector lists and watches.
func (h *hub) source() cache.ListerWatcher {
	var api dynamic.ResourceInterface = h.client.dynamic.Resource(h.scope.kind.GroupVersionResource)
	if h.scope.namespace != "" {
		api = h.client.dynamic.Resource(h.scope.kind.GroupVersionResource).Namespace(h.scope.namespace)
	}
	return plainListWatch{&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			if options.ResourceVersion == "0" {
				// "0" may be answered from a cache that does not have the
				// write yet whose effect is to be awaited.
				options.ResourceVersion = ""
			}
			list, err := api.List(answerWithin(ctx, h.client.timing.readOutage), options)
			h.report(ctx, "list", err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			w, err := api.Watch(ctx, options)
			h.report(ctx, "watch", err)
			return w, err
		},
	}}
}

// plainListWatch keeps the Reflector from asking for the initial objects as a
// stream, which servers before 1.32 answer with an error first.
type plainListWatch struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is what client-go looks for.
func (plainListWatch) IsWatchListSemanticsUnSupported() bool { return true }

// report tells all followers of a failure.
func (h *hub) report(ctx context.Context, verb string, err error) {
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		h.client.outage.over()
		return
	}
	err = h.client.classify(err, verb, Ref{h.scope.kind, Key{Namespace: h.scope.namespace}})
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.followers {
		for _, f := range all {
			f.push(Change{Err: err})
		}
	}
}

// greet queues the first state for a follower, once the hub knows it and it is
// not older than the follower asks for.
func (h *hub) greet(f *follower) {
	if !h.synced || f.told {
		return
	}
	obj := h.objects[f.name]
	if obj == nil {
		if f.told = !olderVersion(h.version, f.since); f.told {
			f.push(Change{})
		}
		return
	}
	if f.told = !olderVersion(obj.GetResourceVersion(), f.since); f.told {
		f.push(Change{Object: obj})
	}
}

// reached records how far the watch has come. A follower may have waited for
// just that.
func (h *hub) reached(version string) {
	if olderVersion(version, h.version) {
		return
	}
	h.version = version
	for _, all := range h.followers {
		for _, f := range all {
			h.greet(f)
		}
	}
}

// changed records the new state of an object and tells its followers.
func (h *hub) changed(name string, now *unstructured.Unstructured) {
	before := h.objects[name]
	if now == nil {
		delete(h.objects, name)
	} else {
		h.objects[name] = now
	}
	for _, f := range h.followers[name] {
		if !f.told {
			h.greet(f)
			continue
		}
		switch {
		case now == nil && before == nil:
		case now == nil:
			f.push(Change{Deleted: true})
		case before != nil && before.GetUID() != now.GetUID():
			f.push(Change{Deleted: true})
			f.push(Change{Object: now})
		case before == nil || before.GetResourceVersion() != now.GetResourceVersion():
			f.push(Change{Object: now})
		}
	}
}

// Add implements cache.ReflectorStore.
func (h *hub) Add(obj any) error { return h.Update(obj) }

// Update implements cache.ReflectorStore.
func (h *hub) Update(obj any) error {
	now, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	now.SetManagedFields(nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changed(now.GetName(), now)
	h.reached(now.GetResourceVersion())
	return nil
}

// Delete implements cache.ReflectorStore.
func (h *hub) Delete(obj any) error {
	last, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changed(last.GetName(), nil)
	h.reached(last.GetResourceVersion())
	return nil
}

// Replace implements cache.ReflectorStore: a new list after the first contact
// or a lost one.
func (h *hub) Replace(objects []any, version string) error {
	present := make(map[string]*unstructured.Unstructured, len(objects))
	for _, obj := range objects {
		if now, ok := obj.(*unstructured.Unstructured); ok {
			now.SetManagedFields(nil)
			present[now.GetName()] = now
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.synced = true
	for _, name := range slices.Collect(maps.Keys(h.objects)) {
		if present[name] == nil {
			h.changed(name, nil)
		}
	}
	for name, now := range present {
		h.changed(name, now)
	}
	h.reached(version)
	return nil
}

// Bookmark implements cache.ReflectorBookmarkStore.
func (h *hub) Bookmark(version string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reached(version)
	return nil
}

// Resync implements cache.ReflectorStore; there is nothing to do.
func (h *hub) Resync() error { return nil }
