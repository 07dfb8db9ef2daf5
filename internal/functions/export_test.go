package functions

import (
	"maps"
	"reflect"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// EnvironmentAttributes returns the attributes of an environment that
// effective_spec accepts.
func EnvironmentAttributes() []string {
	return accepted(&environmentModel{}, otherEnvironmentAttributes)
}

// DeploymentAttributes returns the attributes of a deployment that
// effective_spec accepts.
func DeploymentAttributes() []string {
	return accepted(&tfkit.DeploymentModel{}, otherDeploymentAttributes)
}

func accepted(model any, others []string) []string {
	fields := map[string]reflect.Value{}
	collectFields(reflect.ValueOf(model).Elem(), fields)
	return slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(others), maps.Keys(fields))))
}
