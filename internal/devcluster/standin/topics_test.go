package standin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// topicBench is a namespace with a Kafka.
type topicBench struct {
	*testing.T
	cluster   *testCluster
	namespace string
	kind      schema.GroupVersionResource
}

func newTopicBench(t *testing.T, version string) *topicBench {
	t.Helper()
	b := &topicBench{T: t, cluster: cluster(t, version), kind: schema.GroupVersionResource{Group: "kafka.strimzi.io", Version: "v1", Resource: "kafkatopics"}}
	if version == "1.7" {
		b.kind.Version = "v1beta2"
	}
	b.namespace = b.cluster.namespace(t)
	b.cluster.create(t, configMaps, b.namespace, object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "prod-kafka", "labels": object{"standin.flink/kafka": "true"}},
	})
	return b
}

// create creates a resource with the cluster's label.
func (b *topicBench) create(name string, spec object) *unstructured.Unstructured {
	b.Helper()
	return b.cluster.create(b.T, b.kind, b.namespace, object{
		"apiVersion": b.kind.GroupVersion().String(), "kind": "KafkaTopic",
		"metadata": object{"name": name, "labels": object{"strimzi.io/cluster": "prod"}}, "spec": spec,
	})
}

func (b *topicBench) patch(kind schema.GroupVersionResource, name string, patch object) *unstructured.Unstructured {
	b.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		b.Fatal(err)
	}
	patched, err := b.cluster.dyn.Resource(kind).Namespace(b.namespace).Patch(b.Context(), name, types.MergePatchType, body, metav1.PatchOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return patched
}

// change changes the specification, and annotate the annotations of a resource.
func (b *topicBench) change(name string, spec object) { b.patch(b.kind, name, object{"spec": spec}) }

func (b *topicBench) annotate(name string, annotations object) {
	b.patch(b.kind, name, object{"metadata": object{"annotations": annotations}})
}

// down has Kafka answer no more, or again.
func (b *topicBench) down(down bool) {
	var value any
	if down {
		value = "true"
	}
	b.patch(configMaps, "prod-kafka", object{"metadata": object{"annotations": object{"standin.flink/kafka-down": value}}})
}

// kafka returns a topic in Kafka, nil for none.
func (b *topicBench) kafka(name string) object {
	b.Helper()
	kafka, err := b.cluster.dyn.Resource(configMaps).Namespace(b.namespace).Get(b.Context(), "prod-kafka", metav1.GetOptions{})
	if err != nil {
		b.Fatal(err)
	}
	text, there, _ := unstructured.NestedString(kafka.Object, "data", name)
	if !there {
		return nil
	}
	var topic object
	if err := json.Unmarshal([]byte(text), &topic); err != nil {
		b.Fatal(err)
	}
	return topic
}

// setKafka changes a topic in Kafka as somebody there would; nil deletes it.
func (b *topicBench) setKafka(name string, topic object) {
	b.Helper()
	var value any
	if topic != nil {
		text, err := json.Marshal(topic)
		if err != nil {
			b.Fatal(err)
		}
		value = string(text)
	}
	b.patch(configMaps, "prod-kafka", object{"data": object{name: value}})
}

// fill puts records into a topic.
func (b *topicBench) fill(name string, records int) {
	topic := b.kafka(name)
	topic["records"] = records
	b.setKafka(name, topic)
}

// delete deletes a resource and does not wait.
func (b *topicBench) delete(name string) {
	b.Helper()
	if err := b.cluster.dyn.Resource(b.kind).Namespace(b.namespace).Delete(b.Context(), name, metav1.DeleteOptions{}); err != nil {
		b.Fatal(err)
	}
}

// gone waits until a resource is gone.
func (b *topicBench) gone(name string) {
	b.Helper()
	b.until(name, "gone", func(obj *unstructured.Unstructured) bool { return obj == nil })
}

// until waits until a resource is as it shall be, and returns it.
func (b *topicBench) until(name, what string, ok func(obj *unstructured.Unstructured) bool) *unstructured.Unstructured {
	b.Helper()
	var last *unstructured.Unstructured
	err := wait.PollUntilContextTimeout(b.Context(), 10*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		obj, err := b.cluster.dyn.Resource(b.kind).Namespace(b.namespace).Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			obj, err = nil, nil
		}
		last = obj
		return err == nil && ok(obj), err
	})
	if err != nil {
		if last != nil {
			b.Fatalf("%s is not %s: %v", name, what, last.Object)
		}
		b.Fatalf("%s is not %s: %v", name, what, errors.Join(err, errors.New("it is not there")))
	}
	return last
}

// says returns the one condition of a resource as "Type=Status reason: message".
func says(obj *unstructured.Unstructured) string {
	if obj == nil {
		return ""
	}
	conditions, _, _ := unstructured.NestedSlice(obj.Object, "status", "conditions")
	text := ""
	for _, item := range conditions {
		c, _ := item.(object)
		text += fmt.Sprintf("%v=%v", c["type"], c["status"])
		if c["reason"] != nil {
			text += fmt.Sprintf(" %v: %v", c["reason"], c["message"])
		}
	}
	return text
}

// told waits until the operator says something of the present generation.
func (b *topicBench) told(name, condition string) *unstructured.Unstructured {
	b.Helper()
	return b.until(name, condition, func(obj *unstructured.Unstructured) bool {
		if obj == nil {
			return false
		}
		observed, _, _ := unstructured.NestedInt64(obj.Object, "status", "observedGeneration")
		return observed == obj.GetGeneration() && says(obj) == condition
	})
}

// topicID is the id of a topic in the status of its resource.
func topicID(obj *unstructured.Unstructured) string {
	text, _, _ := unstructured.NestedString(obj.Object, "status", "topicId")
	return text
}

func hasFinalizer(obj *unstructured.Unstructured) bool {
	return slices.Contains(obj.GetFinalizers(), "strimzi.io/topic-operator")
}

const (
	topicReady = "Ready=True"
	managedBy  = "Ready=False ResourceConflict: Managed by Ref{namespace='%s', name='%s'}"
	fewer      = "Ready=False NotSupported: Decreasing partitions not supported"
	noBroker   = "Ready=False KafkaError: org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeTopics"
)

// TestTopics has a row for each that was seen of the Topic Operator of Strimzi 1.2.0, and for the end of a Kafka.
func TestTopics(t *testing.T) {
	for name, row := range map[string]func(b *topicBench){
		"create with the cluster label": func(b *topicBench) {
			b.create("a", object{"topicName": "orders_1", "partitions": 3, "replicas": 2, "config": object{"retention.ms": 1000, "cleanup.policy": []any{"compact", "delete"}}})
			obj := b.told("a", topicReady)
			topic := b.kafka("orders_1")
			if !hasFinalizer(obj) || topicID(obj) == "" || topic["id"] != topicID(obj) {
				b.Errorf("the resource is %v, the topic %v", obj.Object, topic)
			}
			if topicName, _, _ := unstructured.NestedString(obj.Object, "status", "topicName"); topicName != "orders_1" {
				b.Errorf("status.topicName is %q", topicName)
			}
			delete(topic, "id")
			want := object{"partitions": 3.0, "replicas": 2.0, "records": 0.0, "config": object{"retention.ms": "1000", "cleanup.policy": "compact,delete"}}
			if diff := cmp.Diff(want, topic); diff != "" {
				b.Errorf("wanted (-) and made (+):\n%s", diff)
			}
		},
		"no cluster label": func(b *topicBench) {
			b.create("a", object{})
			b.patch(b.kind, "a", object{"metadata": object{"labels": object{"strimzi.io/cluster": nil}}})
			b.cluster.create(b.T, b.kind, b.namespace, object{"apiVersion": b.kind.GroupVersion().String(), "kind": "KafkaTopic", "metadata": object{"name": "b"}, "spec": object{}})
			b.cluster.create(b.T, b.kind, b.namespace, object{
				"apiVersion": b.kind.GroupVersion().String(), "kind": "KafkaTopic", "metadata": object{"name": "c", "labels": object{"strimzi.io/cluster": "other"}}, "spec": object{},
			})
			// What comes later and is looked at has come after them.
			b.create("d", object{})
			b.told("d", topicReady)
			for _, name := range []string{"b", "c"} {
				if obj := b.until(name, "there", func(obj *unstructured.Unstructured) bool { return obj != nil }); obj.Object["status"] != nil || hasFinalizer(obj) {
					b.Errorf("%s is %v", name, obj.Object)
				}
			}
		},
		"partitions up and other configuration": func(b *topicBench) {
			b.create("a", object{"partitions": 1, "config": object{"retention.ms": "1", "segment.ms": "5"}})
			before := b.told("a", topicReady)
			b.fill("a", 7)
			b.change("a", object{"partitions": 2, "config": object{"retention.ms": "2", "segment.ms": nil}})
			after := b.told("a", topicReady)
			if topicID(after) != topicID(before) {
				b.Errorf("the topic is another one")
			}
			want := object{"id": topicID(before), "partitions": 2.0, "replicas": 1.0, "records": 7.0, "config": object{"retention.ms": "2"}}
			if diff := cmp.Diff(want, b.kafka("a")); diff != "" {
				b.Errorf("wanted (-) and made (+):\n%s", diff)
			}
		},
		"partitions down": func(b *topicBench) {
			b.create("a", object{"partitions": 3})
			b.told("a", topicReady)
			b.change("a", object{"partitions": 2})
			if obj := b.told("a", fewer); topicID(obj) == "" || b.kafka("a")["partitions"] != 3.0 {
				b.Errorf("the resource is %v, the topic %v", obj.Object, b.kafka("a"))
			}
		},
		"replicas changed": func(b *topicBench) {
			b.create("a", object{"partitions": 2, "replicas": 1})
			b.told("a", topicReady)
			b.change("a", object{"replicas": 2})
			b.told("a", "Ready=False NotSupported: Replication factor change not supported, but required for partitions [0, 1]")
		},
		"too many replicas": func(b *topicBench) {
			b.create("a", object{"replicas": 4})
			b.told("a", "Ready=False KafkaError: org.apache.kafka.common.errors.InvalidReplicationFactorException: Unable to replicate the partition 4 time(s): "+
				"The target replication factor of 4 cannot be reached because only 3 broker(s) are registered.")
			b.patch(configMaps, "prod-kafka", object{"metadata": object{"annotations": object{"standin.flink/brokers": "4"}}})
			b.told("a", topicReady)
		},
		"an unknown key": func(b *topicBench) {
			b.create("a", object{"config": object{"nonsense": "1"}})
			b.told("a", "Ready=False KafkaError: org.apache.kafka.common.errors.InvalidConfigurationException: Unknown topic config name: nonsense")
			if topic := b.kafka("a"); topic != nil {
				b.Errorf("there is the topic %v", topic)
			}
			b.change("a", object{"config": object{"nonsense": nil}})
			b.told("a", topicReady)
		},
		"a bad value": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			b.change("a", object{"config": object{"retention.ms": "long"}})
			b.told("a", "Ready=False KafkaError: org.apache.kafka.common.errors.InvalidConfigurationException: Invalid value long for configuration retention.ms: Not a number of type LONG")
		},
		"topicName changed": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			b.change("a", object{"topicName": "b"})
			if obj := b.told("a", "Ready=False NotSupported: Changing spec.topicName is not supported"); topicID(obj) != "" {
				b.Errorf("the id is still there: %v", obj.Object)
			}
			if b.kafka("a") == nil || b.kafka("b") != nil {
				b.Error("there is another topic")
			}
		},
		"two resources of one topic": func(b *topicBench) {
			b.create("a", object{"topicName": "orders"})
			before := b.told("a", topicReady)
			b.fill("orders", 9)
			b.create("b", object{"topicName": "orders"})
			if obj := b.told("b", fmt.Sprintf(managedBy, b.namespace, "a")); hasFinalizer(obj) {
				b.Error("the second has a finalizer")
			}
			// The second goes without harm.
			b.delete("b")
			b.gone("b")
			if topic := b.kafka("orders"); topic["records"] != 9.0 {
				b.Errorf("the topic is %v", topic)
			}
			// The first takes the topic with it, and the second makes it anew.
			b.create("b", object{"topicName": "orders"})
			b.told("b", fmt.Sprintf(managedBy, b.namespace, "a"))
			b.delete("a")
			b.gone("a")
			if topic := b.kafka("orders"); topic != nil {
				b.Errorf("the topic is still there: %v", topic)
			}
			after := b.told("b", topicReady)
			if topic := b.kafka("orders"); topicID(after) == topicID(before) || topic["id"] != topicID(after) || topic["records"] != 0.0 {
				b.Errorf("the topic is %v, and was %s", topic, topicID(before))
			}
		},
		"not managed, and deleted then": func(b *topicBench) {
			b.create("a", object{})
			before := b.told("a", topicReady)
			b.fill("a", 4)
			b.annotate("a", object{"strimzi.io/managed": "false"})
			obj := b.told("a", "Unmanaged=True")
			if _, named, _ := unstructured.NestedString(obj.Object, "status", "topicName"); named || topicID(obj) != "" {
				b.Errorf("the status is %v", obj.Object["status"])
			}
			b.delete("a")
			b.gone("a")
			if topic := b.kafka("a"); topic["records"] != 4.0 {
				b.Errorf("the topic is %v", topic)
			}
			// Another resource takes the topic that is there.
			b.create("b", object{"topicName": "a"})
			if after := b.told("b", topicReady); topicID(after) != topicID(before) || b.kafka("a")["records"] != 4.0 {
				b.Errorf("the topic is %v", b.kafka("a"))
			}
		},
		"managed again": func(b *topicBench) {
			b.create("a", object{})
			before := b.told("a", topicReady)
			b.annotate("a", object{"strimzi.io/managed": "false"})
			b.told("a", "Unmanaged=True")
			b.annotate("a", object{"strimzi.io/managed": nil})
			if after := b.told("a", topicReady); topicID(after) != topicID(before) || !hasFinalizer(after) {
				b.Errorf("the resource is %v", after.Object)
			}
		},
		"paused": func(b *topicBench) {
			b.create("a", object{"partitions": 1})
			b.told("a", topicReady)
			b.annotate("a", object{"strimzi.io/pause-reconciliation": "true"})
			b.told("a", "ReconciliationPaused=True")
			b.change("a", object{"partitions": 2})
			b.told("a", "ReconciliationPaused=True")
			if topic := b.kafka("a"); topic["partitions"] != 1.0 {
				b.Errorf("the topic is %v", topic)
			}
			b.annotate("a", object{"strimzi.io/pause-reconciliation": nil})
			b.told("a", topicReady)
			if topic := b.kafka("a"); topic["partitions"] != 2.0 {
				b.Errorf("the topic is %v", topic)
			}
		},
		"an empty specification": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			if topic := b.kafka("a"); topic["partitions"] != 1.0 || topic["replicas"] != 1.0 {
				b.Errorf("the topic is %v", topic)
			}
		},
		"a topic that Kafka has already": func(b *topicBench) {
			b.setKafka("a", object{"id": "mine", "partitions": 2, "replicas": 1, "records": 3, "config": object{"retention.ms": "1"}})
			b.create("a", object{"partitions": 2})
			if obj := b.told("a", topicReady); topicID(obj) != "mine" {
				b.Errorf("the resource is %v", obj.Object)
			}
			if diff := cmp.Diff(object{"id": "mine", "partitions": 2.0, "replicas": 1.0, "records": 3.0}, b.kafka("a")); diff != "" {
				b.Errorf("wanted (-) and made (+):\n%s", diff)
			}
		},
		"configuration changed in Kafka": func(b *topicBench) {
			b.create("a", object{"config": object{"retention.ms": "1"}})
			before := b.told("a", topicReady)
			topic := b.kafka("a")
			topic["config"] = object{"retention.ms": "2"}
			b.setKafka("a", topic)
			b.eventually(func() bool { config, _ := b.kafka("a")["config"].(object); return config["retention.ms"] == "1" })
			if after := b.told("a", topicReady); after.GetResourceVersion() != before.GetResourceVersion() {
				b.Error("the status tells of it")
			}
		},
		"a topic deleted in Kafka comes back empty": func(b *topicBench) {
			b.create("a", object{})
			before := b.told("a", topicReady)
			b.fill("a", 5)
			b.setKafka("a", nil)
			after := b.until("a", "another topic", func(obj *unstructured.Unstructured) bool { return topicID(obj) != topicID(before) })
			if topic := b.kafka("a"); topic["records"] != 0.0 || topic["id"] != topicID(after) || says(after) != topicReady {
				b.Errorf("the topic is %v, the resource %v", topic, after.Object)
			}
		},
		"partitions raised in Kafka": func(b *topicBench) {
			b.create("a", object{"partitions": 1})
			b.told("a", topicReady)
			topic := b.kafka("a")
			topic["partitions"] = 2
			b.setKafka("a", topic)
			b.told("a", fewer)
		},
		"Kafka down at a create": func(b *topicBench) {
			b.down(true)
			began := time.Now()
			created := b.create("a", object{})
			obj := b.told("a", noBroker)
			if took := time.Since(began); took < 39*speed || hasFinalizer(obj) {
				b.Errorf("it was said after %s of %v", took, created.Object)
			}
			b.down(false)
			b.told("a", topicReady)
		},
		"Kafka down at an update": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			b.down(true)
			b.change("a", object{"partitions": 2})
			if obj := b.told("a", noBroker); topicID(obj) == "" {
				b.Errorf("the resource is %v", obj.Object)
			}
			b.down(false)
			b.told("a", topicReady)
			if topic := b.kafka("a"); topic["partitions"] != 2.0 {
				b.Errorf("the topic is %v", topic)
			}
		},
		"Kafka down at a delete": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			b.create("other", object{})
			b.told("other", topicReady)
			b.down(true)
			b.delete("a")
			// Something that takes longer than a deletion has happened.
			b.change("other", object{"partitions": 2})
			b.told("other", noBroker)
			if obj := b.until("a", "there", func(obj *unstructured.Unstructured) bool { return obj != nil }); obj.GetDeletionTimestamp() == nil || b.kafka("a") == nil {
				b.Errorf("the resource is %v", obj.Object)
			}
			b.down(false)
			b.gone("a")
			if topic := b.kafka("a"); topic != nil {
				b.Errorf("the topic is %v", topic)
			}
		},
		"a Kafka that is gone": func(b *topicBench) {
			b.create("a", object{})
			b.told("a", topicReady)
			b.down(true)
			b.delete("a")
			if err := b.cluster.dyn.Resource(configMaps).Namespace(b.namespace).Delete(b.Context(), "prod-kafka", metav1.DeleteOptions{}); err != nil {
				b.Fatal(err)
			}
			b.gone("a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row(newTopicBench(t, "1.15"))
		})
	}
}

func (b *topicBench) eventually(ok func() bool) {
	b.Helper()
	if err := wait.PollUntilContextTimeout(b.Context(), 10*time.Millisecond, patience, true, func(context.Context) (bool, error) { return ok(), nil }); err != nil {
		b.Fatal(err)
	}
}

// TestTopicsOfAnOlderStrimzi has the same operator speak v1beta2.
func TestTopicsOfAnOlderStrimzi(t *testing.T) {
	b := newTopicBench(t, "1.7")
	b.create("a", object{"partitions": 2})
	b.told("a", topicReady)
	b.delete("a")
	b.gone("a")
	if topic := b.kafka("a"); topic != nil {
		t.Errorf("the topic is %v", topic)
	}
}
