package cloudflow

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// longestDeployment is how long the names of a Deployment and of what is made from it may be, so that the name of its
// Secret is also one of a volume: 63 less secretInfix and the fingerprint.
const longestDeployment = 45

// namePattern is what the name of a deployment looks like. Cloudflow would take others, and call the Deployment
// otherwise (Name.ofPod).
var namePattern = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// Validate returns what is wrong with the specification of a streamlet that Cloudflow's operator runs.
func Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	var findings []flink.Finding
	fault := func(at flink.Path, summary, detail string) {
		findings = append(findings, flink.Finding{Path: at, Severity: flink.Error, Summary: summary, Detail: detail})
	}
	if len(name) > longestDeployment || !namePattern.MatchString(name) {
		fault(flink.Path{"metadata", "name"}, fmt.Sprintf("The name %q is not valid for a streamlet", name),
			fmt.Sprintf("The names of the application and the streamlet with a hyphen between them have at most %d characters: lower case letters, digits and hyphens, a letter first, a letter or digit last. Change one of them.", longestDeployment))
	}
	if spec.Image == nil || *spec.Image == "" {
		fault(flink.Path{"image"}, "The image is missing", "Cloudflow has no image of its own for a streamlet. Set image.")
	}
	if spec.Job == nil || spec.Job.EntryClass == nil {
		fault(flink.Path{"job", "entryClass"}, "The class is missing", "Cloudflow starts a streamlet by its class. Set entry_class, for example \"com.example.Ingest\".")
	}
	for _, row := range refused {
		if row.said(spec) {
			fault(row.path, fmt.Sprintf("A streamlet of the runtime akka has no %s", row.path.Attribute()), row.akka)
		}
	}
	_, more := PodsOf(spec)
	return append(findings, more...)
}

func sortedKeys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
