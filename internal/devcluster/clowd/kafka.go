package clowd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type resource = schema.GroupVersionResource

// configuration is cdappconfig.json, as far as it is about streams.
type configuration struct {
	Kafka       *kafkaConfig      `json:"kafka,omitempty"`
	Logging     map[string]string `json:"logging"`
	MetricsPort int               `json:"metricsPort"`
	MetricsPath string            `json:"metricsPath"`
}

type kafkaConfig struct {
	Brokers []broker    `json:"brokers"`
	Topics  []topicName `json:"topics"`
}

type broker struct {
	Hostname         string            `json:"hostname"`
	Port             int               `json:"port,omitempty"`
	CACert           string            `json:"cacert,omitempty"`
	AuthType         string            `json:"authtype,omitempty"`
	SASL             map[string]string `json:"sasl,omitempty"`
	SecurityProtocol string            `json:"securityProtocol,omitempty"`
}

type topicName struct {
	RequestedName string `json:"requestedName"`
	Name          string `json:"name"`
}

// defaults of Clowder for what a topic does not say.
const defaultPartitions, defaultReplicas = 3, 3

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// kafkaOf is what an application is told of Kafka, with what the mode of its environment makes for that.
func (c *controller) kafkaOf(ctx context.Context, app *clowdApp, environment *clowdEnvironment) (out configuration, failure string, err error) {
	out = configuration{Logging: map[string]string{"type": "null"}, MetricsPort: 9000, MetricsPath: "/metrics"}
	kafka := environment.Spec.Providers.Kafka
	if kafka.Mode == "none" || len(app.Spec.KafkaTopics) == 0 {
		return out, "", nil
	}
	told := &kafkaConfig{Topics: []topicName{}}
	out.Kafka = told
	name, _ := environment.Metadata["name"].(string)
	switch kafka.Mode {
	case "operator", "app-interface":
		told.Brokers = []broker{{Hostname: fmt.Sprintf("%s-kafka-bootstrap.%s.svc", clusterName(environment), clusterNamespace(environment)), Port: 9092}}
	case "managed":
		if told.Brokers, err = c.managedBrokers(ctx, kafka.ManagedSecretRef); err != nil {
			return out, "", err
		}
	default:
		told.Brokers = []broker{{Hostname: fmt.Sprintf("%s-kafka.%s.svc", name, environment.Spec.TargetNamespace), Port: 29092}}
	}
	for _, topic := range app.Spec.KafkaTopics {
		called := topic.TopicName
		switch kafka.Mode {
		case "operator":
			// Topics of several environments may be in one Kafka.
			called = name + "-" + topic.TopicName
			err = c.makeTopic(ctx, environment, topic, called)
		case "app-interface":
			failure, err = c.findTopic(ctx, environment, topic.TopicName)
		case "managed":
			called = kafka.ManagedPrefix + topic.TopicName
		}
		if err != nil || failure != "" {
			return out, failure, err
		}
		told.Topics = append(told.Topics, topicName{topic.TopicName, called})
	}
	return out, "", nil
}

func (c *controller) managedBrokers(ctx context.Context, ref named) ([]broker, error) {
	found, err := c.client.Resource(secrets).Namespace(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	data, _, err := unstructured.NestedStringMap(found.Object, "data")
	if err != nil {
		return nil, err
	}
	read := func(key string) string {
		text, _ := base64Text(data[key])
		return text
	}
	port, _ := strconv.Atoi(read("port"))
	out := broker{Hostname: read("hostname"), Port: port}
	if user := read("client.id"); user != "" {
		out.AuthType, out.SecurityProtocol = "sasl", "SASL_SSL"
		out.SASL = map[string]string{"username": user, "password": read("client.secret"), "saslMechanism": "PLAIN", "securityProtocol": "SASL_SSL"}
	}
	return []broker{out}, nil
}

// makeTopic makes the KafkaTopic of a topic, which several applications may ask for: the most that one of
// them asks for counts. It belongs to the environment, and outlives the application.
func (c *controller) makeTopic(ctx context.Context, environment *clowdEnvironment, topic kafkaTopic, name string) error {
	client := c.client.Resource(topics).Namespace(topicNamespace(environment))
	partitions, replicas := int64(cmp.Or(topic.Partitions, defaultPartitions)), int64(cmp.Or(topic.Replicas, defaultReplicas))
	config := map[string]any{}
	for key, value := range topic.Config {
		config[key] = value
	}
	found, err := client.Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		before, _, _ := unstructured.NestedInt64(found.Object, "spec", "partitions")
		partitions = max(partitions, before)
		kept, _, _ := unstructured.NestedMap(found.Object, "spec", "config")
		maps.Copy(kept, config)
		config = kept
		if before, _, _ := unstructured.NestedInt64(found.Object, "spec", "replicas"); before != 0 {
			// Those of a topic that is there stay.
			replicas = before
		}
	} else if !apierrors.IsNotFound(err) {
		return err
	}
	uid, _ := environment.Metadata["uid"].(string)
	owner, _ := environment.Metadata["name"].(string)
	return c.apply(ctx, topics, map[string]any{
		"apiVersion": topics.GroupVersion().String(), "kind": "KafkaTopic",
		"metadata": map[string]any{
			"name": name, "namespace": topicNamespace(environment), "labels": map[string]any{"env": owner, "strimzi.io/cluster": clusterName(environment)},
			"ownerReferences": []any{map[string]any{"apiVersion": Group + "/" + Version, "kind": "ClowdEnvironment", "name": owner, "uid": uid}},
		},
		"spec": map[string]any{"topicName": name, "partitions": partitions, "replicas": replicas, "config": config},
	})
}

// findTopic looks for the KafkaTopic of a topic, which somebody else has to make.
func (c *controller) findTopic(ctx context.Context, environment *clowdEnvironment, topic string) (failure string, err error) {
	namespace := topicNamespace(environment)
	missing := fmt.Sprintf("Missing dependencies: topics: No KafkaTopic named '%s' found in namespace '%s'", topic, namespace)
	if !c.speaksStrimzi() {
		return missing, nil
	}
	list, err := c.client.Resource(topics).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(list.Items, func(item unstructured.Unstructured) bool {
		name, _, _ := unstructured.NestedString(item.Object, "spec", "topicName")
		return name == topic || name == "" && item.GetName() == topic
	}) {
		return "", nil
	}
	return missing, nil
}

func base64Text(encoded string) (string, error) {
	var out []byte
	err := json.Unmarshal([]byte(`"`+encoded+`"`), &out)
	return string(out), err
}
