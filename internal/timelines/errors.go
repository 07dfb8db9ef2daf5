package timelines

// Errors that the operator wrote to status.error in the recordings.
const (
	SavepointError = `{"type":"org.apache.flink.kubernetes.operator.exception.UpgradeFailureException","message":"Savepoint Error","additionalMetadata":{},"throwableList":[{"type":"java.util.concurrent.ExecutionException","message":"java.util.concurrent.CompletionException: org.apache.flink.runtime.checkpoint.CheckpointException: IO-problem detected."}]}`
	MountError     = `{"type":"org.apache.flink.kubernetes.operator.exception.DeploymentFailedException","message":"MountVolume.SetUp failed for volume \"flink-config-volume\" : configmap \"flink-config-counter\" not found","additionalMetadata":{"reason":"FailedMount"},"throwableList":[]}`
	ImageError     = `{"type":"org.apache.flink.kubernetes.operator.exception.DeploymentFailedException","message":"[flink-main-container] failed to pull image \"flink:nope\"","additionalMetadata":{"reason":"ErrImagePull"},"throwableList":[]}`
	CrashError     = `{"type":"org.apache.flink.kubernetes.operator.exception.DeploymentFailedException","message":"[flink-main-container] back-off 10s restarting failed container","additionalMetadata":{"reason":"CrashLoopBackOff"},"throwableList":[]}`
	RestoreError   = `{"type":"org.apache.flink.kubernetes.operator.exception.UpgradeFailureException","message":"HA metadata is not available to make stateful upgrades. Manual restore required.","additionalMetadata":{},"throwableList":[]}`
	InvalidError   = `{"type":"org.apache.flink.kubernetes.operator.exception.ValidationException","message":"spec.serviceAccount must be defined.","additionalMetadata":{},"throwableList":[]}`
	JobError       = `{"type":"org.apache.flink.util.SerializedThrowable","message":"org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: asked to fail at start","additionalMetadata":{},"throwableList":[{"type":"org.apache.flink.util.SerializedThrowable","message":"java.lang.IllegalStateException: asked to fail at start","additionalMetadata":{}}]}`
	ClusterError   = `{"type":"org.apache.flink.kubernetes.operator.exception.ReconciliationException","message":"Could not create Kubernetes cluster \"counter\".","additionalMetadata":{},"throwableList":[]}`
)
