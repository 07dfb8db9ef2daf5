package standin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// cleanUpDeployment ends what runs for a FlinkDeployment that is being deleted
// and then lets it go.
func (p *pass) cleanUpDeployment(ctx context.Context) (time.Duration, error) {
	if !slices.Contains(p.obj.GetFinalizers(), finalizer(p.gvr)) {
		return 0, nil
	}
	p.event(ctx, "Normal", "Cleanup", "Operator", "Cleaning up FlinkDeployment")
	if p.faults.stuckDeletion {
		p.event(ctx, "Warning", "CleanupFailed", "Operator", "Injected by annotation "+annotationStuckDeletion)
		return p.interval(), nil
	}
	if !p.application() {
		return p.cleanUpSessionCluster(ctx)
	}
	stopped := p.last == nil || p.last.spec.job.state == stateSuspended || p.st.terminal()
	if !stopped && enabled(p.config, keySavepointOnDeletion, false) {
		if p.st.Job.State != jobRunning {
			// The operator throws and tries again; nothing tells the user.
			return p.interval(), nil
		}
		if done, err := p.savepointOnDeletion(ctx); !done {
			return p.interval(), err
		}
	}
	return 0, p.release(ctx)
}

// cleanUpSessionCluster waits for the session jobs to go first.
func (p *pass) cleanUpSessionCluster(ctx context.Context) (time.Duration, error) {
	if p.last != nil && enabled(p.config, keyBlockOnSessionJobs, true) {
		jobs, err := p.sessionJobsOf(ctx, p.key)
		if err != nil {
			return 0, err
		}
		if len(jobs) > 0 {
			p.event(ctx, "Warning", "CleanupFailed", "Operator", fmt.Sprintf("The session jobs [%s] should be deleted first", strings.Join(jobs, ", ")))
			if p.version.deletingState {
				p.st.Lifecycle = lifecycleDeleting
			}
			return p.interval(), p.save(ctx)
		}
	}
	return 0, p.release(ctx)
}

// savepointOnDeletion stops the job with a savepoint, whose path survives only
// in the FlinkStateSnapshot. Not done without an error: Flink refused, and the
// operator tries again.
func (p *pass) savepointOnDeletion(ctx context.Context) (done bool, err error) {
	path, err := p.takeSavepoint(ctx, p.config)
	var refused *flinkError
	if errors.As(err, &refused) {
		p.event(ctx, "Warning", "SavepointError", "JobManagerDeployment", err.Error())
		return false, nil
	}
	if err == nil && p.version.snapshots {
		err = p.createSnapshot(ctx, triggerUpgrade, path)
	}
	return err == nil, err
}

// release removes what was made for the object, and its finalizer.
func (p *pass) release(ctx context.Context) error {
	if p.in.jm != nil {
		if err := p.deleteCluster(ctx); err != nil {
			return err
		}
	}
	finalizers := slices.DeleteFunc(p.obj.GetFinalizers(), func(f string) bool { return f == finalizer(p.gvr) })
	err := p.api.setFinalizers(ctx, p.gvr, p.obj, finalizers, nil)
	if apierrors.IsConflict(err) {
		// Changed meanwhile: the next pass reads it again.
		p.requeue()
		return nil
	}
	if err != nil {
		return err
	}
	if !p.session {
		service := p.key
		service.Name += "-rest"
		if err := p.api.remove(ctx, services, service); err != nil {
			return err
		}
		if err := p.api.remove(ctx, endpoints, service); err != nil {
			return err
		}
	}
	p.world.forget(p.obj.GetUID())
	return nil
}

func (p *pass) requeue() {
	if p.session {
		p.sessionJobs.add(p.key)
		return
	}
	p.deployments.add(p.key)
}

// cleanUpSessionJob cancels the job of a FlinkSessionJob that is being deleted.
func (p *pass) cleanUpSessionJob(ctx context.Context) (time.Duration, error) {
	if !slices.Contains(p.obj.GetFinalizers(), finalizer(p.gvr)) {
		return 0, nil
	}
	p.event(ctx, "Normal", "Cleanup", "Operator", "Cleaning up FlinkSessionJob")
	if p.faults.stuckDeletion {
		p.event(ctx, "Warning", "CleanupFailed", "Operator", "Injected by annotation "+annotationStuckDeletion)
		return p.interval(), nil
	}
	if p.last == nil || p.last.spec.job.state == stateSuspended || p.st.terminal() || p.in.job == nil || p.cluster == nil || p.st.Error == jobNotFound {
		return 0, p.release(ctx)
	}
	if enabled(p.config, keySavepointOnDeletion, false) && p.st.Job.State == jobRunning {
		if done, err := p.savepointOnDeletion(ctx); !done {
			return p.interval(), err
		}
		return 0, p.release(ctx)
	}
	if p.version.deletingState {
		p.st.Lifecycle = lifecycleDeleting
	}
	p.st.Job.State = jobCancelling
	if err := p.save(ctx); err != nil {
		return 0, err
	}
	if err := p.pause(ctx, 1); err != nil {
		return 0, err
	}
	p.event(ctx, "Normal", "JobStatusChanged", "Job", "Job status changed from CANCELLING to CANCELED")
	return 0, p.release(ctx)
}
