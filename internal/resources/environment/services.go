package environment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
)

// kafkaModel is the attribute kafka.
type kafkaModel struct {
	Provider              *string        `tfsdk:"provider"`
	BootstrapServers      *string        `tfsdk:"bootstrap_servers"`
	AdminBootstrapServers *string        `tfsdk:"admin_bootstrap_servers"`
	Cluster               *string        `tfsdk:"cluster"`
	Namespace             *string        `tfsdk:"namespace"`
	SASL                  *defaults.SASL `tfsdk:"sasl"`
	TLS                   *defaults.TLS  `tfsdk:"tls"`
}

// settings returns what travels to stream applications, nil for nothing. namespace is the
// environment's own.
func (m *kafkaModel) settings(namespace string) (*defaults.Kafka, diag.Diagnostics) {
	if m == nil {
		return nil, nil
	}
	var diags diag.Diagnostics
	at := path.Root("kafka")
	out := &defaults.Kafka{
		Provider: ptr.Deref(m.Provider, ""), BootstrapServers: ptr.Deref(m.BootstrapServers, ""), AdminBootstrapServers: m.AdminBootstrapServers,
		Cluster: m.Cluster, Namespace: m.Namespace, SASL: m.SASL, TLS: m.TLS,
	}
	strimzi := out.Provider == defaults.KafkaStrimzi
	if strimzi && m.Cluster == nil {
		diags.AddAttributeError(at.AtName("cluster"), "The Kafka of Strimzi has no name",
			"Strimzi's Topic Operator looks only at KafkaTopics with the label strimzi.io/cluster. Set cluster to the name of the Kafka resource.")
	}
	if strimzi && m.BootstrapServers == nil {
		port := 9092
		if m.TLS != nil {
			port = 9093
		}
		out.BootstrapServers = fmt.Sprintf("%s-kafka-bootstrap.%s.svc:%d", ptr.Deref(m.Cluster, ""), ptr.Deref(m.Namespace, namespace), port)
	}
	if out.BootstrapServers == "" {
		diags.AddAttributeError(at.AtName("bootstrap_servers"), "The brokers have no address",
			fmt.Sprintf("With the provider %q nobody else says where the brokers are. Set bootstrap_servers, for example \"kafka-0:9092,kafka-1:9092\".", out.Provider))
	}
	for name, given := range map[string]bool{"cluster": m.Cluster != nil, "namespace": m.Namespace != nil} {
		if given && !strimzi {
			diags.AddAttributeError(at.AtName(name), fmt.Sprintf("Only Strimzi's topics have a %s", name),
				fmt.Sprintf("The provider is %q. Remove %s, or set provider = %q.", out.Provider, name, defaults.KafkaStrimzi))
		}
	}
	if m.SASL != nil && m.SASL.Mechanism == mechanismOAuth && m.SASL.TokenURL == nil {
		diags.AddAttributeError(at.AtName("sasl").AtName("token_url"), "OAUTHBEARER has no address for tokens",
			"A client gets its token by client credentials (RFC 6749, 4.4). Set token_url, or take another mechanism.")
	}
	return out, diags
}

// kafkaModelOf returns the attribute of settings, nil for none.
func kafkaModelOf(is *defaults.Kafka) *kafkaModel {
	if is == nil || is.Provider == defaults.KafkaEnvironment {
		return nil
	}
	return &kafkaModel{
		Provider: &is.Provider, BootstrapServers: &is.BootstrapServers, AdminBootstrapServers: is.AdminBootstrapServers,
		Cluster: is.Cluster, Namespace: is.Namespace, SASL: is.SASL, TLS: is.TLS,
	}
}
