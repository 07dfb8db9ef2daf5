package environment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// ImportState takes an environment over, by `<platform>/<namespace>`, by the
// namespace alone, with the environment's name behind it where a namespace has
// several, or by its identity. What it says to its deployments is on record in
// the namespace; the refresh that follows finds out whether the namespace is the
// environment's own.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var from identity
	name := ""
	whole, resources := tfkit.CutCustomResources(req.ID)
	if req.ID != "" {
		parsed, environment, problem := parseID(r.platforms, whole)
		if problem != "" {
			resp.Diagnostics.AddError("The import ID cannot be read", fmt.Sprintf("The ID is %q: %s Write %[3]s/<namespace>, or %[3]s/<namespace>/<name> where a namespace has several environments.", req.ID, problem, r.platforms.Default()))
			return
		}
		from, name = parsed, environment
	} else {
		var given struct {
			Platform  *string `tfsdk:"platform"`
			Namespace *string `tfsdk:"namespace"`
			Name      *string `tfsdk:"name"`
		}
		resp.Diagnostics.Append(req.Identity.Get(ctx, &given)...)
		if resp.Diagnostics.HasError() {
			return
		}
		from = identity{Platform: ptr.Deref(given.Platform, r.platforms.Default()), Namespace: given.Namespace, Name: given.Name}
		if needed := identityNeeds(r.platforms, from); needed != "" {
			resp.Diagnostics.AddError("The identity does not say which environment it is",
				fmt.Sprintf("On the platform %s an environment goes by its %s. Set %s in the identity of the import block.", from.Platform, needed, needed))
			return
		}
	}
	state := model{
		said:      said{Name: from.Name},
		Platform:  &from.Platform,
		Namespace: from.Namespace,
		Missing:   []string{},
		Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
			"create": types.StringType, "update": types.StringType, "delete": types.StringType,
		})},
	}
	if from.Name == nil {
		state.Name = from.Namespace
	} else {
		name = *from.Name
	}
	state.ID = new(id(from.Platform, state.place(r.platforms)))
	if resources != "" {
		state.Confluent = &confluentModel{Via: new(viaCustomResources), CustomResources: &customResourcesModel{Namespace: &resources}}
	}
	unrecorded, diags := r.recover(ctx, &state, name)
	resp.Diagnostics.Append(diags...)
	if unrecorded {
		// That nobody has left settings there is no drift, so the plan after the import is empty. The first change leaves them.
		resp.Diagnostics.Append(state.complete(r.platforms)...)
		resp.Diagnostics.Append(remember(ctx, resp.Private, &platform.ObservedEnvironment{}, true)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw, diags = tfkit.Encode(ctx, resp.State.Raw.Type(), state)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, from)...)
}

// identityNeeds names what an identity lacks, empty for nothing.
func identityNeeds(of platform.Known, given identity) string {
	byName := placedByName(of, &given.Platform)
	switch {
	case byName && given.Name == nil:
		return platform.PlacedByName
	case !byName && given.Namespace == nil:
		return platform.PlacedByNamespace
	}
	return ""
}

// recover fills in what the environment has left on its platform for others, or what it enforces where that is not on
// record.
func (r *Resource) recover(ctx context.Context, state *model, name string) (unrecorded bool, diags diag.Diagnostics) {
	ctx = withLogger(ctx, *state)
	environments, err := connect(ctx, r.data, ptr.Deref(state.Platform, ""), state.way())
	var found *platform.FoundEnvironment
	if err == nil {
		found, err = environments.Find(ctx, name, ptr.Deref(state.Namespace, ""))
	}
	if err != nil {
		if name != "" {
			state.Name = &name
		}
		state.takeUnknown()
		diags = state.complete(r.platforms)
		diags.Append(diag.NewWarningDiagnostic(fmt.Sprintf("What the environment of namespace %s says is not known", ptr.Deref(state.Namespace, "")),
			tfkit.Sentence(err.Error())+" The import takes the namespace over without deployment_defaults, deployment_overrides and operator.service_account. "+
				"Write them into the configuration before the first apply: an apply without them empties the settings, also for other configurations that read them by the data source flink_environment. "+
				fmt.Sprintf("Where a namespace has several environments, import %s/<namespace>/<name>.", ptr.Deref(state.Platform, ""))))
		return false, diags
	}
	return found.Unrecorded, state.take(r.platforms, found)
}

// take fills in what was found.
func (m *model) take(platforms platform.Known, found *platform.FoundEnvironment) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Name, m.Namespace, m.Settings = &found.Name, &found.Namespace, &found.Settings
	settings, err := defaults.Decode(found.Settings)
	if err == nil {
		m.DeploymentDefaults, m.DeploymentOverrides = settings.Defaults, settings.Overrides
		m.Kafka, m.SchemaRegistry = kafkaModelOf(settings.Kafka), settings.SchemaRegistry
	} else {
		diags.AddWarning(fmt.Sprintf("The settings of the environment %q cannot be taken over", found.Name),
			tfkit.Sentence(err.Error())+" Write deployment_defaults and deployment_overrides into the configuration before the first apply.")
	}
	if found.Access == nil {
		diags.AddWarning(fmt.Sprintf("The service account of the environment %q is not known", found.Name),
			"A version of the provider wrote the environment that left no record of it. If the environment has a service account or labels, write operator.service_account and operator.labels into the configuration before the first apply.")
		return diags
	}
	if ptr.Deref(m.Platform, "") == onVerverica {
		m.takeVerverica(found)
		return diags
	}
	if _, ok := m.onClowd(); ok {
		m.takeClowder(found)
		return diags
	}
	if placedByName(platforms, m.Platform) {
		diags.Append(m.takeConfluent(found)...)
		m.takeCustomResources(found, settings.CustomResources)
		return diags
	}
	if ptr.Deref(m.Platform, "") == onCloudflow {
		m.takeCloudflow(found)
		return diags
	}
	if found.Access.ServiceAccount != "" || len(found.Access.Labels) > 0 {
		m.Operator = &operatorModel{Labels: found.Access.Labels}
		if found.Access.ServiceAccount != "" {
			m.Operator.ServiceAccount = &found.Access.ServiceAccount
		}
	}
	return diags
}

// takeConfluent fills in what an environment of a server says to pools and
// statements, as far as the attributes hold it.
func (m *model) takeConfluent(found *platform.FoundEnvironment) diag.Diagnostics {
	var labels map[string]string
	if found.Access != nil {
		labels = found.Access.Labels
	}
	if found.Cluster == defaultCluster {
		found.Cluster = ""
	}
	if found.Cluster == "" && len(labels)+len(found.PoolDefaults)+len(found.StatementDefaults) == 0 {
		return nil
	}
	m.Confluent = &confluentModel{}
	if found.Cluster != "" {
		m.Confluent.KubernetesCluster = &found.Cluster
	}
	if len(labels) > 0 {
		m.Confluent.Labels = labels
	}
	if cluster, ok := found.PoolDefaults["clusterSpec"].(map[string]any); ok {
		if spec, err := flink.SpecOf(cluster); err == nil {
			m.Confluent.ComputePoolDefaults = &spec
		}
	}
	if len(found.StatementDefaults) > 0 {
		m.Confluent.StatementDefaults = &statementDefaultsModel{
			Detached: configurationIn(found.StatementDefaults, "detached"), Interactive: configurationIn(found.StatementDefaults, "interactive"),
		}
	}
	taken := m.want()
	if flink.Equal(taken.PoolDefaults, found.PoolDefaults) && flink.Equal(taken.StatementDefaults, found.StatementDefaults) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("confluent"), fmt.Sprintf("Not all defaults of the environment %q are taken over", found.Name),
		"It says things to compute pools or statements that compute_pool_defaults and statement_defaults do not hold. The next apply of a change takes them away. Its plan shows computePoolDefaults or statementDefaults in the attribute missing.")}
}

// configurationIn returns the Flink configuration of a part of statement defaults.
func configurationIn(defaults flink.Tree, part string) map[string]string {
	inside, _ := defaults[part].(map[string]any)
	configuration, ok := inside["flinkConfiguration"].(map[string]any)
	if !ok {
		return nil
	}
	out := map[string]string{}
	for key, value := range configuration {
		out[key] = fmt.Sprint(value)
	}
	return out
}

// parseID reads an import ID. The problem is a sentence, or empty.
func parseID(platforms platform.Known, text string) (parsed identity, name, problem string) {
	platformName, namespace, found := strings.Cut(text, "/")
	if !found {
		platformName, namespace = platforms.Default(), text
	}
	if placedByName(platforms, &platformName) {
		if namespace == "" || strings.Contains(namespace, "/") {
			return parsed, "", "an environment of this platform goes by its name alone, " + platformName + "/<name>."
		}
		return identity{Platform: platformName, Name: &namespace}, "", ""
	}
	namespace, name, _ = strings.Cut(namespace, "/")
	if !slices.Contains(platforms.Names(platform.KindEnvironment), platformName) {
		return parsed, "", "there is no platform \"" + platformName + "\"."
	}
	if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
		return parsed, "", "\"" + namespace + "\" is no name of a namespace (" + strings.Join(problems, "; ") + ")."
	}
	return identity{Platform: platformName, Namespace: &namespace}, name, ""
}
