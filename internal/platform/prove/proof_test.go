package prove

import (
	"testing"
	"time"
)

// TestProof tells one story of a job a row: what its status and its JobManager
// say, and when the proof comes or fails. Times are seconds since the wait began.
func TestProof(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	// The JobManager's clock is wrong by an hour.
	const skew = -time.Hour
	here := func(seconds float64) time.Time { return began.Add(time.Duration(seconds * float64(time.Second))) }
	there := func(seconds float64) time.Time { return here(seconds).Add(skew) }
	type event func(p *Proof, at float64)
	holds := event(func(p *Proof, at float64) { p.Holds(here(at), false) })
	finishes := event(func(p *Proof, at float64) { p.Holds(here(at), true) })
	restarts := event(func(p *Proof, at float64) { p.Broken(here(at), true) })
	leaves := event(func(p *Proof, at float64) { p.Broken(here(at), false) })
	silent := event(func(p *Proof, at float64) { p.Unanswered(here(at)) })
	// read is what the platform tells of a restart that nobody may ask about.
	read := func(cause string) event {
		return func(p *Proof, _ float64) { p.Explained(cause) }
	}
	tick := event(func(*Proof, float64) {})
	// says is an answer about a job that runs since a time.
	says := func(since float64, more ...func(e *Execution, at float64)) event {
		return func(p *Proof, at float64) {
			e := Execution{Job: "a", State: "RUNNING", Now: there(at), Started: there(since), Tasks: map[string]int{"RUNNING": 4}}
			for _, change := range more {
				change(&e, at)
			}
			p.Answer(here(at), e)
		}
	}
	completed := func(at float64) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Checkpoint = there(at) }
	}
	threw := func(at float64, cause string) func(*Execution, float64) {
		return func(e *Execution, _ float64) {
			e.Failures = append(e.Failures, Exception{there(at), cause})
		}
	}
	is := func(state string) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.State = state }
	}
	tasks := func(of map[string]int) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Tasks = of }
	}
	job := func(id string) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Job = id }
	}
	started := func(at float64) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Started = there(at) }
	}
	// vertices is the parallelism of the vertices a and b, and restored when the
	// tasks were restored.
	vertices := func(a, b int) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Parallelism = map[string]int{"a": a, "b": b} }
	}
	// limits is the max parallelism of the vertices a and b.
	limits := func(a, b int) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.MaxParallelism = map[string]int{"a": a, "b": b} }
	}
	restored := func(at float64) func(*Execution, float64) {
		return func(e *Execution, _ float64) { e.Restored = there(at) }
	}
	// rescaling is a wait for a job that is rescaled where it runs.
	rescaling := event(func(p *Proof, _ float64) { p.want.Parallelism = map[string]int{"a": 2, "absent": 7} })
	// taking is the same for one that takes all slots.
	taking := func(slots int64) event { return func(p *Proof, _ float64) { p.want.Slots = slots } }
	const user, cluster = "IllegalStateException: no topic", "TimeoutException: Heartbeat of TaskManager with id orders-1-1 timed out."
	type moment struct {
		at    float64
		event event
	}
	for _, test := range []struct {
		name  string
		story []moment
		want  Verdict
		// at is when the verdict comes: with the event of that time and none
		// before.
		at float64
	}{
		{"a checkpoint completes", []moment{{1, holds}, {1.1, says(0.5)}, {3, says(0.5, completed(2))}}, Verdict{Done, "first checkpoint completed"}, 3},
		{"it has completed before the platform looked", []moment{{2, says(0.5, completed(1))}, {20, holds}}, Verdict{Done, "first checkpoint completed"}, 20},
		{"the newest checkpoint is older than the change", []moment{{1, holds}, {2, says(-900, completed(-5))}, {3, tick}}, Verdict{}, 0},
		{"a checkpoint of before the restore", []moment{{1, holds}, {3, says(-900, completed(2), restored(2.5))}, {9, says(-900, completed(8), restored(2.5))}}, Verdict{Done, "first checkpoint completed"}, 9},
		{
			"it runs on with its former parallelism",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1), completed(1))}, {40, says(-900, vertices(1, 1), completed(39))}, {80, says(-900, vertices(1, 1))}},
			Verdict{},
			0,
		},
		{
			"it is rescaled",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1), completed(1))}, {5, says(-900, vertices(2, 1), completed(3), restored(4))}, {9, says(-900, vertices(2, 1), completed(8), restored(4))}},
			Verdict{Done, "first checkpoint completed"},
			9,
		},
		{
			"it is rescaled and takes no checkpoints",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1))}, {5, says(-900, vertices(2, 1))}, {34, says(-900, vertices(2, 1))}, {35, says(-900, vertices(2, 1))}},
			Verdict{Done, "ran for 30 s"},
			35,
		},
		{
			"it is rescaled, and the restore is told late",
			[]moment{{0, rescaling}, {1, holds}, {5, says(-900, vertices(2, 1), completed(3))}, {9, says(-900, vertices(2, 1), completed(8), restored(4))}},
			Verdict{Done, "first checkpoint completed"},
			9,
		},
		{
			"in reactive mode it runs on with the slots of before",
			[]moment{{0, taking(4)}, {1, holds}, {2, says(-900, vertices(2, 2), completed(1))}, {40, says(-900, vertices(2, 2), completed(39))}},
			Verdict{},
			0,
		},
		{
			"in reactive mode it takes all slots, one vertex as many as it can",
			[]moment{{0, taking(4)}, {1, holds}, {2, says(-900, vertices(2, 1), limits(128, 1), completed(1))}, {5, says(-900, vertices(4, 1), limits(128, 1), restored(4))}, {9, says(-900, vertices(4, 1), limits(128, 1), completed(8), restored(4))}},
			Verdict{Done, "first checkpoint completed"},
			9,
		},
		{"it runs for long enough", []moment{{1, holds}, {2, says(0.5)}, {31, says(0.5)}, {32, says(0.5)}}, Verdict{Done, "ran for 30 s"}, 32},
		{"nobody has asked at the end of that time", []moment{{1, holds}, {2, says(0.5)}, {31, says(0.5)}, {33, tick}}, Verdict{}, 0},
		{"it has finished", []moment{{1, finishes}}, Verdict{Done, "finished"}, 1},
		{"it throws", []moment{{1, holds}, {2, says(0.5)}, {5, says(0.5, threw(4, user))}}, Verdict{Failed, user}, 5},
		{"it throws between two questions and runs again", []moment{{1, holds}, {2, says(0.5)}, {6, says(0.5, threw(4, user), completed(5.5))}}, Verdict{Failed, user}, 6},
		{"it throws before the platform calls it stable", []moment{{3, says(0.5, threw(2, user), is("RESTARTING"))}}, Verdict{Failed, user}, 3},
		{"it threw before the change", []moment{{1, holds}, {2, says(-900, threw(-5, user))}, {3, says(-900, threw(-5, user), completed(2.5))}}, Verdict{Done, "first checkpoint completed"}, 3},
		{"a TaskManager is lost once", []moment{{1, holds}, {2, says(0.5)}, {5, says(0.5, threw(4, cluster), is("RESTARTING"))}, {10, says(0.5, threw(4, cluster))}, {39, says(0.5, threw(4, cluster))}, {40, says(0.5, threw(4, cluster))}}, Verdict{Done, "ran for 30 s"}, 40},
		{"TaskManagers are lost again and again", []moment{{1, holds}, {5, says(0.5, threw(4, cluster))}, {15, says(0.5, threw(4, cluster), threw(14, cluster))}, {25, says(0.5, threw(4, cluster), threw(14, cluster), threw(24, cluster))}}, Verdict{Failed, cluster}, 25},
		{"a checkpoint from before a TaskManager was lost", []moment{{1, holds}, {6, says(0.5, threw(4, cluster), completed(3))}, {7, tick}}, Verdict{}, 0},
		{"the JobManager is restarted", []moment{{1, holds}, {2, says(0.5)}, {20, says(18, started(18))}, {33, says(18, started(18))}, {50, says(18, started(18))}}, Verdict{Done, "ran for 30 s"}, 50},
		{"the JobManager crashes again and again", []moment{{1, holds}, {2, says(0.5)}, {5, says(4)}, {9, says(8)}, {13, says(12)}}, Verdict{Failed, "the JobManager was restarted"}, 13},
		{"another execution takes its place", []moment{{1, holds}, {2, says(0.5)}, {29, says(28, job("b"))}, {33, says(28, job("b"))}, {59, says(28, job("b"))}}, Verdict{Done, "ran for 30 s"}, 59},
		{"its tasks find no TaskManager", []moment{{1, holds}, {2, says(0.5, tasks(map[string]int{"SCHEDULED": 2, "RUNNING": 2}))}, {40, says(0.5, tasks(map[string]int{"SCHEDULED": 2, "RUNNING": 2}))}, {41, tick}}, Verdict{}, 0},
		{"a batch job runs its tasks in turns", []moment{{1, holds}, {2, says(0.5, tasks(map[string]int{"CREATED": 2, "SCHEDULED": 1, "RUNNING": 1}))}, {32, says(0.5, tasks(map[string]int{"FINISHED": 2, "SCHEDULED": 1, "RUNNING": 1}))}}, Verdict{Done, "ran for 30 s"}, 32},
		{"the job has failed, and the status says what becomes of it", []moment{{1, holds}, {5, says(0.5, is("FAILED"), threw(4, user))}, {6, tick}}, Verdict{}, 0},

		{"nobody can be asked", []moment{{1, holds}, {2, silent}, {30, tick}, {31, tick}}, Verdict{Done, "ran for 30 s"}, 31},
		{"the status shows a restart", []moment{{1, holds}, {2, silent}, {8, restarts}, {9, silent}, {22, silent}, {24, silent}}, Verdict{Failed, "the job restarts"}, 24},
		{"an answer is lost during a restart", []moment{{1, holds}, {2, says(0.5)}, {8, restarts}, {9, silent}, {12, says(0.5, threw(7, cluster))}, {14, holds}, {41, says(0.5, threw(7, cluster))}, {42, says(0.5, threw(7, cluster))}}, Verdict{Done, "ran for 30 s"}, 42},
		{"an answer is lost during a restart that the job has caused", []moment{{1, holds}, {2, says(0.5)}, {8, restarts}, {9, silent}, {12, says(0.5, threw(7, user))}}, Verdict{Failed, user}, 12},
		{"it runs again, and its JobManager says nothing of the restart", []moment{{1, holds}, {2, says(0.5)}, {8, restarts}, {12, holds}, {13, silent}, {18, restarts}, {24, silent}}, Verdict{Failed, "the job restarts"}, 24},
		{"the status shows two restarts that nobody may ask about", []moment{{1, holds}, {8, restarts}, {8, read("")}, {12, holds}, {20, restarts}, {20, read(cluster)}, {25, holds}, {54, tick}, {55, tick}}, Verdict{Done, "ran for 30 s"}, 55},
		{"the status shows restart after restart that nobody may ask about", []moment{{1, holds}, {8, restarts}, {8, read("")}, {12, holds}, {20, restarts}, {20, read("")}, {25, holds}, {30, restarts}, {30, read("")}}, Verdict{Failed, "the job restarts"}, 30},
		{"the platform tells of the job's exception that nobody may ask about", []moment{{1, holds}, {8, restarts}, {8, read(user)}}, Verdict{Failed, user}, 8},
		{"the status shows a restart that the JobManager explains", []moment{{1, holds}, {2, says(0.5)}, {8, restarts}, {9, says(0.5, threw(7, user))}}, Verdict{Failed, user}, 9},
		{"the platform loses sight of it", []moment{{1, holds}, {8, leaves}, {20, holds}, {49, tick}, {50, tick}}, Verdict{Done, "ran for 30 s"}, 50},
		{"the status restarts before it is stable", []moment{{3, restarts}, {4, silent}, {5, holds}, {35, tick}}, Verdict{Done, "ran for 30 s"}, 35},
		{"the JobManager falls silent", []moment{{1, holds}, {2, says(0.5)}, {5, silent}, {35, tick}}, Verdict{Done, "ran for 30 s"}, 35},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := New(Want{For: 30 * time.Second, Began: began})
			for _, m := range test.story {
				m.event(p, m.at)
				v := p.At(here(m.at))
				switch {
				case v.Progress == Waiting:
				case m.at == test.at && v == test.want:
					return
				default:
					t.Fatalf("after %g s the proof is %v %q, want %v %q after %g s", m.at, v.Progress, v.How, test.want.Progress, test.want.How, test.at)
				}
			}
			if test.want.Progress != Waiting {
				t.Errorf("the proof is open, want %v %q", test.want.Progress, test.want.How)
			}
			if p.Missing() == "" {
				t.Error("nobody knows what is missing")
			}
		})
	}
}

// TestRestartsByTheCluster has causes of restarts as Flink tells them.
func TestRestartsByTheCluster(t *testing.T) {
	t.Parallel()
	for cause, want := range map[string]bool{
		// Recorded on a node without processor time, where the slots came too late.
		"FlinkExpectedException: TaskExecutor pekko.tcp://flink@10.88.0.3:6122/user/rpc/taskmanager_0 has no more allocated slots for job 5407ae7e277f2b42fa0916a05821f1bf.": true,
		"TimeoutException: Heartbeat of TaskManager with id orders-1-1 timed out.":                                                                                           true,
		"IllegalStateException: asked to fail after 50":                                                                                                                      false,
		"SQLException: no more slots in the pool":                                                                                                                            false,
	} {
		if got := byTheCluster.MatchString(cause); got != want {
			t.Errorf("%s: %t", cause, got)
		}
	}
}
