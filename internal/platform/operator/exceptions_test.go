package operator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestExceptionOf asks JobManagers of Flink 2.3, whose applications keep what their
// programs throw (answers as of 2.3.0, shortened), and one that knows none.
func TestExceptionOf(t *testing.T) {
	const (
		overview = `{"applications":[{"id":"aaaa","name":"one","status":"FINISHED"},{"id":"bbbb","name":"two","status":"FAILED"}]}`
		nothing  = `{"exceptionHistory":{"entries":[]}}`
		thrown   = `{"exceptionHistory":{"entries":[{"exceptionName":"ProgramInvocationException","stacktrace":"org.apache.flink.client.program.ProgramInvocationException: The main method caused an error\n\tat a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: no such topic\n\t... 3 more\n","timestamp":1}]}}`
		crashed  = `{"root-exception":"java.lang.IllegalStateException: crashed\n\tat a.b.C","exceptionHistory":{"entries":[]}}`
	)
	for name, test := range map[string]struct {
		sessionJob bool
		job        string
		answers    map[string]string
		want       string
	}{
		"the job has it":             {false, "0123", map[string]string{"/jobs/0123/exceptions": crashed, "/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: crashed"},
		"the job has thrown nothing": {false, "0123", map[string]string{"/jobs/0123/exceptions": nothing, "/applications/overview": overview, "/applications/aaaa/exceptions": nothing, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"no job":                     {false, "", map[string]string{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"before 2.3":                 {false, "0123", map[string]string{"/jobs/0123/exceptions": nothing}, ""},
		"of a session job":           {true, "bbbb", map[string]string{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, "IllegalStateException: no such topic"},
		"of another session job":     {true, "aaaa", map[string]string{"/applications/overview": overview, "/applications/aaaa/exceptions": nothing, "/applications/bbbb/exceptions": thrown}, ""},
		"of a session job without":   {true, "", map[string]string{"/applications/overview": overview, "/applications/bbbb/exceptions": thrown}, ""},
		"a login page":               {false, "0123", map[string]string{"/jobs/0123/exceptions": "<html>", "/applications/overview": "<html>"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := NewDeployments(f, Options{})
			if test.sessionJob {
				d.kind = sessionJobKind
			}
			f.service = func(path string) (string, error) {
				answer, known := test.answers[strings.TrimPrefix(path, "prod/orders-rest:8081")]
				if !known {
					return "", &kube.ServiceError{Code: http.StatusNotFound}
				}
				return answer, nil
			}
			manager := jobManager{platform.Ref{Namespace: "prod", Name: "orders"}, 8081}
			if got := d.exceptionOf(t.Context(), manager, test.job); got != test.want {
				t.Errorf("the exception is %q, want %q", got, test.want)
			}
		})
	}
}
