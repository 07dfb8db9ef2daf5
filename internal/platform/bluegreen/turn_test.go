package bluegreen

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// shown are colors in memory, whose wanted version is the one that is started.
type shown struct {
	colors map[string]*Color
	did    []string
	// fails ends waits for a color, and refuses ends a step of a name.
	fails   error
	refuses map[string]error
}

func (s *shown) do(step, color string) error {
	s.did = append(s.did, step+" "+color)
	if len(s.did) > 20 {
		return errors.New("the turn has no end")
	}
	return s.refuses[step]
}

func (s *shown) Look(context.Context) (blue, green *Color, err error) {
	return s.colors[flink.Blue], s.colors[flink.Green], s.refuses["look"]
}

func (s *shown) Direct(context.Context, *Color) error { return s.refuses["direct"] }

func (s *shown) Activate(_ context.Context, color string) error {
	// Later than the other, though the clock stands still.
	s.colors[color].Since = time.Now().Add(time.Duration(len(s.did)) * time.Second)
	return s.do("activate", color)
}

func (s *shown) Savepoint(_ context.Context, color string) (string, error) {
	return "s3://sp", s.do("savepoint", color)
}

func (s *shown) Start(_ context.Context, color, from string) error {
	s.colors[color] = &Color{Color: color, Created: time.Now(), Wanted: true}
	return s.do("start from "+from, color)
}

func (s *shown) Await(_ context.Context, color string) (string, error) {
	s.colors[color].Running = s.fails == nil
	s.colors[color].Settled = s.fails == nil
	return "ran", errors.Join(s.do("await", color), s.fails)
}

func (s *shown) Rewrite(_ context.Context, color string) (bool, error) {
	err := s.do("rewrite", color)
	if err == nil {
		s.colors[color].Wanted, s.colors[color].Settled = s.fails == nil, s.fails == nil
	}
	return err == nil, errors.Join(err, s.fails)
}

func (s *shown) Remove(_ context.Context, color string) error {
	delete(s.colors, color)
	return s.do("remove", color)
}

func (s *shown) Gone(_ context.Context, color string) error {
	delete(s.colors, color)
	return s.do("gone", color)
}

func (s *shown) Explain(failure *platform.RolloutError) (facts, afterwards string) {
	return failure.Detail, "Look again."
}

func TestTurn(t *testing.T) {
	runs := Color{Color: flink.Blue, Running: true, Settled: true}
	down := Color{Color: flink.Blue, Broken: true}
	crash := &platform.RolloutError{Summary: "it crashes", Detail: "pod: CrashLoopBackOff\n"}
	refused := &platform.RolloutError{Summary: "changed since"}
	for _, test := range []struct {
		name    string
		blue    Color
		fails   error
		refuses map[string]error
		did     string
		end     stepKind
		proof   string
		// err is the whole error.
		err string
	}{
		{
			name: "a switch", blue: runs, end: stepDone, proof: "ran",
			did: "savepoint blue, activate blue, start from s3://sp green, await green, activate green, remove blue",
		},
		{
			name: "to a version that fails", blue: runs, fails: crash, end: stepFail,
			did: "savepoint blue, activate blue, start from s3://sp green, await green, remove green",
			err: "it crashes\npod: CrashLoopBackOff\nRemoved the new version (green).\nThe previous version (blue) was never stopped and runs on.\nThe change stays in the next plan. Look again.",
		},
		{name: "of a job that does not run", blue: down, end: stepDone, did: "rewrite blue"},
		{name: "of one that fails again", blue: down, fails: crash, end: stepFail, did: "rewrite blue", err: crash.Error()},
		{name: "whose write is refused", blue: down, refuses: map[string]error{"rewrite": refused}, end: stepInPlace, did: "rewrite blue", err: refused.Error()},
		{name: "without a savepoint", blue: runs, refuses: map[string]error{"savepoint": refused}, end: stepSavepoint, did: "savepoint blue", err: refused.Error()},
		{name: "that leads nowhere", blue: runs, refuses: map[string]error{"direct": refused}, err: refused.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shown{colors: map[string]*Color{flink.Blue: &test.blue}, fails: test.fails, refuses: test.refuses}
				end, err := (&Turn{Ref: platform.Ref{Namespace: "shop", Name: "orders"}}).Run(t.Context(), s)
				if did := strings.Join(s.did, ", "); did != test.did || end.step.Kind != test.end || end.Proof != test.proof {
					t.Errorf("ended with %s, proof %q, after: %s", end.step.Kind, end.Proof, did)
				}
				if err == nil && test.err != "" || err != nil && err.Error() != test.err {
					t.Errorf("returned %v", err)
				}
			})
		})
	}
}

// The old color stays for its delay, and an interrupt ends that at once.
func TestTurnDelay(t *testing.T) {
	for _, test := range []struct {
		name    string
		patient time.Duration
		did     []string
		err     string
	}{
		{name: "awaited", patient: time.Hour, did: []string{"remove blue"}},
		{name: "longer than the apply", patient: time.Second, err: `The new version of "orders" runs, and the old one is not deleted yet`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.patient)
				defer cancel()
				old, began := time.Now().Add(-time.Hour), time.Now()
				s := &shown{colors: map[string]*Color{
					flink.Blue:  {Color: flink.Blue, Running: true, Settled: true, Since: old},
					flink.Green: {Color: flink.Green, Running: true, Settled: true, Wanted: true, Since: began},
				}}
				_, err := (&Turn{Ref: platform.Ref{Name: "orders"}, Facts: Situation{Delay: time.Minute}}).Run(ctx, s)
				if err == nil && test.err != "" || err != nil && !strings.HasPrefix(err.Error(), test.err) || !slices.Equal(s.did, test.did) {
					t.Errorf("did %v and returned %v", s.did, err)
				}
				if took := time.Since(began); took != min(time.Minute, test.patient) {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}
