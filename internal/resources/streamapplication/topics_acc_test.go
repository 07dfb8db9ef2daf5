package streamapplication_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// withBroker has the environment make its topics at a broker: the real one of FLINK_TEST_KAFKA, which has words of its
// own, and otherwise one that only knows the protocol.
func (f *fixture) withBroker() *kadm.Client {
	f.Helper()
	seeds := os.Getenv("FLINK_TEST_KAFKA")
	if seeds == "" {
		fake, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(fake.Close)
		seeds = fake.ListenAddrs()[0]
	}
	f.kafka = fmt.Sprintf(`{ provider = "direct", bootstrap_servers = %q }`, seeds)
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds), kgo.MetadataMinAge(10*time.Millisecond))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// topic returns a topic, and whether it is there.
func topic(ctx context.Context, admin *kadm.Client, name string) (kadm.TopicDetail, bool, error) {
	all, err := admin.ListTopics(ctx)
	if err != nil {
		return kadm.TopicDetail{}, false, err
	}
	detail, has := all[name]
	return detail, has && detail.Err == nil, nil
}

// TestAccTopics makes topics before the streamlets, changes them, shows their drift, and leaves them with their
// records, or deletes them where that was asked for.
func TestAccTopics(t *testing.T) {
	t.Parallel()
	f := newest(t)
	admin := f.withBroker()
	name := "orders-" + f.namespace
	of := func(topic string, more ...string) string {
		return f.application(append(more,
			streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)),
			topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = %q, %s }`, name, topic)))...)
	}
	partitions := func(want int) resource.TestCheckFunc {
		return check(func() error {
			is, has, err := topic(t.Context(), admin, name)
			if err != nil || !has || len(is.Partitions) != want {
				return fmt.Errorf("the topic is there: %t, with %d partitions: %w", has, len(is.Partitions), err)
			}
			return nil
		})
	}
	status := tfjsonpath.New("topic_status").AtMapKey("orders")
	f.run(
		resource.TestStep{
			Config: of(`partitions = 3, config = { "retention.ms" = "60000" }`),
			Check:  partitions(3),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, status.AtMapKey("partitions"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue(payments, status.AtMapKey("created"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status"), knownvalue.MapSizeExact(1)),
			},
		},
		resource.TestStep{
			Config: of(`partitions = 4, config = { "retention.ms" = "70000" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#1 create"), planned("rollout", "enrich", "summary", "#1 create"),
			}},
			Check: partitions(4),
		},
		resource.TestStep{
			// Another name in the blueprint is no other topic.
			Config: strings.Replace(of(`partitions = 4, config = { "retention.ms" = "70000" }`), "orders = { producers", "sold = { producers", 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status").AtMapKey("sold").AtMapKey("created"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status"), knownvalue.MapSizeExact(1)),
			},
			Check: partitions(4),
		},
		resource.TestStep{Config: of(`partitions = 4, config = { "retention.ms" = "70000" }`)},
		resource.TestStep{Config: of(`partitions = 2`), ExpectError: words(`A topic cannot lose partitions`)},
		resource.TestStep{Config: of(`partitions = 4, replicas = 3`), ExpectError: words(`The number of replicas of a topic cannot be changed`)},
		resource.TestStep{
			PreConfig: func() {
				value := "5"
				if _, err := admin.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &value}}, name); err != nil {
					t.Fatal(err)
				}
			},
			Config: of(`partitions = 4, config = { "retention.ms" = "70000" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate),
				planned("rollout", "ingest", "summary", "#1 create"),
			}},
		},
		resource.TestStep{
			// It leaves the blueprint, and stays with its records.
			Config: f.application(streamlets(streamlet("ingest"), streamlet("enrich"))),
			Check:  partitions(4),
		},
		resource.TestStep{
			// It comes back: nothing is made anew.
			Config: of(`partitions = 4`, `delete_topics_on_destroy = true`),
			Check:  partitions(4),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, status.AtMapKey("created"), knownvalue.Bool(false)),
			},
		},
	)
	if _, has, err := topic(context.WithoutCancel(t.Context()), admin, name); !has {
		t.Errorf("a topic that was there before the application was deleted with it: %v", err)
	}
}

// TestAccTopicsDeleted deletes topics with their records, where the application has made them and that was asked for.
func TestAccTopicsDeleted(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	admin := f.withBroker()
	name := "gone-" + f.namespace
	f.run(resource.TestStep{Config: f.application(`delete_topics_on_destroy = true`,
		streamlets(streamlet("ingest", ingestPorts)), topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], topic_name = %q }`, name)))})
	if _, has, err := topic(context.WithoutCancel(t.Context()), admin, name); has || err != nil {
		t.Errorf("the topic is there: %t, %v", has, err)
	}
}

// TestAccTopicGone has a topic deleted by somebody else: the plan says that its records are lost, and makes it again.
func TestAccTopicGone(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	admin := f.withBroker()
	name := "lost-" + f.namespace
	config := f.application(streamlets(streamlet("ingest", ingestPorts)), topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], topic_name = %q, partitions = 2 }`, name)))
	f.run(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				if _, err := admin.DeleteTopics(t.Context(), name); err != nil {
					t.Fatal(err)
				}
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(payments, plancheck.ResourceActionUpdate), planned("rollout", "ingest", "summary", "#1 create"),
			}},
			Check: check(func() error {
				if is, has, err := topic(t.Context(), admin, name); !has || len(is.Partitions) != 2 {
					return fmt.Errorf("the topic is there: %t, %w", has, err)
				}
				return nil
			}),
		},
	)
}

// TestAccBrokerAway plans beside brokers that nobody reaches, and applies with the cause, before anything is written.
func TestAccBrokerAway(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	f.kafka = `{ provider = "direct", bootstrap_servers = "127.0.0.1:1" }`
	config := f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))
	f.run(
		resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config, ExpectError: words(`The topics cannot be made`)},
	)
	if f.get(acctest.FlinkDeployments, "payments-ingest") != nil {
		t.Error("a streamlet was created without its topics")
	}
}
