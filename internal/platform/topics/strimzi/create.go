package strimzi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Create implements platform.Topics. It also refuses with *platform.ExistsError a topic for
// which another resource stands: the operator follows the first of the two, and deletes the
// topic with that one. Ours tells of a resource of this very application. The topic is what was
// last seen, also beside an error.
func (t *Topics) Create(ctx context.Context, want platform.Topic) (platform.ObservedTopic, error) {
	created, err := t.create(ctx, want)
	return created, explain(err)
}

func (t *Topics) create(ctx context.Context, want platform.Topic) (platform.ObservedTopic, error) {
	kind, err := t.served(ctx)
	if err != nil {
		return platform.ObservedTopic{}, err
	}
	if err := t.alone(ctx, kind, want); err != nil {
		return platform.ObservedTopic{}, err
	}
	object, err := t.cluster.Create(ctx, kind, t.object(kind, want))
	if exists, ok := errors.AsType[*kube.ExistsError](err); ok {
		return platform.ObservedTopic{}, &platform.ExistsError{Err: err, Ours: t.belongs(exists.Object) && topicNameOf(exists.Object) == want.Name}
	}
	if err != nil {
		return platform.ObservedTopic{}, err
	}
	t.looks.note(want)
	observed, err := t.untilReady(ctx, kind, want, object)
	if refused, ok := errors.AsType[*refusedError](err); ok && refused.reason == resourceConflict && t.withdraw(ctx, kind, want, object) {
		refused.Detail = lines(refused.Detail, "The resource that was created was deleted again.")
		return platform.ObservedTopic{}, err
	}
	return observed, err
}

// withdraw deletes a resource that was created beside another one of the same topic. Should
// the operator follow this one by then, the topic stays.
func (t *Topics) withdraw(ctx context.Context, kind kube.Kind, want platform.Topic, object *unstructured.Unstructured) (withdrawn bool) {
	_, err := t.cluster.MergePatch(ctx, kind, t.key(want), releasing(object.GetUID()))
	if err == nil {
		err = t.cluster.Delete(ctx, kind, t.key(want), object.GetUID())
	}
	if err != nil {
		logctx.From(ctx).WarnContext(ctx, "A second resource of a topic stays", "object", t.key(want).String(), "error", err.Error())
	}
	return err == nil
}

// looks are the resources of the cluster by the names of their topics, as they were a moment
// ago: many topics are created in one go.
type looks struct {
	mu     sync.Mutex
	at     time.Time
	byName map[string][]string
}

// note adds a resource that was created since.
func (l *looks) note(topic platform.Topic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byName != nil {
		l.byName[topic.Name] = append(l.byName[topic.Name], topic.Object)
	}
}

// lookLasts is how long a look is good for. What was created in between shows itself by a
// ResourceConflict.
const lookLasts = 10 * time.Second

// alone refuses a topic for which another resource of the cluster stands.
func (t *Topics) alone(ctx context.Context, kind kube.Kind, want platform.Topic) error {
	others, err := t.others(ctx, kind, want, lookLasts)
	if err != nil || len(others) == 0 {
		return err
	}
	ref := kube.Ref{Kind: kind, Key: kube.Key{Namespace: t.options.Namespace, Name: others[0]}}
	return &platform.ExistsError{Err: fmt.Errorf("%s stands for the topic %q already; of two resources of one topic the operator follows the first, and deletes the topic with it", ref, want.Name)}
}

// others are the names of the resources other than the topic's own that stand for its topic,
// by a look that is not older than the age, and there still.
func (t *Topics) others(ctx context.Context, kind kube.Kind, topic platform.Topic, age time.Duration) ([]string, error) {
	names, err := t.lookFor(ctx, kind, topic.Name, age)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, name := range names {
		if name == topic.Object {
			continue
		}
		object, err := t.cluster.Get(ctx, kind, kube.Key{Namespace: t.options.Namespace, Name: name})
		if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
			continue
		}
		if err != nil {
			return nil, err
		}
		if object.GetLabels()[clusterLabel] == t.options.Cluster && topicNameOf(object) == topic.Name && !isUnmanaged(object) {
			there = append(there, name)
		}
	}
	slices.Sort(there)
	return there, nil
}

func (t *Topics) lookFor(ctx context.Context, kind kube.Kind, topic string, age time.Duration) ([]string, error) {
	t.looks.mu.Lock()
	defer t.looks.mu.Unlock()
	if t.looks.byName == nil || time.Since(t.looks.at) >= age {
		at := time.Now()
		all, err := t.cluster.List(ctx, kind, t.options.Namespace, clusterLabel+"="+t.options.Cluster)
		if err != nil {
			return nil, err
		}
		t.looks.at, t.looks.byName = at, map[string][]string{}
		for i := range all {
			name := topicNameOf(&all[i])
			t.looks.byName[name] = append(t.looks.byName[name], all[i].GetName())
		}
	}
	return t.looks.byName[topic], nil
}
