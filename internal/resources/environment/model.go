package environment

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// model is a flink_environment. Nil is null.
type model struct {
	said

	ID        *string        `tfsdk:"id"`
	Platform  *string        `tfsdk:"platform"`
	Namespace *string        `tfsdk:"namespace"`
	Operator  *operatorModel `tfsdk:"operator"`
	// Confluent is what the environment has on a server of SQL and applications.
	Confluent *confluentModel `tfsdk:"confluent"`
	Ververica *ververicaModel `tfsdk:"ververica"`
	Clowder   *clowderModel   `tfsdk:"clowder"`
	Cloudflow *cloudflowModel `tfsdk:"cloudflow"`
	Settings  *string         `tfsdk:"settings"`
	Missing   []string        `tfsdk:"missing"`
	Timeouts  timeouts.Value  `tfsdk:"timeouts"`
}

// said are the attributes that the settings are made of, beside what confluent says of custom
// resources.
type said struct {
	Name                *string         `tfsdk:"name"`
	DeploymentDefaults  *defaults.Layer `tfsdk:"deployment_defaults"`
	DeploymentOverrides *defaults.Layer `tfsdk:"deployment_overrides"`

	Kafka          *kafkaModel              `tfsdk:"kafka"`
	SchemaRegistry *defaults.SchemaRegistry `tfsdk:"schema_registry"`
}

type operatorModel struct {
	CreateNamespace *bool             `tfsdk:"create_namespace"`
	ServiceAccount  *string           `tfsdk:"service_account"`
	Labels          map[string]string `tfsdk:"labels"`
}

type confluentModel struct {
	KubernetesCluster   *string                 `tfsdk:"kubernetes_cluster"`
	Labels              map[string]string       `tfsdk:"labels"`
	ComputePoolDefaults *flink.DeploymentSpec   `tfsdk:"compute_pool_defaults"`
	StatementDefaults   *statementDefaultsModel `tfsdk:"statement_defaults"`
	Via                 *string                 `tfsdk:"via"`
	CustomResources     *customResourcesModel   `tfsdk:"custom_resources"`
}

type statementDefaultsModel struct {
	Detached    map[string]string `tfsdk:"detached"`
	Interactive map[string]string `tfsdk:"interactive"`
}

// poolDefaults returns what pools take in the form of the platform; nil for nothing.
func (m *confluentModel) poolDefaults() flink.Tree {
	if m.ComputePoolDefaults == nil {
		return nil
	}
	// The model of a specification can always be encoded.
	cluster, _ := flink.TreeOf(*m.ComputePoolDefaults)
	return flink.Tree{"clusterSpec": cluster}
}

// tree returns the defaults in the form of the platform; nil for none.
func (m *statementDefaultsModel) tree() flink.Tree {
	if m == nil {
		return nil
	}
	out := flink.Tree{}
	for name, configuration := range map[string]map[string]string{"detached": m.Detached, "interactive": m.Interactive} {
		if len(configuration) == 0 {
			continue
		}
		values := map[string]any{}
		for key, value := range configuration {
			values[key] = value
		}
		out[name] = map[string]any{"flinkConfiguration": values}
	}
	return out
}

// identity is the resource identity of a flink_environment: the platform, and the
// namespace or the name by which it goes there.
type identity struct {
	Platform  string  `tfsdk:"platform"`
	Namespace *string `tfsdk:"namespace"`
	Name      *string `tfsdk:"name"`
}

// defaultCluster is the Kubernetes cluster of an environment that names none.
const defaultCluster = "default-k8s-cluster"

// placedByName tells whether environments of a platform go by their names.
func placedByName(of platform.Known, name *string) bool {
	return of.PlacedBy(ptr.Deref(name, of.Default())) == platform.PlacedByName
}

// place is what tells the environment from others of its platform.
func (m *model) place(of platform.Known) string {
	if placedByName(of, m.Platform) {
		return ptr.Deref(m.Name, "")
	}
	return ptr.Deref(m.Namespace, "")
}

// createNamespace is the create_namespace of the platform's block with its default.
func (m *model) createNamespace() bool {
	if ptr.Deref(m.Platform, "") == onVerverica {
		return ptr.Deref(m.block().CreateNamespace, ptr.Deref(m.Name, "") != alwaysThere)
	}
	if block, ok := m.onClowd(); ok {
		return ptr.Deref(block.CreateNamespace, true)
	}
	if ptr.Deref(m.Platform, "") == onCloudflow {
		return ptr.Deref(m.onIt().CreateNamespace, true)
	}
	return m.Operator == nil || ptr.Deref(m.Operator.CreateNamespace, true)
}

// want returns what the environment shall have on its platform.
func (m *model) want() platform.Environment {
	want := platform.Environment{
		Namespace: ptr.Deref(m.Namespace, ""), CreateNamespace: m.createNamespace(),
		Name: ptr.Deref(m.Name, ""), Settings: ptr.Deref(m.Settings, ""),
	}
	if m.Operator != nil {
		want.ServiceAccount = ptr.Deref(m.Operator.ServiceAccount, "")
		want.Labels = m.Operator.Labels
	}
	if m.Confluent != nil {
		want.Cluster = ptr.Deref(m.Confluent.KubernetesCluster, "")
		want.Labels = m.Confluent.Labels
		want.PoolDefaults = m.Confluent.poolDefaults()
		want.StatementDefaults = m.Confluent.StatementDefaults.tree()
		want.RESTClass = m.Confluent.restClass()
	}
	if ptr.Deref(m.Platform, "") == onVerverica {
		m.wantVerverica(&want)
	}
	m.wantClowder(&want)
	if ptr.Deref(m.Platform, "") == onCloudflow {
		m.wantCloudflow(&want)
	}
	return want
}

// identity returns the resource identity.
func (m *model) identity(of platform.Known) identity {
	out := identity{Platform: ptr.Deref(m.Platform, "")}
	if placedByName(of, m.Platform) {
		out.Name = m.Name
	} else {
		out.Namespace = m.Namespace
	}
	return out
}

// settings returns the text of the attribute settings of an environment on one of
// the platforms, in a namespace.
func (m *model) settings(platforms platform.Known, on, namespace string) (string, diag.Diagnostics) {
	rules, diags := tfkit.PlatformOf(platforms, platform.KindEnvironment, on, path.Root("platform"))
	if diags.HasError() {
		return "", diags
	}
	resources := m.customResources(namespace)
	if ways, has := rules.(platform.RulesByCustomResources); has && resources != nil {
		rules = ways.ByCustomResources()
	}
	for i, layer := range []*defaults.Layer{m.DeploymentDefaults, m.DeploymentOverrides} {
		if layer != nil {
			diags.Append(tfkit.FindingsBelow(path.Root(layers[i]), rules.ValidateLayer(layer.DeploymentSpec))...)
		}
	}
	kafka, more := m.kafkaOf(on, namespace)
	if diags.Append(more...); diags.HasError() {
		return "", diags
	}
	text, err := defaults.Settings{
		Environment: ptr.Deref(m.Name, ""), Defaults: m.DeploymentDefaults, Overrides: m.DeploymentOverrides, Kafka: kafka, SchemaRegistry: m.SchemaRegistry,
		CustomResources: resources,
	}.Encode()
	if err != nil {
		diags.AddAttributeError(path.Root("settings"), "The settings cannot be encoded", err.Error())
	}
	return text, diags
}

// id is the attribute id of an environment.
func id(platformName, place string) string { return platformName + "/" + place }
