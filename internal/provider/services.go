package provider

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/direct"
)

// topics connects to what makes the topics of an environment. Applications of one environment share
// a connection.
func (c *connections) topics(ctx context.Context, place platform.TopicPlace) (platform.Topics, error) {
	switch place.Kafka.Provider {
	case defaults.KafkaDirect:
		key, err := json.Marshal(place)
		if err != nil {
			return nil, fmt.Errorf("encode the place of topics: %w", err)
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if known, has := c.brokers[string(key)]; has {
			return known, nil
		}
		if c.brokers == nil {
			c.brokers = map[string]platform.Topics{}
		}
		made := direct.New(&place.Kafka, namespaceSecrets{c, place.Namespace})
		c.brokers[string(key)] = made
		return made, nil
	default:
		return nil, fmt.Errorf("the provider %q makes no topics", place.Kafka.Provider)
	}
}

var secretKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}

// namespaceSecrets are the Secrets of a namespace.
type namespaceSecrets struct {
	*connections
	namespace string
}

// Secret returns the values of a Secret by key.
func (s namespaceSecrets) Secret(ctx context.Context, name string) (map[string][]byte, error) {
	client, err := s.kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	found, err := client.Get(ctx, secretKind, kube.Key{Namespace: s.namespace, Name: name})
	if err != nil {
		return nil, err
	}
	encoded, _, err := unstructured.NestedStringMap(found.Object, "data")
	if err != nil {
		return nil, fmt.Errorf("read the Secret %s/%s: %w", s.namespace, name, err)
	}
	out := make(map[string][]byte, len(encoded))
	for key, value := range encoded {
		if out[key], err = base64.StdEncoding.DecodeString(value); err != nil {
			return nil, fmt.Errorf("the key %s of the Secret %s/%s is not base64", key, s.namespace, name)
		}
	}
	return out, nil
}
