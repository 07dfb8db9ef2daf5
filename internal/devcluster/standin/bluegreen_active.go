package standin

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// active looks for a new spec. One that arrives while the active deployment does not run is taken for reconciled, and
// forgotten, unless the state of the job says FAILING already.
func (b *blueGreenPass) active(ctx context.Context, current color) (time.Duration, error) {
	running := b.children[current]
	if running != nil {
		if err := b.reconcileIngress(ctx, current); err != nil {
			return 0, err
		}
	}
	diff := b.diff()
	switch {
	case diff == blueGreenIgnore:
		return 0, nil
	case running != nil && (diff == blueGreenSuspend || diff == blueGreenResume || running.suspended()):
		return b.patchChild(ctx, current, true)
	case running == nil || !running.ready():
		if b.st.Job.State == jobFailing {
			return 0, nil
		}
		name := "null"
		if running != nil {
			name = b.childKey(current).Name
		}
		b.reconciled()
		return 0, b.record(ctx, "", jobFailing, fmt.Sprintf("Transition to %s not possible, current Flink Deployment '%s' is not READY. FAILING '%s'",
			current.other(), name, b.key.Name))
	case diff == blueGreenPatch:
		return b.patchChild(ctx, current, true)
	case diff == blueGreenRedeploy:
		b.reconciled()
		return b.deploy(ctx, current.other(), "")
	}
	return b.startTransition(ctx, current, running)
}

// startTransition deploys the other color, with a savepoint of the running one in all upgrade modes but stateless.
// The savepoint makes no FlinkStateSnapshot. An id that an earlier change left behind is taken for its own.
func (b *blueGreenPass) startTransition(ctx context.Context, current color, running *child) (time.Duration, error) {
	if job := b.spec.template.job; job != nil && job.upgradeMode == modeStateless {
		b.reconciled()
		return b.deploy(ctx, current.other(), "")
	}
	if b.st.SavepointTriggerID == "" {
		cause, err := b.unreachable(ctx, current, running)
		if err != nil {
			return 0, err
		}
		if cause != "" {
			return 0, b.record(ctx, "", jobFailing, "Could not trigger Savepoint. Details: "+cause)
		}
		b.st.SavepointTriggerID = randomHex(16)
		return b.rescheduleInterval(), b.record(ctx, savepointing(current), "", "")
	}
	b.reconciled()
	dir, trigger := savepointDir(running.pass.config), b.st.SavepointTriggerID
	if cause := savepointFailure(running.pass.faults, dir); cause != "" {
		b.st.SavepointTriggerID = ""
		return 0, b.record(ctx, "", jobFailing, fmt.Sprintf("Could not start Transition. Details: Could not fetch savepoint with triggerId: %s. Error: %s", trigger, cause))
	}
	return b.deploy(ctx, current.other(), savepointPath(dir, running.pass.st.Job.JobID, trigger[:12]))
}

// unreachable says why no savepoint can be asked for, "" when it can.
func (b *blueGreenPass) unreachable(ctx context.Context, current color, running *child) (string, error) {
	if savepointDir(running.pass.config) == "" {
		return "null", nil
	}
	key := b.childKey(current)
	_, err := b.api.get(ctx, appsDeployments, key)
	if apierrors.IsNotFound(err) {
		return fmt.Sprintf("java.util.concurrent.ExecutionException: java.net.ConnectException: Connection refused: %s-rest.%s", key.Name, key.Namespace), nil
	}
	return "", err
}

// savepointing waits for the savepoint without a limit, and shows ACTIVE in between.
func (b *blueGreenPass) savepointing(ctx context.Context, current color) (time.Duration, error) {
	running := b.children[current]
	if running == nil {
		return 0, exceptionError("NullPointerException: there is no " + b.childKey(current).Name)
	}
	done := instantOf(b.st.LastReconciledTimestamp).Add(b.step/2 + running.pass.faults.savepointSlow)
	if running.pass.st.Job.State == jobRunning && time.Now().Before(done) {
		return b.rescheduleInterval(), nil
	}
	return b.soon(), b.record(ctx, active(current), "", "")
}
