package ververica

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Rules is what Ververica Platform means. It implements platform.Rules.
type Rules struct{ vvp.Semantics }

var _ platform.Rules = Rules{}

// Name implements platform.Rules.
func (Rules) Name() string { return Name }

// Has implements platform.Rules.
func (Rules) Has(kind platform.Kind) bool {
	switch kind {
	case platform.KindEnvironment, platform.KindDeployment, platform.KindSessionCluster, platform.KindSessionJob, platform.KindSavepoint, platform.KindStreamApplication:
		return true
	default:
		return false
	}
}

// Can implements platform.Rules: savepoints have ids and no names, the platform keeps no
// Kubernetes Secrets, and leads to each deployment by itself.
func (Rules) Can(ability platform.Ability) bool { return ability == platform.DisposeSavepoints }

// PlacedBy implements platform.Rules: an environment is a namespace of the platform, which
// is none of Kubernetes.
func (Rules) PlacedBy() string { return platform.PlacedByName }

// ValidateEnvironment implements platform.Rules.
func (Rules) ValidateEnvironment(name string) string { return vvp.ValidName(name) }

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return vvp.Validate(name, spec)
}

// ValidateSecrets implements platform.Rules: what Flink's native Kubernetes mode takes from
// Secrets, the platform's own way to start Flink does not.
func (Rules) ValidateSecrets(_ flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding {
	if len(secrets) == 0 {
		return nil
	}
	return []flink.Finding{{
		Path: flink.Path{"secretConfiguration"}, Severity: flink.Error, Summary: `The platform "ververica" takes no configuration from Kubernetes Secrets`,
		Detail: `Keep the value in a flink_secret of the environment, and refer to it in flink_configuration: { "s3.secret-key" = "$${NAME}" } with the secret's name.`,
	}}
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding { return vvp.ValidateLayer(spec) }

// Mappings implements platform.Rules.
func (Rules) Mappings() []flink.Mapping { return vvp.Mappings() }

// Engines implements platform.Rules: the provider's own, with a deployment for each color.
func (Rules) Engines() []string { return []string{flink.EngineProvider} }

// LongestName implements platform.Rules.
func (Rules) LongestName(form flink.Form) int {
	if form.BlueGreen() {
		return vvp.LongestName - len("-"+flink.Green)
	}
	return vvp.LongestName
}

// HasFailed implements platform.Rules.
func (Rules) HasFailed(status flink.Status) bool { return vvp.HasFailed(status) }
