package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/bluegreen"
)

// This file brings a FlinkBlueGreenDeployment into a state in which the operator
// takes a specification up.

// transient is how long a job that does not run may take until it runs again by
// itself.
const transient = time.Minute

// ready brings the deployment into a state in which the operator takes a
// specification up: only what is active is left, it runs, and the template is
// one that the API server takes.
func (t *nativeTurn) ready(ctx context.Context, n *fko.BlueGreen) (*fko.BlueGreen, error) {
	active := n.Active()
	candidate := t.change.Deployment
	candidate.Ref, candidate.Form, candidate.Spec.Ingress = bluegreen.ColorRef(t.change.Ref, flink.OtherColor(active)), flink.Form{}, nil
	if err := t.single.rehearseNew(ctx, candidate); err != nil {
		return nil, err
	}
	for color, child := range n.Children {
		if color == active && strings.HasPrefix(n.State(), fko.StateActive) {
			continue
		}
		// The operator would use a color that an aborted switch left behind
		// again, and have it go on from the savepoint of that switch (finding
		// 34). The state would go back.
		logctx.From(ctx).InfoContext(ctx, "Removing what an aborted switch has left", "deployment", t.change.String(), "color", color)
		if err := t.single.remove(ctx, child); err != nil {
			return nil, err
		}
	}
	if n.Children[active] == nil || !strings.HasPrefix(n.State(), fko.StateActive) {
		return t.latest(ctx)
	}
	waiting, cancel := context.WithTimeout(ctx, transient)
	defer cancel()
	var last fko.BlueGreen
	err := t.follow(waiting, nil, func(now fko.BlueGreen) bool {
		last = now
		child := now.Children[active]
		if child == nil {
			return true
		}
		status := fko.StatusOf(child)
		over := status.JobState == flink.StateFailed || status.JobState == flink.StateFinished || status.JobManager == fko.ManagerError
		return over || status.JobState == flink.StateRunning
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	child := last.Children[active]
	if child == nil {
		return t.latest(ctx)
	}
	if err == nil && fko.StatusOf(child).JobState == flink.StateRunning {
		return t.latest(ctx)
	}
	observed, err := observe(child)
	if err != nil {
		return nil, err
	}
	action := planner.ActionSavepoint
	if fko.StatusOf(child).IsOver(observed.Spec) {
		action = planner.ActionRerun
	}
	return t.repair(ctx, observed, action)
}

// awake resumes an active child that was suspended by itself, by a process that
// was killed on its way to another form or by somebody else: as the template says
// that the job runs, the operator sees nothing to resume.
func (t *nativeTurn) awake(ctx context.Context, n *fko.BlueGreen) (*fko.BlueGreen, error) {
	child := n.Children[n.Active()]
	if child == nil || fko.SteadyState(n.Template()) == fko.Suspended {
		return n, nil
	}
	observed, err := observe(child)
	if err != nil || fko.SteadyState(observed.Spec) != fko.Suspended {
		return n, err
	}
	return t.repair(ctx, observed, planner.ActionResume)
}

// repair writes the specification on the active child itself: nothing that is
// written on the parent reaches one that does not run (finding 39).
func (t *nativeTurn) repair(ctx context.Context, observed *platform.Observed, action planner.Action) (*fko.BlueGreen, error) {
	logctx.From(ctx).WarnContext(ctx, "The active color does not run, so it is restarted where it is", "deployment", t.change.String(), "color", observed.Name)
	change := t.change
	change.Ref, change.Form, change.Labels, change.Annotations = observed.Ref, flink.Form{}, nil, nil
	change.Was = &platform.Was{UID: observed.UID, Spec: t.change.Was.Spec}
	change.Spec.Ingress, change.Was.Spec.Ingress = nil, nil
	change.Rollout.Action = action
	b, err := t.single.begin(ctx, change)
	if err != nil {
		return nil, err
	}
	if _, err = b.Await(ctx); err != nil {
		return nil, err
	}
	return t.latest(ctx)
}

// rehearseNew asks the API server, and the operator's webhook where it has one,
// whether they take an object that does not exist yet.
func (d *Deployments) rehearseNew(ctx context.Context, want platform.Deployment) error {
	object, err := objectOf(d.kind, want)
	if err != nil {
		return err
	}
	_, err = d.cluster.Apply(ctx, d.kind, object, kube.ApplyOptions{Force: true, DryRun: true})
	var invalid *kube.InvalidError
	var denied *kube.DeniedError
	if errors.As(err, &invalid) || errors.As(err, &denied) && denied.Admission != "" {
		return err
	}
	return ctx.Err()
}
