// Package strimzi has the topics of an environment as KafkaTopic resources, of which
// Strimzi's Topic Operator makes topics (https://strimzi.io/docs/operators/latest/overview).
// It never speaks to Kafka: what it knows of a topic is what the resource says.
package strimzi
