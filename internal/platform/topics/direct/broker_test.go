//go:build e2e

package direct

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka/kafkatest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/topics"
)

// open are the topics of an environment whose brokers ask for nothing.
func open(t *testing.T, broker kafkatest.Broker) *Topics {
	t.Helper()
	return topicsOf(t, &defaults.Kafka{BootstrapServers: broker.Open}, nil)
}

// as are those of an environment whose brokers are told this user.
func as(t *testing.T, broker kafkatest.Broker, user, password string) *Topics {
	t.Helper()
	return topicsOf(t, &defaults.Kafka{BootstrapServers: broker.SASL, SASL: &defaults.SASL{Mechanism: kafka.ScramSHA512, Secret: "user"}},
		secrets{"user": {"username": user, "password": password}})
}

// one reads one topic.
func one(t *testing.T, of *Topics, name string) (platform.ObservedTopic, bool) {
	t.Helper()
	found, err := of.Read(t.Context(), []platform.Topic{{Name: name}})
	if err != nil {
		t.Fatal(err)
	}
	observed, there := found[name]
	return observed, there
}

// TestBrokerKeepsTopics from create to delete, with what others do to them in between.
func TestBrokerKeepsTopics(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Find(t)
	mine, others := as(t, broker, "admin", broker.Password), open(t, broker)
	if err := mine.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := platform.Topic{Name: "kept", Partitions: number(3), Replicas: number(1), Config: map[string]string{"retention.ms": "604800000", "cleanup.policy": "compact, delete"}}
	if is, there := one(t, mine, "kept"); there {
		t.Fatalf("there is %+v before it was created", is)
	}
	created, err := mine.Create(t.Context(), want)
	if err != nil || created.Problem != "" || len(topics.Compare(want, created)) != 0 {
		t.Fatalf("created %+v, %v", created, err)
	}
	exists := (*platform.ExistsError)(nil)
	if _, err := mine.Create(t.Context(), want); !errors.As(err, &exists) {
		t.Errorf("another create gives %v, want an *ExistsError", err)
	}

	// Drift: only what the blueprint says is looked at.
	if _, err := others.Update(t.Context(), platform.Topic{Name: "kept", Partitions: number(5), Config: map[string]string{"retention.ms": "1000", "flush.ms": "9"}}, platform.Topic{}); err != nil {
		t.Fatal(err)
	}
	want.ID = created.ID
	drifted, _ := one(t, mine, "kept")
	if diff := cmp.Diff([]topics.Difference{
		{Path: flink.Path{"config", "retention.ms"}, Want: "604800000", Is: "1000"},
		{Path: flink.Path{"partitions"}, Want: "3", Is: "5"},
	}, topics.Compare(want, drifted)); diff != "" {
		t.Error(diff)
	}
	fields := (*platform.FieldsError)(nil)
	if _, err := mine.Update(t.Context(), want, want); !errors.As(err, &fields) || fields.Fields[0].Path.Attribute() != "partitions" {
		t.Errorf("an update to fewer partitions gives %v", err)
	}
	want.Partitions = number(5)
	next := want
	next.Config = map[string]string{"retention.ms": "2000"}
	next.Partitions = number(6)
	updated, err := mine.Update(t.Context(), next, want)
	if err != nil || updated.Partitions != 6 || updated.ID != created.ID || !maps.Equal(updated.Config, map[string]string{"retention.ms": "2000", "flush.ms": "9"}) {
		t.Errorf("updated to %+v, %v; want six partitions, the key of others, and none of the key that is gone", updated, err)
	}
	next.Replicas = number(2)
	if _, err := mine.Update(t.Context(), next, next); !errors.As(err, &fields) || fields.Fields[0].Path.Attribute() != "replicas" {
		t.Errorf("an update to other replicas gives %v", err)
	}
	next.Replicas = nil

	// A topic that another one has created in its place is left alone.
	if err := others.Delete(t.Context(), platform.Topic{Name: "kept"}, false); err != nil {
		t.Fatal(err)
	}
	absent := (*platform.NotFoundError)(nil)
	if _, err := mine.Update(t.Context(), next, want); !errors.As(err, &absent) {
		t.Errorf("an update of an absent topic gives %v, want a *NotFoundError", err)
	}
	if _, err := others.Create(t.Context(), platform.Topic{Name: "kept"}); err != nil {
		t.Fatal(err)
	}
	again, there := one(t, mine, "kept")
	if findings := topics.Allowed(platform.Topic{Name: "kept", ID: created.ID}, again); !there || len(findings) != 1 || findings[0].Severity != flink.Warning {
		t.Errorf("of a topic that came back empty it is said: %v", findings)
	}
	other := (*platform.OtherObjectError)(nil)
	if err := mine.Delete(t.Context(), next, false); !errors.As(err, &other) || other.UID != again.ID || other.Planned != created.ID {
		t.Errorf("a delete of the former topic gives %v, want an *OtherObjectError", err)
	}
	next.ID = again.ID
	if err := mine.Delete(t.Context(), next, true); err != nil {
		t.Error(err)
	}
	if is, there := one(t, mine, "kept"); !there || is.ID != again.ID {
		t.Errorf("after a delete that retains it there is %+v", is)
	}
	for range 2 {
		if err := mine.Delete(t.Context(), next, false); err != nil {
			t.Error(err)
		}
	}
	if is, there := one(t, mine, "kept"); there {
		t.Errorf("after a delete there is %+v", is)
	}
}

// TestBrokerIsReachedBySecrets in each way.
func TestBrokerIsReachedBySecrets(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Find(t)
	tokens := kafkatest.TokenServer(t)
	held := secrets{
		"user":     {"username": "admin", "password": broker.Password + "\n"},
		"wrong":    {"username": "admin", "password": "s3cret"},
		"tokens":   {"client_id": "admin", "client_secret": kafkatest.ClientSecret},
		"refused":  {"client_id": "admin", "client_secret": "s3cret"},
		"ca":       {"ca.crt": broker.File(t, "ca.pem")},
		"other-ca": {"ca.crt": broker.File(t, "stranger.pem")},
		"client":   {"tls.crt": broker.File(t, "client.pem"), "tls.key": broker.File(t, "client.key")},
		"stranger": {"tls.crt": broker.File(t, "stranger.pem"), "tls.key": broker.File(t, "stranger.key")},
	}
	sasl := func(mechanism, secret string) *defaults.SASL {
		return &defaults.SASL{Mechanism: mechanism, Secret: secret, TokenURL: &tokens}
	}
	secured := func(authorities string, client *string) *defaults.TLS {
		return &defaults.TLS{CA: &flink.SecretRef{Secret: authorities, Key: "ca.crt"}, ClientSecret: client}
	}
	tests := map[string]struct {
		kafka defaults.Kafka
		cause string
	}{
		"PLAIN":                  {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.Plain, "user")}, ""},
		"SCRAM-SHA-256":          {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.ScramSHA256, "user")}, ""},
		"SCRAM-SHA-512":          {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.ScramSHA512, "user")}, ""},
		"OAUTHBEARER":            {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.OAuthBearer, "tokens")}, ""},
		"a certificate":          {defaults.Kafka{BootstrapServers: broker.TLS, TLS: secured("ca", text("client"))}, ""},
		"PLAIN over TLS":         {defaults.Kafka{BootstrapServers: "nobody:1", AdminBootstrapServers: &broker.SASLTLS, SASL: sasl(kafka.Plain, "user"), TLS: secured("ca", nil)}, ""},
		"a wrong password":       {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.ScramSHA512, "wrong")}, "Kafka does not accept the credentials"},
		"a wrong client":         {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl(kafka.OAuthBearer, "refused")}, "there is no token for Kafka"},
		"no SASL":                {defaults.Kafka{BootstrapServers: broker.SASL}, "the Kafka listener speaks something else"},
		"an unknown authority":   {defaults.Kafka{BootstrapServers: broker.TLS, TLS: secured("other-ca", text("client"))}, "the certificate of Kafka is not trusted"},
		"a stranger":             {defaults.Kafka{BootstrapServers: broker.TLS, TLS: secured("ca", text("stranger"))}, "Kafka does not take the client's certificate"},
		"no client certificate":  {defaults.Kafka{BootstrapServers: broker.TLS, TLS: secured("ca", nil)}, "Kafka does not take the client's certificate"},
		"a mechanism of nowhere": {defaults.Kafka{BootstrapServers: broker.SASL, SASL: sasl("GSSAPI", "user")}, "there is no usable configuration of Kafka"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := topicsOf(t, &test.kafka, held)
			err := of.Ready(t.Context())
			if test.cause == "" {
				if err != nil {
					t.Fatal(err)
				}
				one(t, of, "nobody-has-this")
				return
			}
			_, read := of.Read(t.Context(), []platform.Topic{{Name: "nobody-has-this"}})
			for _, err := range []error{err, read} {
				explained, ok := errors.AsType[*platform.ExplainedError](err)
				if !ok || explained.Cause != test.cause {
					t.Errorf("got %v, want %s", err, test.cause)
				}
				if ok && strings.Contains(explained.Error()+explained.Remedy, "s3cret") {
					t.Errorf("%v shows a secret", explained)
				}
			}
		})
	}
}

// TestBrokerRejects values, and the error has their path.
func TestBrokerRejects(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Find(t)
	of := open(t, broker)
	if _, err := of.Create(t.Context(), platform.Topic{Name: "rejected.1", Partitions: number(2)}); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		want       platform.Topic
		path, says string
	}{
		"a value":           {platform.Topic{Name: "rejected.1", Config: map[string]string{"retention.ms": "forever"}}, `config.retention.ms`, "Not a number of type LONG"},
		"an unknown key":    {platform.Topic{Name: "rejected.1", Config: map[string]string{"nonsense": "1"}}, `config.nonsense`, "Unknown topic config name: nonsense"},
		"a value, new":      {platform.Topic{Name: "rejected-new", Config: map[string]string{"cleanup.policy": "shred"}}, `config.cleanup.policy`, "String must be one of: compact, delete"},
		"a key, new":        {platform.Topic{Name: "rejected-new", Config: map[string]string{"nonsense": "1"}}, `config.nonsense`, "Unknown topic config name: nonsense"},
		"replicas, new":     {platform.Topic{Name: "rejected-new", Replicas: number(3)}, "replicas", "Unable to replicate the partition 3 time(s)"},
		"partitions, new":   {platform.Topic{Name: "rejected-new", Partitions: number(0)}, "partitions", "at least 1"},
		"a name":            {platform.Topic{Name: "a b"}, "topic_name", "Topic name is invalid: 'a b' contains"},
		"a colliding name":  {platform.Topic{Name: "rejected_1"}, "topic_name", "collides with existing topic: rejected.1"},
		"a value and more":  {platform.Topic{Name: "rejected.1", Partitions: number(4), Config: map[string]string{"segment.bytes": "1"}}, `config.segment.bytes`, "Value must be at least 1048576"},
		"a feature that is": {platform.Topic{Name: "rejected.1", Config: map[string]string{"remote.storage.enable": "true"}}, "config", "Tiered Storage functionality is disabled"},
	}
	t.Run("all", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				write := func() error { _, err := of.Create(t.Context(), test.want); return err }
				if test.want.Name == "rejected.1" {
					write = func() error { _, err := of.Update(t.Context(), test.want, platform.Topic{}); return err }
				}
				fields, ok := errors.AsType[*platform.FieldsError](write())
				if !ok || len(fields.Fields) != 1 || strings.Join(fields.Fields[0].Path, ".") != test.path || !strings.Contains(fields.Fields[0].Message, test.says) {
					t.Errorf("got %+v, want %s: %s", fields, test.path, test.says)
				}
			})
		}
	})
	found, err := of.Read(t.Context(), []platform.Topic{{Name: "rejected.1"}, {Name: "rejected_1"}, {Name: "rejected-new"}})
	if err != nil || len(found) != 1 || found["rejected.1"].Partitions != 2 || len(found["rejected.1"].Config) != 0 {
		t.Errorf("read %v, %v; want what was there before alone", found, err)
	}
}

// TestBrokerHidesTopics: who may not see a topic is told so, whether there is one or not.
func TestBrokerHidesTopics(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Find(t)
	if _, err := open(t, broker).Create(t.Context(), platform.Topic{Name: "unseen"}); err != nil {
		t.Fatal(err)
	}
	broker.Allow(t, "seen", kadm.OpDescribe, kadm.OpDescribeConfigs, kadm.OpCreate)
	limited := as(t, broker, kafkatest.Limited, broker.Password)
	if err := limited.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := limited.Create(t.Context(), platform.Topic{Name: "seen"}); err != nil {
		t.Error(err)
	}
	_, unseen := limited.Read(t.Context(), []platform.Topic{{Name: "seen"}, {Name: "unseen"}})
	_, absent := limited.Read(t.Context(), []platform.Topic{{Name: "absent"}})
	_, created := limited.Create(t.Context(), platform.Topic{Name: "absent"})
	_, updated := limited.Update(t.Context(), platform.Topic{Name: "seen", Config: map[string]string{"retention.ms": "5"}}, platform.Topic{})
	for what, err := range map[string]error{
		"read": unseen, "read of an absent one": absent, "create": created, "update": updated,
		"delete": limited.Delete(t.Context(), platform.Topic{Name: "seen"}, false), "delete of an absent one": limited.Delete(t.Context(), platform.Topic{Name: "absent"}, false),
	} {
		explained, ok := errors.AsType[*platform.ExplainedError](err)
		if !ok || explained.Cause != "Kafka does not allow it" || !strings.Contains(explained.Remedy, "kafka-acls.sh --add --operation ") {
			t.Errorf("%s: got %v, want that it is not allowed", what, err)
		}
	}
}
