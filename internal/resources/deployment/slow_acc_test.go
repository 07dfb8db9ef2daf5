package deployment_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccSlowCreate lets a create run out of time whose job comes up later: the
// job is waited for, and not deleted.
func TestAccSlowCreate(t *testing.T) {
	t.Parallel()
	for name, upgrade := range map[string]string{
		"in place": "null", "blue/green": `{ strategy = "blue_green" }`, "by the operator": `{ strategy = "blue_green", blue_green = { engine = "operator", abort_grace_period = "2h" } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "in place" {
				acctest.FirstCLIOnly(t)
			}
			f, c := newFixture(t, acctest.Newest()), newCLI(t)
			slow := attributes{"annotations": `{ "standin.flink/slow-start" = "30s", "standin.flink/blue-slow-start" = "30s" }`, "timeouts": `{ create = "8s" }`, "upgrade": upgrade}
			c.write(f.config(slow))
			output := c.apply()
			// The time that a wait had is what the writes before it have left of the timeout.
			if !regexp.MustCompile(`The deployment "orders" does not start within [1-8]s`).MatchString(output) {
				t.Errorf("the apply does not say that the time was over:\n%s", output)
			}
			expectText(t, output, "Nothing has failed so far, so the deployment is in the state and not tainted.")
			if state := c.state(); state == nil || state.Tainted {
				t.Fatalf("the state has %+v", state)
			}
			uid := c.uid()
			c.goesOn("create")
			c.apply()
			c.expectNothingLeft()
			if got := c.uid(); uid == "" || got != uid {
				t.Errorf("%s has become %s", uid, got)
			}
		})
	}
}

// uid is that of the deployment in the state.
func (c *cli) uid() string {
	c.t.Helper()
	status, _ := c.state().AttributeValues["status"].(map[string]any)
	uid, _ := status["uid"].(string)
	return uid
}

// TestAccTaintedJobGoesOn replaces a job that is tainted and runs: Terraform tells
// no plan of that, and the job keeps its state.
func TestAccTaintedJobGoesOn(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	uid := c.uid()
	c.run("taint", address)
	output := c.apply()
	if c.uid() == uid {
		t.Error("the deployment was not replaced")
	}
	expectText(t, output, `The job of "orders" starts from the state of an earlier deployment of this name`)
	if got := f.start().restoredFrom; !strings.HasPrefix(got, savepoints) {
		t.Errorf("the job was restored from %q", got)
	}
	c.expectNothingLeft()
	// Nothing is left for the one that has the name next.
	c.run("destroy", "-auto-approve", "-input=false")
	c.apply()
	if got := f.start().restoredFrom; got != "" {
		t.Errorf("the next job was restored from %q", got)
	}
}
