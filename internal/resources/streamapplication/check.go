package streamapplication

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// check returns what is wrong with the blueprint.
func (p *planning) check() diag.Diagnostics {
	limits := blueprint.Limits{Name: p.target.Rules.LongestName(flink.Form{}), Schemas: avroSchemas{}}
	if kafka := p.is.kafka(); kafka != nil && makesObjects(*kafka) {
		limits.Object = longestObject
	}
	diags := blueprintDiagnostics(p.is.blueprint.Check(limits))
	diags.Append(p.checkDeployments()...)
	diags.Append(p.checkRuntimes()...)
	if p.is.settings != nil && p.is.kafka() == nil && len(p.is.blueprint.Topics) > 0 {
		diags.AddAttributeError(path.Root("environment"), "The environment has no Kafka",
			"The application has topics, and its environment does not say where they are. Set kafka in the flink_environment and assign the whole resource, or remove the topics.")
	}
	if kafka := p.is.kafka(); kafka != nil && kafka.Provider == defaults.KafkaEnvironment && ptr.Deref(p.is.DeleteTopicsOnDestroy, false) {
		diags.AddAttributeError(path.Root("delete_topics_on_destroy"), "The topics belong to the environment",
			"The environment's platform makes them, several applications may share them, and they stay with it when an application leaves. Remove delete_topics_on_destroy.")
	}
	if p.is.settings != nil && p.is.registry() == nil {
		for _, at := range p.is.fromRegistry() {
			diags.AddAttributeError(at.path.AtName("subject"), "The environment has no schema registry",
				fmt.Sprintf("The schema of %q is to come from the subject %q. Set schema_registry in the flink_environment and assign the whole resource, or give the schema as text.", at, at.port.Subject))
		}
		if ptr.Deref(p.is.RegisterSchemas, false) {
			diags.AddAttributeError(path.Root("register_schemas"), "The environment has no schema registry",
				"There is nowhere to register schemas. Set schema_registry in the flink_environment and assign the whole resource, or remove register_schemas.")
		}
	}
	return diags
}

// checkDeployments looks at which deployment each streamlet becomes: where names have moved, two of them may be the same
// one, and what is not known yet decides about what runs.
func (p *planning) checkDeployments() diag.Diagnostics {
	var diags diag.Diagnostics
	if p.was == nil || p.identity.Replaces() {
		return diags
	}
	taken := map[string]string{}
	for _, name := range p.removed() {
		taken[p.was.objects[name]] = name
	}
	for _, name := range p.is.named() {
		if p.former(name) != "" {
			taken[p.is.objects[name]] = name
		}
	}
	for _, name := range p.is.named() {
		at := path.Root("streamlets").AtMapKey(name)
		if p.former(name) != "" {
			continue
		}
		if moved := fields(p.is.streamlets[name])["moved_from"]; !moved.IsKnown() {
			diags.AddAttributeError(at.AtName("moved_from"), fmt.Sprintf("It is not known what the streamlet %q was called", name),
				"It decides about which deployment goes on and which one is stopped, and a plan has to say that. Write the name as a text, or apply first what it comes from.")
			continue
		}
		if other, is := taken[p.is.objects[name]]; is {
			diags.AddAttributeError(at, fmt.Sprintf("The deployment %q is that of another streamlet", p.is.objects[name]),
				fmt.Sprintf("The streamlet %q was once called %q and still runs under that name. Give the new streamlet another name; or, where %q leaves, apply that first.", other, name, other))
		}
	}
	return diags
}

// blueprintDiagnostics are findings about a blueprint at the attributes that say it.
func blueprintDiagnostics(findings []flink.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, f := range findings {
		at, detail := onItsLine(blueprintPath(f.Path), f.Detail)
		if f.Severity == flink.Error {
			diags.AddAttributeError(at, f.Summary, detail)
		} else {
			diags.AddAttributeWarning(at, f.Summary, detail)
		}
	}
	return diags
}

// blueprintPath is the path of a blueprint, for example topics.orders.consumers.0, in Terraform.
func blueprintPath(p flink.Path) path.Path {
	at := path.Empty()
	inMap := false
	for i, step := range p {
		switch {
		case inMap:
			at, inMap = at.AtMapKey(step), false
		case i > 0 && (p[i-1] == "producers" || p[i-1] == "consumers"):
			index := 0
			_, _ = fmt.Sscan(step, &index)
			at = at.AtListIndex(index)
		default:
			at = at.AtName(step)
			inMap = slices.Contains([]string{"streamlets", "topics", "inlets", "outlets", "config", "config_secrets"}, step)
		}
	}
	return at
}
