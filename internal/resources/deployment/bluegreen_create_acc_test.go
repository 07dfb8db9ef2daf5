package deployment_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// TestAccBlueGreenCreatedSuspended creates a deployment whose job does not run,
// and has it run.
func TestAccBlueGreenCreatedSuspended(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, engine := range []engine{{"provider", acctest.Newest()}, {"operator", acctest.Newest()}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			c := colored{newFixture(t, engine.operator), newCLI(t), engine}
			c.set(attributes{"job": job(`state = "suspended"`), "timeouts": `{ create = "20s" }`})
			c.apply()
			c.expectNothingLeft()
			c.set(attributes{"timeouts": `{ create = "20s" }`})
			expectText(t, c.planned("resume", "fresh"), "the job starts for the first time")
			c.apply()
			c.expect("orders-blue 1.4.0 RUNNING", "blue")
		})
	}
}

// TestAccBlueGreenFirstVersionGivenUp creates a deployment with an image that the
// operator gives up, and creates it again with a good one.
func TestAccBlueGreenFirstVersionGivenUp(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	c := colored{newFixture(t, acctest.Newest()), newCLI(t), engine{"operator", acctest.Newest()}}
	c.set(attributes{"image": nope, "upgrade": `{ strategy = "blue_green", blue_green = { engine = "operator", abort_grace_period = "20s" } }`})
	c.fails()
	c.settle(func(string) bool { return c.statusOf("blue").LifecycleState == flink.LifecycleSuspended })
	if status := c.statusOf("blue"); status.StateLocation != flink.LocationNone {
		t.Errorf("blue is %s, and its state is %q", status, status.StateLocation)
	}
	c.set(attributes{"image": newImage})
	c.apply()
	c.expect("orders-blue 1.5.0 RUNNING", "blue")
}
