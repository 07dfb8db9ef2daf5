package direct

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	refused := func(code, message string) error {
		return &kafka.RefusedError{Topic: "orders", Request: "CreateTopics", Code: code, Message: message}
	}
	tests := map[string]struct {
		err error
		// path is that of the field at fault, cause that of an explained error, and says is
		// what the words for people have in them.
		path, cause, says string
	}{
		"a value":            {refused("INVALID_CONFIG", "Invalid value forever for configuration retention.ms: Not a number of type LONG"), "config.retention.ms", "", "Not a number"},
		"an unknown key":     {refused("INVALID_CONFIG", "Unknown topic config name: nonsense"), "config.nonsense", "", "nonsense"},
		"other words":        {refused("INVALID_CONFIG", "Tiered Storage functionality is disabled in the broker."), "config", "", "Tiered"},
		"replicas":           {refused("INVALID_REPLICATION_FACTOR", "only 1 broker(s)"), "replicas", "", "no more replicas"},
		"partitions":         {refused("INVALID_PARTITIONS", "2 would not be an increase"), "partitions", "", "would not"},
		"colliding names":    {refused("INVALID_TOPIC_EXCEPTION", "Topic 'a_b' collides with existing topic: a.b"), "topic_name", "", "differ only in dots and underscores"},
		"a policy":           {refused("POLICY_VIOLATION", "not here"), "", "Kafka refuses it", "not here"},
		"a right":            {&kafka.DeniedError{Topics: []string{"a", "b"}, Operation: "Describe", Message: "no"}, "", "Kafka does not allow it", "--operation Describe"},
		"a password":         {&kafka.CredentialsError{Mechanism: "PLAIN", Message: "no"}, "", "Kafka does not accept the credentials", "the Secret"},
		"a token":            {&kafka.CredentialsError{Server: "https://tokens", Message: "no"}, "", "there is no token for Kafka", "sasl.token_url"},
		"a listener":         {&kafka.ListenerError{Message: "asks for TLS", Remedy: "Say tls."}, "", "the Kafka listener speaks something else", "Say tls."},
		"an authority":       {&kafka.CertificateError{Message: "unknown"}, "", "the certificate of Kafka is not trusted", "tls.ca"},
		"a certificate":      {&kafka.CertificateError{Ours: true, Message: "bad"}, "", "Kafka does not take the client's certificate", "tls.client_secret"},
		"silence":            {&kafka.UnreachableError{Servers: []string{"a:1"}, Cause: errors.New("refused")}, "", "Kafka cannot be reached", "admin_bootstrap_servers"},
		"a broker's address": {&kafka.UnreachableError{Servers: []string{"a:1"}, Advertised: true, Cause: errors.New("refused")}, "", "a Kafka broker cannot be reached", "advertised.listeners"},
		"a slow cluster":     {&kafka.UnsettledError{Topic: "orders", Wait: "it", Seen: "nothing"}, "", "Kafka does not come to the end of it", "their logs"},
		"silence in a wait":  {&kafka.UnsettledError{Topic: "orders", Err: &kafka.UnreachableError{Cause: errors.New("refused")}}, "", "Kafka does not come to the end of it", "their logs"},
		"a mistake":          {&kafka.ConfigError{Attribute: "sasl.mechanism", Message: "none"}, "", "there is no usable configuration of Kafka", "Correct sasl.mechanism"},
		"a timeout":          {fmt.Errorf("interrupted: %w", context.DeadlineExceeded), "", "it takes too long", "timeouts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := (&Topics{}).explain(test.err)
			if !errors.Is(err, test.err) && !errors.Is(test.err, err) {
				t.Errorf("%v has lost what came back", err)
			}
			if explained, ok := errors.AsType[*platform.ExplainedError](err); ok != (test.cause != "") || ok && (explained.Cause != test.cause || !strings.Contains(explained.Remedy+explained.Error(), test.says)) {
				t.Errorf("got %#v, want the cause %q with %q", err, test.cause, test.says)
			}
			fields, ok := errors.AsType[*platform.FieldsError](err)
			if ok != (test.path != "") {
				t.Fatalf("got %#v, want the path %q", err, test.path)
			}
			if ok && (len(fields.Fields) != 1 || strings.Join(fields.Fields[0].Path, ".") != test.path || !strings.Contains(fields.Fields[0].Message+fields.Fields[0].Detail, test.says)) {
				t.Errorf("got %+v, want %q with %q", fields.Fields, test.path, test.says)
			}
		})
	}
	var absent *platform.NotFoundError
	if err := (&Topics{}).explain(&kafka.NotFoundError{Topic: "orders"}); !errors.As(err, &absent) || absent.Ref.Name != "orders" {
		t.Errorf("got %v, want a *NotFoundError", err)
	}
	var exists *platform.ExistsError
	if err := (&Topics{}).explain(&kafka.ExistsError{Topic: "orders"}); !errors.As(err, &exists) || exists.Ours {
		t.Errorf("got %v, want an *ExistsError of others", err)
	}
	var other *platform.OtherObjectError
	if err := (&Topics{}).explain(&kafka.OtherTopicError{Topic: "orders", ID: "b", Meant: "a"}); !errors.As(err, &other) || other.UID != "b" || other.Planned != "a" {
		t.Errorf("got %v, want an *OtherObjectError", err)
	}
	if err := (&Topics{}).explain(nil); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
