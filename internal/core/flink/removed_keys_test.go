package flink_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// An expanded specification has no removed keys, a layer of an environment has:
// no rule may stumble over them or over a specification without anything.
func TestValidateOfAlmostNothing(t *testing.T) {
	config := flink.Configuration{}
	for _, key := range flink.Keys() {
		config[key] = nil
	}
	for _, key := range []string{"kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"} {
		config[key] = nil
	}
	findings := fko.Validate("orders", flink.DeploymentSpec{FlinkConfiguration: config, Job: &flink.Job{}, JobManager: &flink.JobManager{}, TaskManager: &flink.TaskManager{}, Ingress: &flink.Ingress{}})
	var attributes []string
	for _, finding := range findings {
		attributes = append(attributes, finding.Path.Attribute())
	}
	slices.Sort(attributes)
	want := []string{"flink_version", "ingress.template", "job.parallelism", "job_manager.resource.memory", "service_account", "task_manager.resource.memory"}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}
