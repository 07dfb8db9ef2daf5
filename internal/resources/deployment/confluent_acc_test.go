package deployment_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// application is the path of the deployment on the server.
func (f *fixture) application() string {
	return "environments/" + f.environment + "/applications/orders"
}

// fromServer returns a part of the application, as the server has it.
func (f *fixture) fromServer(path string) map[string]any {
	f.t.Helper()
	code, text := f.manager.Call(f.t, http.MethodGet, path, "")
	if code != http.StatusOK {
		f.t.Fatalf("%s answers %d: %s", path, code, text)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		f.t.Fatal(err)
	}
	return answer
}

// edited writes the application as somebody else does, with another value in its
// specification.
func (f *fixture) edited(change func(spec map[string]any)) {
	f.t.Helper()
	f.editedAs("orders", change)
}

// editedAs is edited of the application of a name.
func (f *fixture) editedAs(name string, change func(spec map[string]any)) {
	f.t.Helper()
	application := f.fromServer("environments/" + f.environment + "/applications/" + name)
	spec, _ := application["spec"].(map[string]any)
	change(spec)
	metadata, _ := application["metadata"].(map[string]any)
	text, err := json.Marshal(map[string]any{"apiVersion": application["apiVersion"], "kind": application["kind"], "metadata": metadata, "spec": spec})
	if err != nil {
		f.t.Fatal(err)
	}
	if code, answer := f.manager.Call(f.t, http.MethodPost, "environments/"+f.environment+"/applications", string(text)); code != http.StatusCreated {
		f.t.Fatalf("the edit answers %d: %s", code, answer)
	}
}

// TestAccConfluentEnvironment has the effective specification in the plan as the
// server then runs it: with the environment's defaults, overrides and both.
func TestAccConfluentEnvironment(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onConfluent)
	name := strings.ToLower(f.environment[:min(len(f.environment), 30)]) + "-own"
	environment := func(layers string) string {
		return f.manager.ProviderConfig() + fmt.Sprintf("resource \"flink_environment\" \"own\" {\n  platform = \"confluent\"\n  name = %q\n  namespace = %q\n  %s\n}\n", name, f.namespace, layers) +
			f.deployment(attributes{"environment": "flink_environment.own", "job_manager": "-"})
	}
	const (
		defaults  = "deployment_defaults = { job_manager = { resource = { cpu = 0.5, memory = \"1g\" } } }\n"
		overrides = "deployment_overrides = { flink_configuration = { \"taskmanager.numberOfTaskSlots\" = 4 }, job_manager = { resource = { memory = \"2g\" } } }\n"
	)
	// The server's own words for the merged specification.
	agrees := func(state *terraform.State) error {
		instances := f.fromServer("environments/" + name + "/applications/orders/instances")
		items, _ := instances["items"].([]any)
		instance, _ := items[len(items)-1].(map[string]any)
		status, _ := instance["status"].(map[string]any)
		runs, _ := status["spec"].(map[string]any)
		var says map[string]any
		if err := json.Unmarshal([]byte(state.RootModule().Resources[address].Primary.Attributes["effective_spec"]), &says); err != nil {
			return err
		}
		for _, part := range []string{"image", "flinkConfiguration", "jobManager", "taskManager", "job"} {
			ours, err := json.Marshal(says[part])
			if err != nil {
				return err
			}
			theirs, err := json.Marshal(runs[part])
			if err != nil {
				return err
			}
			if !bytes.Equal(ours, theirs) {
				return fmt.Errorf("%s is planned as %s, and the server runs %s", part, ours, theirs)
			}
		}
		return nil
	}
	f.run(
		resource.TestStep{Config: environment(defaults), Check: agrees},
		resource.TestStep{
			Config: environment(defaults + overrides), Check: agrees,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				expectRollout(address, "savepoint_upgrade",
					`flink_configuration["taskmanager.numberOfTaskSlots"] (override of environment `+name+`)`, "job_manager.resource.memory (override of environment "+name+")"),
			}},
		},
	)
}

// TestAccConfluentLife is what others do to an application, its import and its end.
func TestAccConfluentLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onConfluent)
	update := func(because string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, "savepoint_upgrade", because)}}
	}
	f.run(
		resource.TestStep{
			Config: f.config(nil),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+f.environment+"/orders")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("job_state"), knownvalue.StringExact("RUNNING")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("rest_url"), knownvalue.StringExact(f.manager.Endpoint+"/cmf/api/v1/environments/"+f.environment+"/applications/orders/flink-web-ui")),
			},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "confluent/" + f.environment + "/orders", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"rollout", "timeouts", "status.%", "status.proof", "savepoint_on_destroy"},
		},
		resource.TestStep{
			// Somebody changes the image; the apply puts it back, with the state.
			PreConfig:        func() { f.edited(func(spec map[string]any) { spec["image"] = "registry.example.com/orders:rogue" }) },
			Config:           f.config(nil),
			ConfigPlanChecks: update("image"),
			Check: check(func() error {
				if got := f.start().restoredFrom; !strings.HasPrefix(got, savepoints) {
					return fmt.Errorf("restored from %q", got)
				}
				return nil
			}),
		},
		resource.TestStep{
			// The JobManager is asked through the server.
			Config: f.config(nil) + fmt.Sprintf("data \"flink_deployment\" \"read\" {\n  environment = %s\n  name = flink_deployment.test.name\n}\n", f.place()),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.flink_deployment.read", tfjsonpath.New("status").AtMapKey("job_state"), knownvalue.StringExact("RUNNING")),
				statecheck.ExpectKnownValue("data.flink_deployment.read", tfjsonpath.New("checkpoints").AtMapKey("restored_path"), knownvalue.StringRegexp(regexp.MustCompile("^"+savepoints))),
			},
		},
		resource.TestStep{
			// Somebody deletes it.
			PreConfig: func() {
				f.manager.Call(t, http.MethodDelete, f.application(), "")
				f.awaitAbsent()
			},
			Config:           f.config(nil),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
		},
		resource.TestStep{Config: f.provider(), Check: check(func() error {
			f.expectAbsent()
			return nil
		})},
	)
}

// TestAccConfluentAddress restarts an application with another port: the server leads to
// it where it did, so that what depends on the address is not planned to change.
func TestAccConfluentAddress(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	url := knownvalue.StringExact(f.manager.Endpoint + "/cmf/api/v1/" + f.application() + "/flink-web-ui")
	restURL := tfjsonpath.New("status").AtMapKey("rest_url")
	f.run(
		resource.TestStep{Config: f.config(nil) + reader},
		resource.TestStep{
			Config: f.config(attributes{"flink_configuration": configuration(`"rest.port" = 8082`)}) + reader,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				expectRollout(address, "savepoint_upgrade", `flink_configuration["rest.port"]`),
				plancheck.ExpectKnownValue(address, restURL, url),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("status").AtMapKey("job_id")),
				plancheck.ExpectResourceAction("terraform_data.reader", plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, restURL, url)},
		},
	)
}

// TestAccConfluentTrouble creates and changes a deployment on a server in trouble.
func TestAccConfluentTrouble(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]acctest.Trouble{
		"the answer to a write is lost":  {Method: http.MethodPost, Path: "applications", Times: 1, Loses: true},
		"the server is away for a while": {Path: "applications", Times: 4, Drops: true},
		"the server fails for a while":   {Method: http.MethodGet, Path: "applications/orders", Times: 3, Code: http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			f := newFixture(t, onConfluent)
			f.manager.Make(trouble)
			f.run(
				resource.TestStep{Config: f.config(nil)},
				resource.TestStep{
					PreConfig: func() { f.manager.Make(trouble) },
					Config:    f.config(attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }`}),
				},
			)
		})
	}
}

// TestAccConfluentRefused are creates that come to nothing, and whose errors say why.
func TestAccConfluentRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change attributes
		before func(f *fixture)
		want   string
		plan   bool
	}{
		"it exists": {before: func(f *fixture) {
			f.manager.Call(f.t, http.MethodPost, "environments/"+f.environment+"/applications",
				`{"apiVersion":"cmf.confluent.io/v1","kind":"FlinkApplication","metadata":{"name":"orders"},"spec":{"image":"a","flinkVersion":"v1_20","serviceAccount":"flink"}}`)
		}, want: `(?s)it\s+exists\s+already.*terraform\s+import\s+flink_deployment.orders\s+confluent/`},
		"no environment":        {change: attributes{"environment": `{ platform = "confluent", name = "no-such-environment" }`}, want: `(?s)Environment\s+no-such-environment\s+does\s+not\s+exist`},
		"wrong credentials":     {before: func(f *fixture) { f.manager.Make(acctest.Trouble{Code: http.StatusUnauthorized}) }, want: `does\s+not\s+accept\s+the\s+credentials`},
		"no name":               {change: attributes{"environment": `{ platform = "confluent", namespace = "a" }`}, want: `The\s+environment\s+has\s+no\s+name`, plan: true},
		"the operator's switch": {change: attributes{"upgrade": `{ strategy = "blue_green", blue_green = { engine = "operator" } }`}, want: `(?s)The\s+platform\s+"confluent"\s+has\s+no\s+engine`, plan: true},
		"an ingress of colors": {
			change: attributes{"upgrade": `{ strategy = "blue_green" }`, "ingress": `{ template = "flink.example.com/{{namespace}}/{{name}}" }`},
			want:   `has\s+no\s+ingress\s+that\s+leads\s+to\s+the\s+active\s+color`, plan: true,
		},
		"secrets of our own": {
			change: attributes{"secret_configuration_wo": `{ "s3.secret-key" = "a" }`, "secret_configuration_wo_version": "1"},
			want:   `The\s+platform\s+"confluent"\s+keeps\s+no\s+secrets`, plan: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			f := newFixture(t, onConfluent)
			if test.before != nil {
				test.before(f)
			}
			f.run(resource.TestStep{Config: f.config(test.change), PlanOnly: test.plan, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// TestAccConfluentMode is a change that needs another application: a note leads from
// the one to the other, and goes.
func TestAccConfluentMode(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			Config:           f.config(attributes{"mode": `"standalone"`, "job": `{ jar_uri = "local:///opt/flink/job/orders.jar", parallelism = 2 }`}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, "recreate", "mode", "job.jar_uri")}},
			Check: check(func() error {
				if got := f.start().restoredFrom; !strings.HasPrefix(got, savepoints) {
					return fmt.Errorf("restored from %q", got)
				}
				if _, secrets := f.manager.Call(t, http.MethodGet, "secrets", ""); strings.Contains(secrets, f.environment) {
					return fmt.Errorf("the note is still there: %s", secrets)
				}
				return nil
			}),
		},
	)
}

// TestAccConfluentTainted replaces a deployment whose create failed and which came up
// by itself: the new one goes on from its state.
func TestAccConfluentTainted(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onConfluent), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	c.run("taint", address)
	c.apply()
	if got := f.start().restoredFrom; !strings.HasPrefix(got, savepoints) {
		t.Errorf("restored from %q", got)
	}
	c.expectNothingLeft()
	c.run("destroy", "-auto-approve", "-input=false")
}

// TestAccConfluentOthers leaves what others have said of an application where it is.
func TestAccConfluentOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	has := func() error {
		spec, _ := f.fromServer(f.application())["spec"].(map[string]any)
		if configuration, _ := spec["flinkConfiguration"].(map[string]any); configuration["metrics.latency.interval"] != "5 s" {
			return fmt.Errorf("what others have said is gone: %v", configuration)
		}
		return nil
	}
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			PreConfig: func() {
				f.edited(func(spec map[string]any) {
					configuration, _ := spec["flinkConfiguration"].(map[string]any)
					configuration["metrics.latency.interval"] = "5 s"
				})
				f.settled()
			},
			Config: f.config(nil), PlanOnly: true,
		},
		resource.TestStep{Config: f.config(attributes{"labels": `{ team = "a" }`}), Check: check(has)},
		resource.TestStep{Config: f.config(attributes{"labels": `{ team = "a" }`, "flink_configuration": configuration(`"pipeline.object-reuse" = true`)}), Check: check(has)},
	)
}

// TestAccConfluentRequests reads all deployments of an environment by one list.
func TestAccConfluentRequests(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onConfluent), newCLI(t)
	const more = 3
	config := f.provider() + f.deployment(attributes{"wait_for": `"submitted"`})
	for i := range more {
		config += strings.Replace(f.deployment(attributes{"name": fmt.Sprintf("%q", fmt.Sprint("orders-", i)), "wait_for": `"submitted"`}), `"test"`, fmt.Sprintf("\"more-%d\"", i), 1)
	}
	c.write(config)
	c.apply()
	f.manager.Requests()
	c.expectNothingLeft()
	if got, want := f.manager.Requests(), []string{"GET /cmf/api/v1/environments/" + f.environment + "/applications"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("a plan of %d deployments asks %q, want %q", more+1, got, want)
	}
}

// TestAccConfluentKilled kills the provider when the server has created the
// application: the next apply goes on with it.
func TestAccConfluentKilled(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onConfluent), newCLI(t)
	f.manager.Make(acctest.Trouble{Method: http.MethodPost, Path: "applications", Times: 1, Then: c.killProvider})
	c.write(f.config(nil))
	c.fails()
	if f.fromServer(f.application()) == nil {
		t.Fatal("nothing was created")
	}
	c.apply()
	if state := c.state(); state == nil || state.Tainted {
		t.Fatalf("the state has %+v", state)
	}
	c.expectNothingLeft()
	c.write(f.provider())
	expectActions(t, c.plan(), tfjson.ActionDelete)
	c.apply()
	f.expectAbsent()
}

// TestAccTheSameModule runs the module of the example in an environment of each
// platform: what it plans, and what comes of it, is the same.
func TestAccTheSameModule(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, onConfluent), newCLI(t)
	module, err := filepath.Abs("../../../examples/scenarios/one-module-three-environments/shop")
	if err != nil {
		t.Fatal(err)
	}
	other, third := f.cluster.Namespace(t), acctest.VVP(t, "2.15.1")
	config := func(image string) string {
		all := strings.Replace(acctest.ProviderConfig(f.cluster), "provider \"flink\" {", fmt.Sprintf("provider \"flink\" {\n  confluent = { endpoint = %q }\n  ververica = { endpoint = %q }", f.manager.Endpoint, third.Endpoint), 1)
		for platform, place := range map[string]string{
			"operator":  fmt.Sprintf("name = \"shop\"\n  namespace = %q\n  operator = { create_namespace = false }", other),
			"confluent": fmt.Sprintf("name = %q\n  namespace = %q", f.environment+"-m", f.namespace),
			"ververica": fmt.Sprintf("name = %q", f.environment+"-m"),
		} {
			all += fmt.Sprintf(`
resource "flink_environment" %[1]q {
  platform = %[1]q
  %[2]s
  deployment_defaults = {
    image           = "registry.example.com/shop:%[3]s"
    flink_version   = "v1_20"
    service_account = "flink"
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    job_manager     = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager    = { resource = { cpu = 1, memory = "2g" } }
  }
  deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }
}

module %[1]q {
  source      = %[4]q
  environment = flink_environment.%[1]s
}
`, platform, place, image, module)
		}
		return all
	}
	for _, step := range []struct{ image, action, state string }{{"1", "create", "fresh"}, {"2", "savepoint_upgrade", "kept"}} {
		c.write(config(step.image))
		c.run("get")
		var plan tfjson.Plan
		c.run("plan", "-input=false", "-out=plan")
		c.show(&plan, "plan")
		planned := map[string][]string{}
		for _, change := range plan.ResourceChanges {
			if change.Type != "flink_deployment" {
				continue
			}
			rollout := rolloutOf(t, change.Change.After)
			if rollout["action"] != step.action || rollout["state"] != step.state {
				t.Errorf("%s plans %v", change.Address, rollout)
			}
			summary, _ := rollout["summary"].(string)
			planned[change.ModuleAddress] = append(planned[change.ModuleAddress], strings.ReplaceAll(strings.ReplaceAll(fmt.Sprint(rollout["because"], summary), f.environment+"-m", "shop"), "Confluent Manager", "the operator"))
		}
		for _, platform := range []string{"confluent", "ververica"} {
			if diff := cmp.Diff(planned["module.operator"], planned["module."+platform]); diff != "" || len(planned["module.operator"]) != 2 {
				t.Errorf("the platforms plan otherwise (-operator +%s):\n%s", platform, diff)
			}
		}
		c.apply()
		c.expectNothingLeft()
	}
	c.run("destroy", "-auto-approve", "-input=false")
}

// TestAccConfluentOffline plans without a server, and without anything that leads to
// one.
func TestAccConfluentOffline(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	f.run(resource.TestStep{
		Config: "provider \"flink\" {}\n" + f.deployment(nil), PlanOnly: true, ExpectNonEmptyPlan: true,
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
			expectRollout(address, "create"),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+f.environment+"/orders")),
		}},
	})
}

// TestAccConfluentForbidden ends a wait with what the server refuses, not with the end
// of its time, and keeps what exists.
func TestAccConfluentForbidden(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onConfluent), newCLI(t)
	// The first look after the write finds out whether it was somebody else's.
	f.manager.Make(acctest.Trouble{Method: http.MethodPost, Path: "applications", Times: 1, Then: func() {
		f.manager.Make(acctest.Trouble{Method: http.MethodGet, Path: "applications/orders", Times: 1})
		f.manager.Make(acctest.Trouble{Method: http.MethodGet, Path: "applications/orders", Code: http.StatusForbidden})
	}})
	c.write(f.config(attributes{"service_account": late}))
	if got := firstError(t, c.fails()); !strings.HasPrefix(got, `Cannot create the deployment "orders" in environment `+f.environment) || !strings.HasSuffix(got, "it is not allowed") {
		t.Errorf("the error is %q", got)
	}
	if state := c.state(); state == nil {
		t.Error("the state has forgotten what was created")
	}
	f.manager.End()
	f.letStart()
	c.run("untaint", address)
	c.apply()
	c.expectNothingLeft()
}

// TestAccConfluentReplacedColor starts no second job beside a color that somebody has
// replaced as a whole, and which nothing tells to be one any more.
func TestAccConfluentReplacedColor(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	c := colored{newFixture(t, onConfluent), newCLI(t), engine{"provider", onConfluent}}
	c.set(nil)
	c.apply()
	c.set(attributes{"image": newImage})
	c.apply()
	c.expect("orders-green 1.5.0 RUNNING", "green")
	job := c.jobOf("green")
	application := c.fromServer("environments/" + c.environment + "/applications/orders-green")
	text, err := json.Marshal(map[string]any{"apiVersion": application["apiVersion"], "kind": application["kind"], "metadata": map[string]any{"name": "orders-green"}, "spec": application["spec"]})
	if err != nil {
		t.Fatal(err)
	}
	c.manager.Call(t, http.MethodPost, "environments/"+c.environment+"/applications", string(text))
	expectText(t, c.fails(), "it exists already")
	if got := c.images(); got != "orders-green 1.5.0 RUNNING" || c.jobOf("green") != job {
		t.Errorf("there is %s", got)
	}
	c.manager.Call(t, http.MethodDelete, "environments/"+c.environment+"/applications/orders-green", "")
}
