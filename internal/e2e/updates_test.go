//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// counter is the attribute job with more fields.
func counter(more ...string) string {
	return `{ jar_uri = "local:///opt/flink/usrlib/counter.jar", entry_class = "CounterJob", ` +
		strings.Join(append(more, "parallelism = 1"), ", ") + ` }`
}

// plans is a check that a plan has an action and keeps the state.
func plans(action string) resource.ConfigPlanChecks {
	rollout := tfjsonpath.New("rollout")
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectKnownValue(address, rollout.AtMapKey("action"), knownvalue.StringExact(action)),
		plancheck.ExpectKnownValue(address, rollout.AtMapKey("state"), knownvalue.StringExact("kept")),
	}}
}

// restored is a check that the job runs, restored from a path that begins with
// prefix and from no earlier one.
func (j *jobManager) restored(prefix string) resource.TestCheckFunc {
	last := ""
	return func(*terraform.State) error {
		now := j.job()
		if now.State != "RUNNING" || !strings.HasPrefix(now.RestoredFrom, prefix) || now.RestoredFrom == last {
			return fmt.Errorf("the JobManager has %+v, want a job restored from %s…, not from %q", now, prefix, last)
		}
		last = now.RestoredFrom
		return nil
	}
}

const (
	fromSavepoint  = "file:/opt/state/savepoints/savepoint-"
	fromCheckpoint = "file:/opt/state/checkpoints/"
)

// TestUpdatesKeepState takes one job through every update that stops it, and
// asks its JobManager each time what it was restored from.
func TestUpdatesKeepState(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	with := func(job, more string) string {
		return strings.Replace(configuration(namespace, job), "\n  name        = \"counter\"\n", "\n  name        = \"counter\"\n"+more+"\n", 1)
	}
	savepoint := manager.restored(fromSavepoint)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: with(counter(), "")},
			{Config: with(counter(`args = ["--delay-ms", "10"]`), ""), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(counter(`args = ["--delay-ms", "10"]`), `restart_triggers = { config = "1" }`), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(counter(`state = "suspended"`), `restart_triggers = { config = "1" }`), ConfigPlanChecks: plans("suspend")},
			{Config: with(counter(), `restart_triggers = { config = "1" }`), ConfigPlanChecks: plans("resume"), Check: savepoint},
			{Config: with(counter(), `upgrade = { mode = "last_state" }`), ConfigPlanChecks: plans("config_only")},
			{
				Config:           with(counter(`args = ["--delay-ms", "15"]`), `upgrade = { mode = "last_state" }`),
				ConfigPlanChecks: plans("last_state_upgrade"), Check: manager.restored(fromCheckpoint),
			},
		},
	})
}

// TestFailedUpdatesRollBack gives a running job a version whose image is
// missing and one that throws in main: each time the apply fails with the
// cause, the old version runs again with its state, and the change stays in the
// plan. The corrected change is then applied.
func TestFailedUpdatesRollBack(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	savepoint := manager.restored(fromSavepoint)
	missingImage := strings.Replace(configuration(namespace, counter()), strconv.Quote(flink.image), `"flink:nope"`, 1)
	throws := configuration(namespace, counter(`args = ["--fail-start"]`))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: configuration(namespace, counter())},
			{
				Config:      missingImage,
				ExpectError: regexp.MustCompile(`(?s)does not start: image "flink:nope".*cannot.*be.*pulled.*Rolled\s+back`),
			},
			{Config: configuration(namespace, counter()), Check: savepoint},
			{
				Config:           throws,
				ConfigPlanChecks: plans("savepoint_upgrade"),
				ExpectError:      regexp.MustCompile(`(?s)The new version of "counter".*asked to\s+fail\s+at\s+start.*Rolled\s+back`),
			},
			{Config: throws, PlanOnly: true, ExpectNonEmptyPlan: true},
			{Config: configuration(namespace, counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
		},
	})
}
