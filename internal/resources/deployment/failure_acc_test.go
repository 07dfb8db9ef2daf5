package deployment_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

const nope = `"registry.example.com/orders:nope"`

// firstError returns the summary of the first error of an output, on one line.
func firstError(t *testing.T, output string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)Error: (.*?)\n[│ ]*\n`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("no error in:\n%s", output)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(found[1], "│", " ")), " ")
}

// fails applies what cannot work and returns the output.
func (c *cli) fails() string {
	c.t.Helper()
	code, output := c.start("apply", "-auto-approve", "-input=false").wait(c.t)
	if code == 0 {
		c.t.Fatalf("the apply works:\n%s", output)
	}
	return output
}

// TestAccFailingCreate has the cause in the first line, and keeps what it
// created in the state.
func TestAccFailingCreate(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		name    string
		change  attributes
		summary string
	}{
		{"image", attributes{"image": nope}, `The deployment "orders" does not start within %s: image "registry.example.com/orders:nope" cannot be pulled`},
		{"program", attributes{"job": job(`args = ["--fail-start"]`)}, `The deployment "orders" does not start%s: `},
		{"job", attributes{"annotations": `{ "standin.flink/job-fails" = "at-start:no such topic" }`}, `The deployment "orders" does not start%s: the job fails: `},
	} {
		for _, operator := range platforms() {
			t.Run(row.name+"/"+operator, func(t *testing.T) {
				t.Parallel()
				if i > 0 {
					acctest.FirstCLIOnly(t)
				}
				f, c := newFixture(t, operator), newCLI(t)
				change := attributes{"timeouts": `{ create = "10s" }`}
				maps.Copy(change, row.change)
				c.write(f.config(change))
				got := firstError(t, c.fails())
				want := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(strings.ReplaceAll(row.summary, "%s", "\x00")), "\x00", `( within )?[0-9.ms]*`))
				if !want.MatchString(got) {
					t.Errorf("the error is %q, want %s", got, want)
				}
				if state := c.state(); state == nil || !state.Tainted {
					t.Fatalf("the state has %+v", state)
				}
				uid := f.live().GetUID()
				// The corrected configuration replaces it, without the job's
				// having run.
				c.write(f.config(nil))
				expectActions(t, c.plan(), tfjson.ActionDelete, tfjson.ActionCreate)
				c.apply()
				if f.live().GetUID() == uid {
					t.Error("the failed deployment is still there")
				}
				c.expectNothingLeft()
			})
		}
	}
}

// TestAccRollback updates to what cannot run. The previous version runs again,
// and the change stays in the plan.
func TestAccRollback(t *testing.T) {
	t.Parallel()
	for _, operator := range platforms() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			// A quarter of the time is the rollback's.
			c.write(f.config(attributes{"image": nope, "timeouts": `{ update = "40s" }`}))
			output := c.fails()
			if got := firstError(t, output); !strings.HasPrefix(got, `The new version of "orders" does not start`) || !strings.Contains(got, `image "registry.example.com/orders:nope" cannot be pulled`) {
				t.Errorf("the error is %q", got)
			}
			expectText(t, output, "Rolled back: the previous version (image registry.example.com/orders:1.4.0) runs again, restored from "+savepoints)
			expectText(t, output, "The change stays in the next plan.")
			if got := f.live(); operatorState(got) != flink.StateRunning || f.specValue("image") != "registry.example.com/orders:1.4.0" {
				t.Errorf("the job is %s with the image %s", operatorState(got), f.specValue("image"))
			}
			if got := f.start(); !strings.HasPrefix(got.restoredFrom, savepoints) {
				t.Errorf("restored from %q", got.restoredFrom)
			}
			state := c.state()
			if state == nil || state.Tainted || state.AttributeValues["image"] != "registry.example.com/orders:1.4.0" {
				t.Fatalf("the state has %+v", state)
			}
			change := c.plan()
			expectActions(t, change, tfjson.ActionUpdate)
			if rollout := rolloutOf(t, change.After); rollout["action"] != "savepoint_upgrade" || fmt.Sprint(rollout["because"]) != "[image]" {
				t.Errorf("planned %v", rollout)
			}
			c.write(f.config(attributes{"image": `"registry.example.com/orders:1.4.1"`}))
			c.apply()
			if got := f.start(); !strings.HasPrefix(got.restoredFrom, savepoints) || f.specValue("image") != "registry.example.com/orders:1.4.1" {
				t.Errorf("restored from %q, image %s", got.restoredFrom, f.specValue("image"))
			}
			c.expectNothingLeft()
		})
	}
}

// TestAccOutputOfAFailedUpdate shows what both CLIs do with the outputs of a root
// module: after an update that failed they have what was planned, and the resource
// what runs. A refresh puts them right.
func TestAccOutputOfAFailedUpdate(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	const output = "\noutput \"args\" {\n  value = join(\" \", jsondecode(flink_deployment.test.effective_spec).job.args)\n}\n"
	expect := func(args, when string) {
		t.Helper()
		if got := strings.TrimSpace(c.run("output", "-raw", "args")); got != args {
			t.Errorf("%s the output is %q, want %q", when, got, args)
		}
	}
	c.write(f.config(attributes{"job": job(`args = ["--one"]`)}) + output)
	c.apply()
	expect("--one", "after the create")
	c.write(f.config(attributes{"job": job(`args = ["--fail-start"]`)}) + output)
	expectText(t, c.fails(), "Rolled back: the previous version")
	expect("--fail-start", "after the failed update")
	if state := c.state(); state == nil || !strings.Contains(fmt.Sprint(state.AttributeValues["effective_spec"]), `"--one"`) {
		t.Errorf("the state has %+v", state)
	}
	c.run("apply", "-refresh-only", "-auto-approve", "-input=false")
	expect("--one", "after a refresh")
}

// TestAccOperatorRollsBack leaves the rollback to an operator that makes it
// itself. The object keeps what the operator has left, and the state has what
// runs.
func TestAccOperatorRollsBack(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	// The stand-in takes a second for one of its short steps.
	rolls := configuration(`"kubernetes.operator.deployment.rollback.enabled" = true`, `"kubernetes.operator.deployment.readiness.timeout" = "300 s"`)
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(attributes{"flink_configuration": rolls}))
			c.apply()
			c.write(f.config(attributes{"flink_configuration": rolls, "image": nope}))
			output := c.fails()
			expectSummary(t, output, `The new version of "orders" does not start`, "the operator rolled the change back", "failed to pull")
			expectText(t, output, "The operator's own rollback (kubernetes.operator.deployment.rollback.enabled) has put the last stable version back")
			if strings.Contains(output, "Rolled back: ") {
				t.Errorf("the provider rolled back too:\n%s", output)
			}
			if got := operatorState(f.live()); got != flink.StateRunning {
				t.Errorf("the job is %s", got)
			}
			state := c.state()
			if state == nil || state.Tainted || state.AttributeValues["image"] != "registry.example.com/orders:1.4.0" {
				t.Fatalf("the state has %+v", state)
			}
			change := c.plan()
			expectActions(t, change, tfjson.ActionUpdate)
			if rollout := rolloutOf(t, change.After); rollout["state"] != "kept" || !strings.Contains(fmt.Sprint(rollout["because"]), "image") {
				t.Errorf("planned %v", rollout)
			}
			// The same once more is tried once more, and what runs is nothing to change.
			generation := f.live().GetGeneration()
			expectSummary(t, c.fails(), `The new version of "orders" does not start`, "the operator rolled the change back")
			if f.live().GetGeneration() == generation {
				t.Error("the operator was not asked to try again")
			}
			c.write(f.config(attributes{"flink_configuration": rolls}))
			c.expectNothingLeft()
			c.write(f.config(attributes{"flink_configuration": rolls, "image": `"registry.example.com/orders:1.4.1"`}))
			c.apply()
			if got := f.start(); got.restoredFrom == "" || f.specValue("image") != "registry.example.com/orders:1.4.1" {
				t.Errorf("restored from %q, image %s", got.restoredFrom, f.specValue("image"))
			}
			c.expectNothingLeft()
		})
	}
}

// TestAccKeepAfterFailure leaves the new version where it is.
func TestAccKeepAfterFailure(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	keep := `{ on_failure = "keep" }`
	c.write(f.config(attributes{"upgrade": keep}))
	c.apply()
	c.write(f.config(attributes{"upgrade": keep, "image": nope, "timeouts": `{ update = "10s" }`}))
	output := c.fails()
	if strings.Contains(output, "Rolled back") {
		t.Errorf("the output is\n%s", output)
	}
	if got := f.specValue("image"); got != strings.Trim(nope, `"`) {
		t.Errorf("the image is %s", got)
	}
	if state := c.state(); state == nil || state.Tainted || state.AttributeValues["image"] != strings.Trim(nope, `"`) {
		t.Fatalf("the state has %+v", state)
	}
	c.goesOn("savepoint_upgrade")
	c.write(f.config(attributes{"upgrade": keep}))
	c.apply()
	if got := f.start(); !strings.HasPrefix(got.restoredFrom, savepoints) {
		t.Errorf("restored from %q", got.restoredFrom)
	}
	c.expectNothingLeft()
}

// TestAccJobFailsInUpdate has a program that fails at its start; the previous
// one runs again.
func TestAccJobFailsInUpdate(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, acctest.Newest())
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			Config:      f.config(attributes{"job": job(`args = ["--fail-start"]`)}),
			ExpectError: words("Rolled back: the previous version (image registry.example.com/orders:1.4.0) runs again, restored from " + savepoints),
		},
		resource.TestStep{
			Config:           f.config(nil),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check: check(func() error {
				if got := operatorState(f.live()); got != flink.StateRunning {
					return fmt.Errorf("the job is %s", got)
				}
				return nil
			}),
		},
	)
}
