package vvp

import (
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Mappings are all attributes of a deployment, in the order of flink.DeploymentSpec. A
// guide shows them.
func Mappings() []flink.Mapping {
	var out []flink.Mapping
	for _, row := range rows {
		out = append(out, flink.Mapping{Path: row.path, Field: row.field, Why: row.why})
	}
	return out
}

// row is a flink.Mapping, and whether a specification says what is refused.
type row struct {
	path  flink.Path
	field string
	why   string
	said  func(flink.DeploymentSpec) bool
}

var rows = []row{
	{flink.Path{"deploymentName"}, "sessionClusterName", "Of a session job.", nil},
	{flink.Path{"image"}, "template.spec.artifact.flinkImageRegistry, flinkImageRepository, flinkImageTag", "Needs a tag, and takes no digest. Without it the platform takes its own image of `flink_version`.", nil},
	{flink.Path{"imagePullPolicy"}, "", "Set imagePullPolicy of the container flink-main-container in pod_template instead.", func(s flink.DeploymentSpec) bool { return s.ImagePullPolicy != nil }},
	{flink.Path{"flinkVersion"}, "template.spec.artifact.flinkVersion", "`v1_20` is 1.20.", nil},
	{flink.Path{"serviceAccount"}, "template.spec.kubernetes.*PodTemplate.spec.serviceAccountName", "In both pod templates.", nil},
	{flink.Path{"mode"}, "", "The platform creates the TaskManagers in its own way. Leave it out.", func(s flink.DeploymentSpec) bool { return s.Mode != nil }},
	{flink.Path{"flinkConfiguration"}, "template.spec.flinkConfiguration", "A value `$${NAME}` takes that of a flink_secret.", nil},
	{flink.Path{"job", "jarURI"}, "template.spec.artifact.jarUri", "With the kind JAR. Other kinds are written in ververica.deployment_template.", nil},
	{flink.Path{"job", "entryClass"}, "template.spec.artifact.entryClass", "", nil},
	{flink.Path{"job", "args"}, "template.spec.artifact.mainArgs", "As one text. Arguments with quotation marks or line breaks, and empty ones, are refused.", nil},
	{flink.Path{"job", "parallelism"}, "template.spec.parallelism", "", nil},
	{flink.Path{"job", "state"}, "state", "RUNNING, SUSPENDED or CANCELLED. A job that does not run is never SUSPENDED but CANCELLED.", nil},
	{flink.Path{"job", "upgradeMode"}, "upgradeStrategy, restoreStrategy", "savepoint: STATEFUL, LATEST_STATE; last_state: STATELESS, LATEST_STATE; stateless: STATELESS, NONE.", nil},
	{flink.Path{"job", "allowNonRestoredState"}, "restoreStrategy.allowNonRestoredState", "", nil},
	{flink.Path{"job", "initialSavepointPath"}, "a Savepoint with the origin COPIED", "Brought in before the job starts.", nil},
	{flink.Path{"jobManager", "replicas"}, "", "The platform runs one JobManager: more than 1 is refused. Use high availability.", func(s flink.DeploymentSpec) bool {
		return s.JobManager != nil && ptr.Deref(s.JobManager.Replicas, 1) > 1
	}},
	{flink.Path{"jobManager", "resource"}, "template.spec.resources.jobmanager", "CPU of at least 0.1.", nil},
	{flink.Path{"jobManager", "resource", "ephemeralStorage"}, "", "Set it in pod_template instead, in the resources of the container flink-main-container.", func(s flink.DeploymentSpec) bool {
		return sizeOf(s.JobManager) != nil && sizeOf(s.JobManager).EphemeralStorage != nil
	}},
	{flink.Path{"jobManager", "resources"}, "", "Use resource, or pod_template for requests and limits.", func(s flink.DeploymentSpec) bool { return s.JobManager != nil && s.JobManager.Resources != nil }},
	{flink.Path{"jobManager", "podTemplate"}, "template.spec.kubernetes.jobManagerPodTemplate", "Merged over pod_template.", nil},
	{flink.Path{"taskManager", "replicas"}, "template.spec.numberOfTaskManagers", "", nil},
	{flink.Path{"taskManager", "resource"}, "template.spec.resources.taskmanager", "CPU of at least 0.1.", nil},
	{flink.Path{"taskManager", "resource", "ephemeralStorage"}, "", "Set it in pod_template instead, in the resources of the container flink-main-container.", func(s flink.DeploymentSpec) bool {
		return sizeOfWorker(s.TaskManager) != nil && sizeOfWorker(s.TaskManager).EphemeralStorage != nil
	}},
	{flink.Path{"taskManager", "resources"}, "", "Use resource, or pod_template for requests and limits.", func(s flink.DeploymentSpec) bool { return s.TaskManager != nil && s.TaskManager.Resources != nil }},
	{flink.Path{"taskManager", "podTemplate"}, "template.spec.kubernetes.taskManagerPodTemplate", "Merged over pod_template.", nil},
	{flink.Path{"podTemplate"}, "template.spec.kubernetes.jobManagerPodTemplate, taskManagerPodTemplate", "In both.", nil},
	{flink.Path{"logConfiguration"}, "", "The platform renders a template of its own. Give it in ververica.deployment_template, below spec.logging.", func(s flink.DeploymentSpec) bool { return len(s.LogConfiguration) > 0 }},
	{flink.Path{"ingress"}, "", "The platform's own web interface leads to each job. Leave it out.", func(s flink.DeploymentSpec) bool { return s.Ingress != nil }},
	{flink.Path{"savepointSchedule"}, "", "The platform takes no savepoints by itself. Leave it out, and take them with flink_savepoint.", func(s flink.DeploymentSpec) bool { return len(s.SavepointSchedule) > 0 }},
	{flink.Path{"ververica"}, "maxJobCreationAttempts, maxSavepointCreationAttempts, jobFailureExpirationTime, deploymentTargetName, template", "In the platform's own words.", nil},
	{flink.Path{"restartNonce"}, "template.metadata.annotations", "From restart_triggers: another template restarts the job.", nil},
}

// refused are the rows of what the platform has nothing for.
var refused = func() []row {
	var out []row
	for _, row := range rows {
		if row.said != nil {
			out = append(out, row)
		}
	}
	return out
}()
