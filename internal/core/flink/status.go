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

// Status is what a platform last observed of a deployment. An empty string
// means that the platform said nothing.
type Status struct {
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
