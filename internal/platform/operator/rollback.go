package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// rollsBack tells whether the previous specification is to be written when this
// one fails.
func (w write) rollsBack() bool { return w.change != nil && w.change.Rollback }

// rollBack writes the previous specification again after a failed update and
// waits until it runs. The operator restores it from the savepoint of the
// failed update, since that is the job's newest state.
func (d *Deployments) rollBack(ctx context.Context, failed outcome, w write) (*platform.Observed, error) {
	var told *platform.RolloutError
	if !errors.As(failed.err, &told) {
		return failed.observed, failed.err
	}
	previous := platform.Deployment{Ref: w.change.Ref, Labels: w.change.Was.Labels, Annotations: w.change.Was.Annotations, Spec: w.change.Was.Spec}
	logctx.From(ctx).WarnContext(ctx, "Rolling back", "object", previous.String(), "cause", told.Summary)

	state, err := w.previousState()
	if err == nil {
		err = hasItsSecrets(previous.Spec)
	}
	if err != nil {
		result := *told
		result.Detail = joinLines(told.Detail, "Not rolled back: "+err.Error()+".")
		return failed.observed, &result
	}
	savepoint := failed.observed.Status.SavepointPath
	own := savepoint != "" && (savepoint != w.before || w.change.Rollout.Action == planner.ActionResume)
	if state == "" && failed.ran && own {
		// The operator would stop the version that failed for another savepoint,
		// which fails while it restarts, or fall back on what it left behind.
		state = savepoint
	}
	out := d.applyPrevious(ctx, w, previous, state)
	if state == "" && out.lost && own {
		// Whether the operator finds its way back from a job that never
		// started is a matter of luck, as it compares times in seconds. The
		// savepoint of this very update is the newest state there is.
		logctx.From(ctx).WarnContext(ctx, "Rolling back from the savepoint of the update", "object", previous.String(), "savepoint", savepoint)
		if again := d.applyPrevious(ctx, w, previous, savepoint); again.observed != nil {
			out = again
		}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return failed.observed, ctx.Err()
	}
	if out.observed == nil {
		out.observed = failed.observed
	}
	if out.observed.Status.SavepointPath == "" {
		out.observed.Status.SavepointPath = orElse(state, failed.observed.Status.SavepointPath)
	}
	result := *told
	if out.err == nil {
		result.RolledBack = true
		result.Detail = joinLines(failed.facts, rolledBackTo(out.observed, failed),
			strings.TrimSpace("The change stays in the next plan. "+failed.afterwards))
		return withProof(out.observed, out.proof), &result
	}
	result.Summary = told.Summary + "; the rollback failed as well"
	result.Detail = joinLines(failed.facts, "Tried to go back to the previous version:", indent(out.err.Error()), stateKept(w, out.lost, failed.ran || out.ran, out.observed, failed.observed))
	return out.observed, &result
}

// applyPrevious writes the previous specification and waits until it runs. With
// a savepoint, the job starts from that instead of what the operator knows.
// Where the operator cannot do that in place, the object is created again.
func (d *Deployments) applyPrevious(ctx context.Context, w write, previous platform.Deployment, savepoint string) outcome {
	object, err := objectOf(d.kind, previous)
	if err != nil {
		return outcome{err: err}
	}
	live, err := d.cluster.Get(ctx, d.kind, keyOf(previous.Ref))
	if err != nil {
		return outcome{err: d.translate(err, previous.Ref)}
	}
	if err := checkSame(d.kind, previous.Ref, live, w.uid); err != nil {
		return outcome{err: err}
	}
	after := keepingState(object, previous.Spec, w.change)
	again := refusesInPlace(live, object)
	if savepoint != "" && !again {
		// A suspended job is not deployed, so it cannot be redeployed either.
		if again = fko.SteadyStateOf(object) == fko.Suspended; !again {
			if err := redeployFrom(object, savepoint); err != nil {
				return outcome{err: err}
			}
		}
	}
	var applied *unstructured.Unstructured
	if !again {
		applied, err = d.apply(ctx, live, object)
		again = isUnknownField(err, redeployNonce)
	}
	if again {
		after = nil
		applied, object, err = d.recreate(ctx, live, previous, replacement{from: savepoint, allowLoss: w.change.AllowStateLoss})
	}
	if err != nil {
		return outcome{err: d.translate(err, previous.Ref)}
	}
	back, err := d.written(applied, object, write{jobs: w.jobs, proveFor: w.change.Rollout.ProveFor})
	if err != nil {
		return outcome{err: err}
	}
	want := fko.SteadyState(back.applied)
	if want == fko.Suspended && !back.observed.Status.Deployed {
		want = fko.Deferred
	}
	out := d.awaitWithJobs(ctx, back.observed, back.write, want)
	proof := out.proof
	if out.err == nil && out.recreated != nil {
		out.observed, out.err = d.concluded(ctx, out)
	}
	if out.err == nil && after != nil {
		back.after = after
		out = d.setBack(ctx, out.observed, back.write)
	}
	out.proof = proof
	return out
}

// keepingState has a previous specification that restarts its job without state
// start the job with the state that the failed change has kept. It returns the
// object that is wanted in the end, nil for the same.
func keepingState(object *unstructured.Unstructured, previous flink.DeploymentSpec, failed *platform.Change) (after *unstructured.Unstructured) {
	job, ok, _ := unstructured.NestedMap(object.Object, "spec", "job")
	if !ok || !failed.Rollout.State.GoesOn() || upgradeModeOf(object) != flink.UpgradeStateless {
		return nil
	}
	mode := flink.DefaultUpgradeMode(previous)
	if failed.Spec.Job != nil && failed.Spec.Job.UpgradeMode != nil && *failed.Spec.Job.UpgradeMode != flink.UpgradeStateless {
		mode = *failed.Spec.Job.UpgradeMode
	}
	if mode == flink.UpgradeStateless {
		return nil
	}
	after = object.DeepCopy()
	job["upgradeMode"] = mode
	_ = unstructured.SetNestedMap(object.Object, job, "spec", "job")
	return after
}

// rolledBackTo says what runs after a rollback.
func rolledBackTo(now *platform.Observed, out outcome) string {
	failed := out.observed
	line := "Rolled back: the previous version"
	if image, ok := now.Spec["image"].(string); ok {
		line += fmt.Sprintf(" (image %s)", image)
	}
	switch path := orElse(now.Status.SavepointPath, failed.Status.SavepointPath); {
	case failed.Status.JobState == flink.StateRunning && now.UID == failed.UID && !out.ran:
		line += " was never stopped and runs on"
	case fko.SteadyState(now.Spec) == fko.Suspended && path != "":
		line += " is suspended again, with its state in " + path
	case fko.SteadyState(now.Spec) == fko.Suspended:
		line += " is suspended again"
	case path != "":
		line += " runs again, restored from " + path
	default:
		line += " runs again"
	}
	return line + "."
}

// stateKept says where the state of a job is that runs in neither version as far as
// its operator tells. When
// the operator has lost track of it, the path that it still names may be older.
// The jobs of a session cluster have their own.
func stateKept(w write, lost, ran bool, observed ...*platform.Observed) string {
	const choose = "Look for its newest checkpoint in the checkpoint directory, and set job.initial_savepoint_path to it, with upgrade.allow_state_loss = true."
	for _, o := range observed {
		if o != nil && fko.SteadyState(o.Spec) == fko.SessionReady {
			return ""
		}
		if o != nil && !lost && !ran && o.Status.JobState == flink.StateRunning && o.Status.SavepointPath == w.before {
			// The operator has stopped nothing, as one that is away.
			return "The job was last seen running, and has its state: the operator has not stopped it for a savepoint. See that the operator runs, and apply again."
		}
		if o == nil || o.Status.SavepointPath == "" {
			continue
		}
		if lost && o.Status.SavepointPath == w.before {
			return "The newest savepoint of the job that the operator names is " + w.before + ", and the job has run since. " + choose
		}
		return "The job's state is kept in " + o.Status.SavepointPath + "; the next apply starts from it."
	}
	return "The operator names no savepoint of the job. " + choose
}

func joinLines(parts ...string) string {
	var lines []string
	for _, part := range parts {
		if part = strings.TrimRight(part, "\n"); part != "" {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, "\n")
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
