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

type database = object[databaseSpec, access]

// databases are the Kafka databases of all catalogs.
type databases struct{ kind[databaseSpec, access] }

// KafkaDatabases implements platform.SQL.
func (c *Client) KafkaDatabases() platform.Objects[platform.KafkaDatabase] {
	return explained[platform.KafkaDatabase]{&databases{kind[databaseSpec, access]{
		client: c, name: "KafkaDatabase", parent: "KafkaCatalog",
		in: func(catalog string) []string { return at("catalogs", "kafka", catalog, "databases") },
	}}}
}

func (d *databases) sent(ctx context.Context, want platform.KafkaDatabase) (database, error) {
	spec := databaseSpec{Cluster: connectionOf(want.Cluster)}
	if len(want.DDLEnvironments) > 0 {
		version, err := d.client.version(ctx)
		if err != nil {
			return database{}, err
		}
		if atLeast(version, firstWithDDLEnvironments) {
			spec.DDLEnvironments = want.DDLEnvironments
		} else {
			spec.AlterEnvironments = want.DDLEnvironments
		}
	}
	return d.object(want.Described, spec), nil
}

func databaseOf(catalog string, of database) platform.KafkaDatabase {
	return platform.KafkaDatabase{
		Described: of.described(catalog), Cluster: of.Spec.Cluster.known(), Access: of.Status.Environments,
		DDLEnvironments: append(of.Spec.DDLEnvironments, of.Spec.AlterEnvironments...),
	}
}

// Create implements platform.Objects.
func (d *databases) Create(ctx context.Context, want platform.KafkaDatabase) (platform.KafkaDatabase, error) {
	sent, err := d.sent(ctx, want)
	if err != nil {
		return want, err
	}
	written, err := d.create(ctx, want.Ref, sent)
	return databaseOf(want.Namespace, written), err
}

// Await implements platform.Objects: a database is there at once.
func (d *databases) Await(_ context.Context, known platform.KafkaDatabase) (platform.KafkaDatabase, error) {
	return known, nil
}

// Read implements platform.Objects.
func (d *databases) Read(ctx context.Context, ref platform.Ref) (platform.KafkaDatabase, error) {
	found, err := d.read(ctx, ref)
	return databaseOf(ref.Namespace, found), err
}

// Update implements platform.Objects.
func (d *databases) Update(ctx context.Context, want platform.KafkaDatabase) (platform.KafkaDatabase, error) {
	sent, err := d.sent(ctx, want)
	if err != nil {
		return want, err
	}
	written, err := d.replace(ctx, want.Ref, sent)
	return databaseOf(want.Namespace, written), err
}

// Delete implements platform.Objects.
func (d *databases) Delete(ctx context.Context, ref platform.Ref) error { return d.remove(ctx, ref) }
