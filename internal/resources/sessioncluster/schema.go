package sessioncluster

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema describes the resource.
func (r *clusterResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := r.Attributes(ctx, "it takes jobs")
	maps.Copy(attributes, tfkit.SpecAttributes())
	maps.Copy(attributes, tfkit.OwnSecretsAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The session cluster's name, also of its Kubernetes object: lower-case letters, digits and `-`, at most 45 characters (63 on `ververica`). " +
				"Session jobs refer to it (`session_cluster = flink_session_cluster.shared.name`), so that they are created after it and destroyed before it. Another name replaces the cluster, and its jobs with it.",
		},
		"upgrade": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "How the session cluster is upgraded: it restarts, and with high availability the jobs that run on it recover from their last checkpoints. " +
				"On `ververica` it restarts only when no job runs on it, and the apply refuses the change before: suspend its jobs in an apply of its own, and resume them afterwards.",
			Attributes: map[string]schema.Attribute{
				"on_failure": tfkit.OnFailureAttribute(),
				"allow_state_loss": schema.BoolAttribute{
					Optional: true,
					MarkdownDescription: "Must be `true` for a change that restarts a cluster without high availability: the jobs that run on it are then lost with their state. Not needed on `ververica`, where none runs on it then. " +
						"Without it such a plan is an error. Default `false`.",
				},
				"accept_state_risk": tfkit.AcceptStateRiskAttribute(),
			},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A Flink cluster without a job of its own, which takes jobs of [flink_session_job](session_job.md): a `FlinkDeployment` without `job` of the Apache Flink Kubernetes Operator, on `ververica` a session cluster of the platform. That has no defaults of the platform: `image`, `flink_version` and the sizes of both components have to be said, and only `task_manager.replicas` changes without a restart. " +
			"The plan of an update says what happens to the jobs that run on it, and the apply waits for them too. A cluster that session jobs still use is not destroyed; the error names them.",
		Attributes: attributes,
	}
}
