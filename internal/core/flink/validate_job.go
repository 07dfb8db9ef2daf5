package flink

import "fmt"

func upgradeMode(d deployment) string {
	if d.spec.Job == nil || d.spec.Job.UpgradeMode == nil {
		return UpgradeStateless
	}
	return *d.spec.Job.UpgradeMode
}

func checkpointDirectory(d deployment) []Finding {
	mode := upgradeMode(d)
	if mode == UpgradeStateless || CheckpointDirectory(d.config) != "" {
		return nil
	}
	return warning(Path{"job", "upgradeMode"},
		fmt.Sprintf("Upgrade mode %s needs a directory for checkpoints", modeAttribute(mode)),
		fmt.Sprintf("%s Set %q in flink_configuration, or upgrade.mode = \"stateless\".", d.unless(), d.keyName(KeyCheckpointDirectory)))
}

// lastStateRecovers warns of a job in mode last_state that nothing recovers: the
// operator restores it from its high-availability metadata or, newer ones, by
// asking the running JobManager for its last checkpoint.
func lastStateRecovers(d deployment) []Finding {
	if upgradeMode(d) != UpgradeLastState {
		return nil
	}
	path := Path{"job", "upgradeMode"}
	var findings []Finding
	if !HasHighAvailability(d.config) {
		findings = warning(path, "Upgrade mode last_state needs high availability",
			fmt.Sprintf("Unless its own configuration has it, an older operator refuses the deployment, and a newer one restores the job only while its JobManager answers; otherwise somebody has to restore it by hand. Set %q to \"kubernetes\" and \"high-availability.storageDir\" in flink_configuration, or upgrade.mode = \"savepoint\".", d.keyName(KeyHighAvailability)))
	}
	if text, ok := d.config.Get(keyCheckpointInterval); ok {
		if interval, err := ParseDuration(text); err == nil && interval <= 0 {
			findings = append(findings, warning(path, "Upgrade mode last_state needs checkpoints",
				fmt.Sprintf("%s is %s, so the job takes no checkpoints and restarts from its start. Set an interval, or upgrade.mode = \"savepoint\".", keyCheckpointInterval, text))...)
		}
	}
	return findings
}

const (
	keyCheckpointInterval = "execution.checkpointing.interval"

	keyPeriodicSavepoint = "kubernetes.operator.periodic.savepoint.interval"
	keyMaxCheckpointAge  = "kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age"
)

func savepointDirectory(d deployment) []Finding {
	if d.spec.Job == nil || SavepointDirectory(d.config) != "" {
		return nil
	}
	key := d.keyName(KeySavepointDirectory)
	_, periodic := d.config.Get(keyPeriodicSavepoint)
	_, maxAge := d.config.Get(keyMaxCheckpointAge)
	unless := d.unless()
	switch {
	case upgradeMode(d) == UpgradeSavepoint:
		return warning(Path{"job", "upgradeMode"}, "Upgrade mode savepoint needs a directory for savepoints",
			fmt.Sprintf("%s Set %q in flink_configuration, or another upgrade.mode.", unless, key))
	case periodic:
		return warning(Path{"flinkConfiguration", keyPeriodicSavepoint}, "Periodic savepoints need a directory for savepoints",
			fmt.Sprintf("%s Set %q in flink_configuration.", unless, key))
	case maxAge:
		return warning(Path{"flinkConfiguration", keyMaxCheckpointAge}, "A maximum age of checkpoints needs a directory for savepoints",
			fmt.Sprintf("When the last checkpoint is too old, an upgrade takes a savepoint. %s Set %q in flink_configuration.", unless, key))
	}
	return nil
}

// parallelismOrReplicas: the number of TaskManagers wins over the parallelism, so
// the operator looks at the latter only without the former. Too few TaskManagers
// are told by taskManagerReplicas.
func parallelismOrReplicas(d deployment) []Finding {
	job := d.spec.Job
	if job == nil || d.spec.TaskManager != nil && d.spec.TaskManager.Replicas != nil {
		return nil
	}
	path := Path{"job", "parallelism"}
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
func jobEnums(d deployment) []Finding {
	if d.spec.Job == nil {
		return nil
	}
	findings := oneOf(Path{"job", "state"}, d.spec.Job.State, JobRunning, JobSuspended)
	if mode := d.spec.Job.UpgradeMode; mode != nil {
		switch *mode {
		case UpgradeSavepoint, UpgradeLastState, UpgradeStateless:
		default:
			findings = append(findings, fault(Path{"job", "upgradeMode"},
				fmt.Sprintf("%q is not an upgrade mode", *mode),
				"Set upgrade.mode to one of \"savepoint\", \"last_state\", \"stateless\".")...)
		}
	}
	return findings
}

// modeAttribute is the attribute's spelling of an upgrade mode.
func modeAttribute(mode string) string {
	if mode == UpgradeLastState {
		return "last_state"
	}
	return mode
}
