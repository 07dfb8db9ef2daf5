package fko

import (
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// said has the attributes of which there is more to say than that they are written as they are.
var said = map[string]flink.Mapping{
	"deploymentName":        {Field: "deploymentName", Why: "Of a FlinkSessionJob."},
	"jobManager.resources":  {Field: "jobManager.resources", Why: "From the operator's release 1.16 on; resource in older ones."},
	"taskManager.resources": {Field: "taskManager.resources", Why: "From the operator's release 1.16 on; resource in older ones."},
	"savepointSchedule": {Why: "The operator takes savepoints by its configuration: set kubernetes.operator.periodic.savepoint.interval and kubernetes.operator.savepoint.history.max.count " +
		"in flink_configuration."},
	"ververica":    {Why: "Say it in the deployment_defaults of environments whose platform is ververica."},
	"restartNonce": {Field: "restartNonce", Why: "From restart_triggers."},
}

// Mappings are all attributes of a deployment, in the order of flink.DeploymentSpec. Their fields are
// those of a FlinkDeployment's spec, whose names flink.DeploymentSpec has.
func Mappings() []flink.Mapping {
	var out []flink.Mapping
	for _, path := range flink.Attributes() {
		row, special := said[strings.Join(path, ".")]
		if !special {
			row.Field = strings.Join(path, ".")
		}
		row.Path = slices.Clone(path)
		out = append(out, row)
	}
	return out
}
