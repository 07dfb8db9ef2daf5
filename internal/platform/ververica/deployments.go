package ververica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/written"
)

// jobs are the single deployments of the platform, in application mode or in session mode.
type jobs struct{ client *Client }

// Import returns a deployment with only what somebody has said about it: what the defaults of the server give is not what
// somebody has said.
func (j jobs) Import(ctx context.Context, ref platform.Ref) (*platform.Observed, error) {
	found, err := j.client.get(ctx, ref.Namespace, deployments, ref.Name)
	if err != nil {
		return nil, err
	}
	observed, err := j.client.observe(ctx, ref, found, true)
	if err != nil {
		return nil, err
	}
	observed.Applied = text(found, "metadata", "annotations", written.MarkAnnotation) != ""
	filled, err := j.client.allDefaults(ctx, ref.Namespace)
	if err != nil {
		return nil, err
	}
	observed.Spec = vvp.Imported(found, filled)
	j.client.unplaced(ctx, ref.Namespace, observed.Spec)
	return observed, nil
}

// begin writes a change of one deployment.
func (j jobs) begin(ctx context.Context, change platform.Change) (*rollout, error) {
	switch {
	case change.Was == nil:
		return j.create(ctx, change, vvp.Create(change.Spec), nil)
	case change.Begun:
		return j.goOn(ctx, change)
	case change.Rollout.Action == planner.ActionRecreate:
		return j.recreate(ctx, change)
	}
	return j.update(ctx, change)
}

// goOn is the rest of a change that an earlier apply has written.
func (j jobs) goOn(ctx context.Context, change platform.Change) (*rollout, error) {
	live, err := j.client.get(ctx, change.Namespace, deployments, change.Name)
	if err != nil {
		return nil, err
	}
	mark, unfinished := vvp.MarkOf(live)
	if !unfinished {
		mark = vvp.Mark{Action: string(change.Rollout.Action), Phase: vvp.PhaseStart, Final: vvp.Desired(live)}
		if mark.Final != vvp.StateRunning {
			mark.Phase = vvp.PhaseStop
		}
	}
	if unfinished && mark.Phase == vvp.PhaseStart && vvp.State(live) == vvp.StateFailed {
		// The cause may be gone. What has failed starts again only when it was cancelled.
		if _, err := j.mayCancel(ctx, change.Ref, live); err != nil {
			return nil, err
		}
		mark.Phase, mark.Since = vvp.PhaseStop, text(live, "metadata", "modifiedAt")
		live, err = j.client.change(ctx, change.Ref, text(live, "metadata", "id"), func(deployment object) object {
			next := copied(deployment)
			specOf(next)["state"] = vvp.StateCancelled
			note(next, vvp.AnnotationUnfinished, mark.String())
			return next
		})
		if err != nil {
			return nil, asProtected(change.Ref, err)
		}
	}
	return j.begun(ctx, change, live, &mark)
}

// begun returns what is left to do about a change that was written.
func (j jobs) begun(ctx context.Context, change platform.Change, live object, mark *vvp.Mark) (*rollout, error) {
	observed, err := j.client.observe(ctx, change.Ref, live, true)
	if err != nil {
		return nil, err
	}
	r := &rollout{jobs: j, change: change, id: text(live, "metadata", "id"), live: live, observed: observed, began: time.Now()}
	if mark != nil {
		r.mark = *mark
	} else {
		r.over = true
	}
	return r, nil
}

// create creates a deployment, in the place of another object; nil for none.
func (j jobs) create(ctx context.Context, change platform.Change, program vvp.Program, before object) (*rollout, error) {
	want, err := wantedOf(change.Deployment, nil)
	if err != nil {
		return nil, err
	}
	document := want.in(object{"kind": "Deployment", "apiVersion": apiVersion, "metadata": flink.Tree{"name": change.Name, "namespace": change.Namespace, "displayName": change.Name}})
	if err := j.client.place(ctx, change.Namespace, specOf(document)); err != nil {
		return nil, err
	}
	resumed, _, err := j.client.recreationOf(ctx, whole(change))
	if err != nil {
		return nil, err
	}
	if resumed != nil && program.Mark != nil && program.Mark.From == "" && change.Spec.Job != nil {
		program.GoOnFrom(resumed.Path)
	} else {
		resumed = nil
	}
	j.follow(document, change.Deployment, program)
	if before != nil {
		note(document, annotationReplaces, replacing(before))
	}
	created, err := j.client.create(ctx, key{change.Namespace, deployments, change.Name}, document, hiding(document))
	if exists := (*platform.ExistsError)(nil); errors.As(err, &exists) {
		if created, err = j.inherit(ctx, change, document, exists); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	mark, _ := vvp.MarkOf(created)
	r, err := j.begun(ctx, change, created, &mark)
	if err == nil {
		r.observed.Resumed = resumed
	}
	return r, err
}

// whole names the deployment of a change, which may be one of a color.
func whole(change platform.Change) platform.Ref {
	ref := change.Ref
	if of := change.Labels[labelDeployment]; of != "" {
		ref.Name = of
	}
	return ref
}

// follow puts the beginning of a program into a document.
func (j jobs) follow(document object, want platform.Deployment, program vvp.Program) {
	spec := specOf(document)
	if program.State != "" {
		spec["state"] = program.State
	}
	note(document, vvp.AnnotationState, program.Asked)
	if program.Mark == nil {
		note(document, vvp.AnnotationUnfinished, "")
		return
	}
	mark := *program.Mark
	mark.By = j.client.identity
	if spec, err := flink.TreeOf(want.Spec); err == nil {
		mark.Wrote = vvp.Shape(wholeSpec(spec, want.Labels, want.Annotations))
	}
	if mark.Restore != "" {
		spec["restoreStrategy"] = vvp.Restore(mark.Restore, want.Spec)
		mark.Mode = upgradeModeOf(want.Spec)
	}
	note(document, vvp.AnnotationUnfinished, mark.String())
}

func existing(ref platform.Ref) error {
	return &platform.ExistsError{Err: fmt.Errorf("%s %s exists already", kinds[deployments], ref)}
}

// upgradeModeOf is the upgrade mode of a specification: stateless where it has none.
func upgradeModeOf(spec flink.DeploymentSpec) string {
	if spec.Job == nil || spec.Job.UpgradeMode == nil {
		return flink.UpgradeStateless
	}
	return *spec.Job.UpgradeMode
}

// inherit goes on with a create of the same specification that was killed. What is there for
// another reason stays an *platform.ExistsError.
func (j jobs) inherit(ctx context.Context, change platform.Change, document object, exists *platform.ExistsError) (object, error) {
	live, err := j.client.get(ctx, change.Namespace, deployments, change.Name)
	if err != nil {
		return nil, err
	}
	mark, unfinished := vvp.MarkOf(live)
	if !unfinished || mark.Action != string(planner.ActionCreate) {
		return nil, exists
	}
	wants, _ := document["spec"].(flink.Tree)
	is, _ := live["spec"].(flink.Tree)
	same := flink.Overlay(is, nil, wants)
	same["state"], same["restoreStrategy"] = is["state"], is["restoreStrategy"]
	if len(flink.MergePatch(is, same)) > 0 {
		return nil, exists
	}
	return live, nil
}
