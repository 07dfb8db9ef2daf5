package confluent

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

var _ platform.RulesByCustomResources = Rules{}

// resourceRules are the rules of environments whose objects are custom resources of Confluent
// for Kubernetes: those of the server but for what follows.
type resourceRules struct{ Rules }

// ByCustomResources implements platform.RulesByCustomResources.
func (r Rules) ByCustomResources() platform.Rules { return resourceRules{r} }

// Can implements platform.Rules: there is no custom resource of a savepoint.
func (resourceRules) Can(platform.Ability) bool { return false }

// Engines implements platform.Rules: a switch starts from a savepoint that is taken while the
// job runs, and there is no custom resource of one.
func (resourceRules) Engines() []string { return nil }

// Validate implements platform.Rules.
func (r resourceRules) Validate(name string, spec flink.DeploymentSpec) []flink.Finding {
	return append(r.Rules.Validate(name, spec), unknownToResources(spec)...)
}

// ValidateLayer implements platform.Rules.
func (r resourceRules) ValidateLayer(spec flink.DeploymentSpec) []flink.Finding {
	return append(r.Rules.ValidateLayer(spec), unknownToResources(spec)...)
}

// resourceVersions are the values of flinkVersion that the definition of FlinkApplication has in
// the release 3.3.0 of Confluent for Kubernetes.
var resourceVersions = []string{"v1_18", "v1_19", "v1_20", "v2_0", "v2_1"}

// unknownToResources refuses what the definition of FlinkApplication does not have.
func unknownToResources(spec flink.DeploymentSpec) []flink.Finding {
	var out []flink.Finding
	refuse := func(what, remedy string, at ...string) {
		out = append(out, flink.Finding{
			Path: at, Severity: flink.Error, Summary: "The custom resource FlinkApplication has no " + what,
			Detail: fmt.Sprintf("Confluent for Kubernetes 3.3.0 hands on what its definition has. %s Or manage the environment over REST: confluent.via = \"rest\".", remedy),
		})
	}
	if v := spec.FlinkVersion; v != nil && !slices.Contains(resourceVersions, *v) {
		refuse("flinkVersion "+*v, "It has "+strings.Join(resourceVersions, ", ")+".", "flinkVersion")
	}
	if len(spec.SavepointSchedule) > 0 {
		refuse("savepointSchedule", "Leave savepoint_schedule out.", "savepointSchedule")
	}
	if m := spec.JobManager; m != nil && m.Resources != nil {
		refuse("jobManager.resources", "Say the size by resource = { cpu, memory }.", "jobManager", "resources")
	}
	if m := spec.TaskManager; m != nil && m.Resources != nil {
		refuse("taskManager.resources", "Say the size by resource = { cpu, memory }.", "taskManager", "resources")
	}
	return out
}

// resourceQuantity is the pattern of a size in the definition of FlinkApplication.
var resourceQuantity = regexp.MustCompile(`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`)

// TakenByResources tells whether the definition of FlinkApplication takes the text of a size.
func TakenByResources(size string) bool { return resourceQuantity.MatchString(size) }

// Moves implements platform.RulesByCustomResources: a size in other words than before restarts
// the job, as the operator compares texts.
func (Rules) Moves(spec flink.DeploymentSpec) []flink.Finding {
	var out []flink.Finding
	check := func(part string, resource *flink.Resource) {
		if resource == nil || resource.Memory == nil || TakenByResources(*resource.Memory) {
			return
		}
		bytes, err := flink.ParseMemory(*resource.Memory)
		if err != nil {
			return
		}
		out = append(out, flink.Finding{
			Path: flink.Path{part, "resource", "memory"}, Severity: flink.Error, Summary: "The job would restart when its application becomes a custom resource",
			Detail: fmt.Sprintf("The definition of FlinkApplication does not take %q, and the operator takes other words for the same size for a change. "+
				"Apply another size in megabytes over REST first, for example memory = \"%dm\", which restarts the job with its state, and move it then.", *resource.Memory, bytes>>20+1),
		})
	}
	if m := spec.JobManager; m != nil {
		check("jobManager", m.Resource)
	}
	if m := spec.TaskManager; m != nil {
		check("taskManager", m.Resource)
	}
	return out
}
