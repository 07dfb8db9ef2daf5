package standin_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// ask sends a request to a service through the apiserver's proxy.
func (c *testCluster) ask(t *testing.T, namespace, service, path string) (answer object) {
	t.Helper()
	config := rest.CopyConfig(c.config)
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	body, err := client.Get().AbsPath("/api/v1/namespaces/" + namespace + "/services/" + service + ":8081/proxy" + path).DoRaw(t.Context())
	if err != nil {
		return object{"error": err.Error() + string(body)}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s answers %s: %v", path, body, err)
	}
	return answer
}

// TestJobManagersAnswer asks a JobManager about a job that works, and about one
// that restarts again and again while the operator says STABLE.
func TestJobManagersAnswer(t *testing.T) {
	for _, version := range []string{"1.7", "1.15"} {
		t.Run(version, func(t *testing.T) {
			c := cluster(t, version)
			ns := c.namespace(t)
			for name, annotations := range map[string]object{"works": nil, "crashes": {"standin.flink/job-restarts": (3 * speed).String() + ":no topic"}} {
				o := application(name, annotations)
				o["spec"].(object)["flinkVersion"] = "v1_18"
				c.create(t, deployments, ns, o)
			}
			works := c.await(t, deployments, ns, "works", "job", stable)
			crashes := c.await(t, deployments, ns, "crashes", "job", stable)

			path := "/jobs/" + text(works, "status", "jobStatus", "jobId")
			var completed any
			for deadline := time.Now().Add(patience); completed == nil && time.Now().Before(deadline); time.Sleep(speed) {
				completed = at(c.ask(t, ns, "works-rest", path+"/checkpoints"), "latest", "completed")
			}
			if completed == nil {
				t.Errorf("no checkpoint completes: %v", c.ask(t, ns, "works-rest", path+"/checkpoints"))
			}
			if details := c.ask(t, ns, "works-rest", path); details["state"] != "RUNNING" || number(at(details, "timestamps", "RUNNING")) == 0 {
				t.Errorf("the job that works is %v", details)
			}
			if history := at(c.ask(t, ns, "works-rest", path+"/exceptions"), "exceptionHistory", "entries"); len(history.([]any)) != 0 {
				t.Errorf("the job that works has thrown %v", history)
			}

			path = "/jobs/" + text(crashes, "status", "jobStatus", "jobId")
			var history []any
			states := []any{}
			for deadline := time.Now().Add(patience); (len(history) < 3 || !slices.Contains(states, any("RESTARTING"))) && time.Now().Before(deadline); time.Sleep(speed / 2) {
				history, _ = at(c.ask(t, ns, "crashes-rest", path+"/exceptions"), "exceptionHistory", "entries").([]any)
				states = append(states, c.ask(t, ns, "crashes-rest", path)["state"])
			}
			if len(history) < 3 || !slices.Contains(states, any("RUNNING")) || !slices.Contains(states, any("RESTARTING")) {
				t.Fatalf("the job that crashes was in the states %v and has thrown %v", states, history)
			}
			if trace := text(history[0].(object), "stacktrace"); !strings.HasPrefix(trace, "java.lang.IllegalStateException: no topic\n") {
				t.Errorf("it has thrown %q", trace)
			}
			if latest := at(c.ask(t, ns, "crashes-rest", path+"/checkpoints"), "latest", "completed"); latest != nil {
				t.Errorf("it has completed the checkpoint %v", latest)
			}
			c.await(t, deployments, ns, "crashes", "restart in the status", func(o object) bool { return text(o, "status", "jobStatus", "state") == "RESTARTING" })
			if now := c.await(t, deployments, ns, "crashes", "lifecycle state", func(object) bool { return true }); text(now, "status", "lifecycleState") != "STABLE" {
				t.Errorf("the operator says %s of it", text(now, "status", "lifecycleState"))
			}
			if answer := c.ask(t, ns, "works-rest", "/jobs/0000"); answer["error"] == nil {
				t.Errorf("a job that does not exist is %v", answer)
			}
		})
	}
}
