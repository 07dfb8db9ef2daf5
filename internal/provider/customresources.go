package provider

import (
	"cmp"
	"context"
	"os"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/cfk"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// customResources are the platforms that are also reached by custom resources, connected with what
// the provider block says. All resources of an environment share a connection.
func (c *connections) customResources() map[string]platform.ConnectCustomResources {
	return map[string]platform.ConnectCustomResources{
		confluent.Name: func(ctx context.Context, of defaults.Settings) (platform.ByCustomResources, error) {
			client, err := c.kubernetes(ctx)
			if err != nil {
				return nil, err
			}
			options := cfk.Options{ForceConflicts: c.ForceConflicts}
			if cmp.Or(c.Confluent.Endpoint, os.Getenv(confluent.VariableURL)) != "" || len(c.unknown(confluent.Name)) > 0 {
				options.Server = c.confluentManager
			}
			return shared(c, &c.resources, of.Way(), func() platform.ByCustomResources { return cfk.New(client, of, options) })
		},
	}
}
