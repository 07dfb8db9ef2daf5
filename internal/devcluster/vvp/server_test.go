package vvp

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pace is how long a step of a job takes in tests, by their own clock.
const pace = time.Second

// client asks a stand-in, in whose time nothing waits.
type client struct {
	*testing.T
	server *Server
	token  string
}

// with runs a test with a stand-in of a version, whose namespace "default" has the
// deployment target "here". Nothing may be asked or answered against the vendor's files,
// where those are there.
func with(t *testing.T, options Options, test func(c *client)) {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "..", "shared", "upstream", "ververica")
	files := []string{filepath.Join(folder, "vvp_appmanager-api-swagger_2.1.0.json"), filepath.Join(folder, "vvp_platform-api-swagger_2.0.0.json")}
	if _, err := os.Stat(files[0]); err == nil {
		if options.Checks, err = LoadChecks(files...); err != nil {
			t.Fatal(err)
		}
	} else {
		t.Log("requests and answers are not checked: the vendor's Swagger files are not there")
	}
	synctest.Test(t, func(t *testing.T) {
		if options.Version == "" {
			options.Version = "2.15.1"
		}
		options.World, options.Look = NewMemory(pace), pace/2
		c := &client{T: t, server: New(t.Context(), options), token: options.Token}
		defer c.server.Close()
		c.must(http.MethodPost, "/api/v1/namespaces/default/deployment-targets", `{"kind":"DeploymentTarget","metadata":{"name":"here"},"spec":{"kubernetes":{"namespace":"flink"}}}`)
		test(c)
		if options.Checks != nil {
			for _, violation := range options.Checks.Violations() {
				t.Error(violation)
			}
		}
	})
}

// ask makes a request and returns what is answered.
func (c *client) ask(method, path, body string) (int, object) {
	c.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	recorded := httptest.NewRecorder()
	c.server.ServeHTTP(recorded, request)
	answer := object{}
	if err := json.Unmarshal(recorded.Body.Bytes(), &answer); err != nil {
		c.Fatalf("%s %s is answered with %d: %s", method, path, recorded.Code, recorded.Body)
	}
	return recorded.Code, answer
}

// must makes a request that succeeds.
func (c *client) must(method, path, body string) object {
	c.Helper()
	code, answer := c.ask(method, path, body)
	if code >= http.StatusMultipleChoices {
		c.Fatalf("%s %s is refused with %d: %v", method, path, code, answer)
	}
	return answer
}

// refused makes a request that is refused with a code and a message that has a part.
func (c *client) refused(code int, part, method, path, body string) {
	c.Helper()
	got, answer := c.ask(method, path, body)
	if got != code || !strings.Contains(text(answer, "message"), part) {
		c.Errorf("%s %s is answered with %d: %v, want %d with %q", method, path, got, answer, code, part)
	}
}

// in is a path in the namespace "default".
func in(path string) string { return "/api/v1/namespaces/default/" + path }

// become waits until a deployment or session cluster is in a state, and returns it.
func (c *client) become(state_, path string) object {
	c.Helper()
	var is object
	for range 400 {
		if is = c.must(http.MethodGet, in(path), ""); state(is) == state_ {
			return is
		}
		time.Sleep(pace / 4)
	}
	c.Fatalf("%s has not become %s: %v", path, state_, is["status"])
	return nil
}

// items are those of a list.
func (c *client) items(path string) []object {
	c.Helper()
	var out []object
	list, _ := c.must(http.MethodGet, in(path), "")["items"].([]any)
	for _, one := range list {
		o, _ := one.(object)
		out = append(out, o)
	}
	return out
}

// events are the names of a deployment's events since the last call.
func (c *client) events(deployment object) string {
	c.Helper()
	var names []string
	for _, event := range c.items("events?deploymentId=" + id(deployment)) {
		names = append(names, nameOf(event))
	}
	c.server.locked(func() { c.server.spaces[defaultNamespace].eventsOfJobs = shelf{} })
	return strings.Join(names, " ")
}

// savepointsOf are the origins of the savepoints of a deployment.
func (c *client) savepointsOf(deployment object) string {
	c.Helper()
	var origins []string
	for _, savepoint := range c.items("savepoints?deploymentId=" + id(deployment)) {
		origins = append(origins, text(part(savepoint, "metadata"), "origin")+"="+state(savepoint))
	}
	return strings.Join(origins, " ")
}

// job is the newest job of a deployment.
func (c *client) job(deployment object) object {
	c.Helper()
	jobs := c.items("jobs?deploymentId=" + id(deployment))
	return jobs[len(jobs)-1]
}

// orders is the body of a deployment with annotations and more of a specification, each
// with a comma at its end.
func orders(annotations, spec string) string {
	return `{"kind":"Deployment","apiVersion":"v1","metadata":{"name":"orders","annotations":{` + annotations + `},"createdAt":"0001-01-01T00:00:00Z"},"spec":{` + spec + `
		"deploymentTargetName":"here","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://jars/orders.jar"},
		"flinkConfiguration":{"state.savepoints.dir":"s3://flink/savepoints","state.checkpoints.dir":"s3://flink/checkpoints","execution.checkpointing.externalized-checkpoint-retention":"RETAIN_ON_CANCELLATION"}}}}}`
}
