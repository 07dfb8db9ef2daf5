package standin

import (
	"context"
	"strings"
	"time"
)

// reconcile compares the spec with what was reconciled last and acts on it.
func (p *pass) reconcile(ctx context.Context) error {
	if p.last == nil {
		if p.application() && p.spec.job.state == stateSuspended {
			// Created suspended: no status at all, until it is to run.
			return nil
		}
		return p.firstDeployment(ctx)
	}
	diff := p.changes()
	rec := p.st.Reconciliation.State
	switch {
	case rec == recRollingBack:
		return p.rollBack(ctx)
	case diff.kind == diffRedeploy:
		p.specChanged(ctx, diff)
		return p.redeploy(ctx)
	case diff.kind != diffIgnore || rec == recUpgrading:
		if rec != recUpgrading {
			p.specChanged(ctx, diff)
		}
		if diff.kind == diffScale && rec == recDeployed && p.scalable() {
			p.scale()
			return nil
		}
		if !p.application() {
			return p.replaceCluster(ctx)
		}
		return p.changeJob(ctx)
	}
	p.acknowledge()
	if p.shouldRollBack() {
		return p.rollBack(ctx)
	}
	if p.application() {
		return p.reconcileOthers(ctx)
	}
	return nil
}

// changes compares the spec with what was reconciled last. Before 1.8 a restart
// nonce that is taken away is a change as well.
func (p *pass) changes() *specDiff {
	diff := compare(p.last.spec, p.spec)
	if p.version.restartsWithoutNonce && p.last.spec.restartNonce != nil && p.spec.restartNonce == nil {
		diff.kind = max(diff.kind, diffUpgrade)
	}
	return diff
}

func (p *pass) specChanged(ctx context.Context, diff *specDiff) {
	name := "FlinkDeploymentSpec"
	if p.session {
		name = "FlinkSessionJobSpec"
	}
	p.event(ctx, "Normal", "SpecChanged", "JobManagerDeployment",
		diff.kind.String()+" change(s) detected (Diff: "+name+"["+strings.Join(diff.changes, ", ")+"]), starting reconciliation.")
}

// firstDeployment deploys an object that never was. The upgrade mode is ignored:
// the job starts from initialSavepointPath, or empty.
func (p *pass) firstDeployment(ctx context.Context) error {
	r := &reconciled{spec: p.spec.clone(), generation: p.generation, first: true}
	if job := r.spec.job; job != nil {
		job.state, job.upgradeMode = stateSuspended, modeStateless
		if path := job.initialSavepointPath; path != nil && *path != "" {
			job.upgradeMode = modeSavepoint
			p.setSnapshotPath(*path, triggerUnknown)
		}
	}
	p.setReconciled(r)
	if p.application() && !p.session {
		p.st.TaskManager = &taskManagerStatus{}
	}
	p.st.Reconciliation.State = recUpgrading
	p.st.Error = ""
	p.touch()
	p.acknowledge()
	if err := p.save(ctx); err != nil {
		return err
	}
	path := ""
	if p.application() && r.spec.job.upgradeMode == modeSavepoint {
		path = p.snapshotPath()
	}
	return p.deploy(ctx, r.spec, restore{path: path}, recDeployed)
}

// replaceCluster upgrades a session cluster: the old one goes, a new one comes.
func (p *pass) replaceCluster(ctx context.Context) error {
	if err := p.deleteCluster(ctx); err != nil {
		return err
	}
	p.st.JobManager = jmMissing
	p.st.Job.State = jobFinished
	p.prepare(p.spec.clone())
	if err := p.save(ctx); err != nil {
		return err
	}
	return p.deploy(ctx, p.last.spec, restore{}, recDeployed)
}

// prepare records that next is about to be deployed.
func (p *pass) prepare(next *spec) {
	p.setReconciled(&reconciled{spec: next, generation: p.reconciledGeneration()})
	p.st.Reconciliation.State = recUpgrading
	p.st.Error = ""
	if p.st.TaskManager != nil {
		p.st.TaskManager = &taskManagerStatus{}
	}
	p.touch()
	p.acknowledge()
}

// reconciledGeneration is the generation to record with a spec: an invalid one
// is not reconciled, so the one before stays.
func (p *pass) reconciledGeneration() int64 {
	if p.invalid {
		return p.last.generation
	}
	return p.generation
}

// scalable reports whether a SCALE change can be made on the running job.
func (p *pass) scalable() bool {
	if !p.application() || p.session || p.st.terminal() || p.st.Job.State == jobReconciling {
		return false
	}
	if plain(p.spec.mode) == "standalone" {
		return p.config["scheduler-mode"] == "reactive"
	}
	return strings.EqualFold(p.config["jobmanager.scheduler"], "adaptive") && enabled(p.config, "job.upgrade.inplace-scaling.enabled", true) &&
		p.config["pipeline.jobvertex-parallelism-overrides"] != ""
}

// scale takes the new spec without a restart.
func (p *pass) scale() {
	next := p.spec.clone()
	next.job.upgradeMode = p.last.spec.job.upgradeMode
	p.setReconciled(&reconciled{spec: next, generation: p.generation, first: p.last.first})
	p.st.TaskManager = &taskManagerStatus{LabelSelector: taskManagerLabels(p.key.Name), Replicas: next.taskManagers()}
	if job := p.in.job; job != nil {
		job.parallelism, job.rescaled = next.vertexParallelism(), p.now()
	}
	p.touch()
	p.acknowledge()
	p.lookAgain(p.step)
}

// redeploy drops the running job and starts from initialSavepointPath. The new
// spec counts as stable at once.
func (p *pass) redeploy(ctx context.Context) error {
	next := p.spec.clone()
	first := p.last.first
	next.job.upgradeMode = modeSavepoint
	if p.in.jm != nil {
		if err := p.deleteCluster(ctx); err != nil {
			return err
		}
	}
	if !p.session {
		p.st.JobManager = jmMissing
	}
	p.in.haMetadata = false
	p.setSnapshotPath(*next.job.initialSavepointPath, triggerUnknown)
	p.st.Job.State = jobFinished
	p.newJobID(false)
	if err := p.save(ctx); err != nil {
		return err
	}
	if err := p.submit(ctx, next, restore{path: *next.job.initialSavepointPath}); err != nil {
		return err
	}
	p.setReconciled(&reconciled{spec: next, generation: p.generation, first: first})
	p.deployed(recDeployed)
	p.markStable()
	return nil
}

// readinessTimeout is how long a deployment may take before the operator rolls
// it back; a second of the configuration is one step here.
func (p *pass) readinessTimeout() time.Duration {
	timeout := flinkDuration(p.config[keyReadinessTimeout], 5*time.Minute)
	return p.inSteps(timeout)
}

func (p *pass) shouldRollBack() bool {
	r := p.st.Reconciliation
	if p.session || r.State != recDeployed || !enabled(p.config, keyRollback, false) || r.LastStableSpec == "" || r.LastStableSpec == r.LastReconciledSpec {
		return false
	}
	stable, err := parseReconciled(r.LastStableSpec)
	if err != nil || (stable.spec.job != nil && stable.spec.job.state == stateSuspended) || plain(stable.spec.flinkVersion) != plain(p.spec.flinkVersion) {
		return false
	}
	if p.application() && p.last.spec.job.state == stateSuspended {
		return false
	}
	deadline := time.UnixMilli(r.Timestamp).Add(p.readinessTimeout())
	if now := p.now(); now.Before(deadline) {
		p.lookAgain(p.until(deadline, now))
		return false
	}
	// Without HA metadata only a JobManager that never ran has lost nothing.
	return !p.application() || p.haAvailable() || (p.in.jm != nil && !p.in.jm.started(p.now()) && !p.in.jm.manualRestore)
}

// rollBack puts the last stable spec back. The object's spec stays as it is, and
// lastReconciledSpec stays the bad one.
func (p *pass) rollBack(ctx context.Context) error {
	stable, err := parseReconciled(p.st.Reconciliation.LastStableSpec)
	if err != nil {
		return err
	}
	if p.st.Reconciliation.State != recRollingBack {
		p.event(ctx, "Normal", "Rollback", "JobManagerDeployment", "Rolling back failed deployment.")
	}
	back := restore{path: p.snapshotPath()}
	if p.haAvailable() {
		back = restore{lastState: true}
		p.keepHA()
	}
	if p.in.jm != nil {
		if err := p.deleteCluster(ctx); err != nil {
			return err
		}
	}
	p.st.JobManager = jmMissing
	p.st.Error = ""
	p.st.Reconciliation.State = recRollingBack
	if p.application() {
		p.st.Job.State = jobFinished
	}
	if err := p.save(ctx); err != nil {
		return err
	}
	p.newJobID(back.lastState)
	if err := p.save(ctx); err != nil {
		return err
	}
	if err := p.submit(ctx, stable.spec, back); err != nil {
		return err
	}
	p.deployed(recRolledBack)
	return nil
}

// reconcileOthers does what needs no new deployment: savepoints on request, and
// bringing back a JobManager that got lost.
func (p *pass) reconcileOthers(ctx context.Context) error {
	if p.spec.job.state != stateRunning || p.last.spec.job.state != stateRunning {
		return nil
	}
	if p.st.JobManager == jmMissing && !p.session && enabled(p.config, keyRecovery, true) && p.in.haMetadata {
		p.event(ctx, "Warning", "RecoverDeployment", "JobManagerDeployment", "Recovering lost deployment")
		return p.deploy(ctx, p.last.spec.clone(), restore{lastState: true}, p.st.Reconciliation.State)
	}
	if p.st.Job.State != jobRunning {
		return nil
	}
	if nonce := p.spec.job.savepointTriggerNonce; nonce != nil && plain(nonce) != plain(p.last.spec.job.savepointTriggerNonce) {
		return p.triggerSavepoint(ctx, *nonce)
	}
	if nonce := p.spec.job.checkpointTriggerNonce; p.version.snapshots && nonce != nil && plain(nonce) != plain(p.last.spec.job.checkpointTriggerNonce) {
		return p.triggerCheckpoint(ctx, *nonce)
	}
	return nil
}
