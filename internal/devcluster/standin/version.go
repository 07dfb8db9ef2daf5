package standin

import (
	"fmt"
	"slices"
)

// version says what one release of the operator does differently. The years of
// change between 1.7 and main come down to these switches.
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
	finalizesEarly       bool // it is ACTIVE before the old color has gone, and an abort resets its markers; main only
	resources            bool // jobManager.resources, main only
	restartsWithoutNonce bool // taking restartNonce away restarts the job, before 1.8
	rewritesSpec         bool // the finalizer's request writes Java defaults into the spec
	allowedJarSchemes    []string
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
		containerInError: true, conditions: true, blueGreen: true, oldestFlink: 15, supportedFlinkTwo: true,
		allowedJarSchemes:   []string{"file", "http", "https", "local"},
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
	case "main":
		latest.resources, latest.finalizesEarly = true, true
		return latest, nil
	}
	return version{}, fmt.Errorf("the stand-in has no operator version %q, only 1.7, 1.15 and main", name)
}

// allowsJarScheme reports whether session jobs may fetch a jar by scheme; a
// version without a list allows all.
func (v version) allowsJarScheme(scheme string) bool {
	return v.allowedJarSchemes == nil || slices.Contains(v.allowedJarSchemes, scheme)
}
