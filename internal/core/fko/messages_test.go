package fko

import (
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// TestMessagesOfTheValidator has the messages of the operator's validator, as
// facts and the stand-in of the operator know them.
func TestMessagesOfTheValidator(t *testing.T) {
	for message, want := range map[string]string{
		"The FlinkDeployment name: Orders is invalid, must consist of lower case alphanumeric characters": "name",
		"Flink Version must be defined.":                                                      "flink_version",
		"Flink version v1_13 is not supported by this operator version":                       "flink_version",
		"Changing flinkVersion after last-state suspend is not allowed. Restore your cluster": "flink_version",
		"Forbidden Flink config key: kubernetes.cluster-id":                                   `flink_configuration["kubernetes.cluster-id"]`,
		"HA must be enabled for rollback support.":                                            `flink_configuration["kubernetes.operator.deployment.rollback.enabled"]`,
		"Deployment recovery (kubernetes.operator.jm-deployment-recovery.enabled) must be enabled for job health check (kubernetes.operator.cluster.health-check.enabled) support.": `flink_configuration["kubernetes.operator.jm-deployment-recovery.enabled"]`,
		"Ingress template must be defined":                                                                                                      "ingress.template",
		"Unable to process the Ingress template(a b). Error: Illegal character":                                                                 "ingress.template",
		"Invalid log config key: log4j.properties. Allowed keys are [log4j-console.properties, logback-console.xml]":                            `log_configuration["log4j.properties"]`,
		"Checkpoint directory[execution.checkpointing.dir] must be defined for last-state and savepoint upgrade modes":                          `flink_configuration["execution.checkpointing.dir"]`,
		"Job could not be upgraded with savepoint while config key[state.savepoints.dir] is not set":                                            `flink_configuration["state.savepoints.dir"]`,
		"Savepoint could not be manually triggered for the running job while config key[state.savepoints.dir] is not set":                       `flink_configuration["state.savepoints.dir"]`,
		"Periodic savepoints cannot be enabled when config key[execution.checkpointing.savepoint-dir] is not set":                               `flink_configuration["execution.checkpointing.savepoint-dir"]`,
		"In order to use max-checkpoint age functionality config key[state.savepoints.dir] must be set to allow triggering savepoint upgrades.": `flink_configuration["state.savepoints.dir"]`,
		"TaskManager replicas must be larger than 0":                                                                                            "task_manager.replicas",
		"Job parallelism must be larger than 0":                                                                                                 "job.parallelism",
		"JobManager resource memory must be defined using `spec.jobManager.resource.memory`":                                                    "job_manager.resource.memory",
		"JobManager resource memory parse error: Could not parse value 'x'":                                                                     "job_manager.resource.memory",
		"JobManager resource ephemeral storage parse error: no quantity":                                                                        "job_manager.resource.ephemeral_storage",
		"JobManager resource requirements cpu request (2) must not exceed its limit (1)":                                                        "job_manager.resources",
		"JobManager replicas should not be configured less than one.":                                                                           "job_manager.replicas",
		"High availability should be enabled when starting standby JobManagers.":                                                                "job_manager.replicas",
		"TaskManager resource memory must be defined using `spec.taskManager.resource.memory`":                                                  "task_manager.resource.memory",
		"TaskManager resource ephemeral storage parse error: no quantity":                                                                       "task_manager.resource.ephemeral_storage",
		"TaskManager resource requirements memory request (2) must not exceed its limit (1)":                                                    "task_manager.resources",
		"TaskManager replicas should not be configured less than one.":                                                                          "task_manager.replicas",
		"Cannot switch from session to job cluster":                                                                                             "job",
		"Cannot switch from job to session cluster":                                                                                             "job",
		"Cannot switch from native kubernetes to standalone kubernetes cluster":                                                                 "mode",
		"InitialSavepointPath must not be empty for savepoint redeployment":                                                                     "job.initial_savepoint_path",
		"spec.serviceAccount must be defined. If you use helm, its value":                                                                       "service_account",
		"The AutoScalerOption job.autoscaler.utilization.target is invalid, it should be a value within the range [0.0, 1.0]":                   `flink_configuration["job.autoscaler.utilization.target"]`,
		"state.backend.type must be hashmap here":                                                                                               `flink_configuration["state.backend.type"]`,
		"No deployments on Fridays": "",
	} {
		t.Run(message, func(t *testing.T) {
			spec := flink.Tree{"flinkConfiguration": map[string]any{"state.backend": "rocksdb", "state.backend.type": "rocksdb"}}
			if got := Explain(message, spec, false).Path.Attribute(); got != want {
				t.Errorf("is about %q, want %q", got, want)
			}
		})
	}
	for message, want := range map[string]string{
		"jarURI host 'x' cannot be resolved":                            "job.jarURI",
		"The FlinkDeployment name: Cluster is invalid, must consist of": "deploymentName",
		"The job spec should not be empty":                              "job",
		"The deploymentName can't be changed":                           "deploymentName",
		"Can not submit session job to application cluster":             "deploymentName",
		"jarURI scheme 'ftp' is not in the allowlist [https]. Configure 'kubernetes.operator.user.artifacts.allowed-schemes' to extend": "job.jarURI",
	} {
		if got := strings.Join(Explain(message, nil, true).Path, "."); got != want {
			t.Errorf("%q is about %q, want %q", message, got, want)
		}
	}
}
