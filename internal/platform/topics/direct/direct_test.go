package direct

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kafka"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// secrets are Kubernetes Secrets by name.
type secrets map[string]map[string]string

// Secret implements Secrets.
func (s secrets) Secret(ctx context.Context, name string) (map[string][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values, there := s[name]
	if !there {
		return nil, &platform.NotFoundError{Kind: "Secret", Ref: platform.Ref{Namespace: "flink", Name: name}}
	}
	out := map[string][]byte{}
	for key, value := range values {
		out[key] = []byte(value)
	}
	return out, nil
}

func topicsOf(t *testing.T, k *defaults.Kafka, s platform.Secrets) *Topics {
	t.Helper()
	out := New(k, s)
	t.Cleanup(out.Close)
	return out
}

func text(s string) *string { return &s }

func number(n int64) *int64 { return &n }

func TestConfig(t *testing.T) {
	t.Parallel()
	held := secrets{
		"user":   {"username": "app\n", "password": "p4ss word\r\n"},
		"tokens": {"client_id": "app", "client_secret": "p4ss\n"},
		"ca":     {"ca.crt": "authorities\n"},
		"client": {"tls.crt": "certificate\n", "tls.key": "key\n"},
	}
	tests := map[string]struct {
		kafka defaults.Kafka
		want  kafka.Config
	}{
		"servers": {defaults.Kafka{BootstrapServers: "a:1, b:2,"}, kafka.Config{BootstrapServers: []string{"a:1", "b:2"}}},
		"the provider's own servers": {
			defaults.Kafka{BootstrapServers: "a:1", AdminBootstrapServers: text("c:3")},
			kafka.Config{BootstrapServers: []string{"c:3"}},
		},
		"a user": {
			defaults.Kafka{BootstrapServers: "a:1", SASL: &defaults.SASL{Mechanism: kafka.ScramSHA512, Secret: "user"}},
			kafka.Config{BootstrapServers: []string{"a:1"}, SASL: &kafka.SASL{Mechanism: kafka.ScramSHA512, Username: "app", Password: "p4ss word"}},
		},
		"tokens": {
			defaults.Kafka{BootstrapServers: "a:1", SASL: &defaults.SASL{Mechanism: kafka.OAuthBearer, Secret: "tokens", TokenURL: text("https://tokens"), Scope: text("kafka")}},
			kafka.Config{BootstrapServers: []string{"a:1"}, SASL: &kafka.SASL{Mechanism: kafka.OAuthBearer, ClientID: "app", ClientSecret: "p4ss", TokenURL: "https://tokens", Scope: "kafka"}},
		},
		"what the machine trusts": {defaults.Kafka{BootstrapServers: "a:1", TLS: &defaults.TLS{}}, kafka.Config{BootstrapServers: []string{"a:1"}, TLS: &kafka.TLS{}}},
		"certificates": {
			defaults.Kafka{BootstrapServers: "a:1", TLS: &defaults.TLS{CA: &flink.SecretRef{Secret: "ca", Key: "ca.crt"}, ClientSecret: text("client")}},
			kafka.Config{BootstrapServers: []string{"a:1"}, TLS: &kafka.TLS{CertificateAuthority: "authorities\n", Certificate: "certificate\n", Key: "key\n"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := New(&test.kafka, held).config(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(kafka.Config{}, "Agent")); diff != "" || got.Agent == "" {
				t.Error(diff, got.Agent)
			}
		})
	}
}

// TestSecretsThatAreMissing are no topics that are missing.
func TestSecretsThatAreMissing(t *testing.T) {
	t.Parallel()
	held := secrets{"half": {"username": "app"}}
	tests := map[string]struct {
		kafka defaults.Kafka
		cause string
	}{
		"no Secret":             {defaults.Kafka{BootstrapServers: "a:1", SASL: &defaults.SASL{Mechanism: kafka.Plain, Secret: "none"}}, "the Secret none with the credentials of Kafka cannot be read"},
		"no key":                {defaults.Kafka{BootstrapServers: "a:1", SASL: &defaults.SASL{Mechanism: kafka.Plain, Secret: "half"}}, "the Secret half has no key password"},
		"no authorities":        {defaults.Kafka{BootstrapServers: "a:1", TLS: &defaults.TLS{CA: &flink.SecretRef{Secret: "none", Key: "ca"}}}, "the Secret none with the credentials of Kafka cannot be read"},
		"no client certificate": {defaults.Kafka{BootstrapServers: "a:1", TLS: &defaults.TLS{ClientSecret: text("half")}}, "the Secret half has no key tls.crt"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topics := topicsOf(t, &test.kafka, held)
			_, read := topics.Read(t.Context(), []platform.Topic{{Name: "orders"}})
			_, created := topics.Create(t.Context(), platform.Topic{Name: "orders"})
			_, updated := topics.Update(t.Context(), platform.Topic{Name: "orders"}, platform.Topic{})
			for _, err := range []error{topics.Ready(t.Context()), read, created, updated, topics.Delete(t.Context(), platform.Topic{Name: "orders"}, false)} {
				if _, absent := errors.AsType[*platform.NotFoundError](err); absent {
					t.Errorf("%v tells that a topic does not exist", err)
				}
				if explained, ok := errors.AsType[*platform.ExplainedError](err); !ok || explained.Cause != test.cause || explained.Remedy == "" {
					t.Errorf("got %v, want %s", err, test.cause)
				}
			}
		})
	}
}

// fake is a broker that counts what it is asked.
type fake struct {
	cluster *kfake.Cluster

	mu    sync.Mutex
	asked map[string]int
}

func newFake(t *testing.T) *fake {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	f := &fake{cluster: cluster}
	cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked[kmsg.NameForKey(request.Key())]++
		return nil, nil, false
	})
	f.reset()
	return f
}

func (f *fake) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = map[string]int{}
}

// counts are the requests since the last reset, without those of each new connection.
func (f *fake) counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := maps.Clone(f.asked)
	delete(counts, "ApiVersions")
	return counts
}

func (f *fake) topics(t *testing.T) *Topics {
	t.Helper()
	return topicsOf(t, &defaults.Kafka{BootstrapServers: strings.Join(f.cluster.ListenAddrs(), ",")}, nil)
}

// TestReadAsksTwice for all topics of an application, however many there are.
func TestReadAsksTwice(t *testing.T) {
	t.Parallel()
	fake := newFake(t)
	topics := fake.topics(t)
	var wanted []platform.Topic
	for i := range 150 {
		want := platform.Topic{Name: fmt.Sprintf("topic-%d", i), Partitions: number(2), Config: map[string]string{"retention.ms": "5"}}
		wanted = append(wanted, want)
		if i == 149 {
			break
		}
		if err := fake.cluster.CreateTopic(want.Name, 2, map[string]string{"retention.ms": "5"}); err != nil {
			t.Fatal(err)
		}
	}
	fake.reset()
	found, err := topics.Read(t.Context(), wanted)
	if err != nil || len(found) != 149 || found["topic-3"].Partitions != 2 || found["topic-3"].Config["retention.ms"] != "5" || found["topic-3"].ID == "" {
		t.Errorf("read %d topics, one is %+v; %v", len(found), found["topic-3"], err)
	}
	if diff := cmp.Diff(map[string]int{"Metadata": 1, "DescribeConfigs": 1}, fake.counts()); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateWritesWhatDiffers, and nothing when Kafka could not do a part of it.
func TestUpdateWritesWhatDiffers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want, before platform.Topic
		// fails is in the error, empty for none, and writes are the requests that write.
		fails  string
		writes map[string]int
		is     platform.ObservedTopic
	}{
		"nothing": {
			want:   platform.Topic{Partitions: number(3), Replicas: number(1), Config: map[string]string{"retention.ms": " 5 "}},
			writes: map[string]int{}, is: platform.ObservedTopic{Partitions: 3, Config: map[string]string{"retention.ms": "5", "flush.ms": "9"}},
		},
		"a key of others stays, one of before goes": {
			want: platform.Topic{Config: map[string]string{"segment.ms": "7"}}, before: platform.Topic{Config: map[string]string{"retention.ms": "5", "segment.bytes": "1"}},
			writes: map[string]int{"IncrementalAlterConfigs": 1}, is: platform.ObservedTopic{Partitions: 3, Config: map[string]string{"segment.ms": "7", "flush.ms": "9"}},
		},
		"partitions": {
			want:   platform.Topic{Partitions: number(5)},
			writes: map[string]int{"CreatePartitions": 1}, is: platform.ObservedTopic{Partitions: 5, Config: map[string]string{"retention.ms": "5", "flush.ms": "9"}},
		},
		"fewer partitions, with a configuration": {
			want:  platform.Topic{Partitions: number(2), Config: map[string]string{"retention.ms": "6"}},
			fails: "A topic cannot lose partitions", writes: map[string]int{},
		},
		"replicas, with more partitions": {
			want:  platform.Topic{Partitions: number(9), Replicas: number(3)},
			fails: "The number of replicas of a topic cannot be changed", writes: map[string]int{},
		},
		"another topic": {
			want:  platform.Topic{ID: "AAAAAAAAAAAAAAAAAAAAAQ", Partitions: number(9)},
			fails: "the change was planned for the object with the uid AAAAAAAAAAAAAAAAAAAAAQ", writes: map[string]int{},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newFake(t)
			if err := fake.cluster.CreateTopic("orders", 3, map[string]string{"retention.ms": "5", "flush.ms": "9"}); err != nil {
				t.Fatal(err)
			}
			topics := fake.topics(t)
			test.want.Name, test.before.Name = "orders", "orders"
			is, err := topics.Update(t.Context(), test.want, test.before)
			writes := fake.counts()
			for _, read := range []string{"Metadata", "DescribeConfigs"} {
				delete(writes, read)
			}
			if diff := cmp.Diff(test.writes, writes); diff != "" {
				t.Errorf("other writes: %s", diff)
			}
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("got %v, want %s", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if is.Partitions != test.is.Partitions || !maps.Equal(is.Config, test.is.Config) {
				t.Errorf("got %+v, want %+v", is, test.is)
			}
		})
	}
}

func TestDeleteRetains(t *testing.T) {
	t.Parallel()
	fake := newFake(t)
	topics := fake.topics(t)
	if err := fake.cluster.CreateTopic("orders", 1, nil); err != nil {
		t.Fatal(err)
	}
	fake.reset()
	if err := topics.Delete(t.Context(), platform.Topic{Name: "orders"}, true); err != nil || len(fake.counts()) != 0 {
		t.Errorf("got %v after %v, want no request", err, fake.counts())
	}
	if err := topics.Delete(t.Context(), platform.Topic{Name: "orders"}, false); err != nil {
		t.Error(err)
	}
	if found, err := topics.Read(t.Context(), []platform.Topic{{Name: "orders"}}); err != nil || len(found) != 0 {
		t.Errorf("read %v, %v; want nothing", found, err)
	}
}
