package platform

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
)

// Labels of what a stream application has on Kubernetes.
const (
	ApplicationLabel = "flink-terraform.io/application"
	StreamletLabel   = "flink-terraform.io/streamlet"
)

// Topic is what a topic shall be. What is nil is left to the brokers, and nobody looks at it.
type Topic struct {
	// Name is the topic's in Kafka: 1 to 249 letters, digits, dots, underscores and hyphens.
	Name string
	// Object is the name of the resource that stands for it, where there is one.
	Object string
	// Partitions and Replicas are nil for the brokers' default.
	Partitions *int64
	Replicas   *int64
	// Config are the topic's own configuration values, as Kafka writes them.
	Config map[string]string
	// ID is the topic's id when it was last seen, empty for a topic that is still to be created.
	ID string
}

// ObservedTopic is a topic as it is.
type ObservedTopic struct {
	Name string
	// ID tells one topic from another that had its name, by Kafka's own id.
	ID string
	// Partitions and Replicas are 0 where what stands for the topic leaves them to the brokers.
	Partitions int64
	Replicas   int64
	// Config are the topic's own configuration values, without those of brokers and defaults.
	Config map[string]string
	// Problem says why the topic is not what it shall be, in the words of what makes it; empty
	// for nothing.
	Problem string
}

// Topics manages the topics of one environment.
type Topics interface {
	// Ready tells why no topic can be made at all, before anything is written: brokers
	// that do not answer, definitions that the cluster lacks, rights. Nil when one can.
	Ready(ctx context.Context) error
	// Read returns those of the topics that there are, by name, in one look at all of them. A
	// topic that may not be seen is an error, and not one that is absent.
	Read(ctx context.Context, topics []Topic) (map[string]ObservedTopic, error)
	// Create creates a topic and waits until it is there. It refuses with *ExistsError what is
	// there already.
	Create(ctx context.Context, want Topic) (ObservedTopic, error)
	// Update changes what differs: partitions only upwards, replicas never, of the configuration the
	// keys of want and those of before that want has no more.
	Update(ctx context.Context, want, before Topic) (ObservedTopic, error)
	// Delete deletes a topic and waits until it is gone. retain leaves the topic with its
	// data and removes only what stands for it.
	Delete(ctx context.Context, known Topic, retain bool) error
}

// TopicPlace says where the topics of an application are.
type TopicPlace struct {
	// Kafka is what the environment says, and Namespace the environment's.
	Kafka     defaults.Kafka
	Namespace string
	// Application is the name of the stream application.
	Application string
}

// ConnectTopics connects to what makes topics. It contacts nothing itself.
type ConnectTopics func(ctx context.Context, place TopicPlace) (Topics, error)

// Secrets are the Kubernetes Secrets of an environment's namespace.
type Secrets interface {
	// Secret returns the values of a Secret by key.
	Secret(ctx context.Context, name string) (map[string][]byte, error)
}

// Schemas is the schema registry of one environment.
type Schemas interface {
	// Schema returns the text of a version, "latest" or a number, of a subject, in Avro.
	// *NotFoundError where there is none.
	Schema(ctx context.Context, subject, version string) (string, error)
	// Check asks whether the registry would take a schema as the next version of a subject, and
	// writes nothing. *RejectedError has the registry's words.
	Check(ctx context.Context, subject, text string) error
	// Register registers a schema unless the subject has it already. *RejectedError has the
	// registry's words.
	Register(ctx context.Context, subject, text string) error
}

// ConnectSchemas connects to the registry of an environment in a namespace. It contacts nothing
// itself.
type ConnectSchemas func(ctx context.Context, registry defaults.SchemaRegistry, namespace string) (Schemas, error)
