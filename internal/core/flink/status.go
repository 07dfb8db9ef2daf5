package flink

// Lifecycle states of a deployment, as the operator writes them to
// status.lifecycleState (ResourceLifecycleState).
const (
	LifecycleCreated     = "CREATED"
	LifecycleSuspended   = "SUSPENDED"
	LifecycleUpgrading   = "UPGRADING"
	LifecycleDeployed    = "DEPLOYED"
	LifecycleStable      = "STABLE"
	LifecycleRollingBack = "ROLLING_BACK"
	LifecycleRolledBack  = "ROLLED_BACK"
	LifecycleFailed      = "FAILED"
	LifecycleDeleting    = "DELETING"
	LifecycleDeleted     = "DELETED"
)

// States of a Flink job that rules refer to (org.apache.flink.api.common.JobStatus).
const (
	StateInitializing = "INITIALIZING"
	StateCreated      = "CREATED"
	StateRunning      = "RUNNING"
	StateFailing      = "FAILING"
	StateFailed       = "FAILED"
	StateCancelling   = "CANCELLING"
	StateCanceled     = "CANCELED"
	StateFinished     = "FINISHED"
	StateRestarting   = "RESTARTING"
	StateSuspended    = "SUSPENDED"
	StateReconciling  = "RECONCILING"
)

// Deployment states of a JobManager that tell a job that has finished from one
// that is on its way (JobManagerDeploymentStatus).
const (
	managerReady   = "READY"
	managerMissing = "MISSING"
)

// Status is what a platform last observed of a deployment. An empty string
// means that the platform said nothing.
type Status struct {
	// UID tells the platform's object from another of the same name.
	UID            string
	LifecycleState string
	JobState       string
	JobID          string
	// JobManager is the JobManager's deployment status: READY,
	// DEPLOYED_NOT_READY, DEPLOYING, MISSING or ERROR.
	JobManager string
	// SavepointPath is the newest savepoint or retained checkpoint from which
	// the job can be restored.
	SavepointPath string
	// Error is the platform's error in one readable sentence.
	Error        string
	FlinkVersion string
	RestURL      string
	// ActiveColor is "blue" or "green" where two deployments take turns.
	ActiveColor string
	// Deployed tells whether a specification was ever deployed, so that state
	// may exist.
	Deployed bool
}

// Finished tells whether the job came to its end by itself. A job that is
// stopped to be suspended, upgraded or deployed again reads FINISHED too, until
// it is on its way. The JobManager of a finished job stays for a while, and a
// session job has none of its own.
func (s Status) Finished() bool {
	if s.JobState != StateFinished {
		return false
	}
	switch s.LifecycleState {
	case LifecycleStable:
		return s.JobManager == managerReady || s.JobManager == managerMissing || s.JobManager == ""
	case LifecycleDeployed, LifecycleRolledBack:
		return s.JobManager == managerReady
	default:
		return false
	}
}
