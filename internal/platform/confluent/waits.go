package confluent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// writtenKey is an object in Client.written.
type writtenKey struct {
	kind string
	ref  platform.Ref
}

// longestList is how long a list for waits may take. After that, objects are better
// read singly.
const longestList = time.Minute

// waits returns the group of the waits for the objects of a collection. Nothing that
// was asked for before a write of an object is told of it.
func (k kind[S, U]) waits(of string) *watch.Group[seen[S, U]] {
	group, _ := k.client.waits.LoadOrStore(strings.Join(k.in(of), "/"), &watch.Group[seen[S, U]]{
		Shortest: shortestPoll, Longest: cmp.Or(k.slowest, longestPoll),
		One: func(ctx context.Context, name string) seen[S, U] {
			return k.look(ctx, platform.Ref{Namespace: of, Name: name})
		},
		All: func(ctx context.Context) watch.Answer[seen[S, U]] { return k.lookAtAll(ctx, of) },
	})
	typed, _ := group.(*watch.Group[seen[S, U]])
	return typed
}

// look reads an object singly.
func (k kind[S, U]) look(ctx context.Context, ref platform.Ref) seen[S, U] {
	for {
		asked := k.client.written.Moment()
		found, err := k.get(ctx, ref)
		if !k.client.written.Since(asked, k.key(ref)) {
			return seen[S, U]{found, err}
		}
	}
}

// lookAtAll reads the objects of a collection by one list: whole, as the last that a
// wait has seen becomes the state, and all of them, as no filter of the server names
// several. What the list does not have is no news of an object.
func (k kind[S, U]) lookAtAll(ctx context.Context, of string) watch.Answer[seen[S, U]] {
	ctx, cancel := context.WithTimeout(ctx, longestList)
	defer cancel()
	asked := k.client.written.Moment()
	all, count, err := k.client.counted(ctx, k.in(of), nil)
	if _, away := errors.AsType[*rest.UnreachableError](err); away {
		// To ask for each object would be answered in the same way.
		return watch.Answer[seen[S, U]]{Of: func(string) (seen[S, U], bool) { return seen[S, U]{err: err}, true }}
	}
	if err != nil {
		return watch.Answer[seen[S, U]]{}
	}
	return watch.Answer[seen[S, U]]{Requests: count, Of: func(name string) (seen[S, U], bool) {
		var news seen[S, U]
		raw, listed := all[name]
		if !listed || k.client.written.Since(asked, k.key(platform.Ref{Namespace: of, Name: name})) {
			return news, false
		}
		return news, json.Unmarshal(raw, &news.object) == nil
	}}
}
