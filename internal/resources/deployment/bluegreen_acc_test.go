package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const (
	newImage  = `"registry.example.com/orders:1.5.0"`
	nextImage = `"registry.example.com/orders:1.6.0"`
)

// blueGreenScenarios are what every engine has to do alike.
var blueGreenScenarios = []struct {
	name string
	run  func(c colored)
	// cluster tells that it is about what only a Kubernetes cluster has, an ingress.
	cluster bool
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
	}, false},
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
	}, false},
	{"a version that crashes", func(c colored) {
		before := c.jobOf("blue")
		grace := "40s"
		if c.engine.name == "operator" {
			grace = c.engine.grace()
		}
		c.set(attributes{"image": crashing, "upgrade": fmt.Sprintf(`{ strategy = "blue_green", blue_green = { engine = %q, abort_grace_period = %q } }`, c.engine.name, grace)})
		code, output := c.cli.start("apply", "-auto-approve", "-input=false").wait(c.t())
		if code == 0 {
			c.t().Fatalf("the apply did not fail:\n%s", output)
		}
		if got := firstError(c.t(), output); !strings.HasPrefix(got, `The new version of "orders" does not `) || !strings.HasSuffix(got, `: IllegalStateException: asked to crash`) {
			c.t().Errorf("the error is %q", got)
		}
		expectText(c.t(), output, "blue) was never stopped and runs on")
		if got := c.images(); !strings.HasPrefix(got, "orders-blue 1.4.0 RUNNING") || strings.Contains(got, "crash") || c.jobOf("blue") != before {
			c.t().Errorf("there is %s", got)
		}
		c.set(attributes{"image": newImage})
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
		if got := c.proof(); got != "first checkpoint completed" {
			c.t().Errorf("the switch was proved by %v", got)
		}
	}, false},
	{"a job that failed is restarted where it is", func(c colored) {
		c.edit("blue", `{"spec":{"job":{"args":["--fail-start"]}}}`)
		c.settle(func(images string) bool { return images == "orders-blue 1.4.0 FAILED" })
		c.set(attributes{"image": newImage, "job": job(`args = ["--topic", "orders"]`)})
		expectText(c.t(), c.planned("savepoint_upgrade", "kept"), "the job is FAILED, it restarts from")
		c.apply()
		if got := c.images(); !regexp.MustCompile(`^orders-(blue|green) 1.5.0 RUNNING$`).MatchString(got) {
			c.t().Errorf("there is %s", got)
		}
		c.expectNothingLeft()
	}, false},
	{"the provider is killed in the middle", func(c colored) {
		c.set(attributes{"image": newImage, "service_account": late})
		apply := c.cli.start("apply", "-auto-approve", "-input=false")
		c.startOf("green")
		c.killProvider()
		if code, output := apply.wait(c.t()); code == 0 {
			c.t().Fatalf("the apply did not notice:\n%s", output)
		}
		if c.engine.name == "provider" {
			// The operator goes on by itself, and may have given the switch up.
			c.planned("blue_green", "kept")
		}
		c.letStart()
		c.apply()
		c.expect("orders-green 1.5.0 RUNNING", "green")
	}, false},
	{"somebody deletes the color that runs", func(c colored) {
		c.drop("blue")
		output := c.apply()
		for _, part := range []string{"does not exist any more", "The new job starts empty.", "job.initial_savepoint_path"} {
			expectText(c.t(), output, part)
		}
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
	}, false},
	{"the environment decides", func(c colored) {
		settings := strings.TrimSuffix(c.place(), " }") + fmt.Sprintf(`, settings = jsonencode({ deployment_defaults = { upgrade = { strategy = "blue_green", blueGreen = { engine = %q, abort_grace_period = %q } } } }) }`, c.engine.name, c.engine.grace())
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
	}, false},
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
	}, true},
	{"somebody changes the active color", func(c colored) {
		c.edit("blue", `{"spec":{"image":"registry.example.com/orders:9"}}`)
		// Until the operator takes the change up, the job of the former image runs.
		c.settle(func(images string) bool {
			status := c.statusOf("blue")
			return images == "orders-blue 9 RUNNING" && status.Observed == status.Generation && status.LifecycleState == flink.LifecycleStable
		})
		expectText(c.t(), c.planned("blue_green", "kept"), "image registry.example.com/orders:9 -> registry.example.com/orders:1.4.0")
		c.apply()
		c.expect("orders-green 1.4.0 RUNNING", "green")
		if got := c.restored("green"); got == "" {
			c.t().Error("green started empty")
		}
	}, false},
	{"somebody suspends the active color", func(c colored) {
		c.edit("blue", `{"spec":{"job":{"state":"suspended"}}}`)
		c.settle(func(string) bool { return c.statusOf("blue").LifecycleState == flink.LifecycleSuspended })
		c.set(nil)
		c.planned("resume", "kept")
		c.apply()
		c.expect("orders-blue 1.4.0 RUNNING", "blue")
		if got := c.restored("blue"); !strings.HasPrefix(got, savepoints) {
			c.t().Errorf("blue was restored from %q", got)
		}
	}, false},
	{"another path to start from", func(c colored) {
		const path = "s3://flink/savepoints/other"
		given := attributes{"job": job(fmt.Sprintf("initial_savepoint_path = %q", path))}
		c.set(given)
		expectText(c.t(), c.fails(), "upgrade.allow_state_loss")
		given["upgrade"] = c.turns("allow_state_loss = true")
		c.set(given)
		expectText(c.t(), c.planned("blue_green", "lost"), "green starts from "+path+" beside blue, whose state is dropped; both run for a while (at-least-once)")
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
	}, false},
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
	}, false},
	{"import", func(c colored) {
		c.set(attributes{"image": newImage})
		c.apply()
		c.cli.run("state", "rm", address)
		c.cli.run("import", "-input=false", address, c.id())
		// How the colors take turns is the provider's to know, and in no object.
		// The engine stays the one that is found.
		c.set(attributes{"image": newImage, "upgrade": `{ strategy = "blue_green" }`})
		c.expect("orders-green 1.5.0 RUNNING", "green")
	}, false},
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
	}, false},
}

// TestAccBlueGreen does with each engine what every engine has to do alike, and
// destroys the deployment in the end.
func TestAccBlueGreen(t *testing.T) {
	t.Parallel()
	for _, engine := range engines {
		for i, scenario := range blueGreenScenarios {
			if scenario.cluster && engine.operator == onConfluent {
				continue
			}
			t.Run(engine.name+" on "+engine.operator+"/"+scenario.name, func(t *testing.T) {
				t.Parallel()
				if i > 0 || engine.operator != acctest.Newest() {
					acctest.FirstCLIOnly(t)
				}
				colored{newFixture(t, engine.operator), newCLI(t), engine}.live(scenario.run)
			})
		}
	}
}

// TestAccBlueGreenBefore116 has the operator switch in a release that ends a switch only when the old color has gone, and
// whose next switch begins with the times of one that it has given up. Its scenarios are those in which a switch ends.
func TestAccBlueGreenBefore116(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	native := engine{"operator", "1.15"}
	for _, scenario := range blueGreenScenarios[:3] {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			colored{newFixture(t, native.operator), newCLI(t), native}.live(scenario.run)
		})
	}
}

// live is the life of a blue/green deployment with a scenario in the middle.
func (c colored) live(scenario func(colored)) {
	c.t().Helper()
	c.set(nil)
	c.apply()
	c.expect("orders-blue 1.4.0 RUNNING", "blue")
	scenario(c)
	if c.t().Failed() {
		return
	}
	output := c.cli.run("destroy", "-auto-approve", "-input=false")
	text := strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
	if !regexp.MustCompile(`The state of "orders" is kept in ` + savepoints).MatchString(text) {
		c.t().Errorf("the destroy told of no savepoint:\n%s", output)
	}
	if got := c.images() + c.leadsTo(); got != "" {
		c.t().Errorf("left %s", got)
	}
}

// TestAccBlueGreenEngine has the other engine exchange the colors of a
// deployment, and back.
func TestAccBlueGreenEngine(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	provider, native := engine{"provider", acctest.Newest()}, engine{"operator", acctest.Newest()}
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
