// Package blueprint holds what a stream application is: streamlets, each of which
// becomes one deployment, and the topics that join their ports. It checks a blueprint,
// renders what each streamlet is told, orders a change and draws it. It is pure.
package blueprint

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Application is a blueprint.
type Application struct {
	Name string
	// NameUnknown tells that Name is not known yet, and TopicsUnknown that it is not known which
	// topics there are, or which ports one of them joins.
	NameUnknown, TopicsUnknown bool
	// Streamlets and Topics are by the names that the blueprint gives them.
	Streamlets map[string]Streamlet
	Topics     map[string]Topic
}

// Streamlet is a part of an application that runs as a deployment of its own. What it
// runs is none of the blueprint's.
type Streamlet struct {
	// Inlets and Outlets are the ports by which records come in and go out, by name.
	Inlets, Outlets map[string]Port
	// PortsUnknown tells that it is not known which there are.
	PortsUnknown bool
	Config       map[string]string
	// ConfigSecrets are the values that Kubernetes Secrets give, by configuration key.
	ConfigSecrets map[string]flink.SecretRef
	// Runtime is what runs it, empty for Flink.
	Runtime string
	// MovedFrom is the streamlet's former name, empty for none.
	MovedFrom string
}

// Port is an inlet or an outlet.
type Port struct {
	// Schema is the Avro schema of the records as JSON text, empty for none.
	Schema string
	// Subject and Version tell where the schema is in the registry; Version is "latest" or a
	// number. Both are empty for a schema that is given as text.
	Subject, Version string
	// Unknown tells that the schema is not known yet, so that no check may guess.
	Unknown bool
}

// Topic joins outlets to inlets.
type Topic struct {
	// Producers and Consumers are ports, "streamlet.port".
	Producers, Consumers []string
	// Name is the topic's in Kafka, empty for the one in the blueprint.
	Name string
	// NameUnknown tells that Name is not known yet.
	NameUnknown bool
	// Partitions and Replicas are nil for the brokers' default.
	Partitions, Replicas *int64
	Config               map[string]string
	// Managed tells whether the application makes the topic, nil for true.
	Managed *bool
}

// Deployment is the name of the deployment that runs a streamlet.
func (a Application) Deployment(streamlet string) string { return a.Name + "-" + streamlet }

// IsManaged tells whether the application makes the topic.
func (t Topic) IsManaged() bool { return t.Managed == nil || *t.Managed }

// Named is the topic's name in Kafka, of a topic that the blueprint calls key. It means
// nothing while NameUnknown is true.
func (t Topic) Named(key string) string {
	if t.Name != "" {
		return t.Name
	}
	return key
}

// TopicObject is the name of the Kubernetes resource that stands for a topic: the
// application's name and key as a DNS-1123 subdomain. Names of topics may have
// capitals and underscores, which those of resources have not; the beginning of a
// hash then tells apart what would be the same.
func (a Application) TopicObject(key string) string {
	lower := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, key)
	var labels []string
	for label := range strings.SplitSeq(lower, ".") {
		if label = strings.Trim(label, "-"); label != "" {
			labels = append(labels, label)
		}
	}
	name := strings.Join(append([]string{a.Name}, strings.Join(labels, ".")), "-")
	if name == a.Name+"-"+key && key != "" {
		return name
	}
	sum := sha256.Sum256([]byte(key))
	return strings.TrimRight(name, "-") + "-" + hex.EncodeToString(sum[:4])
}
