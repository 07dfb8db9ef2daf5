package object

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// Consequential is data of what runs: its plan says, in the attribute rollout, what the
// change does.
type Consequential[T any] interface {
	// Decide puts into the data, which is a plan's, what the change does, and returns it.
	Decide(Change[T]) Consequence
	// Learn decides once more after the change was written, where the plan could not:
	// observed is what was written.
	Learn(observed T)
}

// Change is how a plan differs from the state.
type Change[T any] struct {
	// Before is the state; nil for a create.
	Before Data[T]
	// Moves are the attributes that say where the object is, as far as they change.
	Moves []string
	// Different are the attributes with which the platform would have another object, as
	// far as it is known that they change. A map that is null in one and empty in the
	// other is among them.
	Different path.Paths
	// Unknown tells of an attribute, or of one inside of it, that a part of it is not
	// known yet.
	Unknown func(at ...string) bool
}

// Consequence is what a change does.
type Consequence struct {
	// Diagnostics are errors that forbid the change, and warnings about it.
	diag.Diagnostics

	// Nothing tells that it does nothing to the object on the platform.
	Nothing bool
	// Replace are the attributes that replace the resource; none for what is changed
	// in place.
	Replace path.Paths
	// Unknown tells that nobody knows yet what it does.
	Unknown bool
}

// rollout is the attribute by which a plan says what it does.
const rollout = "rollout"

// decide asks data what a change does. What says nothing about that is replaced by each
// attribute that changes with the object.
func (r *Resource[T]) decide(plan, state Data[T], moved tfkit.IdentityChange, raw tftypes.Value) Consequence {
	decides, ok := plan.(Consequential[T])
	if !ok {
		return Consequence{Replace: moved.Different}
	}
	change := Change[T]{
		Before: state, Different: moved.Different,
		Unknown: func(at ...string) bool { return !(tfkit.Identifying{At: at}).KnownIn(raw) },
	}
	for _, at := range moved.Different {
		name := at.Steps()[0].String()
		for _, place := range r.places() {
			if place.At[0] == name {
				change.Moves = append(change.Moves, name)
			}
		}
	}
	return decides.Decide(change)
}

// withRollout returns a plan, or the state after it, with what the change does. What
// was planned stays.
func (r *Resource[T]) withRollout(ctx context.Context, raw tftypes.Value, plan Data[T], observed *T) (tftypes.Value, diag.Diagnostics) {
	decides, ok := plan.(Consequential[T])
	if !ok || (tfkit.Identifying{At: []string{rollout}}).KnownIn(raw) {
		return raw, nil
	}
	if observed != nil {
		decides.Learn(*observed)
	}
	return tfkit.EncodeInto(ctx, raw, plan, rollout)
}
