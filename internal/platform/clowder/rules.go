package clowder

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/clowd"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Rules is what Clowder means. It implements platform.Rules.
type Rules struct{ clowd.Semantics }

var _ platform.Rules = Rules{}

// Name implements platform.Rules.
func (Rules) Name() string { return clowd.Name }

// Has implements platform.Rules: an entry of a ClowdApp belongs to an application.
func (Rules) Has(kind platform.Kind) bool {
	return kind == platform.KindEnvironment || kind == platform.KindStreamApplication
}

// Can implements platform.Rules: pods carry the document of a streamlet themselves, and there
// are no savepoints.
func (Rules) Can(platform.Ability) bool { return false }

// PlacedBy implements platform.Rules: a ClowdEnvironment is in no namespace.
func (Rules) PlacedBy() string { return platform.PlacedByName }

// ValidateEnvironment implements platform.Rules.
func (Rules) ValidateEnvironment(name string) string { return clowd.ValidName(name) }

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return clowd.Validate(name, spec)
}

// ValidateSecrets implements platform.Rules: the pods of an entry have their environment from
// pod_template alone.
func (Rules) ValidateSecrets(_ flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding {
	if len(secrets) == 0 {
		return nil
	}
	return []flink.Finding{{
		Path: flink.Path{"secretConfiguration"}, Severity: flink.Error, Summary: `The platform "clowder" takes no configuration from Secrets by this attribute`,
		Detail: "Give the container a variable with valueFrom.secretKeyRef in pod_template, and refer to it in flink_configuration as ${NAME}, which the entry point of Flink's image replaces.",
	}}
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return clowd.ValidateLayer(spec)
}

// Engines implements platform.Rules: both colors would be one job with one high availability.
func (Rules) Engines() []string { return nil }

// LongestName implements platform.Rules.
func (Rules) LongestName(flink.Form) int { return clowd.LongestName }

// HasFailed implements platform.Rules.
func (Rules) HasFailed(status flink.Status) bool { return clowd.HasFailed(status) }

// Mappings implements platform.Rules.
func (Rules) Mappings() []flink.Mapping { return clowd.Mappings() }
