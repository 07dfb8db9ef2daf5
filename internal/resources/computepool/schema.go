package computepool

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit/object"
)

// poolSchema is the resource flink_compute_pool.
func poolSchema(ctx context.Context, t object.Type[platform.ComputePool]) schema.Schema {
	attributes := t.Attributes(ctx, "confluent/prod/sql")
	maps.Copy(attributes, map[string]schema.Attribute{
		"type": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "`dedicated`: each statement gets a cluster of its own, and nothing runs at rest. `shared`: one cluster runs for all statements (servers from 2.3 on). " +
				"Another type replaces the pool.",
			Validators: []validator.String{stringvalidator.OneOf(platform.PoolDedicated, platform.PoolShared)},
		},
		"state": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Of a shared pool: `running` (default), or `suspended`, which stops its cluster.",
			Validators:          []validator.String{stringvalidator.OneOf(platform.PoolRunning, platform.PoolSuspended)},
		},
		"cluster_spec": schema.SingleNestedAttribute{
			Required:            true,
			MarkdownDescription: "The clusters of the pool. What the environment's `computePoolDefaults` on the server say wins over it. A change is made in place by servers from 2.3 on, and by none while statements run on the pool.",
			Attributes:          tfkit.PoolAttributes(),
		},
		"status": schema.ObjectAttribute{
			Computed:            true,
			AttributeTypes:      map[string]attr.Type{"phase": types.StringType, "message": types.StringType},
			MarkdownDescription: "What was last observed: `phase` (`DEDICATED` of a dedicated pool; `PENDING`, `RUNNING`, `SUSPENDED`, `FAILING`, `FAILED` or `DELETING` of a shared one) and `message`.",
		},
	})
	return schema.Schema{
		MarkdownDescription: "A compute pool of Confluent Manager for Apache Flink: the clusters that its SQL statements run on. An apply waits until a shared pool runs. " +
			"A pool is not deleted while statements use it; the error names them.",
		Attributes: attributes,
	}
}
