package vvp

// States of a Deployment: those that may be desired, and those that are observed beside
// them (DeploymentSpec.state, DeploymentStatus.state).
const (
	StateRunning       = "RUNNING"
	StateSuspended     = "SUSPENDED"
	StateCancelled     = "CANCELLED"
	StateTransitioning = "TRANSITIONING"
	StateFailed        = "FAILED"
	StateFinished      = "FINISHED"
)

// Kinds of an upgrade strategy. With upgradeStateful the platform stops the job with a
// savepoint, with upgradeStateless without.
const (
	upgradeStateful  = "STATEFUL"
	upgradeStateless = "STATELESS"
)

// Kinds of a restore strategy: from the newest savepoint or retained checkpoint, from the
// newest savepoint, and from nothing.
const (
	RestoreLatestState     = "LATEST_STATE"
	RestoreLatestSavepoint = "LATEST_SAVEPOINT"
	RestoreNone            = "NONE"
)

// Kinds of an artifact.
const (
	artifactJAR    = "JAR"
	artifactPython = "PYTHON"
	artifactSQL    = "SQLSCRIPT"
)

// Annotations by which the provider keeps what a Deployment has no field for.
const (
	// AnnotationSaid has the parts of a specification that the Deployment does not tell
	// apart.
	AnnotationSaid = "flink-terraform.io/said"
	// AnnotationRestart, of the template, has the restart nonce: another template
	// restarts the job.
	AnnotationRestart = "flink-terraform.io/restart"
	// AnnotationState has the state that was asked for where the platform has another
	// word for it: it cannot suspend a job that does not run.
	AnnotationState = "flink-terraform.io/job-state"
)
