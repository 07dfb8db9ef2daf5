package confluent

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// Rules is what Confluent Manager for Apache Flink means: it hands its applications
// to the Flink Kubernetes Operator, whose rules are theirs but for what follows. It
// implements platform.Rules.
type Rules struct{ operator.Rules }

var _ platform.Rules = Rules{}

// Name implements platform.Rules.
func (Rules) Name() string { return Name }

// Has implements platform.Rules.
func (Rules) Has(kind platform.Kind) bool {
	return kind == platform.KindEnvironment || kind == platform.KindDeployment || kind == platform.KindSavepoint || kind == platform.KindStreamApplication
}

// Can implements platform.Rules: the server keeps Secrets for SQL alone, leads to each
// application by itself, and pins savepoints, which have a random ending in their names.
func (Rules) Can(ability platform.Ability) bool {
	return ability == platform.PinSavepoints || ability == platform.FormatSavepoints || ability == platform.PlaceSavepoints
}

// Validate implements platform.Rules.
func (Rules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return append(append(fko.Validate(name, spec), scheduleFindings(spec.SavepointSchedule)...), fko.Foreign(spec)...)
}

// ValidateLayer implements platform.Rules.
func (Rules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return append(append(fko.ValidateLayer(spec), scheduleFindings(spec.SavepointSchedule)...), fko.Foreign(spec)...)
}

// Mappings implements platform.Rules: the server hands on what it is told, and has a schedule of
// savepoints of its own.
func (Rules) Mappings() []flink.Mapping {
	out := fko.Mappings()
	for i, row := range out {
		switch row.Path[0] {
		case "savepointSchedule":
			out[i].Field, out[i].Why = "savepointSchedule", "From 2.4 on."
		case "deploymentName":
			out[i].Field, out[i].Why = "", "The server has no session clusters."
		}
	}
	return out
}

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

// Engines implements platform.Rules: the provider's own, with an application for each
// color.
func (Rules) Engines() []string { return []string{flink.EngineProvider} }
