package standin

import (
	"context"
)

// upgrade is a way from the running job to the next one that keeps its promise
// about the state.
type upgrade struct {
	mode          string // what lastReconciledSpec records
	takeSavepoint bool   // stop with a savepoint
	cancel        bool   // cancel and go on from the last checkpoint
	deleteCluster bool
	keepHA        bool
}

// changeJob takes a job from its last reconciled spec to the current one: first
// it is suspended, and the next pass restores it.
func (p *pass) changeJob(ctx context.Context) error {
	current, desired := p.last.spec.job.state, p.spec.job.state
	switch {
	case current == stateRunning:
		up, err := p.availableUpgrade(ctx)
		if err != nil {
			return err
		}
		if up == nil {
			// Neither running nor lost: wait for one of them.
			p.lookAgain(p.step)
			return nil
		}
		if err := p.suspend(ctx, up); err != nil {
			return err
		}
		next := p.nextSpec(up.mode)
		if desired == stateSuspended {
			p.suspended(next)
			return nil
		}
		p.prepare(next)
		// The restore is a pass of its own, which reads the spec afresh.
		p.lookAgain(p.step / 10)
		return nil
	case desired == stateRunning:
		return p.restoreJob(ctx)
	case p.st.Reconciliation.State == recUpgrading:
		p.suspended(p.nextSpec(p.last.spec.job.upgradeMode))
	}
	// A change while suspended is taken up when the job is to run again.
	return nil
}

// nextSpec is the current spec as lastReconciledSpec shows it before a restore.
// Trigger nonces stay pending.
func (p *pass) nextSpec(mode string) *spec {
	next := p.spec.clone()
	next.job.state, next.job.upgradeMode = stateSuspended, mode
	next.job.savepointTriggerNonce = p.last.spec.job.savepointTriggerNonce
	next.job.checkpointTriggerNonce = p.last.spec.job.checkpointTriggerNonce
	return next
}

// suspended records a job that was asked to stop; that is stable.
func (p *pass) suspended(next *spec) {
	p.setReconciled(&reconciled{spec: next, generation: p.reconciledGeneration(), first: p.last.first})
	p.st.Reconciliation.State = recDeployed
	p.st.Error = ""
	if p.st.TaskManager != nil {
		p.st.TaskManager = &taskManagerStatus{}
	}
	p.touch()
	p.acknowledge()
	p.markStable()
}

// availableUpgrade says how the job can be stopped now, nil when it has to wait.
func (p *pass) availableUpgrade(ctx context.Context) (*upgrade, error) {
	mode := p.spec.job.upgradeMode
	if p.st.terminal() {
		if mode == modeStateless {
			return &upgrade{mode: modeStateless}, nil
		}
		// It goes on from its last snapshot, or from nothing if it never had one.
		return &upgrade{mode: modeSavepoint}, nil
	}
	if mode == modeStateless {
		if p.session {
			return &upgrade{mode: modeStateless, cancel: true}, nil
		}
		return &upgrade{mode: modeStateless, deleteCluster: true}, nil
	}
	running := p.st.Job.State == jobRunning
	switch {
	case running && p.clusterGone():
		// REST does not answer, and the status does not know yet.
		return nil, nil
	case running && mode == modeSavepoint:
		return &upgrade{mode: modeSavepoint, takeSavepoint: true}, nil
	case p.session && running:
		return &upgrade{mode: modeSavepoint, cancel: true}, nil
	case p.session:
		return nil, nil
	case p.haAvailable() && (mode == modeLastState || enabled(p.config, keyLastStateFallback, true)):
		return &upgrade{mode: modeLastState, deleteCluster: true, keepHA: true}, nil
	case running:
		return &upgrade{mode: modeSavepoint, cancel: true}, nil
	}
	never, err := p.neverStarted(ctx)
	if err != nil {
		return nil, err
	}
	if never && p.last.spec.job.upgradeMode != modeLastState {
		return &upgrade{mode: modeSavepoint, deleteCluster: true}, nil
	}
	if p.st.JobManager == jmMissing || p.st.JobManager == jmError {
		return nil, manualRestore()
	}
	return nil, nil
}

// suspend stops the running job.
func (p *pass) suspend(ctx context.Context, up *upgrade) error {
	p.event(ctx, "Normal", "Suspended", "JobManagerDeployment", "Suspending existing deployment.")
	switch {
	case up.takeSavepoint:
		path, err := p.takeSavepoint(ctx, p.config)
		if err != nil {
			return err
		}
		if err := p.recordUpgradeSavepoint(ctx, path); err != nil {
			return err
		}
	case up.cancel:
		if err := p.cancel(ctx, up.mode); err != nil {
			return err
		}
	case up.deleteCluster:
		if up.keepHA {
			p.keepHA()
		}
		if p.in.jm != nil {
			if err := p.deleteCluster(ctx); err != nil {
				return err
			}
		}
		p.st.JobManager = jmMissing
	}
	if !up.keepHA {
		p.in.haMetadata = false
	}
	p.in.job = nil
	p.st.Job.State = jobFinished
	if p.session {
		p.st.Job.JobID = ""
	}
	return nil
}

// cancel stops the job without a savepoint while the cluster stays, which the
// status shows on the way.
func (p *pass) cancel(ctx context.Context, mode string) error {
	p.st.Reconciliation.State = recUpgrading
	p.st.Job.State = jobCancelling
	if err := p.save(ctx); err != nil {
		return err
	}
	if err := p.pause(ctx, 1); err != nil {
		return err
	}
	if path := p.in.job.lastCheckpoint(p.now()); path != "" && mode != modeStateless {
		p.setSnapshotPath(path, triggerUnknown)
	}
	p.st.Job.State = jobCanceled
	p.event(ctx, "Normal", "JobStatusChanged", "Job", "Job status changed from CANCELLING to CANCELED")
	return p.save(ctx)
}

// restoreJob deploys the suspended job again. It inherits the mode that it was
// suspended with, unless the new one is stateless.
func (p *pass) restoreJob(ctx context.Context) error {
	mode := p.spec.job.upgradeMode
	if mode != modeStateless {
		mode = p.last.spec.job.upgradeMode
	}
	next := p.nextSpec(mode)
	p.prepare(next)
	if err := p.save(ctx); err != nil {
		return err
	}
	switch mode {
	case modeSavepoint:
		return p.deploy(ctx, next, restore{path: p.snapshotPath()}, recDeployed)
	case modeLastState:
		return p.deploy(ctx, next, restore{lastState: true}, recDeployed)
	}
	return p.deploy(ctx, next, restore{}, recDeployed)
}

// restore says what a job starts from; the zero value is an empty state.
type restore struct {
	path      string
	lastState bool
}

// deploy starts next and records it as deployed.
func (p *pass) deploy(ctx context.Context, next *spec, from restore, state string) error {
	if p.in.jm != nil && !p.session {
		if err := p.deleteCluster(ctx); err != nil {
			return err
		}
		p.st.JobManager = jmMissing
		if err := p.save(ctx); err != nil {
			return err
		}
	}
	if next.job != nil {
		p.newJobID(from.lastState)
		if p.session {
			p.st.Job.State = jobReconciling
		}
		if err := p.save(ctx); err != nil {
			return err
		}
	}
	if err := p.submit(ctx, next, from); err != nil {
		return err
	}
	running := next.clone()
	if running.job != nil {
		running.job.state = stateRunning
	}
	p.setReconciled(&reconciled{spec: running, generation: p.reconciledGeneration(), first: p.last.first})
	p.deployed(state)
	return nil
}

// newJobID chooses the id of the next execution. A restore from HA metadata
// keeps the old one, and so do applications of operators before 1.10.
func (p *pass) newJobID(lastState bool) {
	keep := lastState || !p.version.newJobID
	if p.application() && (!keep || p.st.Job.JobID == "") {
		p.st.Job.JobID = randomHex(16)
	}
}

// submit starts Flink.
func (p *pass) submit(ctx context.Context, next *spec, from restore) error {
	p.event(ctx, "Normal", "Submit", "JobManagerDeployment", "Starting deployment")
	if p.session {
		return p.runJar(ctx, next, from)
	}
	if err := p.pause(ctx, 0.5); err != nil {
		return err
	}
	return p.startCluster(ctx, next, from)
}

// deployed is the status right after a successful submission.
func (p *pass) deployed(state string) {
	p.st.Reconciliation.State = state
	p.st.Error = ""
	p.touch()
	p.acknowledge()
	p.lookAgain(p.step)
	if p.session {
		return
	}
	p.st.JobManager = jmDeploying
	if p.in.restoredLastState && p.version.snapshots {
		p.st.Job.UpgradeSavepointPath = lastStateDummy
	}
	if p.application() {
		p.st.Job.State = jobReconciling
		p.st.TaskManager = &taskManagerStatus{LabelSelector: taskManagerLabels(p.key.Name), Replicas: p.last.spec.taskManagers()}
	}
}
