// Package topics is what all ways of having topics share: what differs between a topic
// that is wanted and one that is there, and which differences nothing can make good.
package topics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/topicvalue"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Difference is one value of a topic that is another one than was asked for.
type Difference struct {
	// Path is relative to the topic: {"partitions"}, {"replicas"} or {"config", key}.
	Path flink.Path
	// Want is what was asked for, and Is what there is. Is is empty, and Absent true, for a
	// configuration value that the topic has not of its own.
	Want, Is string
	Absent   bool
}

// Compare returns what differs, in the order of the paths: of what want says alone, and
// without values that Kafka reads as the same.
func Compare(want platform.Topic, is platform.ObservedTopic) []Difference {
	var found []Difference
	for _, key := range slices.Sorted(maps.Keys(want.Config)) {
		value, there := is.Config[key]
		if there && topicvalue.Same(key, want.Config[key], value) {
			continue
		}
		found = append(found, Difference{Path: flink.Path{"config", key}, Want: want.Config[key], Is: value, Absent: !there})
	}
	number := func(path string, want *int64, is int64) {
		if want != nil && is != 0 && *want != is {
			found = append(found, Difference{Path: flink.Path{path}, Want: strconv.FormatInt(*want, 10), Is: strconv.FormatInt(is, 10)})
		}
	}
	number("partitions", want.Partitions, is.Partitions)
	number("replicas", want.Replicas, is.Replicas)
	return found
}

// Removed are the keys that before has of its configuration and want has no more, sorted:
// an update takes them back to the brokers' default.
func Removed(want, before platform.Topic) []string {
	var removed []string
	for _, key := range slices.Sorted(maps.Keys(before.Config)) {
		if _, wanted := want.Config[key]; !wanted {
			removed = append(removed, key)
		}
	}
	return removed
}

// Allowed returns what stands against making a topic that is there into the wanted one, and
// what has become of its data. Paths are relative to the topic.
func Allowed(want platform.Topic, is platform.ObservedTopic) []flink.Finding {
	var found []flink.Finding
	if want.Partitions != nil && *want.Partitions < is.Partitions {
		found = append(found, flink.Finding{
			Path: flink.Path{"partitions"}, Severity: flink.Error, Summary: "A topic cannot lose partitions",
			Detail: fmt.Sprintf("The number of partitions of the topic %s is %d, and %d is asked for. Kafka only adds partitions, because the records of one that goes would be lost. "+
				"Ask for %d or more, or use a new topic with another name: let its producers write there, and its consumers read the old one to its end.",
				want.Name, is.Partitions, *want.Partitions, is.Partitions),
		})
	}
	if want.Replicas != nil && is.Replicas != 0 && *want.Replicas != is.Replicas {
		found = append(found, flink.Finding{
			Path: flink.Path{"replicas"}, Severity: flink.Error, Summary: "The number of replicas of a topic cannot be changed",
			Detail: fmt.Sprintf("The number of replicas of the topic %s is %d, and %d is asked for. Another number means to move its data between brokers, which takes hours on a large topic and has to be planned for the whole cluster. "+
				"Reassign its partitions with the tools of Kafka (kafka-reassign-partitions.sh, or Cruise Control), then apply again; or write replicas = %d, or leave replicas out.",
				want.Name, is.Replicas, *want.Replicas, is.Replicas),
		})
	}
	if want.ID != "" && is.ID != "" && want.ID != is.ID {
		found = append(found, flink.Finding{
			Severity: flink.Warning, Summary: "A topic was deleted and created again",
			Detail: fmt.Sprintf("The topic %s has the id %s, and had the id %s when it was last seen: it is another topic with the same name, and the records of the former one are lost. "+
				"Find out who has deleted it. Jobs that read it go on from offsets that the new topic has not; look at where they start (scan.startup.mode, or auto.offset.reset).",
				want.Name, is.ID, want.ID),
		})
	}
	return found
}
