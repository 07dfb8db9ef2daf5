package operator

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Rules is what the operator means. It implements platform.Rules.
type Rules struct{ fko.Semantics }

var _ platform.Rules = Rules{}

// Name implements platform.Rules.
func (Rules) Name() string { return "operator" }

// Has implements platform.Rules.
func (Rules) Has(kind platform.Kind) bool {
	switch kind {
	case platform.KindEnvironment, platform.KindDeployment, platform.KindSessionCluster, platform.KindSessionJob, platform.KindSavepoint, platform.KindStreamApplication:
		return true
	default:
		return false
	}
}

// Can implements platform.Rules: everything but pins, as nothing cleans up savepoints
// that are objects of their own.
func (Rules) Can(ability platform.Ability) bool { return ability != platform.PinSavepoints }

// PlacedBy implements platform.Rules.
func (Rules) PlacedBy() string { return platform.PlacedByNamespace }

// ValidateEnvironment implements platform.Rules: only messages have the name.
func (Rules) ValidateEnvironment(string) string { return "" }

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return append(append(fko.Validate(name, spec), unscheduled(spec)...), fko.Foreign(spec)...)
}

// Mappings implements platform.Rules.
func (Rules) Mappings() []flink.Mapping { return fko.Mappings() }

// unscheduled refuses a schedule of savepoints, which the operator has in its
// configuration.
func unscheduled(spec flink.DeploymentSpec) []flink.Finding {
	if len(spec.SavepointSchedule) == 0 {
		return nil
	}
	return []flink.Finding{{
		Path: flink.Path{"savepointSchedule"}, Severity: flink.Error, Summary: `The platform "operator" has no schedule of savepoints`,
		Detail: "Remove savepoint_schedule, and have the operator take savepoints by flink_configuration: kubernetes.operator.periodic.savepoint.interval (for example 24h) says when, " +
			"and kubernetes.operator.savepoint.history.max.count and kubernetes.operator.savepoint.history.max.age say which of them it keeps.",
	}}
}

// ValidateSecrets implements platform.Rules.
func (Rules) ValidateSecrets(plain flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding {
	return fko.ValidateSecrets(plain, secrets)
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return append(append(fko.ValidateLayer(spec), unscheduled(spec)...), fko.Foreign(spec)...)
}

// Engines implements platform.Rules.
func (Rules) Engines() []string { return []string{flink.EngineProvider, flink.EngineOperator} }

// LongestName implements platform.Rules. The colors of a blue/green deployment
// have a longer name than it has, by "-green".
func (Rules) LongestName(form flink.Form) int {
	if form.BlueGreen() {
		return fko.LongestName - len("-"+flink.Green)
	}
	return fko.LongestName
}

// HasFailed implements platform.Rules.
func (Rules) HasFailed(status flink.Status) bool { return fko.HasFailed(status) }

// connected is a Kubernetes cluster with the operator. It implements
// platform.Platform.
type connected struct {
	cluster Store
	options Options
}

// New returns the operator of a cluster.
func New(client *kube.Client, options Options) platform.Platform { return connected{client, options} }

// Deployments implements platform.Platform.
func (c connected) Deployments(kind platform.Kind) platform.Deployments {
	switch kind {
	case platform.KindSessionCluster:
		return newExplained(NewSavepoints(c.cluster), NewSessionClusters(c.cluster, c.options))
	case platform.KindSessionJob:
		return newExplained(NewSavepoints(c.cluster), NewSessionJobs(c.cluster, c.options))
	default:
		return newExplained(NewSavepoints(c.cluster), NewApplications(c.cluster, c.options))
	}
}

// Environments implements platform.Platform.
func (c connected) Environments() platform.Environments {
	return explainedEnvironments{NewEnvironments(c.cluster, c.options)}
}

// Savepoints implements platform.Platform.
func (c connected) Savepoints() platform.Savepoints {
	return explainedSavepoints{NewSavepoints(c.cluster)}
}
