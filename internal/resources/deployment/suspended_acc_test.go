package deployment_test

import (
	"testing"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccResumeKnowsHowTheJobWasSuspended changes the upgrade mode while the job
// is suspended: whether it has state is decided by then.
func TestAccResumeKnowsHowTheJobWasSuspended(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	const suspended, lastState = `state = "suspended"`, `{ mode = "last_state" }`
	const stateless, allowed = `{ mode = "stateless" }`, `{ mode = "stateless", allow_state_loss = true }`
	for _, operator := range acctest.Operators() {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			f, c := newFixture(t, operator), newCLI(t)
			resumed := func(wanted string) {
				t.Helper()
				if rollout := rolloutOf(t, c.plan().After); rollout["action"] != "resume" || rollout["state"] != wanted {
					t.Errorf("planned %v, want the state %s", rollout, wanted)
				}
				c.apply()
				if got := f.start().restoredFrom; got != "" {
					t.Errorf("the job was restored from %q", got)
				}
			}
			for _, values := range []attributes{
				{"upgrade": lastState},
				{"upgrade": lastState, "job": job(suspended)},
				{"upgrade": stateless, "job": job(suspended)},
			} {
				c.write(f.config(values))
				c.apply()
			}
			c.write(f.config(attributes{"upgrade": stateless}))
			expectText(t, c.fails(), "This change drops the state of job")
			c.write(f.config(attributes{"upgrade": allowed}))
			resumed("lost")

			c.write(f.config(attributes{"upgrade": allowed, "job": job(suspended)}))
			c.apply()
			c.write(f.config(attributes{"job": job(suspended)}))
			c.apply()
			c.write(f.config(nil))
			resumed("fresh")
		})
	}
}
