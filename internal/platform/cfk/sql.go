package cfk

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// texts returns a map of texts at a path, nil for none.
func texts(o *unstructured.Unstructured, at ...string) map[string]string {
	values, _, _ := unstructured.NestedStringMap(o.Object, at...)
	return values
}

func text(o *unstructured.Unstructured, at ...string) string {
	value, _, _ := unstructured.NestedString(o.Object, at...)
	return value
}

// list returns texts at a path, nil for none.
func list(o *unstructured.Unstructured, at ...string) []string {
	values, _, _ := unstructured.NestedStringSlice(o.Object, at...)
	return values
}

func anyTexts(values map[string]string) map[string]any {
	out := make(map[string]any, len(values))
	for key, value := range values {
		out[key] = value
	}
	return out
}

// connectionOf is how the server reaches something.
func connectionOf(c platform.Connection) map[string]any {
	out := map[string]any{"connectionConfig": anyTexts(c.Config)}
	if c.SecretID != "" {
		out["connectionSecretId"] = c.SecretID
	}
	return out
}

func connectionIn(o *unstructured.Unstructured, field string) platform.Connection {
	return platform.Connection{Config: texts(o, "spec", field, "connectionConfig"), SecretID: text(o, "spec", field, "connectionSecretId")}
}

// ComputePools implements platform.SQL. The phase that the controller shows is the type of the
// pool, so that nothing tells when a shared one runs: its statements wait for that.
func (c *Client) ComputePools() platform.Objects[platform.ComputePool] {
	return told[platform.ComputePool](&records[platform.ComputePool]{
		client: c, kind: poolKind, inEnvironment: true,
		described: func(p platform.ComputePool) platform.Described { return p.Described },
		spec: func(p platform.ComputePool) (map[string]any, error) {
			cluster, err := wire(p.Cluster)
			spec := map[string]any{"type": strings.ToUpper(p.Type), "clusterSpec": cluster}
			if p.State != "" && p.Type == platform.PoolShared {
				spec["state"] = strings.ToUpper(p.State)
			}
			return spec, err
		},
		known: func(_ context.Context, is platform.Described, o *unstructured.Unstructured) platform.ComputePool {
			cluster, _, _ := unstructured.NestedMap(o.Object, "spec", "clusterSpec")
			return platform.ComputePool{
				Described: is, Type: strings.ToLower(text(o, "spec", "type")), State: strings.ToLower(text(o, "spec", "state")), Cluster: cluster,
				Phase: text(o, "status", "phase"), Message: text(o, "status", "message"),
			}
		},
		users:  []user{{statementKind, "statement", []string{"spec", "computePoolName"}}},
		server: func(client *confluent.Client) platform.Objects[platform.ComputePool] { return client.ComputePools() },
	})
}

// KafkaCatalogs implements platform.SQL.
func (c *Client) KafkaCatalogs() platform.Objects[platform.KafkaCatalog] {
	return told[platform.KafkaCatalog](&records[platform.KafkaCatalog]{
		client: c, kind: catalogKind,
		described: func(k platform.KafkaCatalog) platform.Described { return k.Described },
		spec: func(k platform.KafkaCatalog) (map[string]any, error) {
			return map[string]any{"srInstance": connectionOf(k.Registry)}, nil
		},
		known: func(_ context.Context, is platform.Described, o *unstructured.Unstructured) platform.KafkaCatalog {
			return platform.KafkaCatalog{Described: is, Registry: connectionIn(o, "srInstance"), Access: list(o, "status", "environmentsWithAccess")}
		},
		users:  []user{{databaseKind, "database", []string{"spec", "catalogRef", "name"}}},
		server: func(client *confluent.Client) platform.Objects[platform.KafkaCatalog] { return client.KafkaCatalogs() },
	})
}

// KafkaDatabases implements platform.SQL.
func (c *Client) KafkaDatabases() platform.Objects[platform.KafkaDatabase] {
	return told[platform.KafkaDatabase](&records[platform.KafkaDatabase]{
		client: c, kind: databaseKind,
		described: func(k platform.KafkaDatabase) platform.Described { return k.Described },
		spec: func(k platform.KafkaDatabase) (map[string]any, error) {
			spec := map[string]any{"catalogRef": map[string]any{"name": k.Namespace}, "kafkaCluster": connectionOf(k.Cluster)}
			if len(k.DDLEnvironments) > 0 {
				names := make([]any, len(k.DDLEnvironments))
				for i, name := range k.DDLEnvironments {
					names[i] = name
				}
				spec["ddlEnvironments"] = names
			}
			return spec, nil
		},
		known: func(_ context.Context, is platform.Described, o *unstructured.Unstructured) platform.KafkaDatabase {
			return platform.KafkaDatabase{
				Described: is, Cluster: connectionIn(o, "kafkaCluster"), DDLEnvironments: list(o, "spec", "ddlEnvironments"), Access: list(o, "status", "environmentsWithAccess"),
			}
		},
		server: func(client *confluent.Client) platform.Objects[platform.KafkaDatabase] {
			return client.KafkaDatabases()
		},
	})
}

// SecretMappings implements platform.SQL.
func (c *Client) SecretMappings() platform.Objects[platform.SecretMapping] {
	return told[platform.SecretMapping](&records[platform.SecretMapping]{
		client: c, kind: mappingKind, inEnvironment: true,
		described: func(m platform.SecretMapping) platform.Described { return m.Described },
		spec: func(m platform.SecretMapping) (map[string]any, error) {
			return map[string]any{"secretRef": map[string]any{"name": m.Secret}}, nil
		},
		known: func(_ context.Context, is platform.Described, o *unstructured.Unstructured) platform.SecretMapping {
			return platform.SecretMapping{Described: is, Secret: text(o, "spec", "secretRef", "name")}
		},
		server: func(client *confluent.Client) platform.Objects[platform.SecretMapping] {
			return client.SecretMappings()
		},
	})
}
