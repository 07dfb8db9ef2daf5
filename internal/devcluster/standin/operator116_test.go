package standin_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// told tells whether there is a Warning event of a reason about an object with a part of a message.
func (c *testCluster) told(t *testing.T, namespace, name, reason, part string) bool {
	t.Helper()
	list, err := c.dyn.Resource(events).Namespace(namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=" + name})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		o := list.Items[i].Object
		if text(o, "type") == "Warning" && text(o, "reason") == reason && strings.Contains(text(o, "message"), part) {
			return true
		}
	}
	return false
}

// jar is a session job with the jar of a URI.
func jar(name, uri string) object {
	o := sessionJob(name, "shared")
	o["spec"].(object)["job"].(object)["jarURI"] = uri
	return o
}

// TestJarsThatAreRefused creates session jobs whose jars the operator does not fetch.
func TestJarsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := cluster(t, "1.16")
	ns := c.namespace(t)
	c.create(t, deployments, ns, sessionCluster("shared"))
	const limit = "exceeds the configured limit of 1073741824 bytes"
	for name, test := range map[string]struct{ uri, class, reason, message string }{
		"file":     {"file:///opt/a.jar", "ValidationException", "ValidationError", "jarURI scheme 'file' is not in the allowlist [https]"},
		"private":  {"https://10.0.0.7/a.jar", "ValidationException", "ValidationError", "jarURI host '10.0.0.7' resolves to a restricted address"},
		"huge":     {"https://example.com/huge.jar", "ReconciliationException", "Error", limit},
		"endless":  {"https://example.com/endless.jar", "ReconciliationException", "Error", "Timed out (> PT5M) while fetching artifact from 'https://example.com/endless.jar'"},
		"looping":  {"https://example.com/looping.jar", "ReconciliationException", "Error", "Too many redirects (>5) while fetching artifact"},
		"redirect": {"https://example.com/moved.jar", "ReconciliationException", "Error", "Refusing to fetch artifact from 'http://127.0.0.1/moved.jar': jarURI scheme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.create(t, sessionJobs, ns, jar(name, test.uri))
			o := c.await(t, sessionJobs, ns, name, "refusal", func(o object) bool {
				return text(o, "status", "lifecycleState") == "FAILED" && errorContains(test.message)(o)
			})
			if got := text(o, "status", "error"); !strings.Contains(got, test.class) {
				t.Errorf("the error is %s", got)
			}
			if test.reason == "ValidationError" {
				c.await(t, sessionJobs, ns, name, "event", func(object) bool { return c.told(t, ns, name, test.reason, test.message) })
			}
		})
	}
}

// TestJobThatIsForgotten restarts a session cluster without high availability whose job has finished: its JobManager does
// not know the job any more.
func TestJobThatIsForgotten(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]struct{ state, message string }{"1.15": {"RECONCILING", "Job Not Found"}, "1.16": {"FINISHED", ""}} {
		t.Run(version, func(t *testing.T) {
			c := cluster(t, version)
			t.Parallel()
			ns := c.namespace(t)
			shared := sessionCluster("shared")
			delete(shared["spec"].(object)["flinkConfiguration"].(object), "high-availability.type")
			c.create(t, deployments, ns, shared)
			finite := sessionJob("j", "shared")
			job := finite["spec"].(object)["job"].(object)
			job["upgradeMode"], job["args"] = "stateless", []any{"--count", "100"}
			c.create(t, sessionJobs, ns, finite)
			c.await(t, sessionJobs, ns, "j", "end of the job", func(o object) bool { return text(o, "status", "jobStatus", "state") == "FINISHED" })
			c.patch(t, deployments, ns, "shared", object{"spec": object{"restartNonce": 1}})
			c.await(t, sessionJobs, ns, "j", "event", func(object) bool { return c.told(t, ns, "j", "Missing", "Job Not Found") })
			// Nothing more is to follow where the state stays: give it the time to be wrong.
			time.Sleep(8 * speed)
			c.await(t, sessionJobs, ns, "j", "state "+want.state, func(o object) bool {
				return text(o, "status", "jobStatus", "state") == want.state && text(o, "status", "error") == want.message
			})
		})
	}
}
