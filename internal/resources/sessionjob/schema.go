package sessionjob

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Schema describes the resource.
func (r *jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := r.Attributes(ctx, "the job runs")
	maps.Copy(attributes, map[string]schema.Attribute{
		"session_cluster": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The session cluster that runs the job, in the same environment: `flink_session_cluster.shared.name`. " +
				"Another one replaces the job: it is stopped with a savepoint and the new one starts empty unless `job.initial_savepoint_path` is given.",
		},
		"name": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "The session job's name, also of the platform's object. " +
				"Another name replaces the job: it is stopped with a savepoint and the new one starts empty unless `job.initial_savepoint_path` is given.",
			Validators: []validator.String{tfkit.ObjectNameValidator()},
		},
		"flink_configuration": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Flink configuration of the job with dotted keys, which goes over that of the session cluster. Merged key by key with that of the environment; `null` removes an inherited key. " +
				"Values that Flink reads as equal (`2g` and `2048m`, `10 min` and `600 s`, an old key and its new name) are no change.",
			PlanModifiers: []planmodifier.Map{tfkit.SameConfiguration()},
		},
		"job": tfkit.JobAttribute("Where the operator fetches the job's JAR file from, for example `https://repo.example.com/orders.jar`; it uploads the file to the session cluster. "+
			"From version 1.15 on the operator takes `https` alone and no hosts of its own machine and network, unless its own options `kubernetes.operator.user.artifacts.allowed-schemes` and "+
			"`kubernetes.operator.user.artifacts.disallow-restricted-hosts` say otherwise; a plan that reaches the cluster warns of what it would refuse. An older operator fetches whatever is named here (CVE-2026-40564).",
			"Default parallelism of the job, at least 1. Required."),
		"upgrade": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How the session job is upgraded. The other jobs of the session cluster are not touched.",
			Attributes: map[string]schema.Attribute{
				"mode":              tfkit.UpgradeModeAttribute("What the session cluster configures is not known to a plan: when it has the directories, set the mode. `last_state` needs operator 1.10."),
				"on_failure":        tfkit.OnFailureAttribute(),
				"prove_for":         tfkit.ProveForAttribute(),
				"allow_state_loss":  tfkit.AllowStateLossAttribute(),
				"accept_state_risk": tfkit.AcceptStateRiskAttribute(),
			},
		},
		"savepoint_on_destroy": tfkit.SavepointOnDestroyAttribute(),
		"ververica":            tfkit.VervericaAttribute(),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One Flink job in a [flink_session_cluster](session_cluster.md): a `FlinkSessionJob` of the Apache Flink Kubernetes Operator, or a Deployment of Ververica Platform in session mode. " +
			"The plan says what an update does to the running job (`rollout`), and an apply ends when the new specification runs, or with the cause why it does not. " +
			"Of the environment's defaults and overrides it takes `flink_configuration`, `labels`, `annotations` and `upgrade`; the rest is its cluster's, also the JobManager (`flink_session_cluster.shared.status.rest_url`).",
		Attributes: attributes,
	}
}
