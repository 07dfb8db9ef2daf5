package object

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// This file is what becomes of an object when its environment says another way to reach it.

// wayAt is the attribute that says how the objects are reached.
func (t Type[T]) wayAt(c *Common) string {
	if c.Environment != nil {
		return "environment"
	}
	return "through"
}

// moves tells whether a plan has an object be managed in another way than the state.
func (t Type[T]) moves(plan, state Data[T]) (bool, diag.Diagnostics) {
	at := path.Root(t.wayAt(plan.Shared()))
	return tfkit.ChangeOfWay(t.Noun+" \""+state.Shared().Ref().Name+"\"", t.target(plan.Shared()).Settings, t.target(state.Shared()).Settings, at)
}

// sameWay returns a plan with what the state has of the environment's settings, unless they
// are not known yet: what of them matters here is the same.
func (t Type[T]) sameWay(plan, state tftypes.Value) tftypes.Value {
	for _, name := range []string{"environment", "through"} {
		if tfkit.Known(plan, name) && !(tfkit.Identifying{At: []string{name}}).NullIn(state) {
			plan = tfkit.WithInner(plan, state, name, "settings")
		}
	}
	return plan
}

// lacks is what custom resources do not have of what a plan asks for.
func (t Type[T]) lacks(plan Data[T]) diag.Diagnostics {
	if t.Lacks == nil || t.target(plan.Shared()).Settings.CustomResources == nil {
		return nil
	}
	return t.Lacks(plan)
}

// takeOver has an object be managed in the way of a plan from now on.
func (r *Resource[T]) takeOver(ctx context.Context, plan Data[T], timeout time.Duration) diag.Diagnostics {
	ctx, cancel := r.begin(ctx, plan, timeout)
	defer cancel()
	attempt := r.attempt("move", plan)
	objects, err := r.connect(ctx, plan)
	if err != nil {
		return attempt.Diagnostics(err)
	}
	if other, takes := objects.(platform.TakesOver); takes {
		if err := other.TakeOver(ctx, plan.Shared().Ref()); err != nil {
			return attempt.Diagnostics(err)
		}
	}
	return nil
}
