package ververica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// rollBack puts the previous specification back after a failure, and starts it from the
// savepoint of this very change where there is one.
func (r *rollout) rollBack(ctx context.Context, failed *platform.RolloutError) (*platform.Observed, error) {
	observed := r.look(ctx)
	notBack := func(why string) (*platform.Observed, error) {
		result := *failed
		result.Detail += "\nNot rolled back: " + why
		return observed, &result
	}
	if r.mark.Job != "" && r.runsStill(ctx, r.mark.Job) {
		return notBack(fmt.Sprintf("the job of before, %s, still runs, and to start the previous version the platform would cancel it without a savepoint. Correct the cause, and apply again.", r.mark.Job))
	}
	path, err := r.stateBefore(ctx)
	switch {
	case err != nil:
		return notBack("where the state of before is cannot be asked for: " + err.Error())
	case r.restoresState() && path == "":
		return notBack("no savepoint of the job is known.")
	case ctx.Err() != nil:
		return notBack("no time was left for it. " + keptIn(path) + " Raise timeouts.update.")
	}
	logctx.From(ctx).WarnContext(ctx, "Rolling back", "deployment", r.change.String(), "cause", failed.Summary)
	back, err := r.backwards(ctx, path)
	if err == nil {
		err = back.follow(ctx, back.newProof())
	}
	if err == nil {
		observed, err = back.end(ctx)
	} else if back != nil {
		observed = back.look(ctx)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return observed, ctx.Err()
	}
	if err != nil {
		return observed, neither(*failed, err, keptIn(path))
	}
	observed.Status.Proof = back.proof
	return observed, wentBack(*failed, r.change.Was.Spec, path)
}

// wentBack is a failure after which the previous version runs again. path is what its job was
// restored from, empty for nothing.
func wentBack(failed platform.RolloutError, was flink.DeploymentSpec, path string) *platform.RolloutError {
	runs := "Rolled back: the previous version"
	if was.Image != nil {
		runs += fmt.Sprintf(" (image %s)", *was.Image)
	}
	runs += " runs again"
	if path != "" {
		runs += ", restored from " + path
	}
	failed.RolledBack = true
	failed.Detail = strings.Join([]string{failed.Detail, runs + ".", "The change stays in the next plan. Correct the cause and apply again."}, "\n")
	return &failed
}

// neither is a failure after which going back has failed too, with what there is to know beside it.
func neither(failed platform.RolloutError, err error, beside ...string) *platform.RolloutError {
	failed.Summary += "; the rollback failed as well"
	tried := []string{failed.Detail, "Tried to go back to the previous version:", "  " + strings.ReplaceAll(err.Error(), "\n", "\n  ")}
	failed.Detail = strings.Join(append(tried, beside...), "\n")
	return &failed
}

func keptIn(path string) string {
	if path == "" {
		return "No savepoint of the job is known."
	}
	return "The job's state is kept in " + path + "; the next apply starts from it."
}

// runsStill tells whether a job was never stopped.
func (r *rollout) runsStill(ctx context.Context, job string) bool {
	found, err := r.jobs.client.about(ctx, r.change.Namespace, jobsIn, r.id)
	if err != nil {
		// What nobody knows counts as running: nothing is lost by waiting.
		return true
	}
	for _, o := range found {
		if text(o, "metadata", "id") == job {
			state := text(o, "status", "state")
			return state != "TERMINATED" && state != "FAILED" && state != "FINISHED"
		}
	}
	return false
}

// stateBefore is the path of the state that the job had before the change, empty for none: the
// newest that its own job has left, else what the version that failed was started from.
func (r *rollout) stateBefore(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	savepoints, err := r.jobs.client.savepointsOf(ctx, r.change.Namespace, r.id)
	if err != nil {
		return "", err
	}
	own := slices.DeleteFunc(slices.Clone(savepoints), func(s vvp.Savepoint) bool { return s.JobID != r.mark.Job || r.mark.Job == "" })
	if newest, found := vvp.Newest(own); found {
		return newest.Location, nil
	}
	if r.change.Rollout.Action == planner.ActionRedeploy {
		return "", nil
	}
	return text(r.newestJob(ctx), "spec", "savepointLocation"), nil
}

// backwards writes the previous specification, with the job stopped first, to start from a path;
// empty for nothing.
func (r *rollout) backwards(ctx context.Context, path string) (*rollout, error) {
	was := platform.Deployment{Ref: r.change.Ref, Labels: r.change.Was.Labels, Annotations: r.change.Was.Annotations, Spec: r.change.Was.Spec}
	want, err := wantedOf(was, &platform.Was{Spec: r.change.Spec, Labels: r.change.Labels, Annotations: r.change.Annotations})
	if err != nil {
		return nil, err
	}
	live, err := r.jobs.client.same(ctx, r.change.Ref, r.id)
	if err != nil {
		return nil, err
	}
	mark := &vvp.Mark{
		Action: string(planner.ActionSavepoint), Phase: vvp.PhaseStop, Final: finalOf(r.change.Was.Spec), Job: text(live, "status", "running", "jobId"),
		Since: text(live, "metadata", "modifiedAt"), Restore: vvp.RestoreNone,
	}
	if path != "" {
		// What the version that failed has left is not the state of before.
		mark.From, mark.Restore = path, vvp.RestoreLatestSavepoint
	}
	change := r.change
	change.Deployment, change.Rollback = was, false
	change.Rollout.Action = planner.ActionSavepoint
	back, err := r.jobs.write(ctx, change, live, want, vvp.Program{Mark: mark, State: vvp.StateCancelled})
	if back != nil {
		back.began = time.Now()
	}
	return back, err
}

// finalOf is the state in which a specification ends.
func finalOf(spec flink.DeploymentSpec) string {
	if spec.Job != nil && spec.Job.State != nil && *spec.Job.State != flink.JobRunning {
		return vvp.StateCancelled
	}
	return vvp.StateRunning
}
