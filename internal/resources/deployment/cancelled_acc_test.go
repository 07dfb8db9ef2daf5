package deployment_test

import (
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// atOnce is how long a cancelled apply may take to return on a busy machine; what it waits for takes minutes.
const atOnce = 15 * time.Second

// TestAccCancelledInCreate presses Ctrl-C during the wait for a new job.
func TestAccCancelledInCreate(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"service_account": late}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(0)
	took, output := apply.interrupt(t)
	if took > atOnce {
		t.Errorf("the apply took %s to return:\n%s", took, output)
	}
	expectText(t, output, `Interrupted while waiting for the deployment "orders"`)
	if got := c.state(); got == nil || got.Tainted {
		t.Fatalf("the state has %+v", got)
	}
	uid := f.live().GetUID()
	c.goesOn("create")
	f.letStart()
	c.apply()
	if got := f.start(); f.live().GetUID() != uid || got.count != "1" {
		t.Errorf("uid %s, want %s; %s starts", f.live().GetUID(), uid, got.count)
	}
	c.expectNothingLeft()
}

// TestAccCancelledInUpdate presses Ctrl-C during an upgrade.
func TestAccCancelledInUpdate(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	generation := f.live().GetGeneration()
	c.write(f.config(attributes{"service_account": late, "image": newer}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(generation)
	took, output := apply.interrupt(t)
	if took > atOnce {
		t.Errorf("the apply took %s to return:\n%s", took, output)
	}
	expectText(t, output, `Interrupted while waiting for the deployment "orders"`)
	c.goesOn("savepoint_upgrade")
	f.letStart()
	c.apply()
	if got := f.start(); got.count != "2" || f.live().GetGeneration() != generation+1 {
		t.Errorf("%s starts, generation %d", got.count, f.live().GetGeneration())
	}
	c.expectNothingLeft()
}

// TestAccCancelledInDelete presses Ctrl-C while the job is stopped.
func TestAccCancelledInDelete(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": "{ " + slowSavepoint + " }"}))
	c.apply()
	destroy := c.start("destroy", "-auto-approve", "-input=false")
	f.await("spec.job.state", "suspended")
	if took, output := destroy.interrupt(t); took > atOnce {
		t.Errorf("the destroy took %s to return:\n%s", took, output)
	}
	if c.state() == nil {
		t.Fatal("the deployment is not in the state any more")
	}
	expectText(t, c.run("destroy", "-auto-approve", "-input=false"), `The state of "orders" is kept in `+savepoints)
	f.expectAbsent()
}

// goesOn checks that the plan goes on with what an apply has begun.
func (c *cli) goesOn(action string) {
	c.t.Helper()
	change := c.plan()
	expectActions(c.t, change, tfjson.ActionUpdate)
	rollout := rolloutOf(c.t, change.After)
	if rollout["action"] != action {
		c.t.Errorf("planned %v", rollout)
	}
	expectText(c.t, rollout["summary"].(string), "goes on with what the last apply began")
}
