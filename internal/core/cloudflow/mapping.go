package cloudflow

import (
	"slices"

	"k8s.io/utils/ptr"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// Mapping is what becomes of one attribute of a streamlet on the platform.
type Mapping struct {
	// Path is the attribute in the specification.
	Path flink.Path
	// Akka says what becomes of it in a streamlet of the runtime akka, or why it is refused and what to do
	// instead, and Refused which of the two.
	Akka    string
	Refused bool
	// Entry is the field in the entry of the descriptor, of either runtime; empty for none. What else there is
	// of a streamlet of Flink is in its FlinkDeployment.
	Entry string
}

// Mappings are all attributes of a streamlet, in the order of flink.DeploymentSpec. A guide shows them.
func Mappings() []Mapping {
	var out []Mapping
	for _, row := range rows {
		out = append(out, Mapping{row.path, row.akka, row.said != nil, row.entry})
	}
	return out
}

// row is a Mapping, and whether a specification says what is refused.
type row struct {
	path  flink.Path
	entry string
	akka  string
	said  func(flink.DeploymentSpec) bool
}

const (
	notFlink = "Cloudflow's operator runs the streamlet, and there is no Flink in it. Remove it, or set runtime = \"flink\"."
	noState  = "The streamlet has no state that Flink keeps: where it goes on, the offsets of its consumer group say. Remove it."
)

func job(has func(flink.Job) bool) func(flink.DeploymentSpec) bool {
	return func(s flink.DeploymentSpec) bool { return s.Job != nil && has(*s.Job) }
}

var rows = []row{
	{flink.Path{"image"}, "image", "Required. Cloudflow pulls it always.", nil},
	{flink.Path{"imagePullPolicy"}, "", "Cloudflow's operator pulls each image always. Remove it.", func(s flink.DeploymentSpec) bool { return s.ImagePullPolicy != nil }},
	{flink.Path{"flinkVersion"}, "", notFlink, func(s flink.DeploymentSpec) bool { return s.FlinkVersion != nil }},
	{flink.Path{"serviceAccount"}, "", "The pods have the account " + ServiceAccount + ", which the provider creates where it is not there. Remove it.", func(s flink.DeploymentSpec) bool { return s.ServiceAccount != nil }},
	{flink.Path{"mode"}, "", notFlink, func(s flink.DeploymentSpec) bool { return s.Mode != nil }},
	{flink.Path{"flinkConfiguration"}, "", notFlink, func(s flink.DeploymentSpec) bool { return len(s.FlinkConfiguration) > 0 }},
	{flink.Path{"job", "jarURI"}, "", "The image has the streamlet's classes on its class path: name its class in entry_class, and remove it.", job(func(j flink.Job) bool { return j.JarURI != nil })},
	{flink.Path{"job", "entryClass"}, "class_name", "Required.", nil},
	{flink.Path{"job", "args"}, "", "Cloudflow starts a class without arguments. Use config, which the streamlet finds as its configuration parameters.", job(func(j flink.Job) bool { return len(j.Args) > 0 })},
	{flink.Path{"job", "parallelism"}, "replicas (akka)", "The number of pods. Left out, those of the running application stay.", nil},
	{flink.Path{"job", "state"}, "", "Nothing stops a streamlet and keeps it. Take it out of the blueprint, or set parallelism.", job(func(j flink.Job) bool { return ptr.Deref(j.State, flink.JobRunning) != flink.JobRunning })},
	{flink.Path{"job", "upgradeMode"}, "", noState, job(func(j flink.Job) bool {
		return ptr.Deref(j.UpgradeMode, flink.UpgradeStateless) != flink.UpgradeStateless
	})},
	{flink.Path{"job", "allowNonRestoredState"}, "", noState, job(func(j flink.Job) bool { return j.AllowNonRestoredState != nil })},
	{flink.Path{"job", "initialSavepointPath"}, "", noState, job(func(j flink.Job) bool { return j.InitialSavepointPath != nil })},
	{flink.Path{"jobManager"}, "", notFlink, func(s flink.DeploymentSpec) bool { return s.JobManager != nil }},
	{flink.Path{"taskManager", "replicas"}, "", "Set parallelism, which is the number of pods.", func(s flink.DeploymentSpec) bool { return s.TaskManager != nil && s.TaskManager.Replicas != nil }},
	{flink.Path{"taskManager", "resource"}, "", "Requests and limits of the streamlet's container.", nil},
	{flink.Path{"taskManager", "resources"}, "", "The same.", nil},
	{flink.Path{"taskManager", "podTemplate"}, "", "Use pod_template: the streamlet has pods of one kind.", func(s flink.DeploymentSpec) bool { return s.TaskManager != nil && len(s.TaskManager.PodTemplate) > 0 }},
	{flink.Path{"podTemplate"}, "", "Labels, annotations, volumes of Secrets, ConfigMaps and claims, and of the container flink-main-container variables, ports, resources and mounts. Anything else is an error at plan.", nil},
	{flink.Path{"logConfiguration"}, "", "The logback.xml of the environment's cloudflow block is for all streamlets of this runtime. Remove it.", func(s flink.DeploymentSpec) bool { return len(s.LogConfiguration) > 0 }},
	{flink.Path{"ingress"}, "", notFlink, func(s flink.DeploymentSpec) bool { return s.Ingress != nil }},
	{flink.Path{"savepointSchedule"}, "", noState, func(s flink.DeploymentSpec) bool { return len(s.SavepointSchedule) > 0 }},
	{flink.Path{"restartNonce"}, "", "From restart_triggers: an annotation of the pods.", nil},
}

// refused are the rows of what a streamlet of the runtime akka has nothing for.
var refused = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.said == nil })

// Takes returns what a layer of an environment says to streamlets of the runtime akka: the rest is about jobs of Flink and
// their pods.
func Takes(layer defaults.Layer) defaults.Layer {
	out := defaults.Layer{Labels: layer.Labels, Annotations: layer.Annotations}
	if layer.Upgrade != nil {
		out.Upgrade = &defaults.Upgrade{OnFailure: layer.Upgrade.OnFailure, ProveFor: layer.Upgrade.ProveFor}
	}
	return out
}
