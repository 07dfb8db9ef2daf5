package confluent

import (
	"context"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// firstWithDDLEnvironments is the first version that calls the environments which
// may change tables ddlEnvironments; before, they are alterEnvironments.
const firstWithDDLEnvironments = "2.3"

type databaseSpec struct {
	Cluster           connection `json:"kafkaCluster"`
	DDLEnvironments   []string   `json:"ddlEnvironments,omitempty"`
	AlterEnvironments []string   `json:"alterEnvironments,omitempty"`
}

// KafkaDatabases implements platform.SQL: the Kafka databases of all catalogs.
func (c *Client) KafkaDatabases() platform.Objects[platform.KafkaDatabase] {
	return explained[platform.KafkaDatabase](&records[platform.KafkaDatabase, databaseSpec, access]{
		kind: kind[databaseSpec, access]{
			client: c, name: "KafkaDatabase", parent: "KafkaCatalog",
			in: func(catalog string) []string { return at("catalogs", "kafka", catalog, "databases") },
		},
		described: func(k platform.KafkaDatabase) platform.Described { return k.Described },
		spec:      c.databaseSpec,
		known: func(is platform.Described, spec databaseSpec, status access) platform.KafkaDatabase {
			return platform.KafkaDatabase{
				Described: is, Cluster: spec.Cluster.known(), Access: status.Environments,
				DDLEnvironments: append(spec.DDLEnvironments, spec.AlterEnvironments...),
			}
		},
	})
}

// databaseSpec names the environments as the server's version does.
func (c *Client) databaseSpec(ctx context.Context, want platform.KafkaDatabase) (databaseSpec, error) {
	spec := databaseSpec{Cluster: connectionOf(want.Cluster)}
	if len(want.DDLEnvironments) == 0 {
		return spec, nil
	}
	version, err := c.version(ctx)
	if err != nil {
		return spec, err
	}
	if atLeast(version, firstWithDDLEnvironments) {
		spec.DDLEnvironments = want.DDLEnvironments
	} else {
		spec.AlterEnvironments = want.DDLEnvironments
	}
	return spec, nil
}
