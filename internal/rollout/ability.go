package rollout

import (
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// unable returns what is desired and cannot be done on the platform.
func (d *Decision) unable(want Desired) []flink.Finding {
	var findings []flink.Finding
	name := want.Rules.Name()
	if want.OwnSecret != "" && !want.Rules.Can(platform.KeepSecrets) {
		findings = append(findings, fault(flink.Path{"secretConfigurationWo"}, fmt.Sprintf("The platform %q keeps no secrets for a deployment", name),
			"Name a Kubernetes Secret of your own instead, in secret_configuration. It has to be in the namespace in which the pods run.")...)
	}
	if d.Form.BlueGreen() && d.Spec.Ingress != nil && !want.Rules.Can(platform.Route) {
		findings = append(findings, fault(flink.Path{"ingress"}, fmt.Sprintf("The platform %q has no ingress that leads to the active color", name),
			fmt.Sprintf("Remove ingress: status.rest_url leads to the active color after each switch. Or take upgrade.strategy = %q.", flink.StrategyInPlace))...)
	}
	if d.Form.BlueGreen() && d.BlueGreen.ServiceType != flink.DefaultServiceType && !want.Rules.Can(platform.Route) {
		findings = append(findings, fault(flink.Path{"upgrade", "blueGreen", "service_type"}, fmt.Sprintf("The platform %q has no Service that leads to the active color", name),
			"Remove service_type from upgrade.blue_green: status.rest_url leads to the active color after each switch.")...)
	}
	return findings
}
