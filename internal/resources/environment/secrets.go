package environment

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// layers are the attributes whose values travel to the deployments.
var layers = []string{"deployment_defaults", "deployment_overrides"}

// unknownSecrets refuses the secrets of a plan whose values are not known yet, as
// of a password that the same apply makes: the keys are known.
func unknownSecrets(rules platform.Rules, plan tftypes.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, layer := range layers {
		value, _, err := tftypes.WalkAttributePath(plan, tftypes.NewAttributePath().WithAttributeName(layer).WithAttributeName("flink_configuration"))
		found, ok := value.(tftypes.Value)
		if err != nil || !ok || !found.IsKnown() || found.IsNull() {
			continue
		}
		var configuration map[string]tftypes.Value
		if found.As(&configuration) != nil {
			continue
		}
		unknown := flink.Configuration{}
		for key, value := range configuration {
			if !value.IsKnown() && flink.SensitiveKey(key) {
				unknown[key] = new("unknown")
			}
		}
		diags.Append(tfkit.FindingsBelow(path.Root(layer), rules.ValidateLayer(flink.DeploymentSpec{FlinkConfiguration: unknown}))...)
	}
	return diags
}
