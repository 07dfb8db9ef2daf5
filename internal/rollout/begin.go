package rollout

import (
	"context"
	"maps"
	"slices"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Begin writes what was decided about a thing that exists, or goes on with what an
// earlier apply has written already. waits tells that the caller awaits the rollout,
// and kind is what an error calls the thing.
func Begin(ctx context.Context, on platform.Deployments, ref platform.Ref, was Record, d *Decision, choices Choices, waits bool, kind platform.Kind) (platform.Rollout, error) {
	if !d.Writes() && !d.Form.BlueGreen() {
		rollout, err := on.Begin(ctx, platform.Change{Deployment: platform.Deployment{Ref: ref}, Was: &platform.Was{UID: was.UID}, Rollout: d.Rollout, Begun: true})
		if err != nil {
			return nil, err
		}
		if observed := rollout.Observed(); was.UID != "" && was.UID != observed.UID && !slices.Contains(observed.Replaces, was.UID) {
			return nil, &platform.OtherObjectError{Kind: string(kind), Ref: ref, UID: observed.UID, Planned: was.UID}
		}
		return rollout, nil
	}
	want, err := d.Wanted(ref)
	if err != nil {
		return nil, err
	}
	before, err := d.was(was.UID)
	if err != nil {
		return nil, err
	}
	return on.Begin(ctx, platform.Change{
		Deployment: want,
		Was:        &before,
		Rollout:    d.Rollout,
		Awaited:    waits && d.Rollout.Action != planner.ActionMetadata,
		Rollback:   d.OnFailure == defaults.OnFailureRollback && d.goesBack(),

		AllowStateLoss: choices.AllowStateLoss, AcceptStateRisk: choices.AcceptStateRisk,
	})
}

// was returns what is known of the deployment before the change.
func (d *Decision) was(uid string) (platform.Was, error) {
	before := maps.Clone(d.Before)
	metadata, _ := before["metadata"].(flink.Tree)
	delete(before, "metadata")
	spec, err := flink.SpecOf(before)
	return platform.Was{
		UID: uid, Spec: spec, Form: d.Kept, KeptSavepoint: d.Status.KeptSavepoint, KeptVersion: d.Status.KeptVersion,
		Labels: Texts(metadata["labels"]), Annotations: Texts(metadata["annotations"]),
	}, err
}

// Finish waits until what was written runs, or only records the end of a create
// that nobody waits for.
func Finish(ctx context.Context, rollout platform.Rollout, waits bool) (*platform.Observed, error) {
	if !waits {
		return rollout.Settle(ctx)
	}
	return rollout.Await(ctx)
}

// restarts tells whether a rollout starts a job that had run before, so that a
// failure can be rolled back to that. A job that began from the start, as one
// that had finished or had never run, has nothing to go back to.
func restarts(rollout planner.Rollout) bool {
	switch rollout.Action {
	case planner.ActionSavepoint, planner.ActionLastState, planner.ActionStateless, planner.ActionScaleInPlace, planner.ActionBlueGreen, planner.ActionRedeploy:
		return rollout.State != planner.StateFresh
	case planner.ActionResume, planner.ActionRecreate:
		return rollout.State.GoesOn()
	default:
		return false
	}
}
