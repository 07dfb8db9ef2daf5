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

// KafkaCatalogs implements platform.SQL: the Kafka catalogs, which all environments
// share. A catalog with databases is not deleted.
func (c *Client) KafkaCatalogs() platform.Objects[platform.KafkaCatalog] {
	return explained[platform.KafkaCatalog](&records[platform.KafkaCatalog, catalogSpec, access]{
		kind:      kind[catalogSpec, access]{client: c, name: "KafkaCatalog", in: func(string) []string { return at("catalogs", "kafka") }},
		described: func(k platform.KafkaCatalog) platform.Described { return k.Described },
		spec: func(_ context.Context, want platform.KafkaCatalog) (catalogSpec, error) {
			return catalogSpec{connectionOf(want.Registry)}, nil
		},
		known: func(is platform.Described, spec catalogSpec, status access) platform.KafkaCatalog {
			return platform.KafkaCatalog{Described: is, Registry: spec.Registry.known(), Access: status.Environments}
		},
		refused: c.catalogInUse,
	})
}

// catalogInUse names the databases for which the server refuses something (409).
func (c *Client) catalogInUse(ctx context.Context, ref platform.Ref, err error) error {
	if rest.Code(err) != http.StatusConflict {
		return err
	}
	databases, _ := c.pages(ctx, at("catalogs", "kafka", ref.Name, "databases"), nil)
	return used("KafkaCatalog", ref, err, "database", slices.Sorted(maps.Keys(databases)))
}
