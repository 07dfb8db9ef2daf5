package fko

import "github.com/flink-terraform/terraform-provider-flink/internal/core/flink"

// Foreign refuses what is of another platform. Neither the operator nor what hands on to it
// has a field for it.
func Foreign(spec flink.DeploymentSpec) []flink.Finding {
	if spec.Ververica == nil {
		return nil
	}
	return fault(flink.Path{"ververica"}, "Only Ververica Platform has ververica",
		"Remove it here, and say it in the deployment_defaults of environments whose platform is \"ververica\": other platforms then never see it.")
}
