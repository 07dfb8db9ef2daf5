package ververica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/rest"
)

// Delete implements platform.Deployments: the platform deletes only what is stopped, and what no
// deployment names.
func (s sessions) Delete(ctx context.Context, ref platform.Ref, options platform.DeleteOptions) (platform.Deleted, error) {
	var none platform.Deleted
	live, err := s.same(ctx, ref, options.UID)
	if another := (*platform.OtherObjectError)(nil); isAbsent(err) || errors.As(err, &another) {
		// Somebody else's of the name stays.
		return none, nil
	}
	if err == nil {
		err = s.unused(ctx, ref)
	}
	if err == nil {
		err = s.stop(ctx, ref, text(live, "metadata", "id"))
	}
	if err == nil {
		err = s.remove(ctx, ref)
	}
	if isAbsent(err) {
		err = nil
	}
	return none, err
}

// unused refuses to delete a session cluster that deployments name: the platform refuses it too.
func (s sessions) unused(ctx context.Context, ref platform.Ref) error {
	all, err := s.on(ctx, ref)
	if err != nil || len(all) == 0 {
		return err
	}
	return &platform.RolloutError{
		Summary: fmt.Sprintf("The session cluster %q is not deleted: session jobs use it", ref.Name),
		Detail: fmt.Sprintf("Deployments in namespace %s: %s.\nNothing was deleted.\n"+
			"Destroy these jobs first. Jobs of this configuration are when they refer to the cluster (session_cluster = flink_session_cluster.<name>.name); others are cancelled and deleted in the platform.",
			ref.Namespace, strings.Join(slices.Sorted(maps.Keys(all)), ", ")),
	}
}

// stop stops a session cluster, and waits until it is. One that has failed may stay so.
func (s sessions) stop(ctx context.Context, ref platform.Ref, id string) error {
	live, err := s.change(ctx, ref, id, func(cluster object) object {
		next := copied(cluster)
		specOf(next)["state"] = vvp.StateStopped
		return next
	})
	if err != nil {
		return err
	}
	err = until(ctx, func(ctx context.Context) (bool, error) {
		if live, err = s.same(ctx, ref, id); err != nil {
			return false, err
		}
		state := vvp.State(live)
		return state == vvp.StateStopped || state == vvp.StateFailed, nil
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return s.stuck(ref, "is not stopped: it is "+vvp.State(live))
	}
	return err
}

// remove deletes a session cluster, and waits until it is gone. The server may refuse that for a
// while, as it still tears the cluster down.
func (s sessions) remove(ctx context.Context, ref platform.Ref) error {
	defer s.client.writes(ref.Namespace, sessionClusters, ref.Name)()
	refused := error(nil)
	err := until(ctx, func(ctx context.Context) (bool, error) {
		err := s.client.do(ctx, ref.Namespace, rest.Request{Method: http.MethodDelete, Path: at(ref.Namespace, sessionClusters, ref.Name)}, nil)
		if rest.Code(err) == http.StatusConflict {
			refused = err
			return false, nil
		}
		if err == nil || rest.Code(err) == http.StatusNotFound {
			_, err = s.client.get(ctx, ref.Namespace, sessionClusters, ref.Name)
		}
		return false, err
	})
	if err != nil && refused != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return s.stuck(ref, "is not deleted: "+refused.Error())
	}
	return err
}

// stuck explains a deletion that does not come to its end.
func (s sessions) stuck(ref platform.Ref, how string) error {
	return &platform.ExplainedError{
		Cause: "it takes too long", Err: fmt.Errorf("session cluster %s %s", ref, how),
		Remedy: "Raise timeouts.delete, or look at the session cluster in the platform, and destroy it again.",
	}
}
