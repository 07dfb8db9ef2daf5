package fko

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const (
	keyStorageDirectory = "high-availability.storageDir"
	keyDefaultScheme    = "fs.default-scheme"
	keyPodTemplateFile  = "kubernetes.pod-template-file"
	keyLastStateCancels = "kubernetes.operator.job.upgrade.last-state.job-cancel.enabled"
)

// storageOfHighAvailability warns of high availability without a directory: the
// JobManager keeps there what its metadata only point to, and does not start
// without (HighAvailabilityServicesUtils.getClusterHighAvailableStoragePath; tried
// with Flink 1.18, 1.20 and 2.3).
func storageOfHighAvailability(d deployment) []flink.Finding {
	if !flink.HasHighAvailability(d.config) || d.directory(keyStorageDirectory) != "" {
		return nil
	}
	return warning(d.keyPath(flink.KeyHighAvailability), "High availability has no storage directory",
		fmt.Sprintf("The JobManager does not start without %s, unless the operator's own configuration names it. "+
			"Set it in flink_configuration to a directory that outlives the pods, such as \"s3://bucket/ha\".", keyStorageDirectory))
}

// directory is the value of a key without the blanks around it.
func (d deployment) directory(key string) string {
	text, _ := d.config.Get(key)
	return flink.TrimBlanks(text)
}

// storedLocally warns of state on a path of the containers: it goes with the pod,
// and no other pod reads it. A path at which a pod template mounts a volume is left
// to its author, unless the volume is one that goes with the pod too.
func storedLocally(d deployment) []flink.Finding {
	if d.spec.IsSessionJob() {
		// The pods are the session cluster's.
		return nil
	}
	var findings []flink.Finding
	for _, kept := range []struct{ key, what string }{
		{flink.KeyCheckpointDirectory, "Checkpoints"},
		{flink.KeySavepointDirectory, "Savepoints"},
		{keyStorageDirectory, "The metadata of high availability"},
	} {
		where, local := d.localPath(kept.key)
		if !local || kept.key == keyStorageDirectory && !flink.HasHighAvailability(d.config) {
			continue
		}
		why := d.whyLost(where)
		if why == "" {
			continue
		}
		verb := "are"
		if kept.key == keyStorageDirectory {
			verb = "is"
		}
		findings = append(findings, warning(d.keyPath(kept.key), fmt.Sprintf("%s %s on a local path of the pods", kept.what, verb),
			fmt.Sprintf("%s is %s, and %s: what is there goes with the pod, and other pods do not see it. "+
				"Set a directory that all pods share, such as \"s3://bucket/folder\", or mount a shared volume there by pod_template.", kept.key, where, why))...)
	}
	return findings
}

// localPath is the path of the containers that a directory leads to.
func (d deployment) localPath(key string) (where string, local bool) {
	text := d.directory(key)
	uri, err := url.Parse(text)
	if text == "" || err != nil {
		return "", false
	}
	if _, given := d.config.Get(keyDefaultScheme); uri.Scheme != "file" && (uri.Scheme != "" || given) {
		return "", false
	}
	return path.Clean("/" + uri.Path), true
}

// whyLost says why a local path does not keep what is written there; "" when a
// volume may.
func (d deployment) whyLost(where string) string {
	for _, key := range []string{keyPodTemplateFile, keyPodTemplateFile + ".jobmanager", keyPodTemplateFile + ".taskmanager"} {
		if _, given := d.config.Get(key); given {
			return ""
		}
	}
	own := []flink.Document{nil, nil}
	if d.spec.JobManager != nil {
		own[0] = d.spec.JobManager.PodTemplate
	}
	if d.spec.TaskManager != nil {
		own[1] = d.spec.TaskManager.PodTemplate
	}
	for _, template := range own {
		volume, mounted := volumeAt(where, d.spec.PodTemplate, template)
		switch {
		case !mounted:
			return "no pod template mounts a volume there"
		case volume["emptyDir"] != nil:
			return fmt.Sprintf("the volume %q that is mounted there is an emptyDir", volume["name"])
		}
	}
	return ""
}

// volumeAt returns the volume that Flink's container has at a path or above it, the
// nearest one, by two templates that the operator merges. A volume that none of them
// declares is empty.
func volumeAt(where string, templates ...flink.Document) (volume map[string]any, mounted bool) {
	volumes, nearest, name := map[string]map[string]any{}, "", ""
	for _, template := range templates {
		spec, _ := template["spec"].(map[string]any)
		for _, v := range objects(spec["volumes"]) {
			if named, ok := v["name"].(string); ok {
				volumes[named] = v
			}
		}
		for _, container := range objects(spec["containers"]) {
			if container["name"] != flink.MainContainer {
				continue
			}
			for _, mount := range objects(container["volumeMounts"]) {
				at, _ := mount["mountPath"].(string)
				at = path.Clean("/" + at)
				if within(where, at) && len(at) > len(nearest) {
					nearest = at
					name, _ = mount["name"].(string)
				}
			}
		}
	}
	return volumes[name], nearest != ""
}

// within tells whether a path is a folder or below it.
func within(where, folder string) bool {
	return where == folder || strings.HasPrefix(where, strings.TrimSuffix(folder, "/")+"/")
}

func objects(list any) []map[string]any {
	items, _ := list.([]any)
	var found []map[string]any
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// sweptAway refuses a directory of state below the folder that Flink deletes whole
// when the job has ended (FileSystemBlobStore.cleanupAllData; tried with Flink 1.18,
// 1.20 and 2.3: the folder blob alone goes, not what is beside it). The operator
// names the folder above by the deployment (FlinkConfigBuilder.build).
func sweptAway(d deployment) []flink.Finding {
	storage := d.directory(keyStorageDirectory)
	if storage == "" || d.name == "" || !flink.HasHighAvailability(d.config) {
		return nil
	}
	swept := strings.TrimRight(storage, "/") + "/" + d.name + "/blob"
	var findings []flink.Finding
	for _, key := range []string{flink.KeySavepointDirectory, flink.KeyCheckpointDirectory} {
		directory := d.directory(key)
		if directory == "" || !within(strings.TrimRight(directory, "/"), swept) {
			continue
		}
		findings = append(findings, fault(d.keyPath(key), fmt.Sprintf("Flink deletes what %s keeps", key),
			fmt.Sprintf("It is in %s, which Flink deletes with all that is in it when the job has ended, as its store of files below %s. Set another directory.", swept, keyStorageDirectory))...)
	}
	return findings
}

// checkpointsRetained warns of checkpoints that go just when they are needed. By
// default the operator has Flink keep them (FlinkConfigBuilder.applyJobConfig).
func checkpointsRetained(d deployment) []flink.Finding {
	mode := upgradeMode(d)
	retention := strings.ToUpper(d.directory(flink.KeyCheckpointRetention))
	if mode == flink.UpgradeStateless || retention == "" {
		return nil
	}
	remedy := fmt.Sprintf(" Set %s to \"RETAIN_ON_CANCELLATION\", or leave it out: the operator sets it then.", flink.KeyCheckpointRetention)
	summary := fmt.Sprintf("The checkpoints do not outlive the job by %s", flink.KeyCheckpointRetention)
	cancels, _ := d.config.Flag(keyLastStateCancels)
	switch {
	case retention == "NO_EXTERNALIZED_CHECKPOINTS":
		return warning(d.keyPath(flink.KeyCheckpointRetention), summary,
			"A job that fails for good leaves no checkpoint that it could be restored from."+remedy)
	case retention == "DELETE_ON_CANCELLATION" && mode == flink.UpgradeLastState && (d.spec.IsSessionJob() || cancels || !flink.HasHighAvailability(d.config)):
		return warning(d.keyPath(flink.KeyCheckpointRetention), summary,
			"For an upgrade by last_state the operator cancels this job and restores its last checkpoint, which Flink deletes when it is cancelled."+remedy)
	}
	return nil
}
