package vvp

import (
	"strings"
)

// serviceAccount is that of Flink's pods in the tests' clusters.
const serviceAccount = "flink"

// jobSpec is the operator's specification of a job.
func jobSpec(job Job) object {
	artifact := part(job.Spec, "artifact")
	of := object{"jarURI": text(artifact, "jarUri"), "parallelism": int64(number(job.Spec, "parallelism", 1)), "upgradeMode": "stateless", "state": "running"}
	if class := text(artifact, "entryClass"); class != "" {
		of["entryClass"] = class
	}
	args := []any{}
	for _, argument := range strings.Fields(text(artifact, "mainArgs")) {
		args = append(args, argument)
	}
	of["args"] = args
	if job.Savepoint != "" {
		of["initialSavepointPath"] = job.Savepoint
		of["allowNonRestoredState"] = job.AllowNonRestoredState
	}
	if job.Cluster != "" {
		// What belongs to the cluster is not the job's.
		return object{"deploymentName": objectName(job.ClusterName, job.Cluster), "job": of, "flinkConfiguration": configurationOf(job.Spec)}
	}
	spec := clusterSpec(over(artifact, job.Spec))
	spec["job"] = of
	return spec
}

// clusterSpec is the operator's specification of a cluster, of a session cluster's
// specification or of a job's with what its artifact says of the image.
func clusterSpec(of object) object {
	spec := object{
		"image":              image(of),
		"flinkVersion":       "v" + strings.ReplaceAll(text(of, "flinkVersion"), ".", "_"),
		"serviceAccount":     serviceAccount,
		"flinkConfiguration": configurationOf(of),
	}
	kubernetes := part(of, "kubernetes")
	for component, names := range map[string][2]string{"jobManager": {"jobmanager", "jobManagerPodTemplate"}, "taskManager": {"taskmanager", "taskManagerPodTemplate"}} {
		resource := part(of, "resources", names[0])
		part := object{"resource": object{"cpu": resource["cpu"], "memory": strings.ToLower(text(resource, "memory"))}}
		if template := kubernetes[names[1]]; template != nil {
			part["podTemplate"] = template
		}
		spec[component] = part
	}
	if pods, ok := kubernetes["pods"].(object); ok {
		spec["podTemplate"] = podTemplate(pods)
	}
	return spec
}

// configurationOf are the options of a specification. The operator takes no savepoint of
// a job that has no place for checkpoints.
func configurationOf(spec object) object {
	out := over(part(spec, "flinkConfiguration"), nil)
	if directory := savepointDirectory(spec); directory != "" && checkpointDirectory(spec) == "" {
		out["state.checkpoints.dir"] = strings.TrimSuffix(directory, "/") + "/checkpoints"
	}
	return out
}

// image is the image of Flink: registry, repository and tag, of which the registry may
// be missing.
func image(of object) string {
	image := text(of, "flinkImageRepository") + ":" + text(of, "flinkImageTag")
	if registry := text(of, "flinkImageRegistry"); registry != "" {
		return registry + "/" + image
	}
	return image
}

// podTemplate is what the platform's own settings of pods mean to Kubernetes.
func podTemplate(pods object) object {
	container, spec := object{"name": "flink-main-container"}, object{}
	if variables, ok := pods["envVars"].([]any); ok {
		container["env"] = variables
	}
	var mounts, volumes []any
	given, _ := pods["volumeMounts"].([]any)
	for _, one := range given {
		pair, _ := one.(object)
		mounts, volumes = append(mounts, pair["volumeMount"]), append(volumes, pair["volume"])
	}
	if mounts != nil {
		container["volumeMounts"], spec["volumes"] = mounts, volumes
	}
	for _, field := range []string{"nodeSelector", "affinity", "tolerations", "imagePullSecrets", "securityContext"} {
		if value := pods[field]; value != nil {
			spec[field] = value
		}
	}
	spec["containers"] = []any{container}
	metadata := object{}
	for _, field := range []string{"labels", "annotations"} {
		if value := pods[field]; value != nil {
			metadata[field] = value
		}
	}
	return object{"metadata": metadata, "spec": spec}
}
