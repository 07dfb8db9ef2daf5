package clowder

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// appTopics are the topics that one ClowdApp asks for. What becomes of them is the environment's
// say, so an application is the same in each. It implements platform.Topics.
type appTopics struct {
	on                       *Platform
	environment, application string
}

// Topics returns the topics of an application in an environment. Nothing is contacted.
func (p *Platform) Topics(environment, application string) platform.Topics {
	return appTopics{p, environment, application}
}

// key is where the ClowdApp is.
func (t appTopics) key(ctx context.Context) (kube.Key, error) {
	namespace, err := t.on.namespace(ctx, t.environment)
	if missing := (*noPlaceError)(nil); errors.As(err, &missing) {
		return kube.Key{}, &platform.ExplainedError{
			Cause: fmt.Sprintf("the ClowdEnvironment %s does not exist", t.environment), Err: err, Remedy: "Create it first, or correct the environment's name.",
		}
	}
	return keyIn(namespace, t.application), err
}

// Ready implements platform.Topics.
func (t appTopics) Ready(ctx context.Context) error {
	key, err := t.key(ctx)
	if err != nil {
		return told(err)
	}
	found, err := t.on.cluster.Get(ctx, appKind, key)
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return told(err)
	}
	app, err := treeOf(found)
	if err == nil {
		err = ours(app, key, t.environment)
	}
	return told(err)
}

// Read implements platform.Topics. A ClowdApp that is gone has no topics.
func (t appTopics) Read(ctx context.Context, topics []platform.Topic) (map[string]platform.ObservedTopic, error) {
	out := map[string]platform.ObservedTopic{}
	key, err := t.key(ctx)
	if err != nil {
		return nil, told(err)
	}
	found, err := t.on.cluster.Get(ctx, appKind, key)
	if isAbsent(err) {
		return out, nil
	}
	if err != nil {
		return nil, told(err)
	}
	app, err := treeOf(found)
	if err != nil || textAt(app, "spec", "envName") != t.environment {
		return out, err
	}
	for _, topic := range topics {
		if item, has := clowd.TopicOf(app, topic.Name); has {
			out[topic.Name] = t.observed(app, item)
		}
	}
	return out, nil
}

// observed is a topic of the list as it is asked for. What Kafka has of it Clowder does not tell.
func (t appTopics) observed(app, item flink.Tree) platform.ObservedTopic {
	out := clowd.Topic(item)
	return platform.ObservedTopic{Name: out.Name, ID: textAt(app, "metadata", "uid") + "/" + out.Name, Partitions: out.Partitions, Replicas: out.Replicas, Config: out.Config}
}

// Create implements platform.Topics.
func (t appTopics) Create(ctx context.Context, want platform.Topic) (platform.ObservedTopic, error) {
	key, err := t.key(ctx)
	if err != nil {
		return platform.ObservedTopic{}, told(err)
	}
	app, err := t.on.begin(ctx, key, t.environment, func(app flink.Tree) (flink.Tree, error) {
		if _, has := clowd.TopicOf(app, want.Name); has {
			return nil, &platform.ExistsError{Err: fmt.Errorf("ClowdApp %s asks for the topic %s already", key, want.Name)}
		}
		return clowd.WithTopic(app, itemOf(nil, want, platform.Topic{})), nil
	})
	return t.written(app, want, err)
}

// Update implements platform.Topics.
func (t appTopics) Update(ctx context.Context, want, before platform.Topic) (platform.ObservedTopic, error) {
	key, err := t.key(ctx)
	if err != nil {
		return platform.ObservedTopic{}, told(err)
	}
	app, err := t.on.begin(ctx, key, t.environment, func(app flink.Tree) (flink.Tree, error) {
		item, _ := clowd.TopicOf(app, want.Name)
		return clowd.WithTopic(app, itemOf(item, want, before)), nil
	})
	return t.written(app, want, err)
}

func (t appTopics) written(app flink.Tree, want platform.Topic, err error) (platform.ObservedTopic, error) {
	if err != nil {
		return platform.ObservedTopic{}, told(err)
	}
	item, _ := clowd.TopicOf(app, want.Name)
	return t.observed(app, item), nil
}

// itemOf is the item of a topic, in the place of one that is there.
func itemOf(live flink.Tree, want, before platform.Topic) flink.Tree {
	of := func(topic platform.Topic) flink.Tree {
		return clowd.TopicItem(topic.Name, topic.Partitions, topic.Replicas, topic.Config)
	}
	return flink.Overlay(live, of(before), of(want))
}

// Delete implements platform.Topics: the ClowdApp asks for the topic no more. A topic that Clowder
// has made belongs to the ClowdEnvironment, and stays with its records.
func (t appTopics) Delete(ctx context.Context, known platform.Topic, _ bool) error {
	key, err := t.key(ctx)
	if err != nil {
		if explained := (*platform.ExplainedError)(nil); errors.As(err, &explained) {
			return nil
		}
		return told(err)
	}
	return told(t.on.takeOut(ctx, key, clowd.Empty, func(app flink.Tree) (flink.Tree, error) { return clowd.WithoutTopic(app, known.Name), nil }))
}
