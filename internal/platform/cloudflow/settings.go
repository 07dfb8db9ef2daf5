package cloudflow

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// settingsMap is the ConfigMap in which an environment leaves, for the applications of its namespace, where Cloudflow is.
const settingsMap = "flink-cloudflow"

// Keys of settingsMap.
const (
	operatorNamespaceEntry = "operator-namespace"
	kafkaClusterEntry      = "kafka-cluster"
)

// settings are what an environment says to its applications.
type settings struct {
	// OperatorNamespace is where Cloudflow's operator is.
	operatorNamespace string
	// KafkaCluster is the named Kafka cluster of topics, empty for what the application document says.
	kafkaCluster string
}

// settingsIn reads what an environment has left in a namespace.
func (a applications) settingsIn(ctx context.Context, namespace string) (settings, error) {
	out := settings{operatorNamespace: core.OperatorNamespace}
	live, err := a.cluster.Get(ctx, configMapKind, kube.Key{Namespace: namespace, Name: settingsMap})
	if isAbsent(err) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	data, _, _ := unstructured.NestedStringMap(live.Object, "data")
	if is := data[operatorNamespaceEntry]; is != "" {
		out.operatorNamespace = is
	}
	out.kafkaCluster = data[kafkaClusterEntry]
	return out, nil
}
