package operator

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// newestState returns the path of the state of a job that does not run. A
// JobManager that still answers knows checkpoints that the status has not, and
// that there are none: the state is then what the job was restored from, or
// nothing.
func (d *Deployments) newestState(ctx context.Context, observed *platform.Observed, status fko.Status) (path string, sure bool) {
	if path, sure = status.NewestPath(); sure || status.JobID == "" {
		return path, sure
	}
	asking, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	known := checkpointsOf(asking, d.cluster, d.jobManagerOf(asking, observed.Ref, observed.Spec), status.JobID)
	if newest := known.Newest(); newest != "" || known.Told {
		return newest, true
	}
	return path, false
}

// suspend asks the operator to stop a job with a savepoint, unless somebody has
// asked already, and waits for it. A directory for savepoints is used when the
// job has none.
func (d *Deployments) suspend(ctx context.Context, object *unstructured.Unstructured, directory string) outcome {
	observed, err := observe(object)
	if err != nil {
		return outcome{err: err}
	}
	if fko.SteadyState(observed.Spec) != fko.Suspended {
		patch := patchOf(types.UID(observed.UID)).Set(flink.JobSuspended, "spec", "job", "state").Set(flink.UpgradeSavepoint, "spec", "job", "upgradeMode")
		if directory != "" && savepointDirectory(observed.Spec) == "" {
			patch.Set(directory, "spec", "flinkConfiguration", flink.KeySavepointDirectory)
		}
		if object, err = d.cluster.MergePatch(ctx, d.kind, keyOf(observed.Ref), patch); err != nil {
			return outcome{err: d.translate(err, observed.Ref)}
		}
	}
	written, err := d.written(object, object, write{})
	if err != nil {
		return outcome{err: err}
	}
	return d.await(ctx, written.observed, written.write, fko.Suspended)
}

// withdraw takes the request to stop a job back, as far as that is possible.
func (d *Deployments) withdraw(ctx context.Context, ref platform.Ref, uid types.UID, mode string) {
	words, cancel := lastWords(ctx)
	defer cancel()
	patch := patchOf(uid).Set(flink.JobRunning, "spec", "job", "state").Set(mode, "spec", "job", "upgradeMode")
	if _, err := d.cluster.MergePatch(words, d.kind, keyOf(ref), patch); err != nil {
		logctx.From(ctx).WarnContext(ctx, "The job is still asked to stop", "object", ref.String(), "error", err.Error())
	}
}

// savepointDirectory is where a live specification has savepoints written.
func savepointDirectory(spec flink.Tree) string {
	return flink.SavepointDirectory(flink.ConfigurationOf(spec))
}

// initialPath is spec.job.initialSavepointPath of an object.
func initialPath(object *unstructured.Unstructured) string {
	path, _, _ := unstructured.NestedString(object.Object, "spec", "job", "initialSavepointPath")
	return path
}

// retain returns where a job can go on from after its object is deleted; it
// stops a job that runs with a savepoint. Empty means that there is no state.
func (d *Deployments) retain(ctx context.Context, object *unstructured.Unstructured, how replacement) (string, error) {
	if err := d.mayGo(ctx, object); err != nil {
		return "", err
	}
	observed, err := observe(object)
	if err != nil {
		return "", err
	}
	status := fko.StatusOf(object)
	recorded, err := d.recreationOf(ctx, d.notedOf(observed.Ref, observed.Labels))
	if err != nil {
		return "", err
	}
	switch {
	case fko.SteadyState(observed.Spec) == fko.SessionReady:
		return "", nil
	case recorded != nil && recorded.uid == status.UID && (status.Deleting || status.LifecycleState == flink.LifecycleSuspended):
		return recorded.path, nil
	case !status.Deployed:
		return initialPath(object), nil
	case status.StateLocation == flink.LocationNone:
		return "", nil
	case status.LifecycleState != flink.LifecycleSuspended && !status.Deleting && (status.JobState == flink.StateRunning || fko.SteadyState(observed.Spec) == fko.Suspended):
		mode, _, _ := unstructured.NestedString(object.Object, "spec", "job", "upgradeMode")
		out := d.suspend(ctx, object, how.directory)
		if out.err == nil && out.observed.Status.SavepointPath != "" {
			return out.observed.Status.SavepointPath, nil
		}
		if ctx.Err() == nil && fko.SteadyState(observed.Spec) != fko.Suspended {
			d.withdraw(ctx, observed.Ref, types.UID(observed.UID), mode)
		}
		if out.err == nil {
			return "", d.unknownState(observed.Ref, "The operator stopped the job and names no savepoint.")
		}
		return "", notReplaced(out.err)
	}
	path, sure := d.newestState(ctx, observed, status)
	switch {
	case sure || how.allowLoss || path == "" && !status.EverRan:
		return path, nil
	case path != "":
		return "", d.unknownState(observed.Ref, fmt.Sprintf("The job is %s, so no savepoint can be taken of it. The newest state that the operator names is %s, but the job has run since then, so there may be a newer checkpoint in its checkpoint directory.",
			orElse(status.JobState, "not there"), path))
	}
	return "", d.unknownState(observed.Ref, fmt.Sprintf("The job is %s, so no savepoint can be taken of it, and the operator names neither a savepoint nor a checkpoint.", orElse(status.JobState, "not there")))
}

func (d *Deployments) unknownState(ref platform.Ref, why string) error {
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The %s %q is not created again, because the state of its job would be lost", d.noun, ref.Name),
		Detail: joinLines(why, "Nothing was deleted. Ways out:",
			"  - repair the job with the specification that it had, and make this change when it runs",
			"  - set job.initial_savepoint_path to the savepoint or checkpoint to go on from, with upgrade.allow_state_loss = true",
			"  - set upgrade.allow_state_loss = true alone, to go on from what is known, or without state"),
	}
}

// notReplaced adds to the error of a failed stop that nothing was deleted.
func notReplaced(err error) error {
	return withDetail(err, "Nothing was deleted, and the job is not asked to stop any more. Apply again when the savepoint can be taken.")
}
