package defaults

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// Ways in which an environment has topics.
const (
	// KafkaStrimzi makes KafkaTopic resources, of which Strimzi's Topic Operator makes topics.
	KafkaStrimzi = "strimzi"
	// KafkaDirect makes topics by the Kafka protocol.
	KafkaDirect = "direct"
	// KafkaExternal makes none: somebody else does.
	KafkaExternal = "external"
	// KafkaEnvironment has the platform's own environment make topics, or find them: it decides
	// how, and tells jobs where the brokers are. An environment has it by itself.
	KafkaEnvironment = "environment"
)

// Kafka is where the topics of an environment's stream applications are, and how its jobs and
// the provider reach them. It has no secret in it: credentials are in Kubernetes Secrets
// of the environment's namespace.
type Kafka struct {
	// Provider is KafkaStrimzi, KafkaDirect, KafkaExternal or KafkaEnvironment.
	Provider string `json:"provider"`
	// BootstrapServers are the brokers as jobs reach them, separated by commas; empty with
	// KafkaEnvironment.
	BootstrapServers string `json:"bootstrapServers"`
	// AdminBootstrapServers are the brokers as the provider reaches them, nil for the same.
	AdminBootstrapServers *string `json:"adminBootstrapServers,omitempty"`
	// Cluster is the name of Strimzi's Kafka, and Namespace where it and its KafkaTopics
	// are; nil for the environment's own. With KafkaEnvironment, Cluster is the environment's
	// name on its platform.
	Cluster   *string `json:"cluster,omitempty"`
	Namespace *string `json:"namespace,omitempty"`
	SASL      *SASL   `json:"sasl,omitempty"`
	TLS       *TLS    `json:"tls,omitempty"`
}

// SASL is how a client proves who it is.
type SASL struct {
	// Mechanism is PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER.
	Mechanism string `json:"mechanism"`
	// Secret is the Kubernetes Secret with the keys username and password, or for
	// OAUTHBEARER client_id and client_secret.
	Secret string `json:"secret"`
	// TokenURL and Scope are where OAUTHBEARER gets tokens by client credentials, and for what.
	TokenURL *string `json:"tokenUrl,omitempty"`
	Scope    *string `json:"scope,omitempty"`
}

// TLS is how a connection is encrypted. The empty one trusts what the machine trusts.
type TLS struct {
	// CA is the PEM text of the authorities that are trusted, in a Secret.
	CA *flink.SecretRef `json:"ca,omitempty"`
	// ClientSecret is a Secret of the type kubernetes.io/tls (tls.crt, tls.key) with the
	// client's certificate.
	ClientSecret *string `json:"clientSecret,omitempty"`
}

// SchemaRegistry is where the schemas of an environment's topics are registered.
type SchemaRegistry struct {
	// URL is that of a registry with Confluent's REST interface, as jobs reach it.
	URL string `json:"url"`
	// AdminURL is it as the provider reaches it, nil for the same.
	AdminURL *string `json:"adminUrl,omitempty"`
	// Secret is the Kubernetes Secret with the keys username and password, or token; nil for
	// a registry that asks for none.
	Secret *string `json:"secret,omitempty"`
	// CA is the PEM text of the authorities that are trusted, in a Secret.
	CA *flink.SecretRef `json:"ca,omitempty"`
	// Format is how records refer to their schema, for the jobs: "confluent" (five bytes before
	// the record, the default) or "none".
	Format *string `json:"format,omitempty"`
}
