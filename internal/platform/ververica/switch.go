package ververica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// turning is a switch that begins with the wait, when the deployment has been recorded. It
// implements platform.Rollout.
type turning struct{ *turn }

// Observed implements platform.Rollout.
func (t turning) Observed() *platform.Observed { return t.observed }

// Await implements platform.Rollout.
func (t turning) Await(ctx context.Context) (*platform.Observed, error) { return t.exchange(ctx) }

// Settle implements platform.Rollout: it makes the switch all the same, as nobody else would.
func (t turning) Settle(ctx context.Context) (*platform.Observed, error) { return t.exchange(ctx) }

// turn is a switch from a color to the other. It is the bluegreen.Colors of the platform.
type turn struct {
	bluegreen.Turn

	jobs     jobs
	change   platform.Change
	observed *platform.Observed
	// found are the colors at the last look.
	found pair
	// want is the specification in the terms of a color.
	want flink.Tree
}

func (j jobs) newTurn(change platform.Change, observed *platform.Observed) (*turn, error) {
	want, err := flink.TreeOf(colorOf(change.Deployment, flink.Blue).Spec)
	if err != nil {
		return nil, err
	}
	t := &turn{jobs: j, change: change, observed: observed, want: want, Turn: bluegreen.Turn{Ref: change.Ref}}
	t.Facts = bluegreen.Situation{AllowLoss: change.AllowStateLoss, Keep: !change.Rollback, Delay: change.BlueGreen.DeletionDelay}
	t.Facts.Stateless = !change.Rollout.State.GoesOn()
	if job := change.Spec.Job; change.Rollout.Action == planner.ActionRedeploy && job != nil && job.InitialSavepointPath != nil {
		t.Facts.Given = *job.InitialSavepointPath
	}
	return t, nil
}

func (t *turn) exchange(ctx context.Context) (*platform.Observed, error) {
	end, err := t.Run(ctx, t)
	if end.Nothing() {
		return nil, &platform.NotFoundError{Kind: kinds[deployments], Ref: t.change.Ref}
	}
	if len(t.found) == 0 {
		return t.observed, err
	}
	observed, unseen := t.jobs.client.observePair(context.WithoutCancel(ctx), t.change.Ref, t.found, true)
	if unseen != nil {
		return t.observed, errors.Join(err, unseen)
	}
	observed.Status.Proof = end.Proof
	return observed, err
}

// Look implements bluegreen.Colors.
func (t *turn) Look(ctx context.Context) (blue, green *bluegreen.Color, err error) {
	found, err := t.jobs.client.colorsOf(ctx, t.jobs.client.lookup, t.change.Ref)
	if err != nil {
		return nil, nil, err
	}
	t.found = found
	if blue, err = t.facts(ctx, flink.Blue); err != nil {
		return nil, nil, err
	}
	green, err = t.facts(ctx, flink.Green)
	return blue, green, err
}

// facts are what is known of a color; nil for one that does not exist.
func (t *turn) facts(ctx context.Context, color string) (*bluegreen.Color, error) {
	f := t.found.bare(color)
	if f == nil {
		return nil, nil
	}
	one := t.found[color]
	live := vvp.Back(one)
	want := withoutPath(t.want)
	f.Wanted = flink.Equal(flink.Observe(want, live), want)
	_, unfinished := vvp.MarkOf(one)
	f.Settled = rolledOut(one) && !unfinished
	if f.Running || f.Settled && vvp.Desired(one) == vvp.StateRunning {
		return f, nil
	}
	f.Broken = vvp.State(one) == vvp.StateFailed
	savepoints, err := t.jobs.client.savepointsOf(ctx, t.change.Namespace, text(one, "metadata", "id"))
	if err != nil {
		return nil, err
	}
	newest, has := vvp.Newest(savepoints)
	f.Path, f.Sure = newest.Location, has && (vvp.State(one) == vvp.StateSuspended || vvp.State(one) == vvp.StateCancelled)
	return f, nil
}

// withoutPath is a specification without the path that its job starts from, which says nothing
// of what runs.
func withoutPath(spec flink.Tree) flink.Tree {
	out := flink.Overlay(spec, flink.Tree{"job": flink.Tree{"initialSavepointPath": ""}}, nil)
	if spec["job"] != nil && out["job"] == nil {
		out["job"] = flink.Tree{}
	}
	return out
}

// Direct implements bluegreen.Colors: nothing leads to the active color but its name.
func (t *turn) Direct(context.Context, *bluegreen.Color) error { return nil }

// Activate implements bluegreen.Colors.
func (t *turn) Activate(ctx context.Context, color string) error {
	since := time.Now()
	if other := t.found.bare(flink.OtherColor(color)); other != nil && !other.Since.Before(since) {
		since = other.Since.Add(time.Second)
	}
	_, err := t.jobs.client.change(ctx, bluegreen.ColorRef(t.change.Ref, color), t.id(color), func(deployment object) object {
		next := copied(deployment)
		note(next, annotationActive, since.UTC().Format(time.RFC3339Nano))
		return next
	})
	return err
}

func (t *turn) id(color string) string { return text(t.found[color], "metadata", "id") }

// Savepoint implements bluegreen.Colors.
func (t *turn) Savepoint(ctx context.Context, color string) (string, error) {
	ref := bluegreen.ColorRef(t.change.Ref, color)
	bounded, cancel := watch.Reserve(ctx)
	defer cancel()
	own := savepoints{t.jobs.client}
	taken, err := own.Take(bounded, platform.Savepoint{Ref: platform.Ref{Namespace: ref.Namespace, Name: ref.Name + "-switch"}, Job: platform.JobRef{Name: ref.Name}})
	if err == nil {
		taken, err = own.Await(bounded, *taken)
	}
	if err == nil {
		return taken.Location, nil
	}
	if latest, lookErr := t.jobs.client.get(ctx, ref.Namespace, deployments, ref.Name); lookErr == nil && vvp.State(latest) != vvp.StateRunning {
		logctx.From(ctx).WarnContext(ctx, "The active color does not run any more", "deployment", t.change.String(), "color", color, "error", err.Error())
		return "", nil
	}
	if told := (*platform.RolloutError)(nil); errors.As(err, &told) {
		return "", &platform.RolloutError{
			Summary:    fmt.Sprintf("The new version of %q is not started, because no savepoint of %s can be taken", t.change.Name, color),
			Detail:     told.Summary + ".\n" + told.Detail + fmt.Sprintf("\nNothing was changed, and %s runs on. The change stays in the next plan.", color),
			RolledBack: true,
		}
	}
	return "", err
}

// Start implements bluegreen.Colors.
func (t *turn) Start(ctx context.Context, color, from string) error {
	want := colorOf(t.change.Deployment, color)
	program := vvp.Create(want.Spec)
	program.Mark.From = ""
	if from != "" {
		program.GoOnFrom(from)
	} else {
		program.Mark.Phase, program.Mark.Restore, program.State = vvp.PhaseStart, "", vvp.StateRunning
	}
	logctx.From(ctx).InfoContext(ctx, "Starting the new version", "deployment", t.change.String(), "color", color, "from", from)
	_, err := t.jobs.create(ctx, platform.Change{Deployment: want, Rollout: t.change.Rollout}, program, t.found[flink.OtherColor(color)])
	return err
}

// Await implements bluegreen.Colors: a new color has its grace period.
func (t *turn) Await(ctx context.Context, color string) (string, error) {
	bounded, cancel := watch.Reserve(ctx)
	defer cancel()
	if t.found.bare(color).Since.IsZero() && len(t.found) > 1 {
		bounded, cancel = context.WithTimeout(bounded, t.change.BlueGreen.AbortGracePeriod)
		defer cancel()
	}
	change := changeOf(t.change, color, t.id(color))
	change.Rollback = false
	r, err := t.jobs.goOn(bounded, change)
	if err != nil {
		return "", err
	}
	if err := r.follow(bounded, r.newProof()); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return "", ctx.Err()
		}
		return "", err
	}
	_, err = r.end(ctx)
	return r.proof, err
}

// Rewrite implements bluegreen.Colors.
func (t *turn) Rewrite(ctx context.Context, color string) (bool, error) {
	change := changeOf(t.change, color, t.id(color))
	change.Rollout.Action = planner.ActionSavepoint
	begun, err := t.jobs.update(ctx, change)
	if err != nil {
		return false, err
	}
	_, err = begun.Await(ctx)
	return true, err
}

// Remove implements bluegreen.Colors.
func (t *turn) Remove(ctx context.Context, color string) error {
	_, err := t.jobs.Delete(ctx, bluegreen.ColorRef(t.change.Ref, color), platform.DeleteOptions{UID: t.id(color), AllowStateLoss: true})
	return err
}

// Gone implements bluegreen.Colors.
func (t *turn) Gone(ctx context.Context, color string) error {
	return t.jobs.gone(ctx, bluegreen.ColorRef(t.change.Ref, color))
}

// Explain implements bluegreen.Colors.
func (t *turn) Explain(failure *platform.RolloutError) (facts, afterwards string) {
	return failure.Detail, "Correct the cause and apply again."
}
