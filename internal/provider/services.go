package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/schemas"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/direct"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics/strimzi"
)

// topics connects to what makes the topics of an environment. Applications of one environment share
// a connection.
func (c *connections) topics(ctx context.Context, place platform.TopicPlace) (platform.Topics, error) {
	if place.Kafka.Provider == defaults.KafkaEnvironment {
		clowder, err := c.clowderPlatform(ctx)
		if err != nil {
			return nil, err
		}
		return clowder.Topics(ptr.Deref(place.Kafka.Cluster, ""), place.Application), nil
	}
	var cluster *kube.Client
	if place.Kafka.Provider == defaults.KafkaStrimzi {
		var err error
		if cluster, err = c.kubernetes(ctx); err != nil {
			return nil, err
		}
	} else {
		// Only the names of resources go by the application.
		place.Application = ""
	}
	return shared(c, &c.brokers, place, func() platform.Topics {
		if cluster == nil {
			return direct.New(&place.Kafka, namespaceSecrets{c, place.Namespace})
		}
		return strimzi.New(cluster, strimzi.Options{
			Namespace: ptr.Deref(place.Kafka.Namespace, place.Namespace), Cluster: ptr.Deref(place.Kafka.Cluster, ""),
			Labels: map[string]string{platform.ApplicationLabel: place.Application}, ForceConflicts: c.ForceConflicts,
		})
	})
}

// schemas connects to the schema registry of an environment, which all of its applications
// share.
func (c *connections) schemas(_ context.Context, where defaults.SchemaRegistry, namespace string) (platform.Schemas, error) {
	return shared(c, &c.registries, registryPlace{where, namespace}, func() platform.Schemas {
		return schemas.New(where, namespaceSecrets{c, namespace}, c.Confluent.Agent)
	})
}

// registryPlace says where a registry is, and where its credentials are.
type registryPlace struct {
	Registry  defaults.SchemaRegistry
	Namespace string
}

// shared returns what was made for a place before, or makes it.
func shared[T any](c *connections, all *map[string]T, place any, construct func() T) (T, error) {
	var none T
	key, err := json.Marshal(place)
	if err != nil {
		return none, fmt.Errorf("encode a place: %w", err)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if known, has := (*all)[string(key)]; has {
		return known, nil
	}
	if *all == nil {
		*all = map[string]T{}
	}
	(*all)[string(key)] = construct()
	return (*all)[string(key)], nil
}

var secretKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}

// namespaceSecrets are the Secrets of a namespace.
type namespaceSecrets struct {
	*connections
	namespace string
}

// Secret implements platform.Secrets.
func (s namespaceSecrets) Secret(ctx context.Context, name string) (map[string][]byte, error) {
	client, err := s.kubernetes(ctx)
	if err != nil {
		return nil, err
	}
	found, err := client.Get(ctx, secretKind, kube.Key{Namespace: s.namespace, Name: name})
	if err != nil {
		return nil, err
	}
	return kube.SecretValues(found)
}
