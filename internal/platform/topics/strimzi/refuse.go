package strimzi

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// refuse returns why a topic cannot become what is wanted, before anything is written: the
// operator would keep the topic as it is, and the resource would say something else. There is
// nothing to compare where one of the two leaves a number to the brokers.
func refuse(want platform.Topic, partitions, replicas int64) error {
	switch {
	case want.Partitions != nil && *want.Partitions < partitions:
		return &platform.ExplainedError{
			Cause:  fmt.Sprintf("the topic has %d partitions, and %d are fewer", partitions, *want.Partitions),
			Err:    fmt.Errorf("the partitions of the topic %q cannot become fewer: %d to %d", want.Name, partitions, *want.Partitions),
			Remedy: "Kafka never takes partitions away, as their records would be lost. Set partitions to what the topic has, or make another topic.",
		}
	case want.Replicas != nil && replicas != 0 && *want.Replicas != replicas:
		return &platform.ExplainedError{
			Cause:  fmt.Sprintf("the topic has %d replicas, and %d were asked for", replicas, *want.Replicas),
			Err:    fmt.Errorf("the replicas of the topic %q cannot be changed: %d to %d", want.Name, replicas, *want.Replicas),
			Remedy: "A change of the replicas moves all partitions, which no topic's own settings do. Set replicas to what the topic has, and change it with Cruise Control or kafka-reassign-partitions first.",
		}
	}
	return nil
}
