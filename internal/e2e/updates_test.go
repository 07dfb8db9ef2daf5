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

// having is a configuration whose deployment has more attributes.
func having(configuration string, attributes ...string) string {
	const name = "  name        = \"counter\"\n"
	return strings.Replace(configuration, name, name+"  "+strings.Join(attributes, "\n  ")+"\n", 1)
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

// untouched is a check that the job runs on as it did at the last call of job.
func (j *jobManager) untouched() resource.TestCheckFunc {
	return func(*terraform.State) error {
		if before, now := j.last, j.job(); now != before || now.State != "RUNNING" {
			return fmt.Errorf("the JobManager has %+v, before the change %+v", now, before)
		}
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
	with := func(job string, more ...string) string { return having(configuration(namespace, job), more...) }
	savepoint := manager.restored(fromSavepoint)
	const (
		trigger   = `restart_triggers = { config = "1" }`
		lastState = `upgrade = { mode = "last_state" }`
		turns     = `upgrade = { mode = "last_state", strategy = "blue_green" }`
	)
	// Another name of the same image.
	image := fmt.Sprintf("image = %q", "docker.io/library/"+flink.image)
	slow, slower := counter(`args = ["--delay-ms", "10"]`), counter(`args = ["--delay-ms", "15"]`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: with(counter())},
			{Config: with(strings.Replace(counter(), "parallelism = 1", "parallelism = 2", 1)), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(counter(), image), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(slow, image), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(slow, image, trigger), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
			{Config: with(counter(`state = "suspended"`), image, trigger), ConfigPlanChecks: plans("suspend")},
			{Config: with(counter(), image, trigger), ConfigPlanChecks: plans("resume"), Check: savepoint},
			{Config: with(counter(), image, lastState), ConfigPlanChecks: plans("config_only"), Check: manager.untouched()},
			{Config: with(slower, image, lastState), ConfigPlanChecks: plans("last_state_upgrade"), Check: manager.restored(fromCheckpoint)},
			{Config: with(slower, image, turns), ConfigPlanChecks: plans("recreate"), Check: newJobManager(t, namespace, "counter-blue").restored(fromSavepoint)},
			{Config: with(slower, image, lastState), ConfigPlanChecks: plans("recreate"), Check: savepoint},
		},
	})
}

// TestFailedUpdatesRollBack gives a running job a version whose image is
// missing, one that throws in main and one that throws later: each time the apply fails with the
// cause, the old version runs again with its state, and the change stays in the
// plan. The corrected change is then applied. The last version throws when it has
// begun to process.
func TestFailedUpdatesRollBack(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	savepoint := manager.restored(fromSavepoint)
	missingImage := strings.Replace(configuration(namespace, counter()), strconv.Quote(flink.image), `"flink:nope"`, 1)
	throws := configuration(namespace, counter(`args = ["--fail-start"]`))
	throwsLater := having(configuration(namespace, counter(`args = ["--fail-after", "1"]`)), `flink_configuration = { "restart-strategy.type" = "none" }`)
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
			{
				Config:           throwsLater,
				ConfigPlanChecks: plans("savepoint_upgrade"),
				ExpectError:      regexp.MustCompile(`(?s)The new version of "counter".*asked to\s+fail\s+after\s+1.*Rolled\s+back`),
			},
			{Config: throwsLater, PlanOnly: true, ExpectNonEmptyPlan: true},
			{Config: configuration(namespace, counter(`args = ["--delay-ms", "15"]`)), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint},
		},
	})
}

// TestOperatorRollsBack leaves a version that does not start to the operator's
// own rollback. What runs then is what the state has, and the corrected change
// starts from it.
func TestOperatorRollsBack(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	const rolls = `flink_configuration = { "kubernetes.operator.deployment.rollback.enabled" = "true", "kubernetes.operator.deployment.readiness.timeout" = "40 s" }`
	with := func(job string, more ...string) string {
		return having(configuration(namespace, job), append(more, rolls)...)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: with(counter())},
			{
				Config:      with(counter(), `image = "flink:nope"`),
				ExpectError: regexp.MustCompile(`(?s)The new version of "counter"\s+does\s+not\s+start:.*the\s+operator\s+rolled\s+the\s+change\s+back.*The\s+change\s+stays\s+in\s+the\s+next\s+plan`),
			},
			{Config: with(counter(), `image = "flink:nope"`), PlanOnly: true, ExpectNonEmptyPlan: true},
			{Config: with(counter()), PlanOnly: true},
			{Config: with(counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("savepoint_upgrade"), Check: manager.restored(fromSavepoint)},
		},
	})
}
