package deployment_test

import (
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// crashing is an image whose job restarts again and again while the operator
// calls it stable.
const crashing = `"registry.example.com/orders:crash"`

// proof is what the state says has shown that the job works.
func (c *cli) proof() any {
	c.t.Helper()
	status, _ := c.state().AttributeValues["status"].(map[string]any)
	return status["proof"]
}

// TestAccCrashLoop updates to a version that comes to run and throws, again and
// again. The version before runs again from the savepoint of the update, and the
// cause is the first line.
func TestAccCrashLoop(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			if got := c.proof(); got != "first checkpoint completed" {
				t.Errorf("the create was proved by %v", got)
			}
			c.expectNothingLeft()
			c.write(f.config(attributes{"image": crashing}))
			output := c.fails()
			// A busy machine may see the exception before the operator calls it stable.
			if got := firstError(t, output); !strings.HasPrefix(got, `The new version of "orders" does not `) || !strings.HasSuffix(got, `: IllegalStateException: asked to crash`) {
				t.Errorf("the error is %q", got)
			}
			expectText(t, output, "Rolled back: the previous version (image registry.example.com/orders:1.4.0) runs again, restored from "+savepoints)
			if got := f.start(); operatorState(f.live()) != flink.StateRunning || f.specValue("image") != "registry.example.com/orders:1.4.0" || !strings.HasPrefix(got.restoredFrom, savepoints) {
				t.Errorf("the job is %s with the image %s, restored from %q", operatorState(f.live()), f.specValue("image"), got.restoredFrom)
			}
			if got := c.proof(); got != "first checkpoint completed" {
				t.Errorf("the rollback was proved by %v", got)
			}
			expectActions(t, c.plan(), tfjson.ActionUpdate)
			c.write(f.config(attributes{"image": newer}))
			c.apply()
			f.expectUpgraded(newer, savepoints)
			c.expectNothingLeft()
		})
	}
}

// TestAccCrashLoopCreated creates what throws on its first records, and takes it
// all the same when no proof is asked for.
func TestAccCrashLoopCreated(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"image": crashing}))
	if got, want := firstError(t, c.fails()), `The deployment "orders" does not`; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ": IllegalStateException: asked to crash") {
		t.Errorf("the error is %q, want one that begins with %q", got, want)
	}
	c.write(f.config(attributes{"image": crashing, "upgrade": `{ prove_for = "0s" }`}))
	c.apply()
	if got := c.proof(); got != nil {
		t.Errorf("proved by %v", got)
	}
}
