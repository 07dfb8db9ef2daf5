package deployment_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// engine is who makes the switch, on a version of the operator.
type engine struct{ name, operator string }

// engines are all on which blue/green is offered.
var engines = []engine{{"provider", "1.15"}, {"provider", "1.7"}, {"operator", "1.15"}}

// grace is an abort grace period that a busy machine keeps: for the stand-in of
// the operator a second is one of its short steps.
func (e engine) grace() string {
	if e.name == "operator" {
		return "10m"
	}
	return "20s"
}

// colored is a fixture of a blue/green deployment with an engine.
type colored struct {
	*fixture
	*cli

	engine engine
}

func (c colored) t() *testing.T { return c.fixture.t }

// turns is the attribute upgrade.
func (c colored) turns(more ...string) string {
	choices := fmt.Sprintf("{ engine = %q, abort_grace_period = %q }", c.engine.name, c.engine.grace())
	return "{ " + strings.Join(append([]string{`strategy = "blue_green"`, "blue_green = " + choices}, more...), ", ") + " }"
}

// set writes a configuration of the blue/green deployment.
func (c colored) set(changed attributes) {
	c.t().Helper()
	values := attributes{"upgrade": c.turns()}
	for name, value := range changed {
		values[name] = value
	}
	c.write(c.config(values))
}

// images are the colors that exist with their images and jobs' states, and
// where the traffic goes.
func (c colored) images() string {
	c.t().Helper()
	list, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).List(c.t().Context(), metav1.ListOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	var out []string
	for i := range list.Items {
		object := &list.Items[i]
		image, _, _ := unstructured.NestedString(object.Object, "spec", "image")
		out = append(out, fmt.Sprintf("%s %s %s", object.GetName(), image[strings.LastIndex(image, ":")+1:], operatorState(object)))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// leadsTo is the color to which the active Service leads, with the engine that
// has one.
func (c colored) leadsTo() string {
	services := schema.GroupVersionResource{Version: "v1", Resource: "services"}
	service, err := c.cluster.Client.Resource(services).Namespace(c.namespace).Get(c.t().Context(), "orders-active", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return ""
	}
	if err != nil {
		c.t().Fatal(err)
	}
	app, _, _ := unstructured.NestedString(service.Object, "spec", "selector", "app")
	return strings.TrimPrefix(app, "orders-")
}

// expect checks what exists, and that nothing is left to do.
func (c colored) expect(images, active string) {
	c.t().Helper()
	if got := c.images(); got != images {
		c.t().Errorf("there is %s, want %s", got, images)
	}
	if got := c.leadsTo(); c.engine.name == "provider" && got != active {
		c.t().Errorf("the Service leads to %q, want %q", got, active)
	}
	c.expectNothingLeft()
	if status, _ := c.state().AttributeValues["status"].(map[string]any); active != "" && status["active_color"] != active {
		c.t().Errorf("the state has the status %v", status)
	}
}

// restored is what the stand-in of the operator recorded of a color's start.
func (c colored) restored(color string) string {
	c.t().Helper()
	object, err := c.cluster.Client.Resource(appsKind).Namespace(c.namespace).Get(c.t().Context(), "orders-"+color, metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	return object.GetAnnotations()["standin.flink/restored-from"]
}

const (
	newImage  = `"registry.example.com/orders:1.5.0"`
	nextImage = `"registry.example.com/orders:1.6.0"`
)

// planned checks the action of a plan, and returns its summary.
func (c colored) planned(action, state string) string {
	c.t().Helper()
	change := c.plan()
	expectActions(c.t(), change, tfjson.ActionUpdate)
	rollout := rolloutOf(c.t(), change.After)
	if rollout["action"] != action || rollout["state"] != state {
		c.t().Errorf("planned %v", rollout)
	}
	summary, _ := rollout["summary"].(string)
	return summary
}

// blueGreenScenarios are what every engine has to do alike.
var blueGreenScenarios = []struct {
	name string
	run  func(c colored)
}{
	{"switch there and back", func(c colored) {
		c.set(attributes{"image": newImage})
		summary := c.planned("blue_green", "kept")
		if want := "#2 blue green: image registry.example.com/orders:1.4.0 -> registry.example.com/orders:1.5.0; green starts from a savepoint of blue, which runs on until then; both run for a while (at-least-once)"; summary != want {
			c.t().Errorf("planned %q", summary)
		}
		expectText(c.t(), c.apply(), `Two versions of the job "orders" will run for a while`)
		c.expect("orders-green 1.5.0 RUNNING", "green")
		if got := c.restored("green"); !strings.HasPrefix(strings.TrimPrefix(got, "s3:"), strings.TrimPrefix(savepoints, "s3:")) {
			c.t().Errorf("green was restored from %q", got)
		}
		c.set(attributes{"image": nextImage})
		expectText(c.t(), c.planned("blue_green", "kept"), "blue starts from a savepoint of green")
		c.apply()
		c.expect("orders-blue 1.6.0 RUNNING", "blue")
	}},
	{"a failing version, then the corrected one", func(c colored) {
		before := c.jobOf("blue")
		c.set(attributes{"image": nope})
		apply := c.cli.start("apply", "-auto-approve", "-input=false")
		first := c.startOf("green")
		code, output := apply.wait(c.t())
		if code == 0 {
			c.t().Fatalf("the apply did not fail:\n%s", output)
		}
		expectText(c.t(), output, `The new version of "orders" does not start`)
		expectText(c.t(), output, "blue) was never stopped and runs on")
		if got := c.images(); !strings.HasPrefix(got, "orders-blue 1.4.0 RUNNING") || strings.Contains(got, "RUNNING, ") || c.jobOf("blue") != before {
			c.t().Errorf("there is %s", got)
		}
		c.set(nil)
		c.expectNothingLeft()
		c.set(attributes{"image": newImage})
		c.planned("blue_green", "kept")
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
		// The operator was recorded to go back to the savepoint of the aborted
		// switch (finding 34), and blue has run on since.
		if got := c.restored("green"); got == "" || strings.HasSuffix(got, first[strings.LastIndexByte(first, '/'):]) {
			c.t().Errorf("green was restored from %q, the savepoint of the failed switch is %q", got, first)
		}
	}},
	{"a job that failed is restarted where it is", func(c colored) {
		_, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Patch(c.t().Context(), "orders-blue", types.MergePatchType,
			[]byte(`{"spec":{"job":{"args":["--fail-start"]}}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
		if err != nil {
			c.t().Fatal(err)
		}
		c.settle(func(images string) bool { return images == "orders-blue 1.4.0 FAILED" })
		c.set(attributes{"image": newImage, "job": job(`args = ["--topic", "orders"]`)})
		expectText(c.t(), c.planned("savepoint_upgrade", "kept"), "the job is FAILED, it restarts from")
		c.apply()
		if got := c.images(); !regexp.MustCompile(`^orders-(blue|green) 1.5.0 RUNNING$`).MatchString(got) {
			c.t().Errorf("there is %s", got)
		}
		c.expectNothingLeft()
	}},
	{"the provider is killed in the middle", func(c colored) {
		c.set(attributes{"image": newImage, "annotations": "{ " + slowStart + " }"})
		apply := c.cli.start("apply", "-auto-approve", "-input=false")
		c.startOf("green")
		c.killProvider()
		if code, output := apply.wait(c.t()); code == 0 {
			c.t().Fatalf("the apply did not notice:\n%s", output)
		}
		if c.engine.name == "provider" {
			// The operator goes on by itself, and may have made the switch.
			c.planned("blue_green", "kept")
		}
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
	}},
	{"the environment decides", func(c colored) {
		settings := fmt.Sprintf(`{ namespace = %q, settings = jsonencode({ deployment_defaults = { upgrade = { strategy = "blue_green", blueGreen = { engine = %q, abort_grace_period = %q } } } }) }`, c.namespace, c.engine.name, c.engine.grace())
		before := c.jobOf("blue")
		c.set(attributes{"environment": settings, "upgrade": "null"})
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		if c.jobOf("blue") != before {
			c.t().Error("the job was restarted, though the environment says the same")
		}
		c.set(attributes{"environment": settings, "upgrade": "null", "image": newImage})
		c.planned("blue_green", "kept")
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
	}},
	{"what does not restart the job does not switch", func(c colored) {
		before := c.jobOf("blue")
		c.set(attributes{"flink_configuration": configuration(`"kubernetes.operator.savepoint.history.max.count" = 5`)})
		c.planned("config_only", "kept")
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		more := attributes{
			"flink_configuration": configuration(`"kubernetes.operator.savepoint.history.max.count" = 5`),
			"labels":              `{ team = "a" }`, "annotations": `{ note = "b" }`,
		}
		c.set(more)
		c.planned("metadata", "none")
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		more["ingress"] = `{ template = "flink.example.com/{{namespace}}/{{name}}", class_name = "nginx" }`
		c.set(more)
		c.planned("config_only", "kept")
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		if c.jobOf("blue") != before {
			c.t().Error("the job was restarted")
		}
		more["image"] = newImage
		c.set(more)
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
		c.expectIngress("green")
	}},
	{"somebody changes the active color", func(c colored) {
		_, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Patch(c.t().Context(), "orders-blue", types.MergePatchType,
			[]byte(`{"spec":{"image":"registry.example.com/orders:9"}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
		if err != nil {
			c.t().Fatal(err)
		}
		c.settle(func(images string) bool { return images == "orders-blue 9 RUNNING" })
		expectText(c.t(), c.planned("blue_green", "kept"), "image registry.example.com/orders:9 -> registry.example.com/orders:1.4.0")
		c.apply()
		c.expect("orders-green 1.4.0 RUNNING", "green")
		if got := c.restored("green"); got == "" {
			c.t().Error("green started empty")
		}
	}},
	{"another path to start from", func(c colored) {
		const path = "s3://flink/savepoints/other"
		given := attributes{"job": job(fmt.Sprintf("initial_savepoint_path = %q", path))}
		c.set(given)
		expectText(c.t(), c.cli.fails(), "upgrade.allow_state_loss")
		given["upgrade"] = c.turns("allow_state_loss = true")
		c.set(given)
		expectText(c.t(), c.planned("redeploy_from_savepoint", "lost"), path)
		c.apply()
		c.expect("orders-green 1.4.0 RUNNING", "green")
		if got := c.restored("green"); got != path {
			c.t().Errorf("green was restored from %q", got)
		}
		// The path counts once: the next switch is from what green has done since.
		given["upgrade"], given["image"] = c.turns(), newImage
		c.set(given)
		c.planned("blue_green", "kept")
		c.apply()
		c.expect("orders-blue 1.5.0 RUNNING", "blue")
		if got := c.restored("blue"); got == "" || got == path {
			c.t().Errorf("blue was restored from %q", got)
		}
	}},
	{"suspend and resume", func(c colored) {
		c.set(attributes{"job": job(`state = "suspended"`)})
		c.planned("suspend", "kept")
		c.apply()
		c.expectNothingLeft()
		c.set(attributes{"job": job(`state = "suspended"`), "image": newImage})
		c.planned("deferred", "kept")
		c.apply()
		c.expectNothingLeft()
		c.set(attributes{"image": newImage})
		c.planned("resume", "kept")
		c.apply()
		c.expect("orders-blue 1.5.0 RUNNING", "blue")
	}},
	{"import", func(c colored) {
		c.set(attributes{"image": newImage})
		c.apply()
		c.cli.run("state", "rm", address)
		c.cli.run("import", "-input=false", address, "operator/"+c.namespace+"/orders")
		// How the colors take turns is the provider's to know, and in no object.
		// The engine stays the one that is found.
		c.set(attributes{"image": newImage, "upgrade": `{ strategy = "blue_green" }`})
		c.expect("orders-green 1.5.0 RUNNING", "green")
	}},
	{"from in place and back", func(c colored) {
		c.set(attributes{"upgrade": "null"})
		expectText(c.t(), c.planned("recreate", "kept"), "upgrade.strategy blue_green -> in_place; the job stops with a savepoint, its deployment is deleted and created again from it")
		c.apply()
		c.expect("orders 1.4.0 RUNNING", "")
		if got := c.fixture.start(); !strings.HasPrefix(got.restoredFrom, savepoints) {
			c.t().Errorf("the job was restored from %q", got.restoredFrom)
		}
		c.set(nil)
		expectText(c.t(), c.planned("recreate", "kept"), "upgrade.strategy in_place -> blue_green")
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		if got := c.restored("blue"); !strings.HasPrefix(got, savepoints) {
			c.t().Errorf("blue was restored from %q", got)
		}
	}},
}

// jobOf is the id of a color's job.
func (c colored) jobOf(color string) string {
	c.t().Helper()
	object, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Get(c.t().Context(), "orders-"+color, metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	return operator.StatusOf(object).JobID
}

// startOf waits until a color exists, and returns the path that it is to start
// from.
func (c colored) startOf(color string) string {
	c.t().Helper()
	path := ""
	err := wait.PollUntilContextTimeout(c.t().Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		object, err := c.cluster.Client.Resource(deploymentKind).Namespace(c.namespace).Get(ctx, "orders-"+color, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		if err == nil {
			path, _, _ = unstructured.NestedString(object.Object, "spec", "job", "initialSavepointPath")
		}
		return true, err
	})
	if err != nil || path == "" {
		c.t().Fatalf("%s starts from %q, %v", color, path, err)
	}
	return path
}

// settle waits until what exists is as wanted.
func (c colored) settle(wanted func(images string) bool) {
	c.t().Helper()
	err := wait.PollUntilContextTimeout(c.t().Context(), 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) { return wanted(c.images()), nil })
	if err != nil {
		c.t().Fatalf("there is %s, %v", c.images(), err)
	}
}

// expectIngress checks where the deployment's one ingress leads.
func (c colored) expectIngress(color string) {
	c.t().Helper()
	ingresses := schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}
	ingress, err := c.cluster.Client.Resource(ingresses).Namespace(c.namespace).Get(c.t().Context(), "orders", metav1.GetOptions{})
	if err != nil {
		c.t().Fatal(err)
	}
	backend := map[string]string{"provider": "orders-active", "operator": "orders-" + color + "-rest"}[c.engine.name]
	rules, _, _ := unstructured.NestedSlice(ingress.Object, "spec", "rules")
	text := fmt.Sprint(rules)
	if len(rules) != 1 || !strings.Contains(text, "host:flink.example.com") || !strings.Contains(text, "path:/"+c.namespace+"/orders") || !strings.Contains(text, "name:"+backend) {
		c.t().Errorf("the ingress has the rules %v", rules)
	}
}

// TestAccBlueGreen does with each engine what every engine has to do alike, and
// destroys the deployment in the end.
func TestAccBlueGreen(t *testing.T) {
	for _, engine := range engines {
		for _, scenario := range blueGreenScenarios {
			t.Run(engine.name+" on "+engine.operator+"/"+scenario.name, func(t *testing.T) {
				t.Parallel()
				c := colored{newFixture(t, engine.operator), newCLI(t), engine}
				c.set(nil)
				c.apply()
				c.expect("orders-blue 1.4.0 RUNNING", "blue")
				scenario.run(c)
				if t.Failed() {
					return
				}
				output := c.cli.run("destroy", "-auto-approve", "-input=false")
				text := strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
				if !regexp.MustCompile(`The state of "orders" is kept in ` + savepoints).MatchString(text) {
					t.Errorf("the destroy told of no savepoint:\n%s", output)
				}
				if got := c.images() + c.leadsTo(); got != "" {
					t.Errorf("left %s", got)
				}
			})
		}
	}
}

// TestAccBlueGreenEngine has the other engine exchange the colors of a
// deployment, and back.
func TestAccBlueGreenEngine(t *testing.T) {
	t.Parallel()
	provider, native := engine{"provider", "1.15"}, engine{"operator", "1.15"}
	c := colored{newFixture(t, provider.operator), newCLI(t), provider}
	c.set(nil)
	c.apply()
	for _, to := range []engine{native, provider} {
		from := c.engine
		c.engine = to
		c.set(nil)
		want := fmt.Sprintf("upgrade.blue_green[\"engine\"] %s -> %s; the job stops with a savepoint, its deployment is deleted and created again from it", from.name, to.name)
		expectText(t, c.planned("recreate", "kept"), want)
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		if got := c.restored("blue"); !strings.HasPrefix(got, savepoints) {
			t.Errorf("blue was restored from %q", got)
		}
		c.set(attributes{"image": newImage})
		c.planned("blue_green", "kept")
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
		c.set(nil)
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
	}
}
