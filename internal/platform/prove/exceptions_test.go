package prove

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestRootException asks JobManagers of Flink 2.3, whose applications keep what their
// programs throw (answers as of 2.3.0, shortened), and one that knows none.
func TestRootException(t *testing.T) {
	const (
		overview = `{"applications":[{"id":"aaaa","name":"one","status":"FINISHED"},{"id":"bbbb","name":"two","status":"FAILED"}]}`
		nothing  = `{"exceptionHistory":{"entries":[]}}`
		thrown   = `{"exceptionHistory":{"entries":[{"exceptionName":"ProgramInvocationException","stacktrace":"org.apache.flink.client.program.ProgramInvocationException: The main method caused an error\n\tat a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: no such topic\n\t... 3 more\n","timestamp":1}]}}`
		crashed  = `{"root-exception":"java.lang.IllegalStateException: crashed\n\tat a.b.C","exceptionHistory":{"entries":[]}}`
	)
	for name, test := range map[string]struct {
		shared  bool
		job     string
		answers answers
		want    string
	}{
		"the job has it":             {false, "0123", answers{"/jobs/0123/exceptions": crashed, "/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: crashed"},
		"the job has thrown nothing": {false, "0123", answers{"/jobs/0123/exceptions": nothing, "/applications/overview": overview, "/applications/aaaa/exceptions": nothing, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"no job":                     {false, "", answers{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"before 2.3":                 {false, "0123", answers{"/jobs/0123/exceptions": nothing}, ""},
		"of a session job":           {true, "bbbb", answers{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"of another session job":     {true, "aaaa", answers{"/applications/overview": overview, "/applications/aaaa/exceptions": nothing, "/applications/bbbb/exceptions": thrown}, ""},
		"of a session job without":   {true, "", answers{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, ""},
		"a login page":               {false, "0123", answers{"/jobs/0123/exceptions": "<html>", "/applications/overview": "<html>"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := RootException(t.Context(), test.answers.get, test.job, test.shared); got != test.want {
				t.Errorf("the exception is %q, want %q", got, test.want)
			}
		})
	}
}

// TestHanging asks a Flink that takes the question and never answers.
func TestHanging(t *testing.T) {
	hangs := func(ctx context.Context, _ string) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for name, ask := range map[string]func(ctx context.Context){
		"how a job does": func(ctx context.Context) {
			if _, err := Ask(ctx, hangs, "0123"); err == nil {
				t.Error("it has answered")
			}
		},
		"why it fails": func(ctx context.Context) { RootException(ctx, hangs, "0123", false) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ask(t.Context())
				if took := time.Since(began); took != AnswerTimeout {
					t.Errorf("asked for %s", took)
				}
			})
		})
	}
}
