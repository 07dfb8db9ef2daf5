package blueprint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Reached is what an application document says of the brokers of its streamlet.
type Reached struct {
	// BootstrapServers are the brokers, empty where the document leaves them to a file of the platform
	// (File) or has none.
	BootstrapServers, SecurityProtocol, Mechanism string
	// File is where the platform tells pods of brokers and topics itself, empty for none.
	File string
	// Topics are the names of the topics that join the streamlet's ports, sorted.
	Topics []string
}

// ReadReached reads what a document says of brokers and topics.
func ReadReached(text []byte) (Reached, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return Reached{}, fmt.Errorf("read the application document: %w", err)
	}
	var out Reached
	if d.Kafka != nil {
		out.BootstrapServers, out.SecurityProtocol = d.Kafka.BootstrapServers, d.Kafka.SecurityProtocol
		if d.Kafka.SASL != nil {
			out.Mechanism = d.Kafka.SASL.Mechanism
		}
	}
	if d.Connections != nil {
		out.File = d.Connections.File
	}
	names := map[string]bool{}
	for _, ports := range []map[string]documentPort{d.Inlets, d.Outlets} {
		for _, port := range ports {
			names[port.Topic] = true
		}
	}
	out.Topics = slices.Sorted(maps.Keys(names))
	return out, nil
}
