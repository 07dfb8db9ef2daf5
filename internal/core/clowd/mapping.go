package clowd

import (
	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Mappings are all attributes of a deployment, in the order of flink.DeploymentSpec. A field is one of
// an entry of ClowdApp.spec.deployments. A guide shows them.
func Mappings() []flink.Mapping {
	out := make([]flink.Mapping, len(rows))
	for i, row := range rows {
		out[i] = flink.Mapping{Path: row.path, Field: row.field, Why: row.why}
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

// Sentences that several rows have.
const (
	onePod   = "JobManager and TaskManager are one pod. Use `pod_template`."
	sumOnly  = "Use `resource`: the one container asks for what both need together."
	variable = "podSpec.env (FLINK_PROPERTIES)"
)

var rows = []row{
	{flink.Path{"deploymentName"}, "", "Clowder has no session clusters.", func(s flink.DeploymentSpec) bool { return s.IsSessionJob() }},
	{flink.Path{"image"}, "podSpec.image", "Flink's own image, or one that is made from it: its entry point writes the configuration.", nil},
	{flink.Path{"imagePullPolicy"}, "", "Clowder decides it (`providers.deployment.omitPullPolicy` of its environment). Leave it out.", func(s flink.DeploymentSpec) bool { return s.ImagePullPolicy != nil }},
	{flink.Path{"flinkVersion"}, "entry annotation", "Clowder does not know it. It decides which options Flink has.", nil},
	{flink.Path{"serviceAccount"}, "", "Clowder makes a service account for each deployment, with the rights that high availability needs. Leave it out.", func(s flink.DeploymentSpec) bool { return s.ServiceAccount != nil }},
	{flink.Path{"mode"}, "", "Nobody creates TaskManagers here: `native` is refused, `standalone` says nothing new. Leave it out.", func(s flink.DeploymentSpec) bool {
		return ptr.Deref(s.Mode, flink.ModeStandalone) != flink.ModeStandalone
	}},
	{flink.Path{"flinkConfiguration"}, variable, "With `high-availability.type = \"kubernetes\"` the provider adds `kubernetes.cluster-id` and `kubernetes.namespace`, and `k8sAccessLevel` is `edit`.", nil},
	{flink.Path{"job", "jarURI"}, "podSpec.args (--jars)", "Nothing is written for a JAR file below `/opt/flink/usrlib`, which Flink finds by itself. Other places need Flink 1.19.", nil},
	{flink.Path{"job", "entryClass"}, "podSpec.args (--job-classname)", "", nil},
	{flink.Path{"job", "args"}, "podSpec.args", "After Flink's own options.", nil},
	{flink.Path{"job", "parallelism"}, variable, "`parallelism.default`, and as many task slots unless `taskmanager.numberOfTaskSlots` is said.", nil},
	{flink.Path{"job", "state"}, "replicas", "`running` is 1, `suspended` is 0.", nil},
	{flink.Path{"job", "upgradeMode"}, "entry annotation", "Clowder takes no savepoint: `savepoint` and `last_state` both go on from the newest checkpoint, which needs high availability.", nil},
	{flink.Path{"job", "allowNonRestoredState"}, "podSpec.args (--allowNonRestoredState)", "", nil},
	{flink.Path{"job", "initialSavepointPath"}, "podSpec.args (--fromSavepoint)", "Read where no checkpoint of the job is known.", nil},
	{flink.Path{"jobManager", "replicas"}, "", "There is one JobManager: more than 1 is refused.", func(s flink.DeploymentSpec) bool {
		return s.JobManager != nil && ptr.Deref(s.JobManager.Replicas, 1) > 1
	}},
	{flink.Path{"jobManager", "resource"}, "podSpec.resources", "With that of the TaskManager, as requests and limits; the memory is `jobmanager.memory.process.size` too.", nil},
	{flink.Path{"jobManager", "resource", "ephemeralStorage"}, "", "Mount a volume in `pod_template` instead.", func(s flink.DeploymentSpec) bool {
		return managerSize(s) != nil && managerSize(s).EphemeralStorage != nil
	}},
	{flink.Path{"jobManager", "resources"}, "", sumOnly, func(s flink.DeploymentSpec) bool { return s.JobManager != nil && s.JobManager.Resources != nil }},
	{flink.Path{"jobManager", "podTemplate"}, "", onePod, func(s flink.DeploymentSpec) bool { return s.JobManager != nil && len(s.JobManager.PodTemplate) > 0 }},
	{flink.Path{"taskManager", "replicas"}, "", "There is one TaskManager: more than 1 is refused. Give it more slots and a larger `resource`.", func(s flink.DeploymentSpec) bool {
		return s.TaskManager != nil && ptr.Deref(s.TaskManager.Replicas, 1) > 1
	}},
	{flink.Path{"taskManager", "resource"}, "podSpec.resources", "With that of the JobManager; the memory is `taskmanager.memory.process.size` too.", nil},
	{flink.Path{"taskManager", "resource", "ephemeralStorage"}, "", "Mount a volume in `pod_template` instead.", func(s flink.DeploymentSpec) bool {
		return workerSize(s) != nil && workerSize(s).EphemeralStorage != nil
	}},
	{flink.Path{"taskManager", "resources"}, "", sumOnly, func(s flink.DeploymentSpec) bool { return s.TaskManager != nil && s.TaskManager.Resources != nil }},
	{flink.Path{"taskManager", "podTemplate"}, "", onePod, func(s flink.DeploymentSpec) bool { return s.TaskManager != nil && len(s.TaskManager.PodTemplate) > 0 }},
	{flink.Path{"podTemplate"}, "podSpec.volumes, podSpec.volumeMounts, podSpec.env, podSpec.initContainers, podSpec.lifecycle, podSpec.terminationGracePeriodSeconds, podSpec.metadata.annotations", "Of the pod and of the container flink-main-container. Other fields are refused.", nil},
	{flink.Path{"logConfiguration"}, "", "Clowder mounts no files for it. Bring the file in the image, or mount a ConfigMap in `pod_template`.", func(s flink.DeploymentSpec) bool { return len(s.LogConfiguration) > 0 }},
	{flink.Path{"ingress"}, "", "Clowder's own web services lead to pods, and not to Flink. Leave it out.", func(s flink.DeploymentSpec) bool { return s.Ingress != nil }},
	{flink.Path{"savepointSchedule"}, "", "Clowder takes no savepoints. Leave it out.", func(s flink.DeploymentSpec) bool { return len(s.SavepointSchedule) > 0 }},
	{flink.Path{"ververica"}, "", "Of another platform. Leave it out.", func(s flink.DeploymentSpec) bool { return s.Ververica != nil }},
	{flink.Path{"restartNonce"}, "podSpec.metadata.annotations", "From `restart_triggers`: another pod template starts the pod anew.", nil},
}
