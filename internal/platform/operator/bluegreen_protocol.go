package operator

import (
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// This file decides how the provider's own engine makes a switch. It is pure:
// from what exists to the next turnStep, so an apply that was interrupted goes on
// where it was. Three rules hold in every step. A color that was ever active is
// not removed before the other one runs. There is never a moment without a
// running job while one can run. And the active color is never written over
// while it runs.

// colorFacts is what is known of one color.
type colorFacts struct {
	color string
	// since is when it became the active one, zero when it never has.
	since time.Time
	// created is when its object was.
	created  time.Time
	deleting bool
	// wanted tells that it has the specification that is to run.
	wanted bool
	// running tells that its job runs.
	running bool
	// settled tells that it runs all that was written on it.
	settled bool
	// broken tells that it does not run and says why.
	broken bool
	// path is where the state of a job that does not run is, and sure tells
	// that nothing newer can be.
	path string
	sure bool
}

// situation is all that the next step depends on.
type situation struct {
	// blue and green are nil for a color that does not exist.
	blue, green *colorFacts
	// stateless starts the new version without state.
	stateless bool
	// given is a path that takes the place of the job's own state.
	given string
	// allowLoss goes on although the newest state is not known.
	allowLoss bool
	// savepoint is one of the active color that was taken just now.
	savepoint string
	// awaited is the color that this apply has created or waited for, and
	// failed tells that it did not come to run.
	awaited string
	failed  bool
	// keep leaves a new version that failed in place.
	keep bool
	// delay is how long the old color stays after a switch.
	delay time.Duration
	now   time.Time
}

// stepKind is what to do next.
type stepKind int

const (
	// stepDone: the wanted specification runs, alone.
	stepDone stepKind = iota
	// stepNone: there is nothing of the deployment.
	stepNone
	// stepFail: the new version failed, and the old one is as it was.
	stepFail
	// stepMark: note on the color that it is the active one.
	stepMark
	// stepSavepoint: take a savepoint of the color without stopping it.
	stepSavepoint
	// stepCreate: create the color, from a path.
	stepCreate
	// stepAwait: wait until the color runs.
	stepAwait
	// stepActivate: make the color the active one.
	stepActivate
	// stepWait: wait until a time.
	stepWait
	// stepRemove: delete the color.
	stepRemove
	// stepGone: wait until the color, which somebody deletes, is gone.
	stepGone
	// stepInPlace: write the specification over the color, whose job does not
	// run and whose state only the operator knows.
	stepInPlace
)

func (k stepKind) String() string {
	return [...]string{"done", "none", "fail", "mark", "savepoint", "create", "await", "activate", "wait", "remove", "gone", "in place"}[k]
}

// turnStep is one step of a switch.
type turnStep struct {
	kind  stepKind
	color string
	// from is the path that a created color starts from, empty for none.
	from string
	// until ends a stepWait.
	until time.Time
}

// roles tells the active color from the other one; both are nil when nothing
// exists. The one that was made active last is active. Of two without a mark,
// which somebody must have removed, it is the one that runs, else the older.
func (s situation) roles() (active, other *colorFacts) {
	switch {
	case s.blue == nil:
		return s.green, nil
	case s.green == nil:
		return s.blue, nil
	case !s.blue.since.Equal(s.green.since):
		if s.blue.since.After(s.green.since) {
			return s.blue, s.green
		}
		return s.green, s.blue
	case s.blue.running != s.green.running:
		if s.blue.running {
			return s.blue, s.green
		}
		return s.green, s.blue
	case s.green.created.Before(s.blue.created):
		return s.green, s.blue
	}
	return s.blue, s.green
}

// has tells whether a color exists.
func (s situation) has(color string) bool {
	if color == flink.Blue {
		return s.blue != nil
	}
	return s.green != nil
}

// next decides the next step.
func (s situation) next() turnStep {
	active, other := s.roles()
	switch {
	case active == nil:
		return turnStep{kind: stepNone}
	case other != nil && other.deleting:
		return turnStep{kind: stepGone, color: other.color}
	case active.deleting:
		return turnStep{kind: stepGone, color: active.color}
	case other == nil:
		return s.alone(active)
	case !other.since.IsZero():
		return s.after(active, other)
	}
	return s.between(active, other)
}

// alone is the step when only one color exists.
func (s situation) alone(active *colorFacts) turnStep {
	next := flink.OtherColor(active.color)
	switch {
	case s.failed:
		return turnStep{kind: stepFail, color: s.awaited}
	case active.wanted && active.settled:
		return turnStep{kind: stepDone, color: active.color}
	case active.wanted:
		return turnStep{kind: stepAwait, color: active.color}
	}
	from, sure := s.origin(active)
	switch {
	case !sure && active.running && s.savepoint == "":
		return turnStep{kind: stepSavepoint, color: active.color}
	case !sure:
		return turnStep{kind: stepInPlace, color: active.color}
	case active.since.IsZero():
		// Before there is a second one, so that nobody takes it for the first.
		return turnStep{kind: stepMark, color: active.color}
	}
	return turnStep{kind: stepCreate, color: next, from: from}
}

// origin is the path that the new version starts from, as far as it is known.
func (s situation) origin(active *colorFacts) (path string, sure bool) {
	switch {
	case s.given != "":
		return s.given, true
	case s.stateless:
		return "", true
	case active.running:
		return s.savepoint, s.savepoint != ""
	}
	return active.path, active.sure || s.allowLoss
}

// between is the step when the other color is the new version, or what is left
// of one.
func (s situation) between(active, other *colorFacts) turnStep {
	mine := s.awaited == other.color
	up := active.running || active.settled
	switch {
	case active.since.IsZero():
		return turnStep{kind: stepMark, color: active.color}
	case other.settled && (other.wanted || !up):
		return turnStep{kind: stepActivate, color: other.color}
	case s.failed && mine && (s.keep || other.running && !up):
		return turnStep{kind: stepFail, color: other.color}
	case s.failed && mine:
		return turnStep{kind: stepRemove, color: other.color}
	case other.wanted && (mine || !other.broken), other.running && !up:
		return turnStep{kind: stepAwait, color: other.color}
	}
	// Another specification has come, or an earlier apply has left a failed
	// version: this one starts anew.
	return turnStep{kind: stepRemove, color: other.color}
}

// after is the step when the other color was active before the active one.
func (s situation) after(active, other *colorFacts) turnStep {
	up := active.running || active.settled
	switch {
	case up && active.wanted && s.now.Before(active.since.Add(s.delay)):
		return turnStep{kind: stepWait, color: other.color, until: active.since.Add(s.delay)}
	case up:
		return turnStep{kind: stepRemove, color: other.color}
	case other.running:
		// What came after it does not run, so it takes over again.
		return turnStep{kind: stepActivate, color: other.color}
	case s.failed && s.awaited == active.color:
		return turnStep{kind: stepFail, color: active.color}
	case active.wanted:
		return turnStep{kind: stepAwait, color: active.color}
	}
	return turnStep{kind: stepInPlace, color: active.color}
}
