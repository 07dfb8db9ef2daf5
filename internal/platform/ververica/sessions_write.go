package ververica

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/planner"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// write writes the beginning of a change. While a session cluster runs, the platform takes another
// number of TaskManagers and nothing else, so for the rest it is stopped first.
func (s sessions) write(ctx context.Context, change platform.Change, live object, want sessionWish) (*sessionRollout, error) {
	id := text(live, "metadata", "id")
	mark := vvp.SessionMark{Action: string(change.Rollout.Action), By: s.client.identity}
	next := want.in(vvp.Whole(live))
	restarts := vvp.Restarts(live, next)
	if change.Rollout.Action == planner.ActionMetadata && !restarts {
		written, err := s.change(ctx, change.Ref, id, want.in)
		if err != nil {
			return nil, err
		}
		r := s.begun(change, written, mark)
		r.over = true
		return r, nil
	}
	if restarts && vvp.State(live) != vvp.StateStopped && vvp.Desired(live) == vvp.StateRunning {
		if err := s.idle(ctx, change.Ref, "restarted", "Apply again when none of them runs, and resume them afterwards."); err != nil {
			return nil, err
		}
	}
	written, err := s.change(ctx, change.Ref, id, func(cluster object) object {
		next := want.in(vvp.Whole(cluster))
		mark.Then, mark.Restart = nil, ""
		switch {
		case !vvp.Restarts(cluster, next):
			return next
		case vvp.State(cluster) == vvp.StateStopped && vvp.Desired(cluster) == vvp.StateStopped:
			note(next, vvp.AnnotationUnfinished, mark.String())
			return next
		}
		mark.Then, mark.Restart = part(next, "spec"), want.restart
		stopping := maps.Clone(next)
		stopping["metadata"] = maps.Clone(part(next, "metadata"))
		stopping["spec"] = part(cluster, "spec")
		specOf(stopping)["state"] = vvp.StateStopped
		note(stopping, vvp.AnnotationRestart, text(cluster, "metadata", "annotations", vvp.AnnotationRestart))
		note(stopping, vvp.AnnotationUnfinished, mark.String())
		return stopping
	})
	if err != nil {
		return nil, err
	}
	r := s.begun(change, written, mark)
	r.wrote(live)
	return r, nil
}

// idle refuses to stop a session cluster on which jobs run: the platform refuses it too. what says
// what is not done to it, and then what to do when they are stopped.
func (s sessions) idle(ctx context.Context, ref platform.Ref, what, then string) error {
	all, err := s.on(ctx, ref)
	if err != nil {
		return err
	}
	var running []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if seen := vvp.SeenOf(all[name]); vvp.Occupies(seen) {
			running = append(running, fmt.Sprintf("%s (%s)", name, seen.State))
		}
	}
	if len(running) == 0 {
		return nil
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The session cluster %q is not %s: jobs run on it", ref.Name, what),
		Detail: fmt.Sprintf("Deployments on it in namespace %s that are not stopped: %s.\nNothing was changed: %s stops a session cluster only when no job runs on it.\n"+
			"Suspend them first, in an apply of its own: job.state = \"suspended\" in each flink_session_job, and in the platform for others. %s", ref.Namespace, strings.Join(running, ", "), product, then),
	}
}

// on are the deployments in session mode on a session cluster, by name, as they are now.
func (s sessions) on(ctx context.Context, ref platform.Ref) (map[string]object, error) {
	all, err := s.client.items(ctx, ref.Namespace, deployments)
	maps.DeleteFunc(all, func(_ string, deployment object) bool {
		return text(deployment, "spec", "sessionClusterName") != ref.Name
	})
	return all, err
}

// change is Client.changeOf of a session cluster.
func (s sessions) change(ctx context.Context, ref platform.Ref, id string, edit func(cluster object) object) (object, error) {
	return s.client.changeOf(ctx, sessionClusters, ref, id, edit)
}

// same is Client.sameOf of a session cluster.
func (s sessions) same(ctx context.Context, ref platform.Ref, id string) (object, error) {
	return s.client.sameOf(ctx, sessionClusters, ref, id)
}
