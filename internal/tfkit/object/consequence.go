package object

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	// Unknown tells of an attribute that a part of it is not known yet.
	Unknown func(attribute string) bool
}

// Consequence is what a change does.
type Consequence struct {
	// Diagnostics are errors that forbid the change, and warnings about it.
	diag.Diagnostics

	// Nothing tells that it does nothing to the object on the platform.
	Nothing bool
	// InPlace tells that what would replace the resource is changed without that.
	InPlace bool
	// Unknown tells that nobody knows yet what it does.
	Unknown bool
}

// rollout is the attribute by which a plan says what it does.
const rollout = "rollout"

// decide asks data what a change does. What says nothing about that has no consequence.
func (r *Resource[T]) decide(plan, state Data[T], moved tfkit.IdentityChange, raw tftypes.Value) Consequence {
	decides, ok := plan.(Consequential[T])
	if !ok {
		return Consequence{}
	}
	change := Change[T]{Before: state, Unknown: func(name string) bool { return !(tfkit.Identifying{At: []string{name}}).KnownIn(raw) }}
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
