package direct

import (
	"context"
	"fmt"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// config is how the brokers are reached, with what the Secrets say.
func (t *Topics) config(ctx context.Context) (kafka.Config, error) {
	servers := t.kafka.BootstrapServers
	if t.kafka.AdminBootstrapServers != nil {
		servers = *t.kafka.AdminBootstrapServers
	}
	config := kafka.Config{Agent: t.agent}
	for server := range strings.SplitSeq(servers, ",") {
		if server = strings.TrimSpace(server); server != "" {
			config.BootstrapServers = append(config.BootstrapServers, server)
		}
	}
	var err error
	if config.SASL, err = t.sasl(ctx); err != nil {
		return config, err
	}
	config.TLS, err = t.tls(ctx)
	return config, err
}

func (t *Topics) sasl(ctx context.Context) (*kafka.SASL, error) {
	said := t.kafka.SASL
	if said == nil {
		return nil, nil
	}
	out := &kafka.SASL{Mechanism: said.Mechanism}
	read := t.reading(ctx, said.Secret)
	if said.Mechanism == kafka.OAuthBearer {
		if said.TokenURL != nil {
			out.TokenURL = *said.TokenURL
		}
		if said.Scope != nil {
			out.Scope = *said.Scope
		}
		out.ClientID, out.ClientSecret = read.value("client_id"), read.value("client_secret")
	} else {
		out.Username, out.Password = read.value("username"), read.value("password")
	}
	return out, read.err
}

func (t *Topics) tls(ctx context.Context) (*kafka.TLS, error) {
	said := t.kafka.TLS
	if said == nil {
		return nil, nil
	}
	out := &kafka.TLS{}
	if said.CA != nil {
		read := t.reading(ctx, said.CA.Secret)
		if out.CertificateAuthority = read.text(said.CA.Key); read.err != nil {
			return nil, read.err
		}
	}
	if said.ClientSecret != nil {
		read := t.reading(ctx, *said.ClientSecret)
		if out.Certificate, out.Key = read.text("tls.crt"), read.text("tls.key"); read.err != nil {
			return nil, read.err
		}
	}
	return out, nil
}

// reading is a Secret of which values are taken, and the first error of that.
type reading struct {
	name   string
	values map[string][]byte
	err    error
}

func (t *Topics) reading(ctx context.Context, name string) *reading {
	values, err := t.secrets.Secret(ctx, name)
	if err != nil {
		// Whatever the cause is, it says nothing about a topic: a Secret that does not exist
		// must not look like a topic that does not.
		cause := "the Secret " + name + " with the credentials of Kafka cannot be read"
		err = &platform.ExplainedError{Cause: cause, Err: fmt.Errorf("%s: %v", cause, err), Remedy: "Create the Secret in the namespace of the environment, or correct its name in the environment's kafka."} //nolint:errorlint // see above
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}
	return &reading{name: name, values: values, err: err}
}

// text is a value as it is.
func (r *reading) text(key string) string {
	value, there := r.values[key]
	if !there && r.err == nil {
		cause := fmt.Sprintf("the Secret %s has no key %s", r.name, key)
		r.err = &platform.ExplainedError{Cause: cause, Err: fmt.Errorf("the Secret %s with the credentials of Kafka has no key %s", r.name, key), Remedy: "Add the key to the Secret."}
	}
	return string(value)
}

// value is a value without the line break that files end with.
func (r *reading) value(key string) string { return strings.TrimRight(r.text(key), "\r\n") }
