package acctest

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var configMapKind = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// KafkaTopics are Strimzi's resources in the version that the cluster has: v1beta2 beside the operator 1.7, v1 beside the
// others. WithoutStrimzi there are none.
func (c *ClusterHandle) KafkaTopics() schema.GroupVersionResource {
	kind := schema.GroupVersionResource{Group: "kafka.strimzi.io", Version: "v1", Resource: "kafkatopics"}
	if c.Operator == "1.7" {
		kind.Version = "v1beta2"
	}
	return kind
}

// Kafka is a Kafka that the stand-in of Strimzi's Topic Operator has topics in.
type Kafka struct {
	cluster         *ClusterHandle
	namespace, name string
}

// KafkaTopic is a topic in Kafka.
type KafkaTopic struct {
	ID         string            `json:"id"`
	Partitions int64             `json:"partitions"`
	Replicas   int64             `json:"replicas"`
	Config     map[string]string `json:"config,omitempty"`
	// Records is how many records there are: what a test has put in, and 0 in a topic that was created anew.
	Records int64 `json:"records"`
}

// Kafka creates a Kafka of a name in a namespace. Its KafkaTopics are in the same one and have the label
// strimzi.io/cluster with the name. It ends with the namespace.
func (c *ClusterHandle) Kafka(t testing.TB, namespace, name string) *Kafka {
	t.Helper()
	object := named("ConfigMap", name+"-kafka")
	object.SetLabels(map[string]string{"standin.flink/kafka": "true"})
	if _, err := c.Client.Resource(configMapKind).Namespace(namespace).Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatalf("creating the Kafka %s: %s", name, err)
	}
	return &Kafka{c, namespace, name}
}

// Topics returns the topics that there are, by name.
func (k *Kafka) Topics(t testing.TB) map[string]KafkaTopic {
	t.Helper()
	object, err := k.cluster.Client.Resource(configMapKind).Namespace(k.namespace).Get(t.Context(), k.name+"-kafka", metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the Kafka %s: %s", k.name, err)
	}
	data, _, _ := unstructured.NestedStringMap(object.Object, "data")
	topics := make(map[string]KafkaTopic, len(data))
	for name, text := range data {
		var topic KafkaTopic
		if err := json.Unmarshal([]byte(text), &topic); err != nil {
			t.Fatal(err)
		}
		topics[name] = topic
	}
	return topics
}

// SetTopic changes or creates a topic as somebody at Kafka would.
func (k *Kafka) SetTopic(t testing.TB, name string, topic KafkaTopic) {
	t.Helper()
	text, err := json.Marshal(topic)
	if err != nil {
		t.Fatal(err)
	}
	k.patch(t, map[string]any{"data": map[string]any{name: string(text)}})
}

// DeleteTopic deletes a topic as somebody at Kafka would.
func (k *Kafka) DeleteTopic(t testing.TB, name string) {
	t.Helper()
	k.patch(t, map[string]any{"data": map[string]any{name: nil}})
}

// Stop has the Kafka answer no more, until Start.
func (k *Kafka) Stop(t testing.TB) { t.Helper(); k.annotate(t, "true") }

// Start ends Stop.
func (k *Kafka) Start(t testing.TB) { t.Helper(); k.annotate(t, nil) }

func (k *Kafka) annotate(t testing.TB, down any) {
	t.Helper()
	k.patch(t, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"standin.flink/kafka-down": down}}})
}

func (k *Kafka) patch(t testing.TB, patch map[string]any) {
	t.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.cluster.Client.Resource(configMapKind).Namespace(k.namespace).Patch(t.Context(), k.name+"-kafka", types.MergePatchType, body, metav1.PatchOptions{}); err != nil {
		t.Fatalf("changing the Kafka %s: %s", k.name, err)
	}
}
