package bluegreen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Colors are the two colors of a deployment as a platform has them. That a version
// does not run is a *platform.RolloutError of Await and of Rewrite; every other
// error ends the switch.
type Colors interface {
	// Look tells what there is of each color, nil for one that does not exist.
	Look(ctx context.Context) (blue, green *Color, err error)
	// Direct has what leads to the job lead to the active color.
	Direct(ctx context.Context, active *Color) error
	// Activate notes on a color that it is the active one.
	Activate(ctx context.Context, color string) error
	// Savepoint takes a savepoint of a color without stopping it. No path tells that
	// the job has ended meanwhile.
	Savepoint(ctx context.Context, color string) (path string, err error)
	// Start creates a color, whose job starts from a path, or empty without one.
	Start(ctx context.Context, color, from string) error
	// Await waits until a color runs, and tells how it has proved itself.
	Await(ctx context.Context, color string) (proof string, err error)
	// Rewrite writes the specification over a color, and waits until it runs. It
	// tells whether it was written.
	Rewrite(ctx context.Context, color string) (written bool, err error)
	// Remove deletes a color, and Gone waits for one that somebody deletes.
	Remove(ctx context.Context, color string) error
	Gone(ctx context.Context, color string) error
	// Explain returns the facts of a version that failed, and what to do afterwards.
	Explain(failure *platform.RolloutError) (facts, afterwards string)
}

// Turn is one switch from a color to the other, or what is left of one. It has no
// memory beyond what this apply did: everything else is looked at before each
// step.
type Turn struct {
	platform.Ref
	// Facts are the parts of the situation that do not come from the colors.
	Facts Situation

	on Colors
	// failure is why the new version does not run.
	failure error
	// proof says how the color in Facts.Proved has shown that it works.
	proof string
}

// End is how a switch ended.
type End struct {
	// step is stepDone, stepFail or stepNone, or the one that could not be made.
	step step
	// Proof says how the color of the step has shown in this apply that it works.
	Proof string
}

// Nothing tells that there is nothing of the deployment.
func (e End) Nothing() bool { return e.step.Kind == stepNone }

// Failed tells that the new version failed, and the old one is as it was.
func (e End) Failed() bool { return e.step.Kind == stepFail }

// Run makes step after step until the wanted specification runs alone, or the new
// version has failed.
func (t *Turn) Run(ctx context.Context, on Colors) (End, error) {
	t.on = on
	for {
		s := t.Facts
		var err error
		if s.Blue, s.Green, err = on.Look(ctx); err != nil {
			return End{}, err
		}
		s.Now = time.Now()
		if active, _ := s.Roles(); active != nil {
			if err := on.Direct(ctx, active); err != nil {
				return End{}, err
			}
		}
		next := s.next()
		logctx.From(ctx).DebugContext(ctx, "A step of the switch", "deployment", t.String(), "step", next.Kind.String(), "color", next.Color)
		end := End{step: next}
		if next.Color == s.Proved {
			end.Proof = t.proof
		}
		switch next.Kind {
		case stepDone, stepNone:
			return end, nil
		case stepFail:
			return end, t.report(s, next.Color)
		default:
		}
		if err := t.perform(ctx, next); err != nil {
			return End{step: next}, err
		}
	}
}

// perform makes one step.
func (t *Turn) perform(ctx context.Context, next step) error {
	switch next.Kind {
	case stepMark, stepActivate:
		return t.on.Activate(ctx, next.Color)
	case stepSavepoint:
		path, err := t.on.Savepoint(ctx, next.Color)
		if path != "" {
			t.Facts.Savepoint = path
		}
		return err
	case stepCreate:
		if err := t.on.Start(ctx, next.Color, next.From); err != nil {
			return err
		}
		t.Facts.Awaited, t.Facts.Failed, t.Facts.Savepoint, t.Facts.Proved = next.Color, false, "", ""
		return nil
	case stepAwait:
		t.Facts.Awaited = next.Color
		proof, err := t.on.Await(ctx, next.Color)
		if err == nil {
			t.Facts.Proved, t.proof = next.Color, proof
		}
		return t.failed(err)
	case stepWait:
		return t.delay(ctx, next)
	case stepRemove:
		return t.on.Remove(ctx, next.Color)
	case stepGone:
		return t.on.Gone(ctx, next.Color)
	case stepInPlace:
		t.Facts.Awaited = next.Color
		written, err := t.on.Rewrite(ctx, next.Color)
		if !written {
			return err
		}
		return t.failed(err)
	case stepDone, stepNone, stepFail:
	}
	return fmt.Errorf("%s is no step to make", next.Kind)
}

// failed takes note that a version does not run. Another error stays one.
func (t *Turn) failed(err error) error {
	if told := (*platform.RolloutError)(nil); errors.As(err, &told) {
		t.Facts.Failed, t.failure = true, err
		return nil
	}
	return err
}

// delay waits until the old color may go.
func (t *Turn) delay(ctx context.Context, next step) error {
	logctx.From(ctx).InfoContext(ctx, "The old color stays for a while", "deployment", t.String(), "color", next.Color, "until", next.Until)
	timer := time.NewTimer(time.Until(next.Until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ctx.Err()
		}
		return &platform.RolloutError{
			Summary: fmt.Sprintf("The new version of %q runs, and the old one is not deleted yet", t.Name),
			Detail: fmt.Sprintf("%s stays until %s (upgrade.blue_green[\"deletion_delay\"]), which is after the end of this apply. Apply again then, or raise timeouts.update.",
				next.Color, next.Until.UTC().Format(time.RFC3339)),
		}
	}
}

// report is the error of a new version that failed.
func (t *Turn) report(s Situation, failed string) error {
	var told *platform.RolloutError
	active, _ := s.Roles()
	if !errors.As(t.failure, &told) || active.Color == failed {
		return t.failure
	}
	what := fmt.Sprintf("Removed the new version (%s).", failed)
	if s.has(failed) {
		what = fmt.Sprintf("The new version (%s) is left as it is; the next apply removes it.", failed)
	}
	runs := fmt.Sprintf("The previous version (%s) was never stopped and runs on.", active.Color)
	if !active.Running {
		runs = fmt.Sprintf("The previous version (%s) does not run either.", active.Color)
		if active.Path != "" {
			runs += fmt.Sprintf(" The newest known state of the job is in %s; the next apply starts from it.", active.Path)
		}
	}
	facts, afterwards := t.on.Explain(told)
	lines := []string{strings.TrimRight(facts, "\n"), what, runs, strings.TrimSpace("The change stays in the next plan. " + afterwards)}
	return &platform.RolloutError{
		Summary:    told.Summary,
		Detail:     strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "\n"),
		RolledBack: true,
	}
}
