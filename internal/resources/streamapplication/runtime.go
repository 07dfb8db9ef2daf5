package streamapplication

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// runtimeFlink is the runtime of a streamlet that names none.
const runtimeFlink = "flink"

// runtimeOf is an attribute runtime as the blueprint has it.
func runtimeOf(said *string) string {
	if runtime := ptr.Deref(said, runtimeFlink); runtime != runtimeFlink {
		return runtime
	}
	return ""
}

// checkRuntimes refuses runtimes that the platform does not have, and what only a job of Flink has.
func (p *planning) checkRuntimes() diag.Diagnostics {
	var diags diag.Diagnostics
	var offered []string
	if rules, has := p.target.Rules.(platform.Runtimes); has {
		offered = rules.Runtimes()
	}
	for _, name := range p.is.named() {
		runtime := p.is.blueprint.Streamlets[name].Runtime
		at := path.Root("streamlets").AtMapKey(name)
		if former := p.former(name); former != "" && !p.identity.Replaces() && p.was.blueprint.Streamlets[former].Runtime != runtime {
			diags.AddAttributeError(at, fmt.Sprintf("The streamlet %q cannot have another runtime", name),
				"runtime: one runtime cannot go on with what another one has done. Give the streamlet another name: the one of before then leaves the application, and the other begins without state.")
			continue
		}
		if runtime == "" {
			continue
		}
		if !slices.Contains(offered, runtime) {
			others := "flink alone"
			if len(offered) > 0 {
				others = "flink, " + strings.Join(offered, ", ")
			}
			diags.AddAttributeError(at, fmt.Sprintf("The platform %q does not run streamlets of the runtime %s", p.target.Rules.Name(), runtime),
				fmt.Sprintf("runtime: the platform runs %s. Take an environment of another platform, or make a job of Flink of the streamlet.", others))
			continue
		}
		if strategy := text(fields(fields(p.is.streamlets[name])["upgrade"])["strategy"]); strategy == flink.StrategyBlueGreen {
			diags.AddAttributeError(at, fmt.Sprintf("A streamlet of the runtime %s has no strategy %s", runtime, strategy),
				"upgrade.strategy: two versions run beside each other only of a job of Flink. Remove it.")
		}
	}
	return diags
}

// taken are the settings of an environment as a streamlet of a runtime takes them.
func (p *planning) taken(settings string, runtime string) (string, error) {
	rules, has := p.target.Rules.(platform.Runtimes)
	if !has || runtime == "" {
		return settings, nil
	}
	decoded, err := defaults.Decode(settings)
	if err != nil {
		return "", err
	}
	for _, layer := range []**defaults.Layer{&decoded.Defaults, &decoded.Overrides} {
		if *layer != nil {
			*layer = new(rules.Takes(runtime, **layer))
		}
	}
	return decoded.Encode()
}
