package confluent

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Rules is what Confluent Manager for Apache Flink means: it hands its applications
// to the Flink Kubernetes Operator, whose rules are theirs. It implements
// platform.Rules.
type Rules struct{ fko.Semantics }

var _ platform.Rules = Rules{}

// Name implements platform.Rules.
func (Rules) Name() string { return Name }

// Has implements platform.Rules.
func (Rules) Has(kind platform.Kind) bool {
	return kind == platform.KindEnvironment || kind == platform.KindDeployment || kind == platform.KindSavepoint
}

// Can implements platform.Rules: the server keeps Secrets for SQL alone, and leads to
// each application by itself.
func (Rules) Can(platform.Ability) bool { return false }

// PlacedBy implements platform.Rules: several environments may be in one Kubernetes
// namespace.
func (Rules) PlacedBy() string { return platform.PlacedByName }

// shortestEnvironment and longestEnvironment are how many characters the name of an
// environment has: the API refuses less, and the vendor documents the other.
const (
	shortestEnvironment = 4
	longestEnvironment  = 45
)

// ValidateEnvironment implements platform.Rules, by the pattern of the API.
func (Rules) ValidateEnvironment(name string) string {
	switch problems := validation.IsDNS1123Subdomain(name); {
	case len(problems) > 0:
		return fmt.Sprintf("An environment of %s has a name of lower case letters, digits and hyphens.", product)
	case len(name) < shortestEnvironment, len(name) > longestEnvironment:
		return fmt.Sprintf("An environment of %s has a name of %d to %d characters, and this one has %d.", product, shortestEnvironment, longestEnvironment, len(name))
	}
	return ""
}

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return fko.Validate(name, spec)
}

// ValidateSecrets implements platform.Rules.
func (Rules) ValidateSecrets(plain flink.Configuration, secrets map[string]flink.SecretRef) []flink.Finding {
	return fko.ValidateSecrets(plain, secrets)
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return fko.ValidateLayer(spec)
}

// Engines implements platform.Rules: the provider's own, with an application for each
// color.
func (Rules) Engines() []string { return []string{flink.EngineProvider} }

// LongestName implements platform.Rules. The applications of a blue/green deployment
// have a longer name than it has, by "-green".
func (Rules) LongestName(form flink.Form) int {
	if form.BlueGreen() {
		return fko.LongestName - len("-"+flink.Green)
	}
	return fko.LongestName
}

// HasFailed implements platform.Rules.
func (Rules) HasFailed(status flink.Status) bool { return fko.HasFailed(status) }
