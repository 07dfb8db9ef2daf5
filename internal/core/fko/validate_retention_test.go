package fko

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

func TestValidateRetention(t *testing.T) {
	const (
		prefix      = "flinkConfiguration/"
		checkpoints = `flink_configuration["execution.checkpointing.dir"]`
		savepoints  = `flink_configuration["execution.checkpointing.savepoint-dir"]`
		storage     = `flink_configuration["high-availability.storageDir"]`
		ha          = `flink_configuration["high-availability.type"]`
		retention   = `flink_configuration["execution.checkpointing.externalized-checkpoint-retention"]`
		short       = "The checkpoints do not outlive the job by execution.checkpointing.externalized-checkpoint-retention"
	)
	template := func(at, volume string) flink.Tree {
		return document(t, `{spec: {containers: [{name: sidecar, volumeMounts: [{name: other, mountPath: /}]}, {name: flink-main-container, volumeMounts: [{name: state, mountPath: `+at+`}]}], volumes: [{name: state, `+volume+`}]}}`)
	}
	claimed := `persistentVolumeClaim: {claimName: state}`
	localCheckpoints := []told{{flink.Warning, checkpoints, "Checkpoints are on a local path of the pods"}}
	runRuleTests(t, []ruleTest{
		{"high availability without a directory", map[string]any{prefix + "high-availability.type": "kubernetes", prefix + "high-availability.storageDir": nil}, []told{
			{flink.Warning, ha, "High availability has no storage directory"},
		}},
		{"high availability with a blank directory", map[string]any{prefix + "high-availability.type": "zookeeper", prefix + "high-availability.storageDir": " "}, []told{
			{flink.Warning, ha, "High availability has no storage directory"},
		}},
		{"no high availability", map[string]any{prefix + "high-availability.type": "none", prefix + "high-availability.storageDir": nil}, nil},

		{"local checkpoints", map[string]any{prefix + "execution.checkpointing.dir": "file:///opt/state/c"}, localCheckpoints},
		{"local checkpoints without a scheme", map[string]any{prefix + "execution.checkpointing.dir": "/opt/state"}, localCheckpoints},
		{"another default scheme", map[string]any{prefix + "execution.checkpointing.dir": "/opt/state", prefix + "fs.default-scheme": "hdfs://name:8020"}, nil},
		{"local savepoints by a former name", map[string]any{prefix + "execution.checkpointing.savepoint-dir": nil, prefix + "state.savepoints.dir": "file:/s"}, []told{
			{flink.Warning, `flink_configuration["state.savepoints.dir"]`, "Savepoints are on a local path of the pods"},
		}},
		{"local metadata", map[string]any{prefix + "high-availability.type": "kubernetes", prefix + "high-availability.storageDir": "file:///ha"}, []told{
			{flink.Warning, storage, "The metadata of high availability is on a local path of the pods"},
		}},
		{"local metadata that nobody uses", map[string]any{prefix + "high-availability.storageDir": "file:///ha"}, nil},
		{"a volume", map[string]any{prefix + "execution.checkpointing.dir": "file:///opt/state/c", "podTemplate": template("/opt/state/", claimed)}, nil},
		{"a volume elsewhere", map[string]any{prefix + "execution.checkpointing.dir": "file:///opt/state/c", "podTemplate": template("/opt/stat", claimed)}, localCheckpoints},
		{"a volume that goes with the pod", map[string]any{prefix + "execution.checkpointing.dir": "file:///opt/state/c", "podTemplate": template("/opt", "emptyDir: {}")}, localCheckpoints},
		{"a volume of the TaskManagers alone", map[string]any{prefix + "execution.checkpointing.dir": "file:///opt/state/c", "taskManager/podTemplate": template("/opt", claimed)}, localCheckpoints},
		{"a volume of each", map[string]any{
			prefix + "execution.checkpointing.dir": "file:///opt/state/c", "taskManager/podTemplate": template("/opt", claimed), "jobManager/podTemplate": template("/opt", claimed),
		}, nil},
		{"pod templates that nobody sees", map[string]any{prefix + "execution.checkpointing.dir": "file:///c", prefix + "kubernetes.pod-template-file": "/pod.yaml"}, nil},

		{"savepoints that Flink deletes", map[string]any{prefix + "high-availability.type": "kubernetes", prefix + "execution.checkpointing.savepoint-dir": "s3://h/orders/blob/savepoints/"}, []told{
			{flink.Error, savepoints, "Flink deletes what execution.checkpointing.savepoint-dir keeps"},
		}},
		{"savepoints beside what Flink deletes", map[string]any{prefix + "high-availability.type": "kubernetes", prefix + "execution.checkpointing.savepoint-dir": "s3://h/orders/blobs"}, nil},
		{"savepoints in what another job deletes", map[string]any{prefix + "high-availability.type": "kubernetes", prefix + "execution.checkpointing.savepoint-dir": "s3://h/payments/blob"}, nil},

		{"checkpoints that a failed job does not leave", map[string]any{prefix + "execution.checkpointing.externalized-checkpoint-retention": "no_externalized_checkpoints"}, []told{{flink.Warning, retention, short}}},
		{"checkpoints that a stateless job does not need", map[string]any{"job/upgradeMode": "stateless", prefix + "execution.checkpointing.externalized-checkpoint-retention": "NO_EXTERNALIZED_CHECKPOINTS"}, nil},
		{"checkpoints deleted when nobody cancels", map[string]any{
			"job/upgradeMode": "last-state", prefix + "high-availability.type": "kubernetes", prefix + "execution.checkpointing.externalized-checkpoint-retention": "DELETE_ON_CANCELLATION",
		}, nil},
		{"checkpoints deleted by the upgrade", map[string]any{
			"job/upgradeMode": "last-state", prefix + "high-availability.type": "kubernetes", prefix + "execution.checkpointing.externalized-checkpoint-retention": "DELETE_ON_CANCELLATION",
			prefix + "kubernetes.operator.job.upgrade.last-state.job-cancel.enabled": "true",
		}, []told{{flink.Warning, retention, short}}},
		{"checkpoints kept", map[string]any{prefix + "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION"}, nil},
	})
}
