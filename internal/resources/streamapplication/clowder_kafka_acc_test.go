package streamapplication_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// olderTopics are KafkaTopics in the version that Clowder speaks.
var olderTopics = schema.GroupVersionResource{Group: "kafka.strimzi.io", Version: "v1beta2", Resource: "kafkatopics"}

// clowderConfig is a data source with what a streamlet is told.
const clowderConfig = `
data "flink_application_config" "ingest" {
  environment = flink_environment.shop
  application = flink_stream_application.payments.name
  streamlet   = "ingest"
}
`

// TestAccClowderKafka runs one application in environments of several modes: its ClowdApp is the same but for the
// environment's name, and what the streamlet is told is the environment's say.
func TestAccClowderKafka(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	// Clowder does not speak to the Strimzi of the cluster that tests share.
	cluster := acctest.PrivateCluster(t, acctest.Newest(), "--strimzi=0.45")
	acctest.WithClowder(t, cluster)
	var specs []map[string]any
	for _, test := range []struct {
		mode, kafka, servers, topic string
		before                      func(*clowder)
	}{
		{"local", `{ mode = "local" }`, "%s-kafka.%s.svc:29092", "orders-v1", nil},
		{"operator", `{ mode = "operator" }`, "%s-kafka-bootstrap.%s.svc:9092", "%s-orders-v1", nil},
		{"managed", `{ mode = "managed", managed_prefix = "prod.", managed_secret = { name = "brokers", namespace = %q } }`, "kafka.example.com:9096", "prod.orders-v1", func(c *clowder) {
			c.put(secrets, map[string]any{
				"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "brokers"},
				"stringData": map[string]any{"hostname": "kafka.example.com", "port": "9096", "client.id": "shop", "client.secret": "do-not-show"},
			})
		}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			c := &clowder{&fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}, cluster.ClowdEnvironment(t), test.kafka, acctest.ClowderLayer()}
			if test.before != nil {
				c.kafka = fmt.Sprintf(test.kafka, c.namespace)
				test.before(c)
			}
			fill := func(text string, values ...any) string {
				for i := range text {
					if text[i] == '%' {
						return fmt.Sprintf(text, values...)
					}
				}
				return text
			}
			const told = "data.flink_application_config.ingest"
			config := c.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], topic_name = "orders-v1", partitions = 6 }`)) + clowderConfig
			servers, topic := test.servers, test.topic
			if test.mode == "local" {
				servers = fill(servers, c.name, c.namespace)
			} else if test.mode == "operator" {
				servers, topic = fill(servers, c.name, c.namespace), fill(topic, c.name)
			}
			c.run(
				resource.TestStep{
					Config: config,
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(told, "bootstrap_servers", servers),
						resource.TestCheckResourceAttr(told, "topics.orders-v1", topic),
						check(func() error {
							app := c.get(acctest.ClowdApps, "payments")
							spec, _, err := unstructured.NestedMap(app.Object, "spec")
							delete(spec, "envName")
							specs = append(specs, withoutIdentity(spec))
							return err
						}),
					),
				},
				resource.TestStep{Config: config, PlanOnly: true},
			)
			if test.mode == "operator" {
				// The environment is gone, and its topics with it.
				if list, err := cluster.Client.Resource(olderTopics).Namespace(c.namespace).List(c.Context(), metav1.ListOptions{}); err == nil && len(list.Items) > 0 {
					t.Logf("%d topics are on their way out", len(list.Items))
				}
			}
		})
	}
	for _, other := range specs[1:] {
		if !reflect.DeepEqual(specs[0], other) {
			t.Errorf("the application is another one in another environment:\n%v\n%v", specs[0], other)
		}
	}
}

// withoutIdentity is a spec of a ClowdApp without the identity that each entry has.
func withoutIdentity(spec map[string]any) map[string]any {
	entries, _ := spec["deployments"].([]any)
	for _, entry := range entries {
		unstructured.RemoveNestedField(entry.(map[string]any), "metadata", "annotations", "flink-terraform.io/streamlet")
	}
	return spec
}

// put creates an object in the namespace.
func (c *clowder) put(kind schema.GroupVersionResource, object map[string]any) {
	c.Helper()
	if _, err := c.cluster.Client.Resource(kind).Namespace(c.namespace).Create(c.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{}); err != nil {
		c.Fatal(err)
	}
}

// TestAccClowderTopics has an environment that only looks for topics: the cause names the one that is missing, and an apply
// goes on when it is there.
func TestAccClowderTopics(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest(), "--strimzi=0.45")
	acctest.WithClowder(t, cluster)
	c := &clowder{&fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}, cluster.ClowdEnvironment(t), `{ mode = "app-interface", cluster = { name = "prod" } }`, acctest.ClowderLayer()}
	c.put(schema.GroupVersionResource{Version: "v1", Resource: "services"}, map[string]any{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "prod-kafka-bootstrap"}, "spec": map[string]any{"ports": []any{map[string]any{"port": int64(9092)}}},
	})
	config := c.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))
	c.run(
		resource.TestStep{Config: c.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`), `delete_topics_on_destroy = true`), PlanOnly: true, ExpectError: words("The topics belong to the environment")},
		resource.TestStep{Config: config, ExpectError: words(`does not start: the topic orders has no KafkaTopic`)},
		resource.TestStep{
			PreConfig: func() {
				c.put(olderTopics, map[string]any{"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "KafkaTopic", "metadata": map[string]any{"name": "orders", "labels": map[string]any{"strimzi.io/cluster": "prod"}}, "spec": map[string]any{}})
			},
			Config: config,
			Check:  resource.TestCheckResourceAttr(payments, "status.ingest.job_state", "RUNNING"),
		},
	)
}
