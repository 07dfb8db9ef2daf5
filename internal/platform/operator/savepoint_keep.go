package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// The label by which the operator knows who asked for a snapshot. It cleans up those of
// its upgrades and of its schedule (SnapshotObserver.cleanupSnapshots) and leaves those
// that were taken by hand, and keeps the label as it finds it.
const (
	triggerTypeLabel = "snapshot.trigger-type"
	triggeredByHand  = "MANUAL"
)

// KeepSavepoint has the operator leave a savepoint alone that it took for an upgrade. From
// 1.10 on it keeps a FlinkStateSnapshot of it, and deletes that by
// kubernetes.operator.savepoint.history.max.count and max.age, with the savepoint where
// kubernetes.operator.savepoint.dispose-on-delete is true: the snapshot is made one that
// was taken by hand. Before that, and without snapshot resources, it has the savepoint in a
// history in the status, which nobody else may write, and deletes what falls out of it.
func (s *Savepoints) KeepSavepoint(ctx context.Context, ref platform.Ref, spec flink.DeploymentSpec, path string) (risk string, err error) {
	if flink.IsCheckpoint(path) {
		// It is no savepoint of the operator's, and Flink keeps what is not claimed.
		return "", nil
	}
	snapshots, err := s.cluster.List(ctx, snapshotKind, ref.Namespace, "")
	var notServed *kube.NotServedError
	if err != nil && !errors.As(err, &notServed) {
		return "", err
	}
	for i := range snapshots {
		object := &snapshots[i]
		found := snapshotOf(object)
		if found.location != path || found.deleting {
			continue
		}
		labels := object.GetLabels()
		if labels[triggerTypeLabel] == triggeredByHand && !found.Dispose {
			return "", nil
		}
		patch := patchOf(object.GetUID()).Set(triggeredByHand, "metadata", "labels", triggerTypeLabel).Set(false, "spec", "savepoint", "disposeOnDelete")
		_, err := s.cluster.MergePatch(ctx, snapshotKind, keyOf(found.Ref), patch)
		return "", err
	}
	if fko.KeepsSavepoints(spec.FlinkConfiguration) {
		return "", nil
	}
	return fmt.Sprintf("The operator has it in its history of savepoints, which it cuts by kubernetes.operator.savepoint.history.max.count and .max.age (10 and 24 h by default), and deletes what it cuts off. "+
		"Set flink_configuration[%q] = \"false\" until the way back is not needed any more; that restarts nothing.", fko.KeySavepointCleanup), nil
}
