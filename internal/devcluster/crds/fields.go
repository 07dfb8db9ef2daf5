package crds

// The table: every field of the four kinds with its type and the first release that has it. Where the first release is
// not known between two of Versions, the later one stands.

var (
	flinkVersion = enumOf(
		always("v1_13"), always("v1_14"), always("v1_15"), always("v1_16"), always("v1_17"), always("v1_18"), always("v1_19"),
		value{"v1_20", 10}, value{"v2_0", 11}, value{"v2_1", 13}, value{"v2_2", 13}, value{"v2_3", 16}, value{"v2_4", 16},
	)
	lifecycleState = enumOf(
		always("CREATED"), value{"DELETED", 11}, value{"DELETING", 11}, always("DEPLOYED"), always("FAILED"),
		always("ROLLED_BACK"), always("ROLLING_BACK"), always("STABLE"), always("SUSPENDED"), always("UPGRADING"),
	)
	jobState = changed(text, 15, enum(
		"CANCELED", "CANCELLING", "CREATED", "FAILED", "FAILING", "FINISHED", "INITIALIZING", "RECONCILING", "RESTARTING",
		"RUNNING", "SUSPENDED",
	))
	jobManagerState  = enum("DEPLOYED_NOT_READY", "DEPLOYING", "ERROR", "MISSING", "READY")
	trigger          = enum("MANUAL", "PERIODIC", "UNKNOWN", "UPGRADE")
	savepointFormat  = enum("CANONICAL", "NATIVE", "UNKNOWN")
	checkpointFormat = enum("FULL", "INCREMENTAL", "UNKNOWN")

	flinkConfiguration = changed(labels, 13, anything)

	ingress = object(
		field{"annotations", labels, first},
		field{"className", text, first},
		field{"labels", labels, 8},
		field{"template", text, first},
		field{"tls", list(object(field{"hosts", texts, first}, field{"secretName", text, first})), 8},
	)

	job = object(
		field{"allowNonRestoredState", boolean, first},
		field{"args", texts, first},
		field{"autoscalerResetNonce", integer, 11},
		field{"checkpointTriggerNonce", integer, first},
		field{"entryClass", text, first},
		field{"initialSavepointPath", text, first},
		field{"jarURI", text, first},
		field{"parallelism", integer, first},
		field{"savepointRedeployNonce", integer, 8},
		field{"savepointTriggerNonce", integer, first},
		field{"state", enum("running", "suspended"), first},
		field{"upgradeMode", enum("last-state", "savepoint", "stateless"), first},
	)

	// manager is a JobManager or a TaskManager.
	manager = object(
		field{"podTemplate", pod, first},
		field{"replicas", integer, first},
		field{"resource", object(
			field{"cpu", number, first},
			field{"ephemeralStorage", text, first},
			field{"memory", text, first},
		), first},
		field{"resources", object(
			field{"claims", list(object(field{"name", text, first}, field{"request", text, first})), first},
			field{"limits", mapOf(quantity), first},
			field{"requests", mapOf(quantity), first},
		), 16},
	)

	deploymentSpec = object(
		field{"flinkConfiguration", flinkConfiguration, first},
		field{"flinkVersion", flinkVersion, first},
		field{"image", text, first},
		field{"imagePullPolicy", text, first},
		field{"ingress", ingress, first},
		field{"job", job, first},
		field{"jobManager", manager, first},
		field{"logConfiguration", labels, first},
		field{"mode", enum("native", "standalone"), first},
		field{"podTemplate", pod, first},
		field{"restartNonce", integer, first},
		field{"serviceAccount", text, first},
		field{"taskManager", manager, first},
	)

	savepoint = object(
		field{"formatType", savepointFormat, first},
		field{"location", text, first},
		field{"timeStamp", integer, first},
		field{"triggerNonce", integer, first},
		field{"triggerType", trigger, first},
	)
	checkpoint = object(
		field{"formatType", checkpointFormat, first},
		field{"timeStamp", integer, first},
		field{"triggerNonce", integer, first},
		field{"triggerType", trigger, first},
	)

	jobStatus = object(
		field{"checkpointInfo", object(
			field{"formatType", checkpointFormat, first},
			field{"lastCheckpoint", checkpoint, first},
			field{"lastPeriodicCheckpointTimestamp", integer, first},
			field{"triggerId", text, first},
			field{"triggerTimestamp", integer, first},
			field{"triggerType", trigger, first},
		), first},
		field{"jobId", text, first},
		field{"jobName", text, first},
		field{"savepointInfo", object(
			field{"formatType", savepointFormat, first},
			field{"lastPeriodicSavepointTimestamp", integer, first},
			field{"lastSavepoint", savepoint, first},
			field{"savepointHistory", list(savepoint), first},
			field{"triggerId", text, first},
			field{"triggerTimestamp", integer, first},
			field{"triggerType", trigger, first},
		), first},
		field{"startTime", text, first},
		field{"state", jobState, first},
		field{"updateTime", text, first},
		field{"upgradeSavepointPath", text, 10},
	)

	condition = object(
		field{"lastTransitionTime", text, first},
		field{"message", text, first},
		field{"observedGeneration", integer, first},
		field{"reason", text, first},
		field{"status", text, first},
		field{"type", text, first},
	)

	// commonStatus is what the status of a deployment and of a session job share.
	commonStatus = []field{
		{"error", text, first},
		{"jobStatus", jobStatus, first},
		{"lifecycleState", lifecycleState, first},
		{"observedGeneration", integer, 8},
		{"reconciliationStatus", object(
			field{"lastReconciledSpec", text, first},
			field{"lastStableSpec", text, first},
			field{"reconciliationTimestamp", integer, first},
			field{"state", enum("DEPLOYED", "ROLLED_BACK", "ROLLING_BACK", "UPGRADING"), first},
		), first},
	}

	deploymentStatus = object(append([]field{
		{"clusterInfo", labels, first},
		{"conditions", list(condition), 15},
		{"jobManagerDeploymentStatus", jobManagerState, first},
		{"taskManager", object(field{"labelSelector", text, first}, field{"replicas", integer, first}), first},
	}, commonStatus...)...)

	sessionJobSpec = object(
		field{"deploymentName", text, first},
		field{"flinkConfiguration", flinkConfiguration, first},
		field{"job", job, first},
		field{"restartNonce", integer, first},
	)

	stateSnapshotSpec = object(
		field{"backoffLimit", integer, first},
		field{"checkpoint", empty, first},
		field{"jobReference", object(
			field{"kind", enum("FlinkDeployment", "FlinkSessionJob"), first},
			field{"name", text, first},
		), first},
		field{"savepoint", object(
			field{"alreadyExists", boolean, first},
			field{"disposeOnDelete", boolean, first},
			field{"formatType", savepointFormat, first},
			field{"path", text, first},
		), first},
	)

	stateSnapshotStatus = object(
		field{"error", text, first},
		field{"failures", integer, first},
		field{"path", text, first},
		field{"resultTimestamp", text, first},
		field{"state", enum("ABANDONED", "COMPLETED", "FAILED", "IN_PROGRESS", "TRIGGER_PENDING"), first},
		field{"triggerId", text, first},
		field{"triggerTimestamp", text, first},
	)

	blueGreenDeploymentSpec = object(
		field{"configuration", labels, first},
		field{"ingress", ingress, first},
		field{"template", object(
			field{"metadata", objectMeta, first},
			field{"spec", deploymentSpec, first},
		), first},
	)

	blueGreenDeploymentStatus = object(
		field{"abortTimestamp", text, first},
		field{"blueGreenState", enum(
			"ACTIVE_BLUE", "ACTIVE_GREEN", "INITIALIZING_BLUE", "SAVEPOINTING_BLUE", "SAVEPOINTING_GREEN",
			"TRANSITIONING_TO_BLUE", "TRANSITIONING_TO_GREEN",
		), first},
		field{"deploymentReadyTimestamp", text, first},
		field{"error", text, first},
		field{"jobStatus", jobStatus, first},
		field{"lastReconciledSpec", text, first},
		field{"lastReconciledTimestamp", text, first},
		field{"savepointTriggerId", text, first},
	)
)
