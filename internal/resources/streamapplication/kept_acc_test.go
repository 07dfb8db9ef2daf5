package streamapplication_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-terraform/terraform-provider-flink/internal/registry/registrytest"
)

// fakeBroker is a broker that only knows the protocol, and that a test can have refuse things.
func (f *fixture) fakeBroker() (*kfake.Cluster, *kadm.Client, string) {
	f.Helper()
	fake, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(fake.Close)
	at := fake.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(at))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(client.Close)
	return fake, kadm.NewClient(client), fmt.Sprintf(`{ provider = "direct", bootstrap_servers = %q }`, at)
}

// topicIs checks that a topic is there, or is not.
func (f *fixture) topicIs(admin *kadm.Client, name string, want bool) resource.TestCheckFunc {
	return check(func() error {
		if _, has, err := topic(context.WithoutCancel(f.Context()), admin, name); has != want || err != nil {
			return fmt.Errorf("the topic %s is there: %t, %w", name, has, err)
		}
		return nil
	})
}

// TestAccTopicNotDeleted has the brokers refuse to delete a topic when the streamlets are gone already: it stays in the
// state, and the next destroy deletes it.
func TestAccTopicNotDeleted(t *testing.T) {
	t.Parallel()
	f := newest(t)
	fake, admin, kafka := f.fakeBroker()
	f.kafka = kafka
	var refuse atomic.Bool
	fake.ControlKey(int16(kmsg.DeleteTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		fake.KeepControl()
		asked, ok := req.(*kmsg.DeleteTopicsRequest)
		if !ok || !refuse.Load() {
			return nil, nil, false
		}
		answer, _ := asked.ResponseKind().(*kmsg.DeleteTopicsResponse)
		for _, topic := range asked.Topics {
			refused := kmsg.NewDeleteTopicsResponseTopic()
			refused.Topic, refused.TopicID, refused.ErrorCode = topic.Topic, topic.TopicID, kerr.TopicAuthorizationFailed.Code
			answer.Topics = append(answer.Topics, refused)
		}
		return answer, nil, true
	})
	f.run(
		resource.TestStep{Config: f.application(`delete_topics_on_destroy = true`, streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))},
		resource.TestStep{PreConfig: func() { refuse.Store(true) }, Config: f.environment(), ExpectError: words(`The topic "orders" cannot be removed`)},
		resource.TestStep{PreConfig: func() { refuse.Store(false) }, Config: f.environment(), Check: f.topicIs(admin, "orders", false)},
	)
}

// TestAccTopicReleased has a topic that the application has made managed by somebody else: it is not deleted, although
// topics that leave are.
func TestAccTopicReleased(t *testing.T) {
	t.Parallel()
	for name, released := range map[string][2]string{"one": {"direct", "managed = false"}, "all": {"external", ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newest(t)
			_, admin, kafka := f.fakeBroker()
			of := func(provider, more string) string {
				f.kafka = strings.Replace(kafka, "direct", provider, 1)
				return f.application(`delete_topics_on_destroy = true`, streamlets(streamlet("ingest", ingestPorts)), topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], %s }`, more)))
			}
			f.run(
				resource.TestStep{Config: of("direct", "")},
				resource.TestStep{Config: of(released[0], released[1]), Check: f.topicIs(admin, "orders", true)},
				resource.TestStep{Config: of("direct", ""), Check: f.topicIs(admin, "orders", true)},
			)
			if err := f.topicIs(admin, "orders", true)(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccOtherBrokers moves an application to other brokers: its topics are there before its jobs are.
func TestAccOtherBrokers(t *testing.T) {
	t.Parallel()
	f := newest(t)
	_, _, first := f.fakeBroker()
	_, admin, second := f.fakeBroker()
	of := func(kafka string) string {
		f.kafka = kafka
		return f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], partitions = 3 }`))
	}
	f.run(
		resource.TestStep{Config: of(first)},
		resource.TestStep{Config: of(second), Check: f.topicIs(admin, "orders", true)},
		resource.TestStep{
			// The same brokers, of which one more is named.
			Config: of(strings.Replace(second, `" }`, `,127.0.0.1:1" }`, 1)),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status").AtMapKey("orders").AtMapKey("created"), knownvalue.Bool(true)),
			},
		},
	)
}

// TestAccFromStrimzi moves an application from Strimzi to brokers: Strimzi's operator lets go of the topic.
func TestAccFromStrimzi(t *testing.T) {
	t.Parallel()
	f := newest(t)
	_, admin, kafka := f.fakeBroker()
	there := f.cluster.Kafka(t, f.namespace, "main")
	of := func(kafka string) string {
		f.kafka = kafka
		return f.application(`delete_topics_on_destroy = true`, streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))
	}
	f.run(
		resource.TestStep{Config: of(strimzi), Check: check(func() error {
			if f.get(kafkaTopics, "payments-orders") == nil {
				return fmt.Errorf("there is no KafkaTopic")
			}
			return nil
		})},
		resource.TestStep{Config: of(kafka), Check: resource.ComposeTestCheckFunc(f.topicIs(admin, "orders", true), check(func() error {
			if _, has := there.Topics(t)["orders"]; !has || f.get(kafkaTopics, "payments-orders") != nil {
				return fmt.Errorf("the topic of Strimzi is there: %t", has)
			}
			return nil
		}))},
	)
}

// TestAccNothingWritten has an apply end before it has written anything: the state is what it was before, and no
// application that does not exist is tainted.
func TestAccNothingWritten(t *testing.T) {
	t.Parallel()
	f := newest(t)
	_, _, kafka := f.fakeBroker()
	of := func(kafka string) string {
		f.kafka = kafka
		return f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))
	}
	away := resource.TestStep{Config: of(`{ provider = "direct", bootstrap_servers = "127.0.0.1:1" }`), ExpectError: words("The topics cannot be made")}
	f.run(
		away,
		resource.TestStep{
			Config:           of(kafka),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(payments, plancheck.ResourceActionCreate)}},
		},
		away,
		resource.TestStep{
			Config: of(kafka),
			ConfigStateChecks: []statecheck.StateCheck{
				is("rollout", "ingest", "summary", "#1 create"),
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status").AtMapKey("orders").AtMapKey("created"), knownvalue.Bool(true)),
			},
		},
	)
}

// TestAccRegisteredLater has a registry be away when schemas are to be registered for an application that runs, after its
// topics have changed: the next apply registers them. Another registry gets them as well.
func TestAccRegisteredLater(t *testing.T) {
	t.Parallel()
	f := newest(t)
	_, _, f.kafka = f.fakeBroker()
	first, second := registrytest.New(registrytest.Confluent), registrytest.New(registrytest.Confluent)
	to, err := url.Parse(first.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	var away atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	of := func(registry, topic string, more ...string) string {
		f.registry = fmt.Sprintf("{ url = %q }", registry)
		return f.application(append(more, streamlets(streamlet("ingest", schemaPort("outlets", "valid", orderV1))), topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], %s }`, topic)))...)
	}
	versions := func(server *registrytest.Server) resource.TestCheckFunc {
		return check(func() error {
			if is := server.Versions("orders-value"); len(is) != 1 {
				return fmt.Errorf("versions: %q", is)
			}
			return nil
		})
	}
	at := second.Start(t)
	f.run(
		resource.TestStep{Config: of(front.URL, "")},
		resource.TestStep{PreConfig: func() { away.Store(true) }, Config: of(front.URL, "partitions = 30", `register_schemas = true`), ExpectError: words(`The schemas cannot be registered`)},
		resource.TestStep{PreConfig: func() { away.Store(false) }, Config: of(front.URL, "partitions = 30", `register_schemas = true`), Check: versions(first)},
		resource.TestStep{Config: of(at, "partitions = 30", `register_schemas = true`), Check: versions(second)},
	)
}

// TestAccHalfway has one streamlet fail when all of them are told of other brokers: the next apply tells the others, and
// leaves no document that nobody reads.
func TestAccHalfway(t *testing.T) {
	t.Parallel()
	f := newest(t)
	of := func(servers, more string) string {
		f.kafka = fmt.Sprintf(`{ provider = "external", bootstrap_servers = %q }`, servers)
		return f.application(`rollout_parallelism = 1`, streamlets(streamlet("a", ingestPorts, more), streamlet("b", `inlets = { orders = {} }`)),
			topics(`orders = { producers = ["a.valid"], consumers = ["b.orders"] }`))
	}
	f.run(
		resource.TestStep{Config: of("kafka:9092", "")},
		resource.TestStep{Config: of("kafka:9093", `args = ["--fail-start"]`), ExpectError: words(`The new version of "payments-a"`)},
		resource.TestStep{Config: of("kafka:9093", ""), Check: check(func() error {
			for _, name := range []string{"payments-a", "payments-b"} {
				if document, err := f.document(name); err != nil || !strings.Contains(document, "kafka:9093") {
					return fmt.Errorf("%s is told %s, %w", name, document, err)
				}
			}
			if names := f.secretNames(); len(names) != 2 {
				return fmt.Errorf("documents: %v", names)
			}
			return nil
		})},
	)
}
