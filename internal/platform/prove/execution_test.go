package prove

import (
	"maps"
	"testing"
)

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

// TestAsk asks about a job that takes no checkpoints, and about those of which something
// else is not answered.
func TestAsk(t *testing.T) {
	const path = "/jobs/0123"
	whole := answers{
		path:                                  `{"state":"RUNNING","now":1700000020000,"start-time":1700000000000}`,
		path + "/checkpoints":                 `{"latest":{"completed":{"trigger_timestamp":1700000008000}}}`,
		path + "/exceptions?maxExceptions=20": `{"exceptionHistory":{"entries":[{"stacktrace":"java.lang.IllegalStateException: thrown","timestamp":1700000005000}]}}`,
	}
	for name, test := range map[string]struct {
		// without is what Flink does not know, and away what it is not reached about.
		without, away string
		fails         bool
		checkpoint    int64
	}{
		"everything is answered":    {checkpoint: 1700000008000},
		"a batch job":               {without: path + "/checkpoints"},
		"no job":                    {without: path, fails: true},
		"no exceptions":             {without: path + "/exceptions?maxExceptions=20", fails: true},
		"checkpoints that it hides": {away: path + "/checkpoints", fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			flink := maps.Clone(whole)
			if delete(flink, test.without); test.away != "" {
				flink[test.away] = ""
			}
			e, err := Ask(t.Context(), flink.get, "0123")
			switch {
			case test.fails != (err != nil):
				t.Errorf("it answers %+v, %v", e, err)
			case !test.fails && (e.Job != "0123" || e.State != "RUNNING" || len(e.Failures) != 1 || test.checkpoint != max(e.Checkpoint.UnixMilli(), 0)):
				t.Errorf("it answers %+v", e)
			}
		})
	}
}
