package ververica

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// longestList is how long a list for waits may take. After that, deployments are better
// read singly.
const longestList = time.Minute

// seen is what a wait hears of a deployment. It implements watch.News.
type seen struct {
	object object
	err    error
}

// Trouble implements watch.News.
func (s seen) Trouble() error { return s.err }

// waitsIn returns the group of the waits for the deployments of a namespace.
func (c *Client) waitsIn(namespace string) *watch.Group[seen] {
	group, _ := c.waits.LoadOrStore(namespace, &watch.Group[seen]{
		Shortest: shortestPoll, Longest: longestPoll,
		One: func(ctx context.Context, name string) seen { return c.look(ctx, namespace, name) },
		All: func(ctx context.Context) watch.Answer[seen] { return c.lookAtAll(ctx, namespace) },
	})
	typed, _ := group.(*watch.Group[seen])
	return typed
}

// look reads a deployment singly. Nothing that was asked for before a write of it is told.
func (c *Client) look(ctx context.Context, namespace, name string) seen {
	for {
		asked := c.written.Moment()
		found, err := c.get(ctx, namespace, deployments, name)
		if !c.written.Since(asked, key{namespace, deployments, name}) {
			return seen{found, err}
		}
	}
}

// lookAtAll reads the deployments of a namespace by one list.
func (c *Client) lookAtAll(ctx context.Context, namespace string) watch.Answer[seen] {
	ctx, cancel := context.WithTimeout(ctx, longestList)
	defer cancel()
	asked := c.written.Moment()
	all, err := c.items(ctx, namespace, deployments)
	if away := (*rest.UnreachableError)(nil); errors.As(err, &away) {
		return watch.Answer[seen]{Of: func(string) (seen, bool) { return seen{err: err}, true }}
	}
	if err != nil {
		return watch.Answer[seen]{}
	}
	return watch.Answer[seen]{Requests: 1, Of: func(name string) (seen, bool) {
		found, listed := all[name]
		return seen{object: found}, listed && !c.written.Since(asked, key{namespace, deployments, name})
	}}
}

// lasting returns a trouble that no wait heals.
func lasting(err error) error {
	if isAbsent(err) {
		return err
	}
	switch rest.Code(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest:
		return err
	}
	return nil
}
