package standin

import "strings"

// Lifecycle states, status.lifecycleState.
const (
	lifecycleCreated     = "CREATED"
	lifecycleSuspended   = "SUSPENDED"
	lifecycleUpgrading   = "UPGRADING"
	lifecycleDeployed    = "DEPLOYED"
	lifecycleStable      = "STABLE"
	lifecycleRollingBack = "ROLLING_BACK"
	lifecycleRolledBack  = "ROLLED_BACK"
	lifecycleFailed      = "FAILED"
	lifecycleDeleting    = "DELETING"
)

// fatalErrors are the texts that make a lost JobManager FAILED.
var fatalErrors = []string{
	"Manual restore required.",
	"It is possible that the job has finished or terminally failed, or the configmaps have been deleted.",
	"HA metadata is not available",
}

// lifecycle derives lifecycleState from the rest of the status; the order of
// the rules is that of the operator's CommonStatus.getLifecycleState.
func (st *status) lifecycle(jobState string) string {
	r := st.Reconciliation
	switch {
	case st.Lifecycle == lifecycleDeleting:
		return lifecycleDeleting
	case r.LastReconciledSpec == "" && st.Error != "":
		return lifecycleFailed
	case r.LastReconciledSpec == "":
		return lifecycleCreated
	case r.State == recUpgrading:
		return lifecycleUpgrading
	case r.State == recRollingBack:
		return lifecycleRollingBack
	case jobState == stateSuspended:
		return lifecycleSuspended
	case st.Job.State == jobFailed, st.lostJobManager():
		return lifecycleFailed
	case r.State == recRolledBack:
		return lifecycleRolledBack
	case r.LastReconciledSpec == r.LastStableSpec:
		return lifecycleStable
	}
	return lifecycleDeployed
}

func (st *status) lostJobManager() bool {
	if st.JobManager != jmMissing && st.JobManager != jmError {
		return false
	}
	for _, text := range fatalErrors {
		if strings.Contains(st.Error, text) {
			return true
		}
	}
	return false
}
