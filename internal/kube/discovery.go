package kube

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// servedKinds remembers kinds that were served once. That one was not is asked again.
type servedKinds struct {
	mu    sync.Mutex
	known map[Kind]bool
}

func (s *servedKinds) has(kind Kind) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[kind]
}

func (s *servedKinds) add(kind Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[Kind]bool{}
	}
	s.known[kind] = true
}

// Served returns the first of the kinds that the API server serves, for a kind whose
// version differs from release to release of what brings it. What was served once is
// asked for no more, and stays the answer. None is a *NotServedError about the first.
func (c *Client) Served(ctx context.Context, kinds ...Kind) (Kind, error) {
	if i := slices.IndexFunc(kinds, c.served.has); i >= 0 {
		return kinds[i], nil
	}
	var first error
	for _, kind := range kinds {
		err := c.discover(ctx, kind)
		if err == nil {
			c.served.add(kind)
			return kind, nil
		}
		if _, unserved := errors.AsType[*NotServedError](err); !unserved {
			return Kind{}, err
		}
		if first == nil {
			first = err
		}
	}
	return Kind{}, first
}

// discover returns nil when the API server lists a kind among the resources of its version
// (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api), which every
// user may read who has the role system:discovery.
func (c *Client) discover(ctx context.Context, kind Kind) error {
	op := operation{verb: "discover", ref: Ref{Kind: kind}}
	var all metav1.APIResourceList
	err := c.do(ctx, op, func(ctx context.Context) error {
		body, err := answer(c.rest.Get().AbsPath("apis", kind.Group, kind.Version).MaxRetries(0).Do(ctx))
		if err != nil {
			return err
		}
		return badJSON(json.Unmarshal(body, &all))
	})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all.APIResources, func(r metav1.APIResource) bool { return r.Name == kind.Resource }) {
		return &NotServedError{Kind: kind, Endpoint: c.endpoint}
	}
	return nil
}
