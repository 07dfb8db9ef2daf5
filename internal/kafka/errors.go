package kafka

import (
	"fmt"
	"strings"
	"time"
)

// ConfigError means that a client cannot be made of a configuration.
type ConfigError struct {
	// Attribute is the value at fault, for example "sasl.mechanism".
	Attribute string
	Message   string
}

func (e *ConfigError) Error() string { return e.Message }

// UnreachableError means that no answer comes from any broker.
type UnreachableError struct {
	// Servers are the brokers that were to be asked first, and After is how long was
	// tried.
	Servers []string
	After   time.Duration
	// Advertised tells that one of them has answered, and that what cannot be
	// reached are the addresses that it gives of the brokers.
	Advertised bool
	Cause      error
	// Ended is the cause of the end of the context, when its deadline came first; else nil.
	Ended error
}

func (e *UnreachableError) Error() string {
	cause := strings.TrimSuffix(e.Cause.Error(), ".")
	if e.Advertised {
		return fmt.Sprintf("Kafka has answered at %s, and a broker cannot be reached at the address that it gives of itself there (advertised.listeners): %s.", strings.Join(e.Servers, ","), cause)
	}
	return fmt.Sprintf("No Kafka broker answers at %s within %s: %s.", strings.Join(e.Servers, ","), e.After, cause)
}

// Unwrap returns what there is of Cause and Ended.
func (e *UnreachableError) Unwrap() []error {
	if e.Ended == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Ended}
}

// CredentialsError means that a broker does not accept who the client says it is, or
// that the token server gives no token.
type CredentialsError struct {
	// Server is the URL of the token server, or empty when a broker refuses.
	Server string
	// Mechanism is that of SASL, where a broker refuses.
	Mechanism string
	Message   string
}

func (e *CredentialsError) Error() string {
	message := strings.TrimSuffix(e.Message, ".")
	if e.Server != "" {
		return fmt.Sprintf("The token server at %s gives no token: %s.", e.Server, message)
	}
	return fmt.Sprintf("The Kafka broker does not accept the credentials (SASL %s): %s.", e.Mechanism, message)
}

// ListenerError means that a broker and the client do not speak the same: one of them
// has TLS or SASL, and the other one has not, or they know no mechanism in common.
type ListenerError struct {
	Servers []string
	// Message says what was seen, and Remedy what it means for the configuration.
	Message, Remedy string
}

func (e *ListenerError) Error() string {
	return fmt.Sprintf("The Kafka broker at %s %s.", strings.Join(e.Servers, ","), strings.TrimSuffix(e.Message, "."))
}

// CertificateError means that one side does not trust the certificate of the other one.
type CertificateError struct {
	Servers []string
	// Ours tells that the broker does not take the client's certificate.
	Ours    bool
	Message string
}

func (e *CertificateError) Error() string {
	who := "The certificate of the Kafka broker at %s is not trusted: %s."
	if e.Ours {
		who = "The Kafka broker at %s does not take the client's certificate: %s."
	}
	return fmt.Sprintf(who, strings.Join(e.Servers, ","), strings.TrimSuffix(e.Message, "."))
}

// DeniedError means that the user may not do something with topics. It says nothing
// about whether there are such topics: Kafka does not tell it to whom it is not allowed.
type DeniedError struct {
	Topics []string
	// Operation is the one of Kafka's access rules that is missing, for example
	// "Describe".
	Operation string
	// Message is the broker's own, or Kafka's name of the error.
	Message string
}

func (e *DeniedError) Error() string {
	topics := "topic"
	if len(e.Topics) > 1 {
		topics = "topics"
	}
	return fmt.Sprintf("The Kafka user is not allowed %s on the %s %s: %s.", e.Operation, topics, strings.Join(e.Topics, ", "), strings.TrimSuffix(e.Message, "."))
}

// NotFoundError means that a broker was asked for a topic by its name and says that
// there is none.
type NotFoundError struct{ Topic string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("The Kafka topic %s does not exist.", e.Topic)
}

// ExistsError means that a topic that was to be created is there already.
type ExistsError struct{ Topic string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("The Kafka topic %s exists already.", e.Topic)
}

// OtherTopicError means that the topic of a name is not the one that was meant: that
// one was deleted, and another one created. Nothing was written.
type OtherTopicError struct {
	Topic string
	// ID is the id of the topic that there is, and Meant the other one.
	ID, Meant string
}

func (e *OtherTopicError) Error() string {
	return fmt.Sprintf("The Kafka topic %s has the id %s, and the topic that was meant had the id %s.", e.Topic, e.ID, e.Meant)
}

// RefusedError is a broker's answer that it does not carry out a request.
type RefusedError struct {
	Topic string
	// Request is for example "CreateTopics", and Code Kafka's name of the error, for
	// example "INVALID_CONFIG".
	Request, Code string
	// Message is the broker's own, or the meaning of the code when it says nothing.
	Message string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("Kafka refuses %s of the topic %s (%s): %s.", e.Request, e.Topic, e.Code, strings.TrimSuffix(e.Message, "."))
}

// UnsettledError means that a write was accepted, and what it wrote is not to be seen
// after a time.
type UnsettledError struct {
	Topic string
	// Wait is what was waited for, for example "3 partitions with leaders", Seen what
	// there was last, and After how long was waited.
	Wait, Seen string
	After      time.Duration
	// Err is why nothing was seen last, or nil.
	Err error
}

func (e *UnsettledError) Error() string {
	seen := e.Seen
	if e.Err != nil {
		seen = strings.TrimSuffix(e.Err.Error(), ".")
	}
	return fmt.Sprintf("Kafka has accepted the change of the topic %s, and %s later it does not show %s: %s.", e.Topic, e.After, e.Wait, seen)
}

func (e *UnsettledError) Unwrap() error { return e.Err }

// lostError means that a request was sent, and that no answer came.
type lostError struct{ cause error }

func (e *lostError) Error() string { return e.cause.Error() }

func (e *lostError) Unwrap() error { return e.cause }
