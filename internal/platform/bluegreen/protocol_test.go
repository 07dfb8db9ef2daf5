package bluegreen

import (
	"fmt"
	"testing"
	"time"
)

// epoch is when the colors of these tests were made active.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fact returns a color in one of the conditions that a switch can meet.
func fact(color, condition string, since time.Time, wanted bool) *Color {
	f := &Color{Color: color, Since: since, Created: epoch, Wanted: wanted}
	switch condition {
	case "absent":
		return nil
	case "runs":
		f.Running, f.Settled = true, true
	case "busy":
		// It runs, and the operator is at work on it.
		f.Running = true
	case "starts":
		f.Path, f.Sure = "s3://start", true
	case "failed":
		f.Broken, f.Path, f.Sure = true, "s3://newest", true
	case "lost":
		f.Broken = true
	case "finished":
		f.Settled = true
	case "deleting":
		f.Deleting = true
	default:
		panic(condition)
	}
	return f
}

// TestNextStep decides each situation that a switch, or what is left of one, can
// be in. Blue is the old color.
func TestNextStep(t *testing.T) {
	const old, wanted = false, true
	active, later, never := epoch, epoch.Add(time.Hour), time.Time{}
	now := later.Add(time.Minute)
	for _, test := range []struct {
		name        string
		blue, green *Color
		with        func(*Situation)
		want        string
		from        string
	}{
		{name: "nothing exists", want: "none"},
		{name: "the old version runs", blue: fact("blue", "runs", active, old), want: "savepoint blue"},
		{name: "a savepoint was taken", blue: fact("blue", "runs", active, old), with: func(s *Situation) { s.Savepoint = "s3://sp" }, want: "create green", from: "s3://sp"},
		{name: "it was never marked", blue: fact("blue", "runs", never, old), with: func(s *Situation) { s.Savepoint = "s3://sp" }, want: "mark blue"},
		{name: "stateless", blue: fact("blue", "runs", active, old), with: func(s *Situation) { s.Stateless = true }, want: "create green"},
		{name: "another path is given", blue: fact("blue", "runs", active, old), with: func(s *Situation) { s.Given = "s3://given" }, want: "create green", from: "s3://given"},
		{name: "green is the one that runs", green: fact("green", "runs", active, old), want: "savepoint green"},
		{name: "the old version has failed, its state is known", blue: fact("blue", "failed", active, old), want: "create green", from: "s3://newest"},
		{name: "it failed after the savepoint, which is older", blue: fact("blue", "failed", active, old), with: func(s *Situation) { s.Savepoint = "s3://sp" }, want: "create green", from: "s3://newest"},
		{name: "it has failed, its state is not known", blue: fact("blue", "lost", active, old), want: "in place blue"},
		{name: "its state may be lost", blue: fact("blue", "lost", active, old), with: func(s *Situation) { s.AllowLoss = true }, want: "create green"},
		{name: "somebody deletes the only color", blue: fact("blue", "deleting", active, old), want: "gone blue"},

		{name: "the new version starts", blue: fact("blue", "runs", active, old), green: fact("green", "starts", never, wanted), want: "await green"},
		{name: "the old version has no mark", blue: fact("blue", "runs", never, old), green: fact("green", "starts", never, wanted), want: "mark blue"},
		{name: "the new version runs, as an earlier apply has left it", blue: fact("blue", "runs", active, old), green: fact("green", "runs", never, wanted), want: "await green"},
		{name: "the new version has proved itself", blue: fact("blue", "runs", active, old), green: fact("green", "runs", never, wanted), with: provedGreen, want: "activate green"},
		{name: "the new version has finished", blue: fact("blue", "runs", active, old), green: fact("green", "finished", never, wanted), with: provedGreen, want: "activate green"},
		{name: "it runs, but not yet what was written", blue: fact("blue", "runs", active, old), green: fact("green", "busy", never, wanted), want: "await green"},
		{name: "the old version fails meanwhile", blue: fact("blue", "failed", active, old), green: fact("green", "starts", never, wanted), want: "await green"},
		{name: "the new version is deleted by hand", blue: fact("blue", "runs", active, old), green: fact("green", "deleting", never, wanted), want: "gone green"},
		{name: "the old version is deleted by hand", blue: fact("blue", "deleting", active, old), green: fact("green", "starts", never, wanted), want: "gone blue"},
		{name: "only the new version is left", green: fact("green", "starts", never, wanted), want: "await green"},
		{name: "an earlier apply left a failed one", blue: fact("blue", "runs", active, old), green: fact("green", "failed", never, wanted), want: "remove green"},
		{name: "it fails in this apply", blue: fact("blue", "runs", active, old), green: fact("green", "failed", never, wanted), with: failedGreen, want: "remove green"},
		{name: "it looks broken while this apply waits", blue: fact("blue", "runs", active, old), green: fact("green", "failed", never, wanted), with: func(s *Situation) { s.Awaited = "green" }, want: "await green"},
		{name: "a failed one is kept", blue: fact("blue", "runs", active, old), green: fact("green", "failed", never, wanted), with: func(s *Situation) { failedGreen(s); s.Keep = true }, want: "fail green"},
		{name: "the failed one is gone", blue: fact("blue", "runs", active, old), with: failedGreen, want: "fail green"},
		{name: "both have failed", blue: fact("blue", "failed", active, old), green: fact("green", "failed", never, wanted), with: failedGreen, want: "remove green"},
		{name: "a third specification, the second starts", blue: fact("blue", "runs", active, old), green: fact("green", "starts", never, old), want: "remove green"},
		{name: "a third specification, the second runs", blue: fact("blue", "runs", active, old), green: fact("green", "runs", never, old), want: "remove green"},
		{name: "a third specification, only the second runs", blue: fact("blue", "failed", active, old), green: fact("green", "runs", never, old), want: "activate green"},
		{name: "back to the first specification", blue: fact("blue", "runs", active, wanted), green: fact("green", "starts", never, old), want: "remove green"},

		{name: "the switch was made", blue: fact("blue", "runs", active, old), green: fact("green", "runs", later, wanted), want: "remove blue"},
		{name: "the old color stays for a while", blue: fact("blue", "runs", active, old), green: fact("green", "runs", later, wanted), with: func(s *Situation) { s.Delay = time.Hour }, want: "wait blue"},
		{name: "the old color goes", blue: fact("blue", "deleting", active, old), green: fact("green", "runs", later, wanted), want: "gone blue"},
		{name: "a third specification while the old color stays", blue: fact("blue", "runs", active, old), green: fact("green", "runs", later, old), with: func(s *Situation) { s.Delay = time.Hour }, want: "remove blue"},
		{name: "the new version fails after the switch", blue: fact("blue", "runs", active, old), green: fact("green", "failed", later, wanted), want: "activate blue"},
		{name: "neither runs after the switch", blue: fact("blue", "failed", active, old), green: fact("green", "failed", later, wanted), want: "await green"},
		{name: "neither runs, and another specification comes", blue: fact("blue", "failed", active, old), green: fact("green", "failed", later, old), want: "in place green"},
		{name: "neither runs, and that is known", blue: fact("blue", "failed", active, old), green: fact("green", "failed", later, wanted), with: failedGreen, want: "fail green"},
		{name: "it has finished after the switch", blue: fact("blue", "runs", active, old), green: fact("green", "finished", later, wanted), want: "remove blue"},

		{name: "the wanted one runs alone", green: fact("green", "runs", later, wanted), want: "done green"},
		{name: "the wanted one does not run yet", green: fact("green", "starts", later, wanted), want: "await green"},
		{name: "the only one failed in this apply", green: fact("green", "failed", later, wanted), with: failedGreen, want: "fail green"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := Situation{Blue: test.blue, Green: test.green, Now: now}
			if test.with != nil {
				test.with(&s)
			}
			got := s.next()
			if told := trimmed(got); told != test.want || got.From != test.from {
				t.Errorf("the next step is %q from %q, want %q from %q", told, got.From, test.want, test.from)
			}
		})
	}
}

func trimmed(s step) string {
	if s.Color == "" {
		return s.Kind.String()
	}
	return s.Kind.String() + " " + s.Color
}

func provedGreen(s *Situation) { s.Awaited, s.Proved = "green", "green" }

func failedGreen(s *Situation) { s.Awaited, s.Failed = "green", true }

// TestNoStepLosesAJob goes through every combination of two colors: what was
// ever active is removed only when the other one is up, and a running job is
// never written over.
func TestNoStepLosesAJob(t *testing.T) {
	conditions := []string{"absent", "runs", "busy", "starts", "failed", "lost", "finished", "deleting"}
	times := []time.Time{{}, epoch, epoch.Add(time.Hour)}
	count := 0
	for _, blue := range conditions {
		for _, green := range conditions {
			for i := range 2 * 2 * 9 * 16 {
				blueWanted, greenWanted := i&1 != 0, i&2 != 0
				marks, mode := i/4%9, i/36
				s := Situation{
					Blue:  fact("blue", blue, times[marks%3], blueWanted),
					Green: fact("green", green, times[marks/3], greenWanted),
					Now:   epoch.Add(90 * time.Minute), Delay: time.Hour,
				}
				if mode&1 != 0 {
					failedGreen(&s)
				}
				s.Stateless, s.Keep = mode&2 != 0, mode&4 != 0
				if mode&8 != 0 {
					s.Proved = "green"
				}
				count++
				checkStep(t, fmt.Sprintf("blue %s, green %s, %d", blue, green, i), s)
			}
		}
	}
	if count != 8*8*576 {
		t.Errorf("%d situations", count)
	}
}

func checkStep(t *testing.T, name string, s Situation) {
	t.Helper()
	next := s.next()
	byColor := map[string]*Color{"blue": s.Blue, "green": s.Green}
	at, other := byColor[next.Color], byColor["green"]
	if next.Color == "green" {
		other = byColor["blue"]
	}
	up := func(f *Color) bool { return f != nil && (f.Running || f.Settled) }
	switch next.Kind {
	case stepRemove:
		if !at.Since.IsZero() && !up(other) {
			t.Errorf("%s: %s is removed, and the other one does not run", name, next.Color)
		}
		if at.Running && !up(other) {
			t.Errorf("%s: the only running color %s is removed", name, next.Color)
		}
	case stepInPlace:
		if at.Running {
			t.Errorf("%s: %s runs and is written over", name, next.Color)
		}
	case stepCreate:
		if at != nil || other.Since.IsZero() {
			t.Errorf("%s: %s is created", name, next.Color)
		}
	case stepDone:
		if other != nil || !at.Wanted || !at.Settled {
			t.Errorf("%s: done", name)
		}
	case stepActivate:
		if at.Since.IsZero() && up(other) && s.Proved != next.Color {
			t.Errorf("%s: %s is made active and has not proved itself", name, next.Color)
		}
		if !up(at) {
			t.Errorf("%s: %s is made active and does not run", name, next.Color)
		}
	default:
	}
}
