package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// redeployFrom makes the operator deploy an object from its initial savepoint
// path, or from the one given. The nonce must differ from all before.
func redeployFrom(object *unstructured.Unstructured, savepoint string) error {
	fields := map[string]any{redeployNonce: time.Now().Unix()}
	if savepoint != "" {
		annotate(object, recreationAnnotation, initialPath(object))
		fields["initialSavepointPath"] = savepoint
	}
	for field, value := range fields {
		if err := unstructured.SetNestedField(object.Object, value, "spec", "job", field); err != nil {
			return fmt.Errorf("set spec.job.%s: %w", field, err)
		}
	}
	return nil
}

// redeploy starts a deployed job from the path that the change gives. Its
// present state is dropped, with leave; a rollback needs it all the same, so it
// is saved first where that is possible.
func (d *Deployments) redeploy(ctx context.Context, live, object *unstructured.Unstructured, change platform.Change) (*begun, error) {
	w, mode := write{change: &change, marked: change.Awaited || isMarked(live)}, upgradeModeOf(live)
	if err := redeployFrom(object, ""); err != nil {
		return nil, err
	}
	supported, err := d.redeploys(ctx, live, object)
	if err != nil {
		return nil, d.translate(err, change.Ref)
	}
	if change.Rollback {
		if live, w.dropped, err = d.save(ctx, live); err != nil {
			return nil, err
		}
	}
	if !supported {
		b, err := d.replace(ctx, live, change, replacement{from: initialPath(object)})
		if err == nil {
			b.dropped = w.dropped
		}
		return b, err
	}
	updated, err := d.apply(ctx, live, object)
	if err != nil {
		if w.dropped != "" {
			d.withdraw(ctx, change.Ref, live.GetUID(), mode)
		}
		return nil, d.translate(err, change.Ref)
	}
	return d.written(updated, object, w)
}

// redeploys tells whether the operator can deploy a job from another savepoint
// in place, which it can since 1.8, but not that of a suspended session job
// (FLINK-40374). Any other objection to the object is an
// error, before anything is done to the job.
func (d *Deployments) redeploys(ctx context.Context, live, object *unstructured.Unstructured) (bool, error) {
	trial := object.DeepCopy()
	trial.SetUID(live.GetUID())
	_, err := d.cluster.Apply(ctx, d.kind, trial, kube.ApplyOptions{Force: true, DryRun: true})
	if isUnknownField(err, redeployNonce) {
		logctx.From(ctx).InfoContext(ctx, "The operator cannot start a job from another savepoint in place", "object", live.GetNamespace()+"/"+live.GetName())
		return false, nil
	}
	asleep := d.kind == sessionJobKind && fko.SteadyStateOf(live) == fko.Suspended
	return err == nil && !asleep, err
}

// save stops a running job with a savepoint, as far as that is possible, and
// returns where its newest state is.
func (d *Deployments) save(ctx context.Context, live *unstructured.Unstructured) (*unstructured.Unstructured, string, error) {
	observed, err := observe(live)
	if err != nil {
		return live, "", err
	}
	directory, err := d.savepointDirectoryOf(ctx, observed)
	if err != nil {
		return live, "", err
	}
	status := fko.StatusOf(live)
	if status.JobState != flink.StateRunning || directory == "" {
		if path, sure := d.newestState(ctx, observed, status); sure {
			return live, path, nil
		}
		return live, "", nil
	}
	out := d.suspend(ctx, live, "")
	if ctx.Err() != nil {
		return live, "", ctx.Err()
	}
	latest, err := d.cluster.Get(ctx, d.kind, keyOf(observed.Ref))
	if err != nil {
		return live, "", d.translate(err, observed.Ref)
	}
	if failed := out.err; failed != nil {
		// The change drops this state anyway.
		logctx.From(ctx).WarnContext(ctx, "No savepoint of the state that is dropped", "object", observed.String(), "error", failed.Error())
		return latest, "", nil
	}
	return latest, out.observed.Status.SavepointPath, nil
}

// restore starts a job from its own newest state, which the operator itself
// does not find any more.
func (d *Deployments) restore(ctx context.Context, live, object *unstructured.Unstructured, change platform.Change, path string) (*begun, error) {
	logctx.From(ctx).WarnContext(ctx, "Starting from the newest state, which the operator has lost", "object", change.String(), "savepoint", path)
	if err := redeployFrom(object, path); err != nil {
		return nil, err
	}
	updated, err := d.apply(ctx, live, object)
	if isUnknownField(err, redeployNonce) {
		return d.replace(ctx, live, change, replacement{from: path})
	}
	if err != nil {
		return nil, d.translate(err, change.Ref)
	}
	return d.written(updated, object, write{change: &change, marked: change.Awaited || isMarked(live)})
}

// replace performs a change by deleting the object and creating it again.
func (d *Deployments) replace(ctx context.Context, live *unstructured.Unstructured, change platform.Change, how replacement) (*begun, error) {
	how.allowLoss = change.AllowStateLoss
	how.directory = flink.SavepointDirectory(change.Spec.FlinkConfiguration)
	created, sent, err := d.recreate(ctx, live, change.Deployment, how)
	if err != nil {
		return nil, err
	}
	return d.written(created, sent, write{change: &change, marked: true})
}

// given is the path that a change gives to a job in the place of its state,
// empty for none.
func given(change platform.Change) string {
	if change.Spec.Job == nil || change.Spec.Job.InitialSavepointPath == nil {
		return ""
	}
	path := *change.Spec.Job.InitialSavepointPath
	if previous := change.Was.Spec.Job; previous != nil && previous.InitialSavepointPath != nil && *previous.InitialSavepointPath == path {
		return ""
	}
	return path
}

// remedy is what an update does about a job that the operator does not start
// again by itself.
type remedy int

const (
	startAsUsual remedy = iota
	// startFrom: from the path of its newest state.
	startFrom
	// startAnew: without state, because it never had any.
	startAnew
)

// repair tells how to start the job of an object with a new specification. The
// operator compares times in seconds to tell whether a job ever started, so it
// may refuse any change of one that did not.
func (d *Deployments) repair(ctx context.Context, live *unstructured.Unstructured) (remedy, string) {
	status := fko.StatusOf(live)
	path, sure := status.NewestPath()
	switch {
	case status.Error == nil || !status.Deployed:
		return startAsUsual, ""
	case sure && status.Error.IsManualRestore():
		return startFrom, path
	case path == "" && !status.EverRan && !status.LastState && fko.SteadyStateOf(live) == fko.Running && status.JobManager == fko.ManagerError:
		logctx.From(ctx).InfoContext(ctx, "Starting a job that never ran without state", "object", live.GetNamespace()+"/"+live.GetName())
		return startAnew, ""
	}
	return startAsUsual, ""
}

var errNoPreviousState = errors.New("the state before the change was dropped, so there is nothing to go back to")

// previousState is the path that a rollback starts from, when the operator is
// not to choose it.
func (w write) previousState() (path string, err error) {
	if w.change.Rollout.Action != planner.ActionRedeploy {
		return "", nil
	}
	if w.dropped == "" {
		return "", errNoPreviousState
	}
	return w.dropped, nil
}
