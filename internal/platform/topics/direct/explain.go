package direct

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// kind is what a topic is called in messages.
const kind = "Kafka topic"

// explain returns an error of Kafka as one of the platform.
func (t *Topics) explain(err error) error {
	var (
		missing     *kafka.NotFoundError
		exists      *kafka.ExistsError
		other       *kafka.OtherTopicError
		denied      *kafka.DeniedError
		rejected    *kafka.RefusedError
		unsettled   *kafka.UnsettledError
		credentials *kafka.CredentialsError
		listener    *kafka.ListenerError
		certificate *kafka.CertificateError
		unreachable *kafka.UnreachableError
		config      *kafka.ConfigError
	)
	because := func(cause, remedy string) error {
		return &platform.ExplainedError{Cause: cause, Err: err, Remedy: remedy}
	}
	switch {
	case errors.As(err, &missing):
		return &platform.NotFoundError{Kind: kind, Ref: platform.Ref{Name: missing.Topic}}
	case errors.As(err, &exists):
		return &platform.ExistsError{Err: err}
	case errors.As(err, &other):
		return &platform.OtherObjectError{Kind: kind, Ref: platform.Ref{Name: other.Topic}, UID: other.ID, Planned: other.Meant}
	case errors.As(err, &unsettled):
		return because("Kafka does not come to the end of it", "Look at the brokers and their logs, then apply again.")
	case errors.As(err, &rejected):
		return rejection(rejected)
	case errors.As(err, &denied):
		return because("Kafka does not allow it", fmt.Sprintf("Grant the user %s on the topics %s (kafka-acls.sh --add --operation %s), or name another Secret in the environment's kafka.sasl. Whether there are such topics is not known.",
			denied.Operation, strings.Join(denied.Topics, ", "), denied.Operation))
	case errors.As(err, &credentials) && credentials.Server != "":
		return because("there is no token for Kafka", "Check sasl.token_url, sasl.scope and the Secret of sasl in the environment's kafka.")
	case errors.As(err, &credentials):
		return because("Kafka does not accept the credentials", "Check the Secret and the mechanism of sasl in the environment's kafka.")
	case errors.As(err, &listener):
		return because("the Kafka listener speaks something else", listener.Remedy)
	case errors.As(err, &certificate) && certificate.Ours:
		return because("Kafka does not take the client's certificate", "Check tls.client_secret in the environment's kafka: a certificate of an authority that the brokers trust, for use as a client.")
	case errors.As(err, &certificate):
		return because("the certificate of Kafka is not trusted", "Check tls.ca in the environment's kafka, and that the bootstrap servers are named as in the certificate.")
	case errors.As(err, &unreachable) && unreachable.Advertised:
		return because("a Kafka broker cannot be reached", "Have the brokers give an address that this machine reaches (a listener of its own, and advertised.listeners), and name that listener in admin_bootstrap_servers.")
	case errors.As(err, &unreachable):
		return because("Kafka cannot be reached", "Check that the brokers run and that this machine reaches them; admin_bootstrap_servers in the environment's kafka names them where it reaches them at another address than the jobs.")
	case errors.As(err, &config):
		return because("there is no usable configuration of Kafka", "Correct "+config.Attribute+" in the environment's kafka.")
	case errors.Is(err, context.DeadlineExceeded):
		return because("it takes too long", "Raise the timeout in the attribute timeouts, or look at the brokers.")
	}
	return err
}

// rejection is the error of what a broker refuses, with the value at fault where its code
// or its words tell which one that is.
func rejection(e *kafka.RefusedError) error {
	field := platform.Field{By: "Kafka", Message: e.Message}
	switch e.Code {
	case "INVALID_PARTITIONS":
		field.Path, field.Summary = flink.Path{"partitions"}, "Kafka rejects the number of partitions"
	case "INVALID_REPLICATION_FACTOR":
		field.Path, field.Summary = flink.Path{"replicas"}, "Kafka rejects the number of replicas"
		field.Detail = "A cluster holds no more replicas of a partition than it has brokers that run."
	case "INVALID_TOPIC_EXCEPTION":
		field.Path, field.Summary = flink.Path{"topic_name"}, "Kafka rejects the name of the topic"
		if strings.Contains(e.Message, "collides") {
			field.Detail = "Names that differ only in dots and underscores are one in the metrics of Kafka. Use another name."
		}
	case "INVALID_CONFIG":
		field.Path, field.Summary = configPath(e.Message), "Kafka rejects the configuration of the topic"
	default:
		return &platform.ExplainedError{Cause: "Kafka refuses it", Err: e, Remedy: "Correct what Kafka's message names. Nothing was changed."}
	}
	return &platform.FieldsError{Err: e, Fields: []platform.Field{field}}
}

// configPath is the value that the words of a broker name (ConfigException, LogConfig and
// ConfigurationControlManager of Kafka 4.4).
func configPath(message string) flink.Path {
	for _, before := range []string{"Unknown topic config name: ", "for configuration "} {
		if _, rest, found := strings.Cut(message, before); found {
			key, _, _ := strings.Cut(rest, ":")
			key, _, _ = strings.Cut(key, " ")
			return flink.Path{"config", strings.TrimRight(key, ".,;")}
		}
	}
	return flink.Path{"config"}
}
