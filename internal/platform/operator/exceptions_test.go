package operator

import (
	"net/http"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// TestExceptionOf asks JobManagers of Flink 2.3, whose applications keep what their
// programs throw: that of a session job has those of others too.
func TestExceptionOf(t *testing.T) {
	const (
		overview = `{"applications":[{"id":"aaaa","name":"one","status":"FINISHED"},{"id":"bbbb","name":"two","status":"FAILED"}]}`
		nothing  = `{"exceptionHistory":{"entries":[]}}`
		thrown   = `{"exceptionHistory":{"entries":[{"exceptionName":"ProgramInvocationException","stacktrace":"org.apache.flink.client.program.ProgramInvocationException: The main method caused an error\n\tat a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: no such topic\n\t... 3 more\n","timestamp":1}]}}`
	)
	answers := map[string]string{"/jobs/aaaa/exceptions": nothing, "/applications/overview": overview, "/applications/aaaa/exceptions": nothing, "/applications/bbbb/exceptions": thrown}
	for name, test := range map[string]struct {
		sessionJob bool
		job, want  string
	}{
		"of a deployment":        {false, "aaaa", "IllegalStateException: no such topic"},
		"of one without a job":   {false, "", "IllegalStateException: no such topic"},
		"of a session job":       {true, "bbbb", "IllegalStateException: no such topic"},
		"of another session job": {true, "aaaa", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := NewDeployments(f, Options{})
			if test.sessionJob {
				d.kind = sessionJobKind
			}
			f.service = func(path string) (string, error) {
				answer, known := answers[strings.TrimPrefix(path, "prod/orders-rest:8081")]
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
