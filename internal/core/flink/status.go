package flink

// Lifecycle states of a deployment that rules refer to, as the operator writes them
// to status.lifecycleState (ResourceLifecycleState).
const (
	LifecycleSuspended   = "SUSPENDED"
	LifecycleUpgrading   = "UPGRADING"
	LifecycleDeployed    = "DEPLOYED"
	LifecycleStable      = "STABLE"
	LifecycleRollingBack = "ROLLING_BACK"
	LifecycleRolledBack  = "ROLLED_BACK"
	LifecycleFailed      = "FAILED"
	LifecycleDeleted     = "DELETED"
)

// States of a Flink job that rules refer to (org.apache.flink.api.common.JobStatus).
const (
	StateInitializing = "INITIALIZING"
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

// Deployment statuses of a JobManager, in the operator's words (JobManagerDeploymentStatus).
const (
	ManagerReady     = "READY"
	ManagerDeploying = "DEPLOYING"
	ManagerMissing   = "MISSING"
	ManagerError     = "ERROR"
)

// StateLocation is where the state of a job is. It decides what a change may do
// without a loss: a path alone does not, as a job that was stopped by its
// high-availability metadata has state and no path, and one that runs has state
// that is newer than its last path.
type StateLocation string

// The locations of a job's state, in the words of the attribute
// status.state_location.
const (
	// LocationUnknown is what nobody has said, also of a session cluster, which
	// has no job of its own. State may exist.
	LocationUnknown StateLocation = ""
	// LocationNone: there is no state, so none can be lost. The job never ran, it
	// was stopped without state, or it came to its end by itself.
	LocationNone StateLocation = "none"
	// LocationPath: all of the state is at SavepointPath.
	LocationPath StateLocation = "savepoint_path"
	// LocationPlatform: the job that runs has it, or checkpoints of which only
	// the platform knows the newest.
	LocationPlatform StateLocation = "platform"
)

// Status is what a platform last observed of a deployment. An empty string
// means that the platform said nothing.
type Status struct {
	// UID tells the platform's object from another of the same name.
	UID            string
	LifecycleState string
	JobState       string
	JobID          string
	// JobManager is the JobManager's deployment status: ManagerReady,
	// DEPLOYED_NOT_READY, ManagerDeploying, ManagerMissing or ManagerError.
	JobManager string
	// SavepointPath is the newest savepoint or retained checkpoint from which
	// the job can be restored.
	SavepointPath string
	// StateLocation is where the job's state is.
	StateLocation StateLocation
	// KeptSavepoint is the savepoint, or the retained checkpoint, from which a change
	// was made that put the state at risk: the way back. No platform observes it.
	KeptSavepoint string
	// KeptVersion is the version of Flink that took KeptSavepoint, as flink_version has
	// it; empty when nobody knows.
	KeptVersion string
	// Error is the platform's error in one readable sentence.
	Error        string
	FlinkVersion string
	RestURL      string
	// ActiveColor is "blue" or "green" where two deployments take turns.
	ActiveColor string
	// Proof says what has shown that the job works since it was last started, for
	// example "first checkpoint completed"; empty when nothing was asked for.
	Proof string
	// Deployed tells whether a specification was ever deployed, so that state
	// may exist.
	Deployed bool
}
