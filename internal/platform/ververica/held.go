package ververica

import (
	"context"
	"maps"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/vvp"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// This file has the creates of several deployments at once, which no state has before the last of
// them: until then each keeps its mark, so that the next create goes on with what a killed one has left.

var _ platform.Holder = applications{}

// held tells whether the change is a create that its caller ends.
func (r *rollout) held() bool { return r.change.Was == nil && r.change.Held != nil }

// finished is a deployment as the end of a change leaves it: without its mark, and with the
// strategies that were asked for.
func finished(deployment object, mark vvp.Mark) object {
	next := copied(deployment)
	note(next, vvp.AnnotationUnfinished, "")
	if mark.Restore != "" {
		maps.Copy(specOf(next), vvp.StrategiesOf(mark.Mode, next))
	}
	return next
}

// Release implements platform.Holder. A create that has not come to its end keeps its mark, and what
// has colors was not held.
func (a applications) Release(ctx context.Context, ref platform.Ref, uid string) error {
	ended, held := a.client.held.LoadAndDelete(ref)
	if !held {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	mark, _ := ended.(vvp.Mark)
	written, err := a.client.change(ctx, ref, uid, func(deployment object) object { return finished(deployment, mark) })
	if isAbsent(err) {
		return nil
	}
	if err == nil && mark.From != "" {
		a.client.forgetRecreation(ctx, wholeRef(ref, written), mark.From)
	}
	return err
}
