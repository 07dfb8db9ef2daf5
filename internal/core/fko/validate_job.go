package fko

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func upgradeMode(d deployment) string {
	if d.spec.Job == nil || d.spec.Job.UpgradeMode == nil {
		return flink.UpgradeStateless
	}
	return *d.spec.Job.UpgradeMode
}

func checkpointDirectory(d deployment) []flink.Finding {
	mode := upgradeMode(d)
	if mode == flink.UpgradeStateless || flink.CheckpointDirectory(d.config) != "" {
		return nil
	}
	return warning(flink.Path{"job", "upgradeMode"},
		fmt.Sprintf("Upgrade mode %s needs a directory for checkpoints", modeAttribute(mode)),
		fmt.Sprintf("%s Set %q in flink_configuration, or upgrade.mode = \"stateless\".", d.unless(), flink.NameIn(d.version, flink.KeyCheckpointDirectory)))
}

// lastStateRecovers warns of a job in mode last_state that nothing recovers: the
// operator restores it from its high-availability metadata or, newer ones, by
// asking the running JobManager for its last checkpoint.
func lastStateRecovers(d deployment) []flink.Finding {
	if upgradeMode(d) != flink.UpgradeLastState {
		return nil
	}
	path := flink.Path{"job", "upgradeMode"}
	var findings []flink.Finding
	if !flink.HasHighAvailability(d.config) {
		findings = warning(path, "Upgrade mode last_state needs high availability",
			fmt.Sprintf("Unless its own configuration has it, an older operator refuses the deployment, and a newer one restores the job only while its JobManager answers; otherwise somebody has to restore it by hand. Set %q to \"kubernetes\" and \"high-availability.storageDir\" in flink_configuration, or upgrade.mode = \"savepoint\".", flink.NameIn(d.version, flink.KeyHighAvailability)))
	}
	if text, ok := d.config.Get(flink.KeyCheckpointInterval); ok {
		if interval, err := flink.ParseDuration(text); err == nil && interval <= 0 {
			findings = append(findings, warning(path, "Upgrade mode last_state needs checkpoints",
				fmt.Sprintf("%s is %s, so the job takes no checkpoints and restarts from its start. Set an interval, or upgrade.mode = \"savepoint\".", flink.KeyCheckpointInterval, text))...)
		}
	}
	return findings
}

const (
	keyPeriodicSavepoint = "kubernetes.operator.periodic.savepoint.interval"
	keyMaxCheckpointAge  = "kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age"
)

func savepointDirectory(d deployment) []flink.Finding {
	if d.spec.Job == nil || flink.SavepointDirectory(d.config) != "" {
		return nil
	}
	key := flink.NameIn(d.version, flink.KeySavepointDirectory)
	_, periodic := d.config.Get(keyPeriodicSavepoint)
	_, maxAge := d.config.Get(keyMaxCheckpointAge)
	unless := d.unless()
	switch {
	case upgradeMode(d) == flink.UpgradeSavepoint:
		return warning(flink.Path{"job", "upgradeMode"}, "Upgrade mode savepoint needs a directory for savepoints",
			fmt.Sprintf("%s Set %q in flink_configuration, or another upgrade.mode.", unless, key))
	case periodic:
		return warning(flink.Path{"flinkConfiguration", keyPeriodicSavepoint}, "Periodic savepoints need a directory for savepoints",
			fmt.Sprintf("%s Set %q in flink_configuration.", unless, key))
	case maxAge:
		return warning(flink.Path{"flinkConfiguration", keyMaxCheckpointAge}, "A maximum age of checkpoints needs a directory for savepoints",
			fmt.Sprintf("When the last checkpoint is too old, an upgrade takes a savepoint. %s Set %q in flink_configuration.", unless, key))
	}
	return nil
}

// parallelismOrReplicas: the number of TaskManagers wins over the parallelism, so
// the operator looks at the latter only without the former. Too few TaskManagers
// are told by taskManagerReplicas.
func parallelismOrReplicas(d deployment) []flink.Finding {
	job := d.spec.Job
	if job == nil || d.spec.TaskManager != nil && d.spec.TaskManager.Replicas != nil {
		return nil
	}
	path := flink.Path{"job", "parallelism"}
	switch {
	case job.Parallelism == nil && d.spec.IsSessionJob():
		return fault(path, "The job's parallelism is missing", "Set job.parallelism to 1 or more.")
	case job.Parallelism == nil:
		return fault(path, "The job's parallelism is missing",
			"Set job.parallelism to 1 or more, or task_manager.replicas to the number of TaskManagers.")
	case *job.Parallelism < 1:
		return fault(path, fmt.Sprintf("A parallelism of %d is too small", *job.Parallelism),
			"Set job.parallelism to 1 or more. To stop a job set job.state = \"suspended\".")
	}
	return nil
}

// jobEnums checks the enums of the custom resource definition.
func jobEnums(d deployment) []flink.Finding {
	if d.spec.Job == nil {
		return nil
	}
	findings := oneOf(flink.Path{"job", "state"}, d.spec.Job.State, flink.JobRunning, flink.JobSuspended)
	if mode := d.spec.Job.UpgradeMode; mode != nil {
		switch *mode {
		case flink.UpgradeSavepoint, flink.UpgradeLastState, flink.UpgradeStateless:
		default:
			findings = append(findings, fault(flink.Path{"job", "upgradeMode"},
				fmt.Sprintf("%q is not an upgrade mode", *mode),
				"Set upgrade.mode to one of \"savepoint\", \"last_state\", \"stateless\".")...)
		}
	}
	return findings
}

// jarURIScheme warns of a path where a URI is expected. Flink takes it for a file
// of the machine that submits the job, which is the operator's
// (PackagedProgramUtils.resolveURI), and most versions refuse all but "local";
// in mode standalone the operator itself fails on it
// (FlinkConfigBuilder.getStandaloneJarURI).
func jarURIScheme(d deployment) []flink.Finding {
	uri, ok := d.jarURI()
	if !ok || uri.Scheme != "" || uri.Path == "" {
		return nil
	}
	file := "/" + strings.TrimLeft(uri.Path, "/")
	return warning(flink.Path{"job", "jarURI"}, fmt.Sprintf("The URI %q of the JAR file has no scheme", *d.spec.Job.JarURI),
		fmt.Sprintf("Flink looks for such a file beside the operator and not in the image. Set job.jar_uri = \"local://%s\" for a file of the image.", file))
}

// userLibrary is the folder over which the operator mounts an empty one in
// standalone mode, by the name of its volume (UserLibMountDecorator; seen on 1.7.0).
const (
	userLibrary       = "/opt/flink/usrlib"
	userLibraryVolume = "user-lib-dir"
)

// visibleJAR warns of a JAR file of the image that standalone mode hides. A pod
// template that mounts something there, or has the operator's volume filled, is left
// to its author.
func visibleJAR(d deployment) []flink.Finding {
	uri, ok := d.jarURI()
	if !ok || d.spec.Mode == nil || *d.spec.Mode != flink.ModeStandalone || uri.Scheme != "local" || !strings.HasPrefix(path.Clean(uri.Path), userLibrary+"/") {
		return nil
	}
	for _, template := range podTemplates(d.spec) {
		text, err := json.Marshal(template.document)
		if err != nil || strings.Contains(string(text), userLibrary) || strings.Contains(string(text), userLibraryVolume) {
			return nil
		}
	}
	return warning(flink.Path{"job", "jarURI"}, "The job's JAR file is hidden in standalone mode",
		fmt.Sprintf("In mode = \"standalone\" the operator mounts an empty folder over %s, so the JobManager does not find %s of the image, and the job's class neither. "+
			"Keep the file in another folder of the image, or mount a volume at %s in pod_template.", userLibrary, *d.spec.Job.JarURI, userLibrary))
}

// modeAttribute is the attribute's spelling of an upgrade mode.
func modeAttribute(mode string) string {
	if mode == flink.UpgradeLastState {
		return "last_state"
	}
	return mode
}
