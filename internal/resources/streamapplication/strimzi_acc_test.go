package streamapplication_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// kafkaTopics are Strimzi's of release 1.x, which the control plane of operator 1.15 serves.
var kafkaTopics = schema.GroupVersionResource{Group: "kafka.strimzi.io", Version: "v1", Resource: "kafkatopics"}

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

const strimzi = `{ provider = "strimzi", cluster = "main" }`

// withStrimzi has a Kafka in the namespace, whose topics the stand-in of Strimzi's operator makes.
func (f *fixture) withStrimzi() {
	f.Helper()
	f.kafka = strimzi
	kafka := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "main-kafka", "labels": map[string]any{"standin.flink/kafka": "true"}},
	}}
	if _, err := f.cluster.Client.Resource(configMaps).Namespace(f.namespace).Create(f.Context(), kafka, metav1.CreateOptions{}); err != nil {
		f.Fatal(err)
	}
}

// TestAccStrimzi makes topics by Strimzi's operator, and leaves them with their records when they leave.
func TestAccStrimzi(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newest(t)
	f.withStrimzi()
	of := func(topic string) string {
		return f.application(
			streamlets(streamlet("ingest", ingestPorts), streamlet("enrich", `inlets = { orders = {} }`)),
			topics(fmt.Sprintf(`orders = { producers = ["ingest.valid"], consumers = ["enrich.orders"], topic_name = "Orders_v1", %s }`, topic)))
	}
	var object string
	f.run(
		resource.TestStep{
			Config: of(`partitions = 3, config = { "retention.ms" = 60000 }`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status").AtMapKey("orders").AtMapKey("partitions"), knownvalue.Int64Exact(3)),
				is("topic_status", "orders", "topic_name", "Orders_v1"),
			},
			Check: check(func() error {
				list, err := f.cluster.Client.Resource(kafkaTopics).Namespace(f.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "strimzi.io/cluster=main"})
				if err != nil || len(list.Items) != 1 {
					return fmt.Errorf("%d topics, %w", len(list.Items), err)
				}
				object = list.Items[0].GetName()
				if name, _, _ := unstructured.NestedString(list.Items[0].Object, "spec", "topicName"); name != "Orders_v1" {
					return fmt.Errorf("the topic is called %q", name)
				}
				return nil
			}),
		},
		resource.TestStep{
			Config: of(`partitions = 5, config = { "retention.ms" = 60000 }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				planned("rollout", "ingest", "summary", "#1 create"), planned("rollout", "enrich", "summary", "#1 create"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(payments, tfjsonpath.New("topic_status").AtMapKey("orders").AtMapKey("partitions"), knownvalue.Int64Exact(5)),
			},
		},
		resource.TestStep{Config: of(`partitions = 4`), ExpectError: words(`A topic cannot lose partitions`)},
	)
	_, err := f.cluster.Client.Resource(kafkaTopics).Namespace(f.namespace).Get(context.WithoutCancel(t.Context()), object, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("the resource of the topic is still there: %v", err)
	}
}

// TestAccStrimziAbsent plans beside a cluster that has no Strimzi, and says in the apply what is missing, before
// anything is written.
func TestAccStrimziAbsent(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest(), acctest.WithoutStrimzi)
	f := &fixture{T: t, cluster: cluster, namespace: cluster.Namespace(t), kafka: strimzi}
	config := f.application(streamlets(streamlet("ingest", ingestPorts)), topics(`orders = { producers = ["ingest.valid"] }`))
	f.run(
		resource.TestStep{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config, ExpectError: words(`kafkatopics.kafka.strimzi.io`)},
	)
	if f.get(acctest.FlinkDeployments, "payments-ingest") != nil {
		t.Error("a streamlet was created without its topics")
	}
}
