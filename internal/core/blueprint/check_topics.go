package blueprint

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func (c *checker) checkTopic(key string) {
	t := c.Topics[key]
	path := func(further ...string) flink.Path { return append(flink.Path{"topics", key}, further...) }
	if problem := topicProblem(key); problem != "" {
		c.fault(path(), fmt.Sprintf("The name %q is not valid for a topic", key), problem+" Rename the topic; topic_name keeps the one that there is.")
	} else if object := c.TopicObject(key); c.of.Object > 0 && t.IsManaged() && len(object) > c.of.Object {
		c.fault(path(), fmt.Sprintf("The name of the resource of topic %q is too long", key),
			fmt.Sprintf("%q has %d characters, and %d are possible. Shorten the topic's name in the blueprint; topic_name keeps the one in Kafka.", object, len(object), c.of.Object))
	}
	if problem := topicProblem(t.Name); t.Name != "" && !t.NameUnknown && problem != "" {
		c.fault(path("topic_name"), fmt.Sprintf("%q is not the name of a topic in Kafka", t.Name), problem+" Change topic_name.")
	}
	if len(t.Producers)+len(t.Consumers) == 0 && !c.TopicsUnknown {
		c.warn(path(), fmt.Sprintf("The topic %q joins nothing", key),
			"It has neither producers nor consumers. Name the outlets and inlets that it joins, or remove it.")
	}
	c.checkAmount(path("partitions"), key, "partitions", t.Partitions, math.MaxInt32)
	c.checkAmount(path("replicas"), key, "replicas", t.Replicas, math.MaxInt16)
	for _, config := range slices.Sorted(maps.Keys(t.Config)) {
		if !configKeyPattern.MatchString(config) {
			c.fault(path("config", config), fmt.Sprintf("%q is not a configuration key of a topic", config),
				"A key has no blanks, for example retention.ms. Rename it.")
		}
	}
	if !t.IsManaged() {
		c.checkUnmanaged(key)
		return
	}
	if text, has := t.Config["min.insync.replicas"]; has && t.Replicas != nil {
		if least, err := strconv.ParseInt(text, 10, 64); err == nil && least > *t.Replicas {
			c.warn(path("config", "min.insync.replicas"), fmt.Sprintf("Topic %q asks for more replicas in sync than it has", key),
				fmt.Sprintf("Kafka takes a min.insync.replicas of %d for %d replicas, and then refuses each record of a producer with acks=all. Lower it, or raise replicas.", least, *t.Replicas))
		}
	}
}

// checkAmount looks at a number of which Kafka takes 1 to most.
func (c *checker) checkAmount(path flink.Path, key, what string, amount *int64, most int64) {
	if amount != nil && (*amount < 1 || *amount > most) {
		c.fault(path, fmt.Sprintf("Topic %q cannot have %d %s", key, *amount, what),
			fmt.Sprintf("A topic has 1 to %d %s. Change the number, or leave it out for the brokers' default.", most, what))
	}
}

// checkUnmanaged tells of what is said of a topic and has no effect.
func (c *checker) checkUnmanaged(key string) {
	t := c.Topics[key]
	for _, said := range []struct {
		attribute, verb string
		is              bool
	}{{"partitions", "have", t.Partitions != nil}, {"replicas", "have", t.Replicas != nil}, {"config", "has", len(t.Config) > 0}} {
		if said.is {
			c.warn(flink.Path{"topics", key, said.attribute}, fmt.Sprintf("The %s of topic %q %s no effect", said.attribute, key, said.verb),
				fmt.Sprintf("The topic is not managed: somebody else makes it, and says what it is like. Remove %s, or managed = false.", said.attribute))
		}
	}
}

// checkTopicNames tells of two topics that would be one in Kafka, or that Kafka
// does not take beside each other: it writes dots as underscores in the names of
// metrics.
func (c *checker) checkTopicNames() {
	names, metrics := map[string]string{}, map[string]string{}
	for _, key := range c.topics {
		t := c.Topics[key]
		if t.NameUnknown {
			continue
		}
		name := t.Named(key)
		path := flink.Path{"topics", key}
		if t.Name != "" {
			path = append(path, "topic_name")
		}
		first, same := names[name]
		other, collides := metrics[metricName(name)]
		switch {
		case same:
			c.fault(path, fmt.Sprintf("The topics %q and %q are one in Kafka", first, key),
				fmt.Sprintf("Both are called %q. Give one of them another topic_name, or join all ports by one topic.", name))
		case collides:
			c.fault(path, fmt.Sprintf("The topics %q and %q cannot be beside each other", other, key),
				fmt.Sprintf("Kafka takes %q and %q for the same name, because its metrics write dots as underscores. Give one of them another topic_name.", c.Topics[other].Named(other), name))
		default:
			names[name], metrics[metricName(name)] = key, key
		}
	}
}
