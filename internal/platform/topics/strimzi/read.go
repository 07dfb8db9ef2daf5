package strimzi

import (
	"context"
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Read implements platform.Topics. All topics of a namespace cost one list of the client,
// whatever application they are of. Config has every value of the resource, also
// those that the application does not say.
func (t *Topics) Read(ctx context.Context, topics []platform.Topic) (map[string]platform.ObservedTopic, error) {
	found, err := t.read(ctx, topics)
	return found, explain(err)
}

func (t *Topics) read(ctx context.Context, topics []platform.Topic) (map[string]platform.ObservedTopic, error) {
	found := make(map[string]platform.ObservedTopic, len(topics))
	if len(topics) == 0 {
		return found, nil
	}
	kind, err := t.served(ctx)
	if err != nil {
		return nil, err
	}
	for _, topic := range topics {
		object, err := t.cluster.Find(ctx, kind, t.key(topic))
		if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[topic.Name] = t.observe(topic, object)
	}
	return found, nil
}
