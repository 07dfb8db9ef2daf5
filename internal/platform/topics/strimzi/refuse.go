package strimzi

import (
	"errors"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
)

// refuse returns why a topic cannot become what is wanted, before anything is written: the
// operator would keep the topic as it is, and the resource would say something else.
func refuse(want platform.Topic, partitions, replicas int64) error {
	for _, f := range topics.Allowed(want, platform.ObservedTopic{Name: want.Name, ID: want.ID, Partitions: partitions, Replicas: replicas}) {
		if f.Severity == flink.Error {
			return &platform.ExplainedError{Cause: f.Summary, Err: errors.New(f.Detail)}
		}
	}
	return nil
}
