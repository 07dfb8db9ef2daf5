package confluent

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// connection is how the server reaches something: options of a client, and the
// identifier by which each environment names the secret with the rest of them.
type connection struct {
	Config   map[string]string `json:"connectionConfig"`
	SecretID string            `json:"connectionSecretId,omitempty"`
}

func connectionOf(c platform.Connection) connection {
	if c.Config == nil {
		c.Config = map[string]string{}
	}
	return connection{c.Config, c.SecretID}
}

func (c connection) known() platform.Connection {
	return platform.Connection{Config: c.Config, SecretID: c.SecretID}
}

// access is the status of a catalog and of a database.
type access struct {
	Environments []string `json:"environmentsWithAccess"`
}

type catalogSpec struct {
	Registry connection `json:"srInstance"`
}

type catalog = object[catalogSpec, access]

// catalogs are the Kafka catalogs, which all environments share.
type catalogs struct{ kind[catalogSpec, access] }

// KafkaCatalogs implements platform.SQL.
func (c *Client) KafkaCatalogs() platform.Objects[platform.KafkaCatalog] {
	return explained[platform.KafkaCatalog]{&catalogs{kind[catalogSpec, access]{
		client: c, name: "KafkaCatalog", in: func(string) []string { return at("catalogs", "kafka") },
	}}}
}

func (c *catalogs) sent(want platform.KafkaCatalog) catalog {
	return c.object(want.Described, catalogSpec{connectionOf(want.Registry)})
}

func catalogOf(of catalog) platform.KafkaCatalog {
	return platform.KafkaCatalog{Described: of.described(""), Registry: of.Spec.Registry.known(), Access: of.Status.Environments}
}

// Create implements platform.Objects.
func (c *catalogs) Create(ctx context.Context, want platform.KafkaCatalog) (platform.KafkaCatalog, error) {
	written, err := c.create(ctx, want.Ref, c.sent(want))
	return catalogOf(written), err
}

// Await implements platform.Objects: a catalog is there at once.
func (c *catalogs) Await(_ context.Context, known platform.KafkaCatalog) (platform.KafkaCatalog, error) {
	return known, nil
}

// Read implements platform.Objects.
func (c *catalogs) Read(ctx context.Context, ref platform.Ref) (platform.KafkaCatalog, error) {
	found, err := c.read(ctx, ref)
	return catalogOf(found), err
}

// Update implements platform.Objects.
func (c *catalogs) Update(ctx context.Context, want platform.KafkaCatalog) (platform.KafkaCatalog, error) {
	written, err := c.replace(ctx, want.Ref, c.sent(want))
	return catalogOf(written), err
}

// Delete implements platform.Objects. A catalog with databases stays.
func (c *catalogs) Delete(ctx context.Context, ref platform.Ref) error {
	err := c.remove(ctx, ref)
	if rest.Code(err) != http.StatusConflict {
		return err
	}
	databases, _ := c.client.pages(ctx, at("catalogs", "kafka", ref.Name, "databases"), nil)
	return c.used(ref, err, "database", slices.Sorted(maps.Keys(databases)))
}
