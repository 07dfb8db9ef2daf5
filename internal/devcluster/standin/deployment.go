package standin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

// canaryLabel marks objects that the operator only uses to check itself.
const canaryLabel = "flink.apache.org/canary"

// reconcileDeployment brings one FlinkDeployment a bit further.
func (o *operator) reconcileDeployment(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	obj, err := o.api.get(ctx, deployments, key)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	p, err := o.newPass(ctx, deployments, obj)
	if err != nil {
		return 0, err
	}
	if err := p.open(ctx); err != nil {
		return 0, err
	}
	switch {
	case obj.GetDeletionTimestamp() != nil:
		return p.cleanUpDeployment(ctx)
	case obj.GetLabels()[canaryLabel] == "true":
		return 0, nil
	case !slices.Contains(obj.GetFinalizers(), finalizer(deployments)):
		return 0, p.addFinalizer(ctx)
	case p.faults.statusNever:
		return 0, nil
	case !o.version.supportedFlink(p.spec.flinkVersion):
		p.unsupportedFlink(ctx, p.spec.flinkVersion)
		return o.interval(), nil
	}
	return p.finish(ctx, p.work(ctx))
}

// open finds the Flink behind the object of the pass.
func (p *pass) open(ctx context.Context) error {
	in, isNew := p.world.instance(p.obj.GetUID())
	p.in = in
	if !p.faults.firstMountError {
		in.mountError = false
	}
	if isNew && p.last != nil {
		return p.adopt(ctx)
	}
	return nil
}

func (p *pass) unsupportedFlink(ctx context.Context, flinkVersion *string) {
	name := "null"
	if flinkVersion != nil {
		name = *flinkVersion
	}
	p.event(ctx, "Warning", "UnsupportedFlinkVersion", "Operator", fmt.Sprintf("Flink version %s is not supported by this operator version", name))
}

// addFinalizer adds the finalizer in a request of its own. Operators of the age
// of 1.7 send the object through their Java classes on the way, which writes
// defaults into the spec and so raises the generation.
func (p *pass) addFinalizer(ctx context.Context) error {
	var changes map[string]any
	if p.version.rewritesSpec {
		m, _ := p.obj.Object["spec"].(map[string]any)
		changes = javaDefaults(m)
	}
	err := p.api.setFinalizers(ctx, p.gvr, p.obj, append(p.obj.GetFinalizers(), finalizer(p.gvr)), changes)
	if apierrors.IsConflict(err) {
		// A newer version of the object is on its way to the queue.
		return nil
	}
	return err
}

// javaDefaults are the fields that the operator's classes add to a spec.
func javaDefaults(m map[string]any) map[string]any {
	changes := map[string]any{}
	if job, ok := m["job"].(map[string]any); ok && job["args"] == nil {
		changes["job"] = map[string]any{"args": []any{}}
	}
	podHeader := func(template any) map[string]any {
		if t, ok := template.(map[string]any); ok && (t["apiVersion"] == nil || t["kind"] == nil) {
			return map[string]any{"apiVersion": "v1", "kind": "Pod"}
		}
		return nil
	}
	if header := podHeader(m["podTemplate"]); header != nil {
		changes["podTemplate"] = header
	}
	for _, name := range []string{"jobManager", "taskManager"} {
		component, ok := m[name].(map[string]any)
		if !ok {
			continue
		}
		add := map[string]any{}
		if name == "jobManager" && component["replicas"] == nil {
			add["replicas"] = int64(1)
		}
		if header := podHeader(component["podTemplate"]); header != nil {
			add["podTemplate"] = header
		}
		if len(add) > 0 {
			changes[name] = add
		}
	}
	return changes
}

// work is a pass over an object that is not being deleted.
func (p *pass) work(ctx context.Context) error {
	if err := p.observe(ctx); err != nil {
		return err
	}
	p.validate(ctx)
	if err := p.save(ctx); err != nil {
		return err
	}
	if p.invalid && p.last == nil {
		return nil
	}
	return p.reconcile(ctx)
}

// validate checks the spec. An invalid one is reported, and the pass goes on
// with the last good one.
func (p *pass) validate(ctx context.Context) {
	var last *spec
	suspendedWith := ""
	if p.last != nil {
		last = p.last.spec
		if last.job != nil && last.job.state == stateSuspended {
			suspendedWith = last.job.upgradeMode
		}
	}
	var message string
	if p.session {
		message = p.version.validateSessionJob(p.spec, last, p.cluster)
	} else {
		message = p.version.validateDeployment(p.key.Name, p.spec, last, suspendedWith)
	}
	if message == "" {
		return
	}
	p.invalid = true
	p.st.Error = newError(typeValidation, "ValidationError", "%s", message).document()
	p.event(ctx, "Warning", "ValidationError", "Operator", message)
	if last == nil {
		return
	}
	p.spec = last.clone()
	if p.spec.job != nil && p.st.Reconciliation.State == recUpgrading {
		p.spec.job.state = stateRunning
	}
}

// observe asks the simulated Flink how it is and puts the answer in the status.
func (p *pass) observe(ctx context.Context) error {
	rec := p.st.Reconciliation.State
	if p.last == nil || rec == recUpgrading || rec == recRollingBack || (p.last.spec.job != nil && p.last.spec.job.state == stateSuspended) {
		return nil
	}
	if err := p.observeLosses(ctx); err != nil {
		return err
	}
	if p.st.JobManager != jmReady {
		if err := p.observeJobManager(ctx); err != nil {
			return err
		}
	}
	if p.st.JobManager == jmReady {
		if p.last.spec.job == nil {
			if rec == recDeployed {
				p.markStable()
			}
		} else {
			p.observeJob(ctx)
		}
	}
	if (p.st.JobManager == jmReady || p.st.JobManager == jmMissing) && p.st.Error != jobNotFound && p.st.Job.State != jobFailed {
		p.st.Error = ""
	}
	return nil
}

// observeLosses notices a Deployment or pod that somebody deleted.
func (p *pass) observeLosses(ctx context.Context) error {
	jm, now := p.in.jm, p.now()
	if jm == nil {
		p.missing()
		return nil
	}
	known, gone := p.world.isLost(jm.deploymentUID)
	podKnown, podGone := p.world.isLost(jm.podUID)
	switch {
	case gone && now.Before(known):
		p.lookAgain(p.until(known, now))
	case podGone && now.Before(podKnown):
		p.lookAgain(p.until(podKnown, now))
	case gone:
		p.loseCluster()
		p.event(ctx, "Warning", "Missing", "JobManagerDeployment", "Missing JobManager deployment")
		p.missing()
		return nil
	case podGone:
		p.world.disown(jm.podUID)
		if err := p.createPod(ctx); err != nil {
			return err
		}
		if err := p.showUp(ctx); err != nil {
			return err
		}
		if p.in.job != nil {
			p.in.job.back = p.now().Add(p.interval())
		}
	}
	return nil
}

// missing is the status without a Deployment.
func (p *pass) missing() {
	p.st.JobManager = jmMissing
	if p.last.spec.job != nil {
		p.st.Job.State = jobReconciling
	}
}

func (p *pass) observeJobManager(ctx context.Context) error {
	jm, now := p.in.jm, p.now()
	if jm == nil {
		return nil
	}
	if err := p.heal(ctx); err != nil {
		return err
	}
	if f := jm.failing(now); f != nil && f.reason != reasonUnschedulable {
		if jm.passing && jm.failureEnds.IsZero() {
			jm.failureEnds = now.Add(mountErrorSteps * p.step)
		}
		p.lookAgain(p.interval())
		p.st.Job.State = jobReconciling
		if p.st.JobManager == jmError {
			// Reported once, so that a new spec gets its chance.
			return nil
		}
		p.st.JobManager = jmError
		failure := newError(typeDeploymentFailed, f.reason, "%s", p.podMessage(f))
		failure.Metadata["reason"] = f.reason
		return failure
	}
	if p.st.JobManager == jmError {
		// The pod came up after all; that it starts is always seen.
		jm.portOpen = later(jm.portOpen, now.Add(p.step))
		p.startJobOn(jm)
	}
	if p.faults.held && p.st.JobManager != jmDeployedNotReady {
		jm.portOpen = later(jm.portOpen, now.Add(p.interval()))
		p.startJobOn(jm)
	}
	if !jm.up(now) {
		p.st.JobManager = jmDeploying
		p.lookAgain(p.until(jm.portOpen, now))
		return nil
	}
	if jm.crashing && !jm.highAvailable && p.st.JobManager == jmDeployedNotReady {
		// Caught between two crashes.
		p.st.JobManager = jmDeploying
		p.lookAgain(2 * p.interval())
		return nil
	}
	p.lookAgain(p.step)
	if p.st.JobManager != jmDeployedNotReady {
		p.st.JobManager = jmDeployedNotReady
		return nil
	}
	p.st.JobManager = jmReady
	p.st.ClusterInfo = p.in.running.clusterInfo()
	return p.showUp(ctx)
}

// podMessage is a pod's failure as this version words it.
func (p *pass) podMessage(f *podFailure) string {
	if p.version.containerInError && f.reason != reasonFailedMount && f.reason != reasonFailedCreate {
		return "[" + mainContainer + "] " + f.message
	}
	return f.message
}

// observeJob asks for the job of a ready JobManager.
func (p *pass) observeJob(ctx context.Context) {
	job, now := p.in.job, p.now()
	if job == nil {
		p.event(ctx, "Warning", "Missing", "Job", jobNotFound)
		if p.version.keepsEnd && p.st.terminal() {
			return
		}
		p.st.Job.State = jobReconciling
		p.st.Error = jobNotFound
		return
	}
	if p.faults.held && p.st.Job.State != jobRunning && !job.back.IsZero() {
		job.back = later(job.back, now.Add(p.interval()))
	}
	if next := job.nextChange(now); !next.IsZero() {
		p.lookAgain(p.until(next, now))
	}
	if job.crash != nil {
		p.lookAgain(p.interval())
	}
	defer p.show()
	was, state := p.st.Job.State, job.state(now)
	if state == jobReconciling {
		return
	}
	if !job.ends.IsZero() && job.running.Before(job.ends) && !now.Before(job.ends) && (was == jobReconciling || was == jobCreated) {
		// A busy machine must not hide that the job ran: tests count on it.
		job.ends = now.Add(p.step)
		state = job.state(now)
		p.lookAgain(p.step)
	}
	p.st.Job.JobName = job.name
	if job.atStart {
		p.st.Job.JobName = "(application driver)"
	}
	p.st.Job.StartTime = strconv.FormatInt(job.created.UnixMilli(), 10)
	p.st.Job.State = state
	if was != state {
		p.st.Job.UpdateTime = strconv.FormatInt(now.UnixMilli(), 10)
		p.event(ctx, "Normal", "JobStatusChanged", "Job", "Job status changed from "+was+" to "+state)
		p.ended(ctx)
	}
	if p.st.Error == jobNotFound {
		p.st.Error = ""
	}
	pending := p.st.Job.SavepointInfo.TriggerID != ""
	if (state == jobRunning || state == jobFinished) && p.st.Reconciliation.State == recDeployed && !pending {
		p.markStable()
	}
}

// ended notes what a job leaves behind that has just reached a terminal state.
func (p *pass) ended(ctx context.Context) {
	job := p.in.job
	if !p.st.terminal() {
		return
	}
	p.in.haMetadata = false
	path := job.lastCheckpoint(p.now())
	if path != "" {
		p.setSnapshotPath(path, triggerUnknown)
	}
	if p.st.Job.State == jobFinished {
		p.world.deleteCheckpoint(path)
	}
	if job.cause != nil && p.st.Job.State == jobFailed {
		p.st.Error = job.cause.document()
		p.event(ctx, "Warning", "Error", "Job", job.cause.Message+" -> "+job.cause.Causes[0].Message)
		p.event(ctx, "Warning", "JobException", "Job", job.cause.Message)
	}
}
