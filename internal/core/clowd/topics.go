package clowd

import (
	"encoding/json"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// The field of an item of kafkaTopics that tells it from the others.
const topicName = "topicName"

// AppTopic is what a ClowdApp asks for of a topic; zeros are left to Clowder.
type AppTopic struct {
	Name                 string
	Partitions, Replicas int64
	Config               map[string]string
}

// TopicItem is an item of ClowdApp.spec.kafkaTopics. What is nil is left out: Clowder then takes 3
// partitions and 3 replicas.
func TopicItem(name string, partitions, replicas *int64, config map[string]string) flink.Tree {
	out := flink.Tree{topicName: name}
	for field, value := range map[string]*int64{"partitions": partitions, "replicas": replicas} {
		if value != nil {
			out[field] = json.Number(strconv.FormatInt(*value, 10))
		}
	}
	if len(config) > 0 {
		values := flink.Tree{}
		for key, value := range config {
			values[key] = value
		}
		out["config"] = values
	}
	return out
}

// Topic reads an item of kafkaTopics.
func Topic(item flink.Tree) AppTopic {
	out := AppTopic{Name: textAt(item, topicName), Config: map[string]string{}}
	out.Partitions, _ = number(item["partitions"])
	out.Replicas, _ = number(item["replicas"])
	for key, value := range treeAt(item, "config") {
		out.Config[key], _ = value.(string)
	}
	return out
}

// TopicOf returns the item of a topic.
func TopicOf(app flink.Tree, name string) (item flink.Tree, has bool) {
	for _, item := range listAt(app, "spec", FieldTopics) {
		if item, _ := item.(flink.Tree); item[topicName] == name {
			return item, true
		}
	}
	return nil, false
}

// WithTopic is a ClowdApp with an item in the place of that of its topic, or after all others.
func WithTopic(app, item flink.Tree) flink.Tree { return withItem(app, FieldTopics, topicName, item) }

// WithoutTopic is a ClowdApp that does not ask for a topic.
func WithoutTopic(app flink.Tree, name string) flink.Tree {
	return withoutItem(app, FieldTopics, topicName, name)
}
