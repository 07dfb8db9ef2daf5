package standin

import (
	"context"
	"fmt"
	"time"
)

// transition waits for the FlinkDeployment of a color, which takes the place of the other one, or was patched. A new
// spec goes to it at once, except that it is not suspended on the way.
func (b *blueGreenPass) transition(ctx context.Context, target color) (time.Duration, error) {
	if diff := b.diff(); diff != blueGreenIgnore && diff != blueGreenSuspend {
		return b.patchChild(ctx, target, diff != blueGreenRedeploy)
	}
	next := b.children[target]
	switch {
	case next == nil:
		return 0, exceptionError("NullPointerException: Target Dependent Deployment resource not found. Blue/Green deployment name: " + b.key.Name)
	case next.suspended() && next.pass.st.Lifecycle == lifecycleSuspended:
		b.st.resetMarkers()
		return b.soon(), b.record(ctx, active(target), jobSuspended, "")
	case !next.suspended() && next.ready():
		return b.removeOld(ctx, target)
	}
	return b.abortInTime(ctx, target)
}

// removeOld deletes the other color after the configured delay.
func (b *blueGreenPass) removeOld(ctx context.Context, target color) (time.Duration, error) {
	old, now := b.children[target.other()], time.Now()
	if old == nil {
		return b.finalize(ctx, target)
	}
	delay := b.configured(keyDeletionDelay, 0)
	ready := instantOf(b.st.DeploymentReadyTimestamp)
	if ready.Equal(epoch) {
		b.st.DeploymentReadyTimestamp = instant(now)
		return max(delay, b.soon()), b.record(ctx, "", "", "")
	}
	if due := ready.Add(delay); !due.Before(now) {
		return b.until(due, now), nil
	}
	if old.obj.GetDeletionTimestamp() == nil {
		if err := b.api.remove(ctx, deployments, b.childKey(target.other())); err != nil {
			return 0, err
		}
	}
	if b.version.finalizesEarly {
		return b.finalize(ctx, target)
	}
	return b.steps(0.5), nil
}

// finalize ends the transition; the next pass takes up a spec that came too early.
func (b *blueGreenPass) finalize(ctx context.Context, target color) (time.Duration, error) {
	b.st.resetMarkers()
	if err := b.reconcileIngress(ctx, target); err != nil {
		return 0, err
	}
	return b.soon(), b.record(ctx, active(target), jobRunning, "")
}

// abortInTime suspends the target that did not get ready within the grace period, and goes back.
func (b *blueGreenPass) abortInTime(ctx context.Context, target color) (time.Duration, error) {
	deadline := instantOf(b.st.AbortTimestamp)
	if deadline.Equal(epoch) {
		return 0, exceptionError("Unexpected abortTimestamp == 0")
	}
	if !deadline.Before(time.Now()) {
		return b.rescheduleInterval(), b.record(ctx, "", "", "")
	}
	key := b.childKey(target)
	if _, err := b.api.patch(ctx, deployments, key, map[string]any{"spec": map[string]any{"job": map[string]any{"state": stateSuspended}}}); err != nil {
		return 0, err
	}
	previous := initializingBlue
	if len(b.children) == len(colors) {
		previous = active(target.other())
	}
	b.st.SavepointTriggerID = ""
	if b.version.finalizesEarly {
		b.st.resetMarkers()
	}
	return 0, b.record(ctx, previous, jobFailing, fmt.Sprintf("Aborting deployment '%s', rolling B/G deployment back to %s", key.Name, previous))
}
