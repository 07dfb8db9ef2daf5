package strimzi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The label and the annotations that the Topic Operator looks at
// (https://strimzi.io/docs/operators/latest/deploying, "Using the Topic Operator to manage Kafka topics").
const (
	clusterLabel      = "strimzi.io/cluster"
	managedAnnotation = "strimzi.io/managed"
	pausedAnnotation  = "strimzi.io/pause-reconciliation"
)

// object returns the resource of a topic to send. The topic's name is always said, as it
// cannot be changed once the resource is there.
func (t *Topics) object(kind kube.Kind, want platform.Topic) *unstructured.Unstructured {
	labels := map[string]any{}
	for name, value := range t.options.Labels {
		labels[name] = value
	}
	labels[clusterLabel] = t.options.Cluster
	spec := map[string]any{"topicName": want.Name}
	if want.Partitions != nil {
		spec["partitions"] = *want.Partitions
	}
	if want.Replicas != nil {
		spec["replicas"] = *want.Replicas
	}
	if len(want.Config) > 0 {
		config := make(map[string]any, len(want.Config))
		for key, value := range want.Config {
			config[key] = value
		}
		spec["config"] = config
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": kind.GroupVersion().String(),
		"kind":       kind.Kind,
		"metadata":   map[string]any{"namespace": t.options.Namespace, "name": want.Object, "labels": labels},
		"spec":       spec,
	}}
}

// keepForm has configuration values written as the live resource has them where they mean
// the same: 1 and "1" are one value to the Topic Operator, and two to the API server.
func keepForm(object, live *unstructured.Unstructured) {
	spec, _ := object.Object["spec"].(map[string]any)
	config, _ := spec["config"].(map[string]any)
	for key, value := range config {
		if there, ok := rawConfig(live)[key]; ok && configText(there) == value {
			config[key] = there
		}
	}
}

func rawConfig(object *unstructured.Unstructured) map[string]any {
	spec, _ := object.Object["spec"].(map[string]any)
	config, _ := spec["config"].(map[string]any)
	return config
}

// configOf are the configuration values of a resource as Kafka writes them. One that is null is none.
func configOf(object *unstructured.Unstructured) map[string]string {
	raw := rawConfig(object)
	config := make(map[string]string, len(raw))
	for key, value := range raw {
		if value != nil {
			config[key] = configText(value)
		}
	}
	return config
}

// configText is a configuration value as the Topic Operator hands it to Kafka: a list is its
// elements with commas between them.
func configText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = configText(item)
		}
		return strings.Join(parts, ",")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(text)
	}
	return fmt.Sprint(value)
}

// topicNameOf is the name in Kafka of the topic that a resource stands for.
func topicNameOf(object *unstructured.Unstructured) string {
	if name, _, _ := unstructured.NestedString(object.Object, "spec", "topicName"); name != "" {
		return name
	}
	return object.GetName()
}

// number is a whole number of the specification, 0 for none.
func number(object *unstructured.Unstructured, field string) int64 {
	value, _, _ := unstructured.NestedInt64(object.Object, "spec", field)
	return value
}

// belongs tells whether a resource is one that this provider has made for this application.
func (t *Topics) belongs(object *unstructured.Unstructured) bool {
	labels := object.GetLabels()
	for name, value := range t.options.Labels {
		if labels[name] != value {
			return false
		}
	}
	return kube.HasManager(object)
}

// observe returns a topic as its resource says it is. The numbers are 0 where the resource
// leaves them to the brokers. The id is what was known before where the status has none: the
// Topic Operator takes it away while it does not manage the topic, which stays the same.
func (t *Topics) observe(known platform.Topic, object *unstructured.Unstructured) platform.ObservedTopic {
	id, _, _ := unstructured.NestedString(object.Object, "status", "topicId")
	if id == "" {
		id = known.ID
	}
	return platform.ObservedTopic{
		Name: known.Name, ID: id,
		Partitions: number(object, "partitions"), Replicas: number(object, "replicas"),
		Config:  configOf(object),
		Problem: t.problem(known, object),
	}
}

// problem says why a topic is not what its resource says, empty for nothing.
func (t *Topics) problem(known platform.Topic, object *unstructured.Unstructured) string {
	if name := topicNameOf(object); name != known.Name {
		return fmt.Sprintf("spec.topicName is %q now, and the topic of this resource is %q", name, known.Name)
	}
	if cluster := object.GetLabels()[clusterLabel]; cluster != t.options.Cluster {
		return fmt.Sprintf("the label %s is %q now, and the cluster is %q", clusterLabel, cluster, t.options.Cluster)
	}
	if at := object.GetDeletionTimestamp(); at != nil {
		return fmt.Sprintf("the resource is being deleted since %s", at.UTC().Format("2006-01-02T15:04:05Z"))
	}
	return judge(object).problem()
}
