package standin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// What caused a savepoint, as triggerType and the snapshots' label name it.
const (
	triggerUpgrade = "UPGRADE"
	triggerManual  = "MANUAL"
	triggerUnknown = "UNKNOWN"

	formatCanonical = "CANONICAL"
)

// snapshotPath is the savepoint or checkpoint that the next restore begins with.
func (p *pass) snapshotPath() string {
	if p.version.snapshots {
		if p.st.Job.UpgradeSavepointPath == lastStateDummy {
			return p.in.haPath
		}
		return p.st.Job.UpgradeSavepointPath
	}
	if last := p.st.Job.SavepointInfo.Last; last != nil {
		return last.Location
	}
	return ""
}

// setSnapshotPath records it where this version does.
func (p *pass) setSnapshotPath(path, trigger string) {
	if p.version.snapshots {
		p.st.Job.UpgradeSavepointPath = path
		return
	}
	s := savepoint{FormatType: formatCanonical, Location: path, TimeStamp: p.now().UnixMilli(), TriggerType: trigger}
	info := &p.st.Job.SavepointInfo
	if info.Last != nil && info.Last.Location == path {
		return
	}
	info.Last = &s
	if trigger != triggerUnknown {
		info.History = append(info.History, s)
	}
}

// takeSavepoint makes Flink write a savepoint of the running job.
func (p *pass) takeSavepoint(ctx context.Context, config map[string]string) (string, error) {
	dir := savepointDir(config)
	cause := savepointFailure(p.faults, dir)
	if cause == "" {
		if err := p.sleep(ctx, p.step/2+p.faults.savepointSlow); err != nil {
			return "", err
		}
		return newSavepointPath(dir, p.st.Job.JobID), nil
	}
	// A refusal comes fast: the error is away for a moment only between two tries.
	if err := p.pause(ctx, 0.1); err != nil {
		return "", err
	}
	return "", newError(typeUpgradeFailure, "SavepointError", "Savepoint Error").
		because("java.util.concurrent.ExecutionException", wrappedCheckpointException+cause).
		because(typeSerializedThrowable, checkpointException+cause)
}

// How Flink reports a savepoint that failed, before the cause.
const (
	checkpointException        = "org.apache.flink.runtime.checkpoint.CheckpointException: "
	wrappedCheckpointException = "java.util.concurrent.CompletionException: java.util.concurrent.CompletionException: " + checkpointException
)

// savepointFailure says why Flink cannot write a savepoint below dir, "" when it can.
func savepointFailure(f faults, dir string) string {
	if f.savepointFails == "" && unwritable(dir) {
		return "Failed to create savepoint directory at " + dir
	}
	return f.savepointFails
}

// recordUpgradeSavepoint says where the savepoint of an upgrade is.
func (p *pass) recordUpgradeSavepoint(ctx context.Context, path string) error {
	p.setSnapshotPath(path, triggerUpgrade)
	if !p.version.snapshots {
		return nil
	}
	return p.createSnapshot(ctx, triggerUpgrade, path)
}

// triggerSavepoint answers a new savepointTriggerNonce.
func (p *pass) triggerSavepoint(ctx context.Context, nonce int64) error {
	if p.version.snapshots {
		p.last.spec.job.savepointTriggerNonce = &nonce
		p.setReconciled(p.last)
		p.lookAgain(p.interval())
		return p.createSnapshot(ctx, triggerManual, savepointDir(p.config))
	}
	info := &p.st.Job.SavepointInfo
	info.TriggerID, info.TriggerTimestamp, info.TriggerType, info.FormatType = randomHex(16), p.now().UnixMilli(), triggerManual, formatCanonical
	if err := p.save(ctx); err != nil {
		return err
	}
	path, err := p.takeSavepoint(ctx, p.config)
	at := info.TriggerTimestamp
	info.TriggerID, info.TriggerTimestamp, info.TriggerType, info.FormatType = "", 0, "", ""
	p.last.spec.job.savepointTriggerNonce = &nonce
	p.setReconciled(p.last)
	p.lookAgain(p.interval())
	if err != nil {
		p.event(ctx, "Warning", "SavepointError", "JobManagerDeployment", err.Error())
		return nil
	}
	s := savepoint{FormatType: formatCanonical, Location: path, TimeStamp: at, TriggerNonce: &nonce, TriggerType: triggerManual}
	info.Last = &s
	info.History = append(info.History, s)
	return nil
}

// triggerCheckpoint answers a new checkpointTriggerNonce.
func (p *pass) triggerCheckpoint(ctx context.Context, nonce int64) error {
	p.last.spec.job.checkpointTriggerNonce = &nonce
	p.setReconciled(p.last)
	p.lookAgain(p.interval())
	return p.createSnapshotObject(ctx, "checkpoint-manual", triggerManual, map[string]any{"checkpoint": map[string]any{}})
}

// checkpointNow is the path of a checkpoint taken now. It follows from the status
// alone, since a snapshot's pass must not look into the Flink of another object.
func (p *pass) checkpointNow() string {
	dir := checkpointDir(p.config)
	started, err := strconv.ParseInt(p.st.Job.StartTime, 10, 64)
	if dir == "" || err != nil {
		return ""
	}
	return checkpointPath(dir, p.st.Job.JobID, p.now().Sub(time.UnixMilli(started)), checkpointSteps*p.step)
}

// createSnapshot makes the operator's FlinkStateSnapshot of a savepoint that was
// taken for an upgrade, or that is to be taken below a directory.
func (p *pass) createSnapshot(ctx context.Context, trigger, path string) error {
	return p.createSnapshotObject(ctx, "savepoint-"+strings.ToLower(trigger), trigger, map[string]any{
		"savepoint":    map[string]any{"disposeOnDelete": false, "formatType": formatCanonical, "alreadyExists": trigger == triggerUpgrade, "path": path},
		"backoffLimit": int64(0),
	})
}

func (p *pass) createSnapshotObject(ctx context.Context, infix, label string, spec map[string]any) error {
	spec["jobReference"] = map[string]any{"kind": p.kind, "name": p.key.Name}
	for ms := time.Now().UnixMilli(); ; ms++ {
		_, err := p.api.create(ctx, snapshots, map[string]any{
			"apiVersion": group + "/" + apiVersion, "kind": "FlinkStateSnapshot",
			"metadata": map[string]any{
				"namespace": p.key.Namespace, "name": fmt.Sprintf("%s-%s-%d", p.key.Name, infix, ms),
				"labels": map[string]any{labelTriggerType: label},
			},
			"spec": spec,
		})
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
}
