package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// This file has what an environment is on Cloudflow: a namespace as on the operator of Flink, and where Cloudflow is.

// onCloudflow is the platform's name.
const onCloudflow = "cloudflow"

type cloudflowModel struct {
	CreateNamespace   *bool             `tfsdk:"create_namespace"`
	ServiceAccount    *string           `tfsdk:"service_account"`
	Labels            map[string]string `tfsdk:"labels"`
	OperatorNamespace *string           `tfsdk:"operator_namespace"`
	KafkaCluster      *string           `tfsdk:"kafka_cluster"`
	Logback           *string           `tfsdk:"logback"`
}

func cloudflowAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "What the environment has on the platform `cloudflow`, Lightbend Cloudflow, where stream applications are CloudflowApplications. All environments of a namespace share it.",
		Attributes: map[string]schema.Attribute{
			"create_namespace": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Create the namespace, and delete it with the environment. Default `true`: a namespace that exists already is then refused. " +
					"With `false` it must exist and stays.",
			},
			"service_account": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Create a service account of this name for streamlets of Flink, with the role and role binding that Flink's native Kubernetes mode needs. Default: none is created. " +
					"Name it in `deployment_defaults.service_account` for the streamlets to use it. Those of the runtime `akka` have Cloudflow's own.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"labels": schema.MapAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Labels of what is created.",
				Validators:          []validator.Map{mapvalidator.NoNullValues()},
			},
			"operator_namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The namespace of Cloudflow's operator, default `cloudflow`. A Secret there tells which protocol it speaks, which is checked before anything is written, where the provider may read it.",
				Validators:          []validator.String{tfkit.NamespaceValidator()},
			},
			"kafka_cluster": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The named Kafka cluster by which Cloudflow's operator reaches the brokers: the Secret `cloudflow-kafka-cluster-<name>` in its namespace. " +
					"Left out, it is told the `bootstrap_servers` of `kafka`; where these have `sasl` or `tls`, it is told of no topics, as it could not reach them.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"logback": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The text of a `logback.xml` for streamlets of the runtime `akka`, which Cloudflow keeps in the Secret `logging` of the namespace. Not a place for secrets.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

// onIt is the attribute cloudflow with nothing in it where it is left out.
func (m *model) onIt() cloudflowModel { return ptr.Deref(m.Cloudflow, cloudflowModel{}) }

// wantCloudflow puts into an environment what this platform has.
func (m *model) wantCloudflow(want *platform.Environment) {
	block := m.onIt()
	want.ServiceAccount, want.Labels = ptr.Deref(block.ServiceAccount, ""), block.Labels
	want.OperatorNamespace, want.KafkaCluster, want.Logback = ptr.Deref(block.OperatorNamespace, ""), ptr.Deref(block.KafkaCluster, ""), ptr.Deref(block.Logback, "")
}

// takeCloudflow fills in what an import has found.
func (m *model) takeCloudflow(found *platform.FoundEnvironment) {
	said := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	block := cloudflowModel{
		Labels: found.Access.Labels, ServiceAccount: said(found.Access.ServiceAccount),
		OperatorNamespace: said(found.OperatorNamespace), KafkaCluster: said(found.KafkaCluster), Logback: said(found.Logback),
	}
	if len(block.Labels) == 0 {
		block.Labels = nil
	}
	if block.Labels != nil || block.ServiceAccount != nil || block.OperatorNamespace != nil || block.KafkaCluster != nil || block.Logback != nil {
		m.Cloudflow = &block
	}
}
