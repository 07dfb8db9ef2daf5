package deployment_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccVervericaColors exchanges the colors of a deployment: the old one runs until the new
// one has proved itself, a new one that does not work goes, and the form can be changed.
func TestAccVervericaColors(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	colors := `{ strategy = "blue_green", prove_for = "1s" }`
	of := func(tag string, more attributes) string {
		changed := attributes{"image": fmt.Sprintf("%q", "registry.example.com/orders:"+tag), "upgrade": colors}
		for name, value := range more {
			changed[name] = value
		}
		return f.config(changed)
	}
	alone := func(color, other, from string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if code, text := f.server.Call(t, http.MethodGet, "api/v1/namespaces/"+f.namespace+"/deployments/orders-"+other, ""); code != http.StatusNotFound {
				return fmt.Errorf("%s is there: %s", other, text)
			}
			live := f.live("orders-" + color)
			if in(live, "status", "state") != "RUNNING" || !strings.HasPrefix(f.restored("orders-"+color), from) {
				return fmt.Errorf("%s is %v, from %q", color, in(live, "status"), f.restored("orders-"+color))
			}
			return nil
		}
	}
	f.run(
		resource.TestStep{Config: of("1", nil), Check: alone("blue", "green", "")},
		resource.TestStep{Config: of("1", nil), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{Config: of("2", nil), ConfigPlanChecks: planned("blue_green", "image"), Check: alone("green", "blue", "s3://flink/savepoints")},
		resource.TestStep{Config: of("2", nil), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{
			Config:      of("3", attributes{"annotations": `{ "standin.flink/crashes" = "java.lang.IllegalStateException: bad record" }`}),
			ExpectError: regexp.MustCompile(`(?s)bad\s+record.*Removed\s+the\s+new\s+version.*never\s+stopped`),
		},
		resource.TestStep{Config: of("2", nil), ConfigPlanChecks: unchangedPlan(), Check: alone("green", "blue", "s3://flink/savepoints")},
		resource.TestStep{
			Config: of("2", attributes{"upgrade": `{ prove_for = "1s" }`}), ConfigPlanChecks: planned("recreate", "upgrade.strategy"),
			Check: func(*terraform.State) error {
				if from := f.restored("orders"); !strings.HasPrefix(from, "s3://flink/savepoints") {
					return fmt.Errorf("the job has started from %q", from)
				}
				return nil
			},
		},
		resource.TestStep{Config: of("2", attributes{"upgrade": `{ prove_for = "1s" }`}), ConfigPlanChecks: unchangedPlan()},
	)
}

// TestAccVervericaTrouble has the server in trouble in the middle of a create and of an update:
// each is made once, and the plan afterwards is empty.
func TestAccVervericaTrouble(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, trouble := range map[string]acctest.Trouble{
		"the answer to a create is lost":   {Method: http.MethodPost, Path: "deployments", Times: 1, Loses: true},
		"a create never arrives":           {Method: http.MethodPost, Path: "deployments", Times: 1, Drops: true},
		"a create fails twice":             {Method: http.MethodPost, Path: "deployments", Times: 2, Code: http.StatusInternalServerError},
		"the answer to a change is lost":   {Method: http.MethodPut, Path: "deployments", Times: 1, Loses: true},
		"changes meet others":              {Method: http.MethodPut, Path: "deployments", Times: 3, Code: http.StatusConflict},
		"the server is busy":               {Times: 4, Code: http.StatusTooManyRequests},
		"the server restarts meanwhile":    {Method: http.MethodGet, Path: "deployments", Times: 6, Code: http.StatusBadGateway},
		"Flink cannot be asked":            {Path: "flink-ui", Code: http.StatusNotFound},
		"the connection breaks meanwhile":  {Method: http.MethodGet, Times: 3, Drops: true},
		"savepoints are answered late":     {Path: "savepoints", Times: 1, Code: http.StatusServiceUnavailable},
		"nobody may read the global ones":  {Path: "global-deployment-defaults", Code: http.StatusForbidden},
		"a deployment with no custom part": {Path: "with-cr", Code: http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newVVPFixture(t, "2.15.1")
			changed := attributes{"image": `"registry.example.com/orders:2"`}
			f.run(
				resource.TestStep{PreConfig: func() { f.server.Make(trouble) }, Config: f.config(nil)},
				resource.TestStep{PreConfig: func() { f.server.End(); f.server.Make(trouble) }, Config: f.config(changed), Check: func(*terraform.State) error {
					f.server.End()
					if n := f.jobs("orders"); n != 2 || !strings.HasPrefix(f.restored("orders"), "s3://flink/savepoints") {
						return fmt.Errorf("%d jobs, the last from %q", n, f.restored("orders"))
					}
					return nil
				}},
				resource.TestStep{Config: f.config(changed), ConfigPlanChecks: unchangedPlan()},
			)
		})
	}
}

// TestAccVervericaUnasked has a version that restarts for ever on a server that leads to no Flink:
// the platform counts the restarts, and the previous version runs again.
func TestAccVervericaUnasked(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	f.run(
		resource.TestStep{PreConfig: func() { f.server.Make(acctest.Trouble{Path: "flink-ui", Code: http.StatusNotFound}) }, Config: f.config(nil)},
		resource.TestStep{
			Config:      f.config(attributes{"image": `"registry.example.com/orders:2"`, "annotations": `{ "standin.flink/crashes" = "java.lang.IllegalStateException: bad record" }`, "upgrade": `{ prove_for = "10s" }`}),
			ExpectError: regexp.MustCompile(`(?s)does\s+not\s+work:\s+the\s+job\s+restarts.*Rolled\s+back`),
		},
		resource.TestStep{Config: f.config(nil), ConfigPlanChecks: unchangedPlan()},
	)
}

// TestAccVervericaProtected refuses to write what the platform's own operator manages.
func TestAccVervericaProtected(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "3.1.3")
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			PreConfig:   func() { f.patch(`{"metadata":{"annotations":{"standin.flink/managed":"true"}}}`) },
			Config:      f.config(attributes{"image": `"registry.example.com/orders:2"`}),
			ExpectError: regexp.MustCompile(`(?s)own\s+Kubernetes\s+operator\s+manages\s+it.*Nothing\s+was\s+changed`),
		},
		resource.TestStep{
			// Its custom resource is deleted: what was refused works.
			PreConfig: func() { f.release("orders") },
			Config:    f.config(attributes{"image": `"registry.example.com/orders:2"`}), ConfigPlanChecks: planned("savepoint_upgrade", "image"),
		},
	)
}

// TestAccVervericaTokens uses the token of the namespace, and says what is wrong with another.
func TestAccVervericaTokens(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1", acctest.AccessControl)
	provider := func(tokens string) string {
		return fmt.Sprintf("provider \"flink\" {\n  ververica = { endpoint = %q, tokens = { %s } }\n}\n", f.server.Endpoint, tokens)
	}
	editor := f.server.NamespaceToken(t, f.namespace, "editor")
	f.run(
		resource.TestStep{Config: provider(`other = "a"`) + f.deployment(nil), ExpectError: regexp.MustCompile(`(?s)does\s+not\s+accept\s+the\s+credentials`)},
		resource.TestStep{Config: provider(fmt.Sprintf("%q = %q", f.namespace, editor)) + f.deployment(nil)},
		resource.TestStep{Config: provider(fmt.Sprintf("%q = %q", f.namespace, editor)) + f.deployment(nil), ConfigPlanChecks: unchangedPlan()},
	)
}

// TestAccVervericaKilled kills the provider in the middle of an update, and goes on: the job has
// its state, and the plan afterwards is empty.
func TestAccVervericaKilled(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, at := range map[string]struct{ method, path string }{
		"before the change is written": {http.MethodGet, "with-cr"},
		"when the change is written":   {http.MethodPut, "deployments/orders"},
		"while it waits":               {http.MethodGet, "deployments/orders"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newVVPFixture(t, "2.15.1"), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			c.write(f.config(attributes{"image": `"registry.example.com/orders:2"`}))
			f.killed(c, at.method, at.path, "-refresh=false")
			if live := f.live("orders"); in(live, "status", "state") != "RUNNING" || !strings.HasPrefix(f.restored("orders"), "s3://flink/savepoints") {
				t.Errorf("it is %v, from %q", in(live, "status"), f.restored("orders"))
			}
		})
	}
}

// TestAccVervericaKilledCreate kills the provider when it has created the deployment, and before
// that is in the state: the next apply goes on with it, and one that was killed in the middle of a
// re-creation starts from the state that the job had.
func TestAccVervericaKilledCreate(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		// first is applied before; nil for nothing.
		first, killed attributes
		method, path  string
		from          string
	}{
		"a create":                        {nil, nil, http.MethodPost, "deployments", ""},
		"a create from a path":            {nil, attributes{"job": `{ jar_uri = "s3://artifacts/orders.jar", parallelism = 2, initial_savepoint_path = "s3://theirs/1" }`}, http.MethodPost, "savepoints", "s3://theirs/1"},
		"a re-creation, after the delete": {attributes{}, attributes{"ververica": `{ deployment_target = "other" }`}, http.MethodDelete, "deployments/orders", "s3://flink/savepoints"},
		"a re-creation, after the create": {attributes{}, attributes{"ververica": `{ deployment_target = "other" }`}, http.MethodPost, "deployments", "s3://flink/savepoints"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newVVPFixture(t, "2.15.1"), newCLI(t)
			f.call(http.MethodPost, "deployment-targets", fmt.Sprintf(`{"kind":"DeploymentTarget","apiVersion":"v1","metadata":{"name":"other","namespace":%q},"spec":{"kubernetes":{"namespace":"other"}}}`, f.namespace))
			if test.first != nil {
				c.write(f.config(test.first))
				c.apply()
			}
			c.write(f.config(test.killed))
			f.killed(c, test.method, test.path)
			if live := f.live("orders"); in(live, "status", "state") != "RUNNING" || !strings.HasPrefix(f.restored("orders"), test.from) {
				t.Errorf("it is %v, from %q", in(live, "status"), f.restored("orders"))
			}
			// No later deployment of the name starts from there.
			for _, target := range []string{f.namespace, "other"} {
				annotations, _ := in(f.call(http.MethodGet, "deployment-targets/"+target, ""), "metadata", "annotations").(map[string]any)
				if note := annotations["flink-terraform.io/recreation.orders"]; note != nil {
					t.Errorf("deployment target %s still has %v", target, note)
				}
			}
		})
	}
}

// TestAccVervericaKilledSwitch kills the provider in the middle of an exchange of colors: the next
// apply goes on, one color is left, and it has the state.
func TestAccVervericaKilledSwitch(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, at := range map[string]struct{ method, path string }{
		"when a savepoint is asked for":     {http.MethodPost, "savepoints"},
		"when the new color is created":     {http.MethodPost, "deployments"},
		"when the new color takes over":     {http.MethodPut, "deployments/orders-green"},
		"when the old color is cancelled":   {http.MethodPut, "deployments/orders-blue"},
		"when the old color is deleted":     {http.MethodDelete, "deployments/orders-blue"},
		"while the new color proves itself": {http.MethodGet, "flink-ui"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newVVPFixture(t, "2.15.1"), newCLI(t)
			of := func(tag string) string {
				return f.config(attributes{"image": fmt.Sprintf("%q", "registry.example.com/orders:"+tag), "upgrade": `{ strategy = "blue_green", prove_for = "1s" }`})
			}
			c.write(of("1"))
			c.apply()
			c.write(of("2"))
			f.killed(c, at.method, at.path)
			live := f.live("orders-green")
			if code, text := f.server.Call(t, http.MethodGet, "api/v1/namespaces/"+f.namespace+"/deployments/orders-blue", ""); code != http.StatusNotFound {
				t.Errorf("blue is there: %s", text)
			}
			if in(live, "status", "state") != "RUNNING" || !strings.HasPrefix(f.restored("orders-green"), "s3://flink/savepoints") {
				t.Errorf("green is %v, from %q", in(live, "status"), f.restored("orders-green"))
			}
		})
	}
}

// TestAccVervericaRequests counts what a refresh asks for: lists, and not each deployment.
func TestAccVervericaRequests(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newVVPFixture(t, "2.15.1"), newCLI(t)
	var many strings.Builder
	many.WriteString(f.server.ProviderConfig())
	for i := range 8 {
		many.WriteString(strings.Replace(f.deployment(attributes{"name": fmt.Sprintf("%q", fmt.Sprintf("orders-%d", i)), "upgrade": `{ prove_for = "0s" }`}), `"test"`, fmt.Sprintf("\"n%d\"", i), 1))
	}
	c.write(many.String())
	c.apply()
	f.server.Requests()
	c.expectNothingLeft()
	counted := map[string]int{}
	for _, request := range f.server.Requests() {
		counted[request]++
	}
	for request, n := range counted {
		if n > 1 || strings.Contains(request, "deployments/") {
			t.Errorf("%s is asked for %d times", request, n)
		}
	}
	if text, _ := json.Marshal(counted); len(counted) == 0 || len(counted) > 3 {
		t.Errorf("the requests are %s", text)
	}
}

// killed applies, with the provider killed at a request, and applies again, after which nothing is
// left to do. flags are more ones of the first apply.
func (f *vvpFixture) killed(c *cli, method, path string, flags ...string) {
	f.t.Helper()
	killed := make(chan struct{}, 1)
	f.server.Make(acctest.Trouble{Method: method, Path: path, Times: 1, Then: func() {
		c.killProvider()
		killed <- struct{}{}
	}})
	run := c.start(append([]string{"apply", "-auto-approve", "-input=false"}, flags...)...)
	<-killed
	if code, output := run.wait(f.t); code == 0 {
		f.t.Fatalf("the provider was not killed:\n%s", output)
	}
	f.server.End()
	c.apply()
	c.expectNothingLeft()
}
