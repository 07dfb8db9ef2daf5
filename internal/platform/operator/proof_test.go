package operator

import (
	"testing"
	"time"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
)

// TestProof tells one story of a job a row: what its status and its JobManager
// say, and when the proof comes or fails. Times are seconds since the wait began.
func TestProof(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	// The JobManager's clock is wrong by an hour.
	const skew = -time.Hour
	here := func(seconds float64) time.Time { return began.Add(time.Duration(seconds * float64(time.Second))) }
	there := func(seconds float64) time.Time { return here(seconds).Add(skew) }
	running := fko.Status{JobState: "RUNNING"}
	type event func(p *proof, at float64)
	holds := event(func(p *proof, at float64) { p.holds(here(at), running) })
	finishes := event(func(p *proof, at float64) { p.holds(here(at), fko.Status{JobState: "FINISHED"}) })
	leaves := func(state string) event {
		return func(p *proof, at float64) { p.broken(here(at), fko.Status{JobState: state}) }
	}
	silent := event(func(p *proof, at float64) { p.unanswered(here(at)) })
	// read is what the operator tells of a restart that nobody may ask about.
	read := func(cause string) event {
		return func(p *proof, _ float64) { p.explained(cause) }
	}
	tick := event(func(*proof, float64) {})
	// says is an answer about a job that runs since a time.
	says := func(since float64, more ...func(e *execution, at float64)) event {
		return func(p *proof, at float64) {
			e := execution{Job: "a", State: "RUNNING", Now: there(at), Started: there(since), Tasks: map[string]int{"RUNNING": 4}}
			for _, change := range more {
				change(&e, at)
			}
			p.answer(here(at), e)
		}
	}
	completed := func(at float64) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Checkpoint = there(at) }
	}
	threw := func(at float64, cause string) func(*execution, float64) {
		return func(e *execution, _ float64) {
			e.Failures = append(e.Failures, jobException{there(at), cause})
		}
	}
	is := func(state string) func(*execution, float64) {
		return func(e *execution, _ float64) { e.State = state }
	}
	tasks := func(of map[string]int) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Tasks = of }
	}
	job := func(id string) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Job = id }
	}
	started := func(at float64) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Started = there(at) }
	}
	// vertices is the parallelism of the vertices a and b, and restored when the
	// tasks were restored.
	vertices := func(a, b int) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Parallelism = map[string]int{"a": a, "b": b} }
	}
	// limits is the max parallelism of the vertices a and b.
	limits := func(a, b int) func(*execution, float64) {
		return func(e *execution, _ float64) { e.MaxParallelism = map[string]int{"a": a, "b": b} }
	}
	restored := func(at float64) func(*execution, float64) {
		return func(e *execution, _ float64) { e.Restored = there(at) }
	}
	// rescaling is a wait for a job that is rescaled where it runs.
	rescaling := event(func(p *proof, _ float64) { p.parallelism = map[string]int{"a": 2, "absent": 7} })
	// taking is the same for one that takes all slots.
	taking := func(slots int64) event { return func(p *proof, _ float64) { p.slots = slots } }
	const user, cluster = "IllegalStateException: no topic", "TimeoutException: Heartbeat of TaskManager with id orders-1-1 timed out."
	type moment struct {
		at    float64
		event event
	}
	for _, test := range []struct {
		name  string
		story []moment
		want  verdictOfProof
		// at is when the verdict comes: with the event of that time and none
		// before.
		at float64
	}{
		{"a checkpoint completes", []moment{{1, holds}, {1.1, says(0.5)}, {3, says(0.5, completed(2))}}, verdictOfProof{fko.Done, "first checkpoint completed"}, 3},
		{"it has completed before the operator looked", []moment{{2, says(0.5, completed(1))}, {20, holds}}, verdictOfProof{fko.Done, "first checkpoint completed"}, 20},
		{"the newest checkpoint is older than the change", []moment{{1, holds}, {2, says(-900, completed(-5))}, {3, tick}}, verdictOfProof{}, 0},
		{"a checkpoint of before the restore", []moment{{1, holds}, {3, says(-900, completed(2), restored(2.5))}, {9, says(-900, completed(8), restored(2.5))}}, verdictOfProof{fko.Done, "first checkpoint completed"}, 9},
		{
			"it runs on with its former parallelism",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1), completed(1))}, {40, says(-900, vertices(1, 1), completed(39))}, {80, says(-900, vertices(1, 1))}},
			verdictOfProof{},
			0,
		},
		{
			"it is rescaled",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1), completed(1))}, {5, says(-900, vertices(2, 1), completed(3), restored(4))}, {9, says(-900, vertices(2, 1), completed(8), restored(4))}},
			verdictOfProof{fko.Done, "first checkpoint completed"},
			9,
		},
		{
			"it is rescaled and takes no checkpoints",
			[]moment{{0, rescaling}, {1, holds}, {2, says(-900, vertices(1, 1))}, {5, says(-900, vertices(2, 1))}, {34, says(-900, vertices(2, 1))}, {35, says(-900, vertices(2, 1))}},
			verdictOfProof{fko.Done, "ran for 30 s"},
			35,
		},
		{
			"it is rescaled, and the restore is told late",
			[]moment{{0, rescaling}, {1, holds}, {5, says(-900, vertices(2, 1), completed(3))}, {9, says(-900, vertices(2, 1), completed(8), restored(4))}},
			verdictOfProof{fko.Done, "first checkpoint completed"},
			9,
		},
		{
			"in reactive mode it runs on with the slots of before",
			[]moment{{0, taking(4)}, {1, holds}, {2, says(-900, vertices(2, 2), completed(1))}, {40, says(-900, vertices(2, 2), completed(39))}},
			verdictOfProof{},
			0,
		},
		{
			"in reactive mode it takes all slots, one vertex as many as it can",
			[]moment{{0, taking(4)}, {1, holds}, {2, says(-900, vertices(2, 1), limits(128, 1), completed(1))}, {5, says(-900, vertices(4, 1), limits(128, 1), restored(4))}, {9, says(-900, vertices(4, 1), limits(128, 1), completed(8), restored(4))}},
			verdictOfProof{fko.Done, "first checkpoint completed"},
			9,
		},
		{"it runs for long enough", []moment{{1, holds}, {2, says(0.5)}, {31, says(0.5)}, {32, says(0.5)}}, verdictOfProof{fko.Done, "ran for 30 s"}, 32},
		{"nobody has asked at the end of that time", []moment{{1, holds}, {2, says(0.5)}, {31, says(0.5)}, {33, tick}}, verdictOfProof{}, 0},
		{"it has finished", []moment{{1, finishes}}, verdictOfProof{fko.Done, "finished"}, 1},
		{"it throws", []moment{{1, holds}, {2, says(0.5)}, {5, says(0.5, threw(4, user))}}, verdictOfProof{fko.Failed, user}, 5},
		{"it throws between two questions and runs again", []moment{{1, holds}, {2, says(0.5)}, {6, says(0.5, threw(4, user), completed(5.5))}}, verdictOfProof{fko.Failed, user}, 6},
		{"it throws before the operator calls it stable", []moment{{3, says(0.5, threw(2, user), is("RESTARTING"))}}, verdictOfProof{fko.Failed, user}, 3},
		{"it threw before the change", []moment{{1, holds}, {2, says(-900, threw(-5, user))}, {3, says(-900, threw(-5, user), completed(2.5))}}, verdictOfProof{fko.Done, "first checkpoint completed"}, 3},
		{"a TaskManager is lost once", []moment{{1, holds}, {2, says(0.5)}, {5, says(0.5, threw(4, cluster), is("RESTARTING"))}, {10, says(0.5, threw(4, cluster))}, {39, says(0.5, threw(4, cluster))}, {40, says(0.5, threw(4, cluster))}}, verdictOfProof{fko.Done, "ran for 30 s"}, 40},
		{"TaskManagers are lost again and again", []moment{{1, holds}, {5, says(0.5, threw(4, cluster))}, {15, says(0.5, threw(4, cluster), threw(14, cluster))}, {25, says(0.5, threw(4, cluster), threw(14, cluster), threw(24, cluster))}}, verdictOfProof{fko.Failed, cluster}, 25},
		{"a checkpoint from before a TaskManager was lost", []moment{{1, holds}, {6, says(0.5, threw(4, cluster), completed(3))}, {7, tick}}, verdictOfProof{}, 0},
		{"the JobManager is restarted", []moment{{1, holds}, {2, says(0.5)}, {20, says(18, started(18))}, {33, says(18, started(18))}, {50, says(18, started(18))}}, verdictOfProof{fko.Done, "ran for 30 s"}, 50},
		{"the JobManager crashes again and again", []moment{{1, holds}, {2, says(0.5)}, {5, says(4)}, {9, says(8)}, {13, says(12)}}, verdictOfProof{fko.Failed, "the JobManager was restarted"}, 13},
		{"another execution takes its place", []moment{{1, holds}, {2, says(0.5)}, {29, says(28, job("b"))}, {33, says(28, job("b"))}, {59, says(28, job("b"))}}, verdictOfProof{fko.Done, "ran for 30 s"}, 59},
		{"its tasks find no TaskManager", []moment{{1, holds}, {2, says(0.5, tasks(map[string]int{"SCHEDULED": 2, "RUNNING": 2}))}, {40, says(0.5, tasks(map[string]int{"SCHEDULED": 2, "RUNNING": 2}))}, {41, tick}}, verdictOfProof{}, 0},
		{"a batch job runs its tasks in turns", []moment{{1, holds}, {2, says(0.5, tasks(map[string]int{"CREATED": 2, "SCHEDULED": 1, "RUNNING": 1}))}, {32, says(0.5, tasks(map[string]int{"FINISHED": 2, "SCHEDULED": 1, "RUNNING": 1}))}}, verdictOfProof{fko.Done, "ran for 30 s"}, 32},
		{"the job has failed, and the status says what becomes of it", []moment{{1, holds}, {5, says(0.5, is("FAILED"), threw(4, user))}, {6, tick}}, verdictOfProof{}, 0},

		{"nobody can be asked", []moment{{1, holds}, {2, silent}, {30, tick}, {31, tick}}, verdictOfProof{fko.Done, "ran for 30 s"}, 31},
		{"the status shows a restart", []moment{{1, holds}, {2, silent}, {8, leaves("RESTARTING")}, {9, silent}, {22, silent}, {24, silent}}, verdictOfProof{fko.Failed, "the job restarts"}, 24},
		{"an answer is lost during a restart", []moment{{1, holds}, {2, says(0.5)}, {8, leaves("RESTARTING")}, {9, silent}, {12, says(0.5, threw(7, cluster))}, {14, holds}, {41, says(0.5, threw(7, cluster))}, {42, says(0.5, threw(7, cluster))}}, verdictOfProof{fko.Done, "ran for 30 s"}, 42},
		{"an answer is lost during a restart that the job has caused", []moment{{1, holds}, {2, says(0.5)}, {8, leaves("RESTARTING")}, {9, silent}, {12, says(0.5, threw(7, user))}}, verdictOfProof{fko.Failed, user}, 12},
		{"it runs again, and its JobManager says nothing of the restart", []moment{{1, holds}, {2, says(0.5)}, {8, leaves("RESTARTING")}, {12, holds}, {13, silent}, {18, leaves("RESTARTING")}, {24, silent}}, verdictOfProof{fko.Failed, "the job restarts"}, 24},
		{"the status shows two restarts that nobody may ask about", []moment{{1, holds}, {8, leaves("RESTARTING")}, {8, read("")}, {12, holds}, {20, leaves("RESTARTING")}, {20, read(cluster)}, {25, holds}, {54, tick}, {55, tick}}, verdictOfProof{fko.Done, "ran for 30 s"}, 55},
		{"the status shows restart after restart that nobody may ask about", []moment{{1, holds}, {8, leaves("RESTARTING")}, {8, read("")}, {12, holds}, {20, leaves("FAILING")}, {20, read("")}, {25, holds}, {30, leaves("RESTARTING")}, {30, read("")}}, verdictOfProof{fko.Failed, "the job restarts"}, 30},
		{"the operator tells of the job's exception that nobody may ask about", []moment{{1, holds}, {8, leaves("RESTARTING")}, {8, read(user)}}, verdictOfProof{fko.Failed, user}, 8},
		{"the status shows a restart that the JobManager explains", []moment{{1, holds}, {2, says(0.5)}, {8, leaves("RESTARTING")}, {9, says(0.5, threw(7, user))}}, verdictOfProof{fko.Failed, user}, 9},
		{"the operator loses sight of it", []moment{{1, holds}, {8, leaves("RECONCILING")}, {20, holds}, {49, tick}, {50, tick}}, verdictOfProof{fko.Done, "ran for 30 s"}, 50},
		{"the status restarts before it is stable", []moment{{3, leaves("RESTARTING")}, {4, silent}, {5, holds}, {35, tick}}, verdictOfProof{fko.Done, "ran for 30 s"}, 35},
		{"the JobManager falls silent", []moment{{1, holds}, {2, says(0.5)}, {5, silent}, {35, tick}}, verdictOfProof{fko.Done, "ran for 30 s"}, 35},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &proof{need: 30 * time.Second, began: began}
			for _, m := range test.story {
				m.event(p, m.at)
				v := p.at(here(m.at))
				switch {
				case v.Progress == fko.Waiting:
				case m.at == test.at && v == test.want:
					return
				default:
					t.Fatalf("after %g s the proof is %v %q, want %v %q after %g s", m.at, v.Progress, v.How, test.want.Progress, test.want.How, test.at)
				}
			}
			if test.want.Progress != fko.Waiting {
				t.Errorf("the proof is open, want %v %q", test.want.Progress, test.want.How)
			}
			if p.missing() == "" {
				t.Error("nobody knows what is missing")
			}
		})
	}
}

// TestParseExecution reads what Flink 1.18 answers about a job that was restored,
// and restarts.
func TestParseExecution(t *testing.T) {
	details := `{"jid":"0123","name":"counter","state":"RESTARTING","start-time":1700000000000,"end-time":-1,"now":1700000020000,
		"timestamps":{"RUNNING":1700000009000,"RESTARTING":1700000010000,"FAILED":0},
		"vertices":[{"id":"a","maxParallelism":128,"parallelism":3,"tasks":{"RUNNING":1,"CANCELED":2}},{"id":"b","parallelism":3,"tasks":{"RUNNING":3}}]}`
	checkpoints := `{"counts":{"restored":1,"total":1,"in_progress":0,"completed":1,"failed":0},
		"latest":{"completed":{"id":7,"trigger_timestamp":1700000008000},"savepoint":{"id":8,"trigger_timestamp":1700000009500},"failed":null,"restored":{"id":6,"restore_timestamp":1700000007000}}}`
	exceptions := `{"root-exception":"java.lang.Exception: newest","timestamp":1700000010000,"exceptionHistory":{"entries":[
		{"exceptionName":"x","stacktrace":"org.apache.flink.runtime.JobException: no\n\tat a.B\nCaused by: java.lang.IllegalStateException: newest\n\tat a.C\n","timestamp":1700000010000,"taskName":"map"},
		{"exceptionName":"x","stacktrace":"java.lang.IllegalStateException: oldest","timestamp":1700000005000}],"truncated":false}}`
	e, err := parseExecution("0123", []byte(details), []byte(checkpoints), []byte(exceptions))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case e.State != "RESTARTING" || e.Now.UnixMilli() != 1700000020000 || e.Started.UnixMilli() != 1700000000000:
		t.Errorf("the job is %+v", e)
	case e.Checkpoint.UnixMilli() != 1700000009500 || e.Tasks["RUNNING"] != 4 || e.Tasks["CANCELED"] != 2:
		t.Errorf("its checkpoint and tasks are %+v", e)
	case e.Restored.UnixMilli() != 1700000007000 || e.Parallelism["a"] != 3 || e.Parallelism["b"] != 3 || e.MaxParallelism["a"] != 128:
		t.Errorf("it was restored and its vertices are %+v", e)
	case len(e.Failures) != 2 || e.Failures[0].Cause != "IllegalStateException: oldest" || e.Failures[1].Cause != "IllegalStateException: newest":
		t.Errorf("its failures are %+v", e.Failures)
	}
	batch, err := parseExecution("0123", []byte(details), nil, []byte(`{"root-exception":null,"exceptionHistory":{"entries":[]}}`))
	if err != nil || !batch.Checkpoint.IsZero() || len(batch.Failures) != 0 {
		t.Errorf("without checkpoints it is %+v, %v", batch, err)
	}
	if _, err := parseExecution("0123", []byte("<html>"), nil, nil); err == nil {
		t.Error("a page of a proxy is an answer")
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
