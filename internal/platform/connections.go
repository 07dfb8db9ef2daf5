package platform

import "context"

// ConnectionsFinder is a platform that tells the pods of a stream application itself where brokers and
// topics are.
type ConnectionsFinder interface {
	// Connections returns what it tells an application of an environment, as Ref.Namespace names it.
	// *NotFoundError until it has told anything.
	Connections(ctx context.Context, environment, application string) (*Connections, error)
}

// Connections is where brokers and topics are. What is empty was not told.
type Connections struct {
	// BootstrapServers are the brokers, "host:port" separated by commas.
	BootstrapServers string
	// SecurityProtocol and Mechanism are security.protocol and sasl.mechanism of a Kafka client, Username and
	// Password its credentials, and CACertificate what it trusts, as PEM.
	SecurityProtocol, Mechanism, Username, Password, CACertificate string
	// Topics are the names of topics in Kafka by those that the application asks for.
	Topics map[string]string
}
