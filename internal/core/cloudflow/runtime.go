package cloudflow

import (
	"github.com/flink-terraform/terraform-provider-flink/internal/core/blueprint"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// RuntimeOf is the runtime of the streamlet of a specification, which its pods say.
func RuntimeOf(spec flink.DeploymentSpec) string {
	runtime, _ := part(part(spec.PodTemplate, "metadata"), "annotations")[blueprint.RuntimeAnnotation].(string)
	if runtime == "" {
		return RuntimeFlink
	}
	return runtime
}

// IsAkka tells whether a specification is of a streamlet that Cloudflow's operator runs.
func IsAkka(spec flink.DeploymentSpec) bool { return RuntimeOf(spec) == RuntimeAkka }

func part(of map[string]any, key string) map[string]any {
	out, _ := of[key].(map[string]any)
	return out
}
