package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file brings a FlinkBlueGreenDeployment into a state in which the operator
// takes a specification up.

// transient is how long a job that does not run may take until it runs again by
// itself.
const transient = time.Minute

// ready brings the deployment into a state in which the operator takes a
// specification up: only what is active is left, it runs, and the template is
// one that the API server takes.
func (t *nativeTurn) ready(ctx context.Context, n *native) (*native, error) {
	active := n.active()
	candidate := t.change.Deployment
	candidate.Ref, candidate.Form, candidate.Spec.Ingress = colorRef(t.change.Ref, flink.OtherColor(active)), flink.Form{}, nil
	if err := t.single.rehearseNew(ctx, candidate); err != nil {
		return nil, err
	}
	for color, child := range n.children {
		if color == active && strings.HasPrefix(nativeStatusOf(n.parent).State, stateActive) {
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
	if n.children[active] == nil || !strings.HasPrefix(nativeStatusOf(n.parent).State, stateActive) {
		return t.latest(ctx)
	}
	waiting, cancel := context.WithTimeout(ctx, transient)
	defer cancel()
	var last native
	err := t.follow(waiting, func(now native) bool {
		last = now
		child := now.children[active]
		if child == nil {
			return true
		}
		status := StatusOf(child)
		over := status.JobState == flink.StateFailed || status.JobState == flink.StateFinished || status.JobManager == managerError
		return over || status.JobState == flink.StateRunning
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	child := last.children[active]
	if child == nil {
		return t.latest(ctx)
	}
	if err == nil && StatusOf(child).JobState == flink.StateRunning {
		return t.latest(ctx)
	}
	observed, err := observe(child)
	if err != nil {
		return nil, err
	}
	action := planner.ActionSavepoint
	if StatusOf(child).isOver(observed.Spec) {
		action = planner.ActionRerun
	}
	return t.repair(ctx, observed, action)
}

// awake resumes an active child that was suspended by itself, by a process that
// was killed on its way to another form or by somebody else: as the template says
// that the job runs, the operator sees nothing to resume.
func (t *nativeTurn) awake(ctx context.Context, n *native) (*native, error) {
	child := n.children[n.active()]
	if child == nil || steadyState(n.template()) == Suspended {
		return n, nil
	}
	observed, err := observe(child)
	if err != nil || steadyState(observed.Spec) != Suspended {
		return n, err
	}
	return t.repair(ctx, observed, planner.ActionResume)
}

// repair writes the specification on the active child itself: nothing that is
// written on the parent reaches one that does not run (finding 39).
func (t *nativeTurn) repair(ctx context.Context, observed *platform.Observed, action planner.Action) (*native, error) {
	logctx.From(ctx).WarnContext(ctx, "The active color does not run, so it is restarted where it is", "deployment", t.change.String(), "color", observed.Name)
	change := t.change
	change.Ref, change.Form, change.Labels, change.Annotations = observed.Ref, flink.Form{}, nil, nil
	change.Spec.Ingress, change.Previous.Ingress = nil, nil
	change.Rollout.Action = action
	written, err := t.single.Update(ctx, change)
	if err != nil {
		return nil, err
	}
	if _, err = t.single.AwaitRollout(ctx, written, change.Rollout, t.options); err != nil {
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
