package standin

import "fmt"

// version says what one release of the operator does differently. The years of
// change between 1.7 and 1.16 come down to these switches.
type version struct {
	observedGeneration   bool // status.observedGeneration, since 1.8
	generationInSpec     bool // lastReconciledSpec holds the generation instead, before 1.8
	redeployNonce        bool // job.savepointRedeployNonce, since 1.8
	resetNonce           bool // job.autoscalerResetNonce, since 1.11
	snapshots            bool // FlinkStateSnapshot and jobStatus.upgradeSavepointPath, since 1.10
	deletingState        bool // lifecycle state DELETING, since 1.11
	newJobID             bool // every deployment of an application gets a job id of its own
	containerInError     bool // pod errors begin with [flink-main-container]
	conditions           bool // status.conditions, since 1.15
	blueGreen            bool // FlinkBlueGreenDeployment, since 1.14
	finalizesEarly       bool // it is ACTIVE before the old color has gone, and an abort resets its markers, since 1.16
	resources            bool // jobManager.resources, since 1.16
	keepsEnd             bool // a job that has ended stays so when the JobManager does not know it any more, since 1.16
	boundedDownloads     bool // jars of session jobs are fetched within limits, since 1.16
	allowlist            bool // session jobs may fetch jars only from where artifacts says, since 1.15
	restartsWithoutNonce bool // taking restartNonce away restarts the job, before 1.8
	rewritesSpec         bool // the finalizer's request writes Java defaults into the spec
	artifacts            artifacts
	oldestFlink          int      // smallest supported minor version of Flink 1.x
	supportedFlinkTwo    bool     // v2_x
	checkpointDirectory  string   // the key that validation messages name
	savepointDirectory   string   // the same for savepoints
	unsupportedFlinkKeys []string // keys that validation refuses
}

func parseVersion(name string) (version, error) {
	forbidden := []string{"kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"}
	latest := version{
		observedGeneration: true, redeployNonce: true, resetNonce: true, snapshots: true, deletingState: true, newJobID: true,
		containerInError: true, conditions: true, blueGreen: true, allowlist: true, oldestFlink: 15, supportedFlinkTwo: true,
		checkpointDirectory: "execution.checkpointing.dir", savepointDirectory: "execution.checkpointing.savepoint-dir",
		unsupportedFlinkKeys: forbidden,
	}
	switch name {
	case "1.7":
		return version{
			generationInSpec: true, restartsWithoutNonce: true, rewritesSpec: true, oldestFlink: 13,
			checkpointDirectory: "state.checkpoints.dir", savepointDirectory: "state.savepoints.dir", unsupportedFlinkKeys: forbidden[:2],
		}, nil
	case "1.15":
		return latest, nil
	case "1.16":
		latest.resources, latest.finalizesEarly, latest.keepsEnd, latest.boundedDownloads = true, true, true, true
		return latest, nil
	}
	return version{}, fmt.Errorf("the stand-in has no operator version %q, only 1.7, 1.15 and 1.16", name)
}

// versionOf is a version with an operator's own configuration.
func versionOf(name string, configuration map[string]string) (version, error) {
	v, err := parseVersion(name)
	if err != nil {
		return version{}, err
	}
	return v.configured(configuration)
}
