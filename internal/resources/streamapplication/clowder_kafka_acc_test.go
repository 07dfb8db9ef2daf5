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
		mode string
		// kafka is clowder.kafka, and servers and topic are what the streamlet is told.
		kafka, servers, topic func(*clowder) string
		before                func(*clowder)
	}{
		{
			mode:    "local",
			kafka:   func(*clowder) string { return `{ mode = "local" }` },
			servers: func(c *clowder) string { return c.name + "-kafka." + c.namespace + ".svc:29092" },
			topic:   func(*clowder) string { return "orders-v1" },
		},
		{
			mode:    "operator",
			kafka:   func(*clowder) string { return `{ mode = "operator" }` },
			servers: func(c *clowder) string { return c.name + "-kafka-bootstrap." + c.namespace + ".svc:9092" },
			topic:   func(c *clowder) string { return c.name + "-orders-v1" },
		},
		{
			mode: "managed",
			kafka: func(c *clowder) string {
				return fmt.Sprintf(`{ mode = "managed", managed_prefix = "prod.", managed_secret = { name = "brokers", namespace = %q } }`, c.namespace)
			},
			servers: func(*clowder) string { return "kafka.example.com:9096" },
			topic:   func(*clowder) string { return "prod.orders-v1" },
			before: func(c *clowder) {
				c.put(secrets, map[string]any{
					"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "brokers"},
					"stringData": map[string]any{"hostname": "kafka.example.com", "port": "9096", "client.id": "shop", "client.secret": "do-not-show"},
				})
			},
		},
	} {
		t.Run(test.mode, func(t *testing.T) {
			c := &clowder{&fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t)}, cluster.ClowdEnvironment(t), "", acctest.ClowderLayer()}
			c.kafka = test.kafka(c)
			if test.before != nil {
				test.before(c)
			}
			const told = "data.flink_application_config.ingest"
			config := c.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"], topic_name = "orders-v1", partitions = 6 }`)) + clowderConfig
			c.run(
				resource.TestStep{
					Config: config,
					Check: resource.ComposeTestCheckFunc(
						resource.TestCheckResourceAttr(told, "bootstrap_servers", test.servers(c)),
						resource.TestCheckResourceAttr(told, "topics.orders-v1", test.topic(c)),
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
