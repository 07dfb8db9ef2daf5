package standin

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

// reconcileSessionJob brings one FlinkSessionJob a bit further.
func (o *operator) reconcileSessionJob(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	obj, err := o.api.get(ctx, sessionJobs, key)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	p, err := o.newPass(ctx, sessionJobs, obj)
	if err != nil {
		return 0, err
	}
	if err := p.open(ctx); err != nil {
		return 0, err
	}
	ready, err := p.findCluster(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case obj.GetDeletionTimestamp() != nil:
		return p.cleanUpSessionJob(ctx)
	case !slices.Contains(obj.GetFinalizers(), finalizer(sessionJobs)):
		return 0, p.addFinalizer(ctx)
	case p.faults.statusNever:
		return 0, nil
	case p.cluster == nil && p.last == nil:
		p.unsupportedFlink(ctx, nil)
		return 0, nil
	}
	if ready && p.last != nil {
		p.observeSessionJob(ctx)
	}
	p.validate(ctx)
	if p.last == nil && !p.invalid && !ready {
		// No status at all until the cluster is there.
		return 0, nil
	}
	if err := p.save(ctx); err != nil {
		return 0, err
	}
	if !ready || (p.invalid && p.last == nil) {
		return p.again, nil
	}
	return p.finish(ctx, p.reconcile(ctx))
}

func (p *pass) clusterKey() types.NamespacedName {
	return types.NamespacedName{Namespace: p.key.Namespace, Name: p.spec.deploymentName}
}

// findCluster reads the session cluster and reports whether it takes jobs.
func (p *pass) findCluster(ctx context.Context) (ready bool, err error) {
	obj, err := p.api.get(ctx, deployments, p.clusterKey())
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m, _ := obj.Object["spec"].(map[string]any)
	p.cluster = parseSpec(m)
	p.config = mergedConfig(p.cluster, p.spec)
	st, err := readStatus(obj.Object)
	if err != nil || st == nil {
		return false, err
	}
	return st.JobManager == jmReady, nil
}

// mergedConfig is the configuration that a session job runs with.
func mergedConfig(cluster, job *spec) map[string]string {
	config := flatConfig(cluster.config)
	maps.Copy(config, flatConfig(job.config))
	return config
}

// observeSessionJob asks the ready cluster for the job.
func (p *pass) observeSessionJob(ctx context.Context) {
	if p.st.Reconciliation.State == recUpgrading {
		if p.last.first && p.st.Error != "" {
			// The first submission failed: as if it had never been tried.
			p.st.Reconciliation.LastReconciledSpec, p.last = "", nil
		}
		return
	}
	if p.last.spec.job.state == stateSuspended {
		return
	}
	epoch := p.world.epochOf(p.clusterKey())
	if p.in.epoch < 0 {
		p.in.epoch = epoch
	}
	if p.in.epoch != epoch && p.in.job != nil {
		// The cluster was restarted under the job: with HA it recovers the job.
		p.in.epoch = epoch
		if highAvailability(p.config) {
			p.in.job.created, p.in.job.running = p.now(), p.now().Add(2*p.step)
		} else {
			p.in.job = nil
		}
	}
	p.observeJob(ctx)
	if p.st.Error != jobNotFound && p.st.Job.State != jobFailed {
		p.st.Error = ""
	}
}

// runJar submits the job to its session cluster.
func (p *pass) runJar(ctx context.Context, next *spec, from restore) error {
	if next.job.jarURI != nil && path.Base(*next.job.jarURI) == "missing.jar" {
		_, file, _ := strings.Cut(*next.job.jarURI, "://")
		message := file + " (No such file or directory)"
		return newError(typeReconciliation, "Error", "java.io.FileNotFoundException: %s", message).because("java.io.FileNotFoundException", message)
	}
	if next.job.jarURI != nil && p.version.boundedDownloads {
		if message := fetchFault(*next.job.jarURI, path.Base(*next.job.jarURI)); message != "" {
			return newError(typeReconciliation, "Error", "java.io.IOException: %s", message).because("java.io.IOException", message)
		}
	}
	if err := p.pause(ctx, 0.5); err != nil {
		return err
	}
	in := p.in
	in.starts++
	in.running, in.restoredFrom = next, from.path
	in.epoch = p.world.epochOf(p.clusterKey())
	if !p.world.restorable(from.path) {
		return newError(typeReconciliation, "Error", "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '%s' on file system 'file'.", from.path)
	}
	effective := next.clone()
	effective.config = map[string]any{}
	for k, v := range p.config {
		effective.config[k] = v
	}
	in.job = startJob(p.st.Job.JobID, p.key.Name, effective, p.faults, p.now(), p.step)
	in.job.restoredFrom = from.path
	p.show()
	_, err := p.api.patch(ctx, appsDeployments, p.clusterKey(), map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		annotationRestoredFrom + "." + p.key.Name: from.path,
		annotationStarts + "." + p.key.Name:       strconv.Itoa(in.starts),
	}}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// adoptSessionJob goes on with a job that an earlier life of the stand-in
// started. What its cluster counts starts anew too.
func (p *pass) adoptSessionJob() {
	p.in.epoch = -1
	p.in.running = p.last.spec.clone()
	p.adoptJob()
}

// adoptJob makes a job that is where the status says.
func (p *pass) adoptJob() {
	in, now := p.in, p.now()
	if in.running == nil || in.running.job == nil || in.running.job.state == stateSuspended || (in.jm != nil && in.jm.crashing) {
		return
	}
	in.job = startJob(p.st.Job.JobID, p.key.Name, in.running, p.faults, now, p.step)
	in.job.restoredFrom = in.restoredFrom
	defer p.show()
	if p.st.terminal() {
		in.job.created, in.job.running = now.Add(-p.interval()), now.Add(-p.interval())
		in.job.ends, in.job.endState = now, p.st.Job.State
		if p.st.Job.State == jobFinished {
			p.world.deleteCheckpoint(p.snapshotPath())
		}
		return
	}
	if p.st.Job.State == jobRunning {
		in.job.created, in.job.running = now.Add(-p.interval()), now
	}
}

// sessionJobsOf lists the names of the session jobs that run on a cluster.
func (o *operator) sessionJobsOf(ctx context.Context, cluster types.NamespacedName) ([]string, error) {
	list, err := o.api.list(ctx, sessionJobs, cluster.Namespace)
	if err != nil {
		return nil, fmt.Errorf("session jobs of %s: %w", cluster, err)
	}
	var names []string
	for i := range list {
		m, _ := list[i].Object["spec"].(map[string]any)
		if parseSpec(m).deploymentName == cluster.Name {
			names = append(names, list[i].GetName())
		}
	}
	return names, nil
}
