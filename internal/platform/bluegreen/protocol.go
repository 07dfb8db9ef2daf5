// Package bluegreen is the provider's own engine of a blue/green switch, for every
// platform: what the next step is, and a turn of such steps.
package bluegreen

import (
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// This file decides how the provider's own engine makes a switch. It is pure:
// from what exists to the next step, so an apply that was interrupted goes on
// where it was. Three rules hold in every step. A color that was ever active is
// not removed before the other one runs. There is never a moment without a
// running job while one can run. And the active color is never written over
// while it runs. What an earlier apply has begun proves itself in this one.

// Color is what is known of one color.
type Color struct {
	Color string
	// Since is when it became the active one, zero when it never has.
	Since time.Time
	// Created is when its object was.
	Created  time.Time
	Deleting bool
	// Wanted tells that it has the specification that is to run.
	Wanted bool
	// Running tells that its job runs.
	Running bool
	// Settled tells that it runs all that was written on it.
	Settled bool
	// Broken tells that it does not run and says why.
	Broken bool
	// Path is where the state of a job that does not run is, and Sure tells
	// that nothing newer can be.
	Path string
	Sure bool
}

// Situation is all that the next step depends on.
type Situation struct {
	// Blue and Green are nil for a color that does not exist.
	Blue, Green *Color
	// Stateless starts the new version without state.
	Stateless bool
	// Given is a path that takes the place of the job's own state.
	Given string
	// AllowLoss goes on although the newest state is not known.
	AllowLoss bool
	// Savepoint is one of the active color that was taken just now.
	Savepoint string
	// Awaited is the color that this apply has created or waited for, and
	// Failed tells that it did not come to run. Proved is the one that has
	// come to run in this apply and shown that it works.
	Awaited string
	Failed  bool
	Proved  string
	// Keep leaves a new version that failed in place.
	Keep bool
	// Delay is how long the old color stays after a switch.
	Delay time.Duration
	Now   time.Time
}

// stepKind is what to do next.
type stepKind int

const (
	// stepDone is that the wanted specification runs, alone.
	stepDone stepKind = iota
	// stepNone is that there is nothing of the deployment.
	stepNone
	// stepFail is that the new version failed, and the old one is as it was.
	stepFail
	// stepMark notes on the color that it is the active one.
	stepMark
	// stepSavepoint takes a savepoint of the color without stopping it.
	stepSavepoint
	// stepCreate creates the color, from a path.
	stepCreate
	// stepAwait waits until the color runs.
	stepAwait
	// stepActivate makes the color the active one.
	stepActivate
	// stepWait waits until a time.
	stepWait
	// stepRemove deletes the color.
	stepRemove
	// stepGone waits until the color, which somebody deletes, is gone.
	stepGone
	// stepInPlace writes the specification over the color, whose job does not
	// run and whose state only the operator knows.
	stepInPlace
)

func (k stepKind) String() string {
	return [...]string{"done", "none", "fail", "mark", "savepoint", "create", "await", "activate", "wait", "remove", "gone", "in place"}[k]
}

// step is one step of a switch.
type step struct {
	Kind  stepKind
	Color string
	// From is the path that a created color starts from, empty for none.
	From string
	// Until ends a stepWait.
	Until time.Time
}

// Roles tells the active color from the other one; both are nil when nothing
// exists. The one that was made active last is active. Of two without a mark,
// which somebody must have removed, it is the one that runs, else the older.
func (s Situation) Roles() (active, other *Color) {
	switch {
	case s.Blue == nil:
		return s.Green, nil
	case s.Green == nil:
		return s.Blue, nil
	case !s.Blue.Since.Equal(s.Green.Since):
		if s.Blue.Since.After(s.Green.Since) {
			return s.Blue, s.Green
		}
		return s.Green, s.Blue
	case s.Blue.Running != s.Green.Running:
		if s.Blue.Running {
			return s.Blue, s.Green
		}
		return s.Green, s.Blue
	case s.Green.Created.Before(s.Blue.Created):
		return s.Green, s.Blue
	}
	return s.Blue, s.Green
}

// has tells whether a color exists.
func (s Situation) has(color string) bool {
	if color == flink.Blue {
		return s.Blue != nil
	}
	return s.Green != nil
}

// next decides the next step.
func (s Situation) next() step {
	active, other := s.Roles()
	switch {
	case active == nil:
		return step{Kind: stepNone}
	case other != nil && other.Deleting:
		return step{Kind: stepGone, Color: other.Color}
	case active.Deleting:
		return step{Kind: stepGone, Color: active.Color}
	case other == nil:
		return s.alone(active)
	case !other.Since.IsZero():
		return s.after(active, other)
	}
	return s.between(active, other)
}

// alone is the step when only one color exists.
func (s Situation) alone(active *Color) step {
	next := flink.OtherColor(active.Color)
	switch {
	case s.Failed:
		return step{Kind: stepFail, Color: s.Awaited}
	case active.Wanted && active.Settled:
		return step{Kind: stepDone, Color: active.Color}
	case active.Wanted:
		return step{Kind: stepAwait, Color: active.Color}
	}
	from, sure := s.origin(active)
	switch {
	case !sure && active.Running && s.Savepoint == "":
		return step{Kind: stepSavepoint, Color: active.Color}
	case !sure:
		return step{Kind: stepInPlace, Color: active.Color}
	case active.Since.IsZero():
		// Before there is a second one, so that nobody takes it for the first.
		return step{Kind: stepMark, Color: active.Color}
	}
	return step{Kind: stepCreate, Color: next, From: from}
}

// origin is the path that the new version starts from, as far as it is known.
func (s Situation) origin(active *Color) (path string, sure bool) {
	switch {
	case s.Given != "":
		return s.Given, true
	case s.Stateless:
		return "", true
	case active.Running:
		return s.Savepoint, s.Savepoint != ""
	}
	return active.Path, active.Sure || s.AllowLoss
}

// between is the step when the other color is the new version, or what is left
// of one.
func (s Situation) between(active, other *Color) step {
	mine := s.Awaited == other.Color
	up := active.Running || active.Settled
	switch {
	case active.Since.IsZero():
		return step{Kind: stepMark, Color: active.Color}
	case other.Settled && (other.Wanted && s.Proved == other.Color || !other.Wanted && !up):
		return step{Kind: stepActivate, Color: other.Color}
	case s.Failed && mine && (s.Keep || other.Running && !up):
		return step{Kind: stepFail, Color: other.Color}
	case s.Failed && mine:
		return step{Kind: stepRemove, Color: other.Color}
	case other.Wanted && (mine || !other.Broken), other.Running && !up:
		return step{Kind: stepAwait, Color: other.Color}
	}
	// Another specification has come, or an earlier apply has left a failed
	// version: this one starts anew.
	return step{Kind: stepRemove, Color: other.Color}
}

// after is the step when the other color was active before the active one.
func (s Situation) after(active, other *Color) step {
	up := active.Running || active.Settled
	switch {
	case up && active.Wanted && s.Now.Before(active.Since.Add(s.Delay)):
		return step{Kind: stepWait, Color: other.Color, Until: active.Since.Add(s.Delay)}
	case up:
		return step{Kind: stepRemove, Color: other.Color}
	case other.Running:
		// What came after it does not run, so it takes over again.
		return step{Kind: stepActivate, Color: other.Color}
	case s.Failed && s.Awaited == active.Color:
		return step{Kind: stepFail, Color: active.Color}
	case active.Wanted:
		return step{Kind: stepAwait, Color: active.Color}
	}
	return step{Kind: stepInPlace, Color: active.Color}
}
