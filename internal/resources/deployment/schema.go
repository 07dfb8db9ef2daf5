package deployment

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema describes the resource.
func (r *deploymentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := r.Attributes(ctx, "its job runs")
	maps.Copy(attributes, tfkit.SpecAttributes())
	maps.Copy(attributes, tfkit.OwnSecretsAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The deployment's name, also of the platform's object: lower-case letters, digits and `-`, at most 45 characters, 39 with the strategy `blue_green`; on `ververica` 63 and 57. " +
				"Another name replaces the deployment: the job is stopped with a savepoint and the new one starts empty unless `job.initial_savepoint_path` is given.",
		},
		"job": tfkit.JobAttribute("The job's JAR file, for example `local:///opt/flink/usrlib/orders.jar` for a file in the image.",
			"Default parallelism of the job, at least 1. Required unless `task_manager.replicas` is set."),
		"upgrade": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How the deployment is upgraded.",
			Attributes: map[string]schema.Attribute{
				"strategy":          tfkit.StrategyAttribute(),
				"mode":              tfkit.UpgradeModeAttribute(""),
				"on_failure":        tfkit.OnFailureAttribute(),
				"prove_for":         tfkit.ProveForAttribute(),
				"allow_state_loss":  tfkit.AllowStateLossAttribute(),
				"accept_state_risk": tfkit.AcceptStateRiskAttribute(),
				"blue_green":        tfkit.BlueGreenAttribute(),
			},
		},
		"savepoint_on_destroy": tfkit.SavepointOnDestroyAttribute(),
		"savepoint_schedule":   tfkit.SavepointScheduleAttribute(),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One Flink job on a cluster of its own: a `FlinkDeployment` of the Apache Flink Kubernetes Operator, a FlinkApplication of Confluent Manager for Apache Flink, or a Deployment of Ververica Platform. " +
			"The plan says what an update does to the running job (`rollout`), and an apply ends when the new specification runs, or with the cause why it does not.",
		Attributes: attributes,
	}
}
