package prove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// flinkSays is a Flink with some jobs, of which the last is asked about.
type flinkSays struct {
	jobs []string
	// started is when the last job was, by a clock that is an hour ahead, and checkpoint
	// and thrown when it last completed one and threw.
	started, checkpoint, thrown time.Time
	away                        bool
}

func (f flinkSays) get(_ context.Context, path string) ([]byte, error) {
	const ahead = time.Hour
	stamp := func(at time.Time) int64 {
		if at.IsZero() {
			return -1
		}
		return at.Add(ahead).UnixMilli()
	}
	switch {
	case f.away:
		return nil, errors.New("away")
	case path == "/jobs/overview":
		var all []string
		for i, job := range f.jobs {
			ended := -1
			if i < len(f.jobs)-1 && job == "old" {
				ended = 1
			}
			all = append(all, fmt.Sprintf(`{"jid":%q,"end-time":%d}`, job, ended))
		}
		return fmt.Appendf(nil, `{"jobs":[%s]}`, strings.Join(all, ",")), nil
	case strings.HasSuffix(path, "/checkpoints"):
		return fmt.Appendf(nil, `{"latest":{"completed":{"trigger_timestamp":%d}}}`, stamp(f.checkpoint)), nil
	case strings.Contains(path, "/exceptions"):
		if f.thrown.IsZero() {
			return []byte(`{"exceptionHistory":{"entries":[]}}`), nil
		}
		return fmt.Appendf(nil, `{"exceptionHistory":{"entries":[{"stacktrace":"java.lang.RuntimeException: no such column","timestamp":%d}]}}`, stamp(f.thrown)), nil
	}
	return fmt.Appendf(nil, `{"state":"RUNNING","now":%d,"start-time":%d,"vertices":[{"tasks":{"RUNNING":1}}]}`, stamp(time.Now()), stamp(f.started)), nil
}

// TestJobProof proves a job by what Flink says of it, and by its status alone where Flink
// says nothing of it.
func TestJobProof(t *testing.T) {
	for name, test := range map[string]struct {
		says func(now time.Time) flinkSays
		// want is what is said, and after how long.
		want  string
		after time.Duration
		// running tells that the job is one that may run already.
		running bool
	}{
		"a checkpoint":  {func(now time.Time) flinkSays { return flinkSays{jobs: []string{"a"}, started: now, checkpoint: now} }, provedByCheckpoint, 0, false},
		"no checkpoint": {func(now time.Time) flinkSays { return flinkSays{jobs: []string{"a"}, started: now} }, "ran for 30 s", 30 * time.Second, false},
		"one that ended before": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"old", "a"}, started: now, checkpoint: now}
		}, provedByCheckpoint, 0, false},
		"those of others": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a", "b"}, started: now, checkpoint: now}
		}, "ran for 30 s", 30 * time.Second, false},
		"the one before": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a"}, started: now.Add(-time.Minute), checkpoint: now}
		}, "ran for 30 s", 30 * time.Second, false},
		"it throws": {func(now time.Time) flinkSays { return flinkSays{jobs: []string{"a"}, started: now, thrown: now} }, "failed: no such column", 0, false},
		"the one before, which throws": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a"}, started: now.Add(-time.Minute), thrown: now}
		}, "ran for 30 s", 30 * time.Second, false},
		"it runs already": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a"}, started: now.Add(-time.Minute), checkpoint: now}
		}, provedByCheckpoint, 0, true},
		"it runs already, and throws": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a"}, started: now.Add(-time.Minute), thrown: now}
		}, "failed: no such column", 0, true},
		"it runs already, and has thrown before": {func(now time.Time) flinkSays {
			return flinkSays{jobs: []string{"a"}, started: now.Add(-time.Hour), thrown: now.Add(-time.Minute), checkpoint: now.Add(-time.Second)}
		}, "ran for 30 s", 30 * time.Second, true},
		"Flink cannot be asked": {func(time.Time) flinkSays { return flinkSays{away: true} }, "ran for 30 s", 30 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				proof := NewJobProof(30*time.Second, began)
				if test.running {
					proof = NewRunningJobProof(30*time.Second, began)
				}
				says := test.says(began)
				for {
					got := proof.Look(t.Context(), true, says.get)
					said := got.How
					if got.Progress == Failed {
						said = "failed: " + got.How
					}
					if said != "" {
						if took := time.Since(began); said != test.want || took != test.after {
							t.Errorf("it says %q after %s", said, took)
						}
						return
					}
					if time.Since(began) > time.Minute {
						t.Fatal("it never comes to an end")
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
	t.Run("one that stops running", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			proof := NewJobProof(30*time.Second, began)
			for range 40 {
				if got := proof.Look(t.Context(), time.Since(began)%(20*time.Second) != 0, flinkSays{away: true}.get); got.Progress == Done {
					t.Fatalf("it is proved by %q although it stops", got.How)
				}
				time.Sleep(time.Second)
			}
		})
	})
	if got := NewJobProof(0, time.Now()).Look(t.Context(), true, flinkSays{away: true}.get); got != (Verdict{}) {
		t.Errorf("what needs no proof says %+v", got)
	}
}
