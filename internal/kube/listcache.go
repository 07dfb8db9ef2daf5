package kube

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// listCache holds one listing per kind and namespace for the life of the
// client, which is one plan or one apply. Failures are not kept.
type listCache struct {
	flights flights
	mu      sync.Mutex
	pages   map[listScope]*listing
	// denied are the scopes that may not be listed, though perhaps read
	// object by object.
	denied map[listScope]bool
}

// listing keeps objects as JSON: decoded they take several times the memory,
// and most are asked for only once.
type listing struct {
	objects map[string]json.RawMessage
}

// Read returns an object from the list of its kind in its namespace, which is
// read once for all objects. What this client has written itself, what the
// list does not have, and kinds that may not be listed are read singly. Of
// managedFields, the entries of others are reduced to who they are.
func (c *Client) Read(ctx context.Context, kind Kind, key Key) (*unstructured.Unstructured, error) {
	return c.read(ctx, kind, key, false)
}

// Find returns an object as Read does, but believes the list: what it does not
// have, and this client has not written, is a *NotFoundError without a request
// of its own. It is for objects that need not be there.
func (c *Client) Find(ctx context.Context, kind Kind, key Key) (*unstructured.Unstructured, error) {
	return c.read(ctx, kind, key, true)
}

func (c *Client) read(ctx context.Context, kind Kind, key Key, believe bool) (*unstructured.Unstructured, error) {
	ref := Ref{kind, key}
	if _, written := c.written.get(ref); !written {
		all, err := c.listing(ctx, listScope{kind, key.Namespace})
		if err != nil {
			return nil, err
		}
		raw, ok := all.objects[key.Name]
		switch {
		case ok:
			obj, err := decode(kind, raw)
			if err != nil {
				return nil, err
			}
			trimManagedFields(obj)
			return obj, nil
		case believe && all.objects != nil:
			return nil, &NotFoundError{Ref: ref}
		}
	}
	obj, err := c.Get(ctx, kind, key)
	if err != nil {
		return nil, err
	}
	trimManagedFields(obj)
	return obj, nil
}

// listing returns the listing of a scope, empty when it may not be listed.
// Callers that come while it is being read wait for that one request, each no
// longer than its own context lives.
func (c *Client) listing(ctx context.Context, scope listScope) (*listing, error) {
	for {
		if known := c.lists.known(scope); known != nil {
			return known, nil
		}
		type outcome struct {
			listing   *listing
			abandoned bool // by the caller that was reading
		}
		flight := c.lists.flights.DoChan(flightName(scope), func() (any, error) {
			all, err := c.readListing(ctx, scope)
			return outcome{all, ctx.Err() != nil}, err
		})
		select {
		case <-ctx.Done():
			return nil, interrupted(ctx, operation{verb: "list", ref: Ref{scope.kind, Key{Namespace: scope.namespace}}})
		case result := <-flight:
			done, _ := result.Val.(outcome)
			if result.Err != nil && done.abandoned && ctx.Err() == nil {
				continue
			}
			return done.listing, result.Err
		}
	}
}

func (l *listCache) known(scope listScope) *listing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.denied[scope] {
		return &listing{}
	}
	return l.pages[scope]
}

func (c *Client) readListing(ctx context.Context, scope listScope) (*listing, error) {
	if known := c.lists.known(scope); known != nil {
		return known, nil
	}
	items, err := c.list(ctx, scope.kind, scope.namespace, metav1.ListOptions{})
	if _, denied := errors.AsType[*DeniedError](err); denied {
		c.lists.mu.Lock()
		defer c.lists.mu.Unlock()
		c.lists.denied[scope] = true
		return &listing{}, nil
	}
	if err != nil {
		return nil, err
	}
	all := &listing{objects: make(map[string]json.RawMessage, len(items))}
	for _, item := range items {
		var named struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(item, &named); err != nil {
			return nil, err
		}
		all.objects[named.Metadata.Name] = item
	}
	c.lists.mu.Lock()
	defer c.lists.mu.Unlock()
	c.lists.pages[scope] = all
	return all, nil
}

func flightName(scope listScope) string {
	return scope.kind.String() + " in " + scope.namespace
}

// trimManagedFields leaves of the entries of other managers only who they are. It
// works on the JSON: the typed entries are made by reflection.
func trimManagedFields(obj *unstructured.Unstructured) {
	metadata, _ := obj.Object["metadata"].(map[string]any)
	entries, _ := metadata["managedFields"].([]any)
	for _, entry := range entries {
		if fields, ok := entry.(map[string]any); ok && fields["manager"] != FieldManager {
			delete(fields, "fieldsV1")
		}
	}
}
