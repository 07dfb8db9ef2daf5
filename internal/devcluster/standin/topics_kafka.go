package standin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

const (
	// labelKafka marks the ConfigMap that is a Kafka.
	labelKafka = annotationPrefix + "kafka"
	// annotationKafkaDown has a Kafka not answer, and annotationBrokers says how many brokers it has.
	annotationKafkaDown = annotationPrefix + "kafka-down"
	annotationBrokers   = annotationPrefix + "brokers"
	// defaultBrokers are those of a Kafka of which nothing is said.
	defaultBrokers = 3
)

func selectKafkas(o *metav1.ListOptions) { o.LabelSelector = labelKafka }

// kafkaName is the name of the ConfigMap that is the Kafka of a name.
func kafkaName(cluster string) string { return cluster + "-kafka" }

// kafkaKey is a topic of a Kafka.
type kafkaKey struct {
	kafka types.NamespacedName
	topic string
}

// kafkaTopic is a topic in Kafka, as the ConfigMap has it.
type kafkaTopic struct {
	ID         string            `json:"id"`
	Partitions int64             `json:"partitions"`
	Replicas   int64             `json:"replicas"`
	Config     map[string]string `json:"config,omitempty"`
	// Records is how many records it has, by which a test tells whether data were lost. Only tests write it.
	Records int64 `json:"records"`
}

// kafka is one Kafka as it is.
type kafka struct {
	key     types.NamespacedName
	down    bool
	brokers int64
	topics  map[string]kafkaTopic
}

// lock has one pass at a time work on a Kafka.
func (o *topicOperator) lock(key types.NamespacedName) (unlock func()) {
	value, _ := o.kafkas.LoadOrStore(key, &sync.Mutex{})
	mu, _ := value.(*sync.Mutex)
	mu.Lock()
	return mu.Unlock
}

// kafkaOf reads a Kafka; nil when there is none.
func (o *topicOperator) kafkaOf(ctx context.Context, key types.NamespacedName) (*kafka, error) {
	obj, err := o.api.dyn.Resource(configMaps).Namespace(key.Namespace).Get(ctx, key.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // that there is none is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("get the Kafka %s: %w", key, err)
	}
	if _, isKafka := obj.GetLabels()[labelKafka]; !isKafka {
		return nil, nil //nolint:nilnil // a ConfigMap of somebody else
	}
	k := &kafka{key: key, down: on(obj.GetAnnotations()[annotationKafkaDown]), brokers: defaultBrokers, topics: map[string]kafkaTopic{}}
	if n, err := strconv.ParseInt(obj.GetAnnotations()[annotationBrokers], 10, 64); err == nil {
		k.brokers = n
	}
	data, _, _ := unstructured.NestedStringMap(obj.Object, "data")
	for name, text := range data {
		var topic kafkaTopic
		if err := json.Unmarshal([]byte(text), &topic); err != nil {
			return nil, fmt.Errorf("the topic %s of the Kafka %s: %w", name, key, err)
		}
		k.topics[name] = topic
	}
	return k, nil
}

// write stores a topic, or deletes it when it is nil.
func (o *topicOperator) write(ctx context.Context, k *kafka, name string, topic *kafkaTopic) error {
	var value any
	if topic != nil {
		text, err := json.Marshal(topic)
		if err != nil {
			return err
		}
		value = string(text)
	}
	_, err := o.api.patch(ctx, configMaps, k.key, map[string]any{"data": map[string]any{name: value}})
	return err
}

// topicError is an error of the operator, as its conditions have it.
type topicError struct{ reason, message string }

func (e *topicError) Error() string { return e.reason + ": " + e.message }

func kafkaFailure(class, message string) error {
	return &topicError{"KafkaError", "org.apache.kafka.common.errors." + class + ": " + message}
}

func topicUnsupported(message string) error { return &topicError{"NotSupported", message} }

// create makes a topic of what a resource says.
func (k *kafka) create(want topicSpec) (*kafkaTopic, error) {
	topic := &kafkaTopic{ID: topicID(), Partitions: 1, Replicas: 1, Config: want.config}
	if want.partitions != 0 {
		topic.Partitions = want.partitions
	}
	if want.replicas != 0 {
		topic.Replicas = want.replicas
	}
	if topic.Replicas > k.brokers {
		return nil, kafkaFailure("InvalidReplicationFactorException", fmt.Sprintf(
			"Unable to replicate the partition %d time(s): The target replication factor of %d cannot be reached because only %d broker(s) are registered.", topic.Replicas, topic.Replicas, k.brokers))
	}
	return topic, checkTopicConfig(want.config)
}

// alter changes a topic to what a resource says; changed tells whether there was anything to do. What can be changed
// is, beside what cannot.
func (t kafkaTopic) alter(want topicSpec) (next kafkaTopic, changed bool, err error) {
	next = t
	if err := checkTopicConfig(want.config); err != nil {
		return t, false, err
	}
	if !maps.Equal(t.Config, want.config) {
		next.Config, changed = want.config, true
	}
	switch {
	case want.partitions > t.Partitions:
		next.Partitions, changed = want.partitions, true
	case want.partitions != 0 && want.partitions < t.Partitions:
		return next, changed, topicUnsupported("Decreasing partitions not supported")
	}
	if want.replicas != 0 && want.replicas != t.Replicas {
		numbers := make([]string, t.Partitions)
		for i := range numbers {
			numbers[i] = strconv.Itoa(i)
		}
		return next, changed, topicUnsupported("Replication factor change not supported, but required for partitions [" + strings.Join(numbers, ", ") + "]")
	}
	return next, changed, nil
}

// topicID is an id of the form that Kafka gives: 16 random bytes in base64 without padding.
func topicID() string {
	id := uuid.New()
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// Types of the values of a topic's configuration (https://kafka.apache.org/documentation/#topicconfigs).
var topicConfig = func() map[string]string {
	types := map[string]string{}
	for kind, keys := range map[string]string{
		"LONG": "delete.retention.ms file.delete.delay.ms flush.messages flush.ms local.retention.bytes local.retention.ms max.compaction.lag.ms " +
			"message.timestamp.after.max.ms message.timestamp.before.max.ms min.compaction.lag.ms retention.bytes retention.ms segment.jitter.ms segment.ms",
		"INT":     "index.interval.bytes max.message.bytes min.insync.replicas segment.bytes segment.index.bytes",
		"DOUBLE":  "min.cleanable.dirty.ratio",
		"BOOLEAN": "preallocate remote.storage.enable unclean.leader.election.enable",
		"STRING":  "cleanup.policy compression.type message.timestamp.type leader.replication.throttled.replicas follower.replication.throttled.replicas",
	} {
		for key := range strings.FieldsSeq(keys) {
			types[key] = kind
		}
	}
	return types
}()

// checkTopicConfig refuses a configuration as a broker does.
func checkTopicConfig(config map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		kind, known := topicConfig[key]
		if !known {
			return kafkaFailure("InvalidConfigurationException", "Unknown topic config name: "+key)
		}
		var err error
		switch value := config[key]; kind {
		case "LONG":
			_, err = strconv.ParseInt(value, 10, 64)
		case "INT":
			_, err = strconv.ParseInt(value, 10, 32)
		case "DOUBLE":
			_, err = strconv.ParseFloat(value, 64)
		case "BOOLEAN":
			if value != "true" && value != "false" {
				return kafkaFailure("InvalidConfigurationException", fmt.Sprintf("Invalid value %s for configuration %s: Expected value to be either true or false", value, key))
			}
		}
		if err != nil {
			return kafkaFailure("InvalidConfigurationException", fmt.Sprintf("Invalid value %s for configuration %s: Not a number of type %s", config[key], key, kind))
		}
	}
	return nil
}
