package deployment_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// newScheduling is a fixture on a server that takes savepoints by itself.
func newScheduling(t *testing.T) *fixture {
	t.Helper()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	f.manager = acctest.CMFOn(t, "2.4.1", f.cluster)
	f.environment = f.manager.EnvironmentIn(t, f.namespace)
	return f
}

// scheduled checks the schedule that the server has of an application, and what state it
// is in; without a want, that there is none.
func (f *fixture) scheduled(want, state string) resource.TestCheckFunc {
	f.t.Helper()
	return check(func() error {
		application := f.fromServer(f.application())
		spec, _ := application["spec"].(map[string]any)
		status, _ := application["status"].(map[string]any)
		told, _ := status["savepointSchedule"].(map[string]any)
		text, err := json.Marshal(spec["savepointSchedule"])
		if err != nil {
			return err
		}
		if string(text) != want || fmt.Sprint(told["state"]) != state {
			return fmt.Errorf("the schedule is %s, %v; want %s, %s", text, told["state"], want, state)
		}
		if got := f.specValue("savepointSchedule"); got != "" {
			return fmt.Errorf("the operator has it: %s", got)
		}
		return nil
	})
}

// TestAccConfluentSchedule is the life of a schedule: no change of it touches the job,
// what others make of it is drift, and an import has it.
func TestAccConfluentSchedule(t *testing.T) {
	t.Parallel()
	f := newScheduling(t)
	config := func(schedule string) string { return f.config(attributes{"savepoint_schedule": schedule}) }
	const (
		nightly = `jsonencode({ cronExpression = "0 0 3 * * *", retention = { keepLast = 7 } })`
		weekly  = `jsonencode({ cronExpression = "0 0 3 * * *", retention = { keepWeekly = 4 }, paused = true })`
		same    = "\"cronExpression: 0 0 3 * * *\\nretention:\\n  keepLast: 7\\n\""

		nightlyText = `{"cronExpression":"0 0 3 * * *","retention":{"keepLast":7}}`
	)
	job := statecheck.CompareValue(compare.ValuesSame())
	untouched := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{job.AddStateValue(address, tfjsonpath.New("status").AtMapKey("job_id"))}
	}
	configOnly := func(because ...string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, "config_only", because...)}}
	}
	f.run(
		resource.TestStep{Config: config(nightly), Check: f.scheduled(nightlyText, "ACTIVE"), ConfigStateChecks: untouched()},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStateVerify: true,
			// The text is YAML then, and means the same.
			ImportStateVerifyIgnore: []string{"rollout", "timeouts", "status.%", "status.proof", "savepoint_on_destroy", "savepoint_schedule"},
		},
		resource.TestStep{Config: config(same), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			Config: config(weekly), ConfigStateChecks: untouched(),
			ConfigPlanChecks: configOnly("savepoint_schedule"),
			Check:            f.scheduled(`{"cronExpression":"0 0 3 * * *","paused":true,"retention":{"keepWeekly":4}}`, "PAUSED"),
		},
		resource.TestStep{
			PreConfig: func() {
				f.edited(func(spec map[string]any) {
					schedule, _ := spec["savepointSchedule"].(map[string]any)
					schedule["paused"] = false
				})
			},
			Config: config(weekly), ConfigStateChecks: untouched(), ConfigPlanChecks: configOnly("savepoint_schedule"),
			Check: f.scheduled(`{"cronExpression":"0 0 3 * * *","paused":true,"retention":{"keepWeekly":4}}`, "PAUSED"),
		},
		resource.TestStep{Config: f.config(nil), ConfigStateChecks: untouched(), ConfigPlanChecks: configOnly("savepoint_schedule"), Check: f.scheduled("null", "<nil>")},
	)
}

// TestAccConfluentScheduleOfEnvironment has an environment enforce a schedule: the plan
// has the specification that the server then runs with.
func TestAccConfluentScheduleOfEnvironment(t *testing.T) {
	t.Parallel()
	f := newScheduling(t)
	name := strings.ToLower(f.environment[:min(len(f.environment), 30)]) + "-own"
	config := f.manager.ProviderConfig() + fmt.Sprintf(`
resource "flink_environment" "own" {
  platform  = "confluent"
  name      = %q
  namespace = %q
  deployment_defaults  = { savepoint_schedule = jsonencode({ cronExpression = "0 0 3 * * *" }) }
  deployment_overrides = { savepoint_schedule = jsonencode({ retention = { keepLast = 7 } }) }
}
`, name, f.namespace) + f.deployment(attributes{"environment": "flink_environment.own", "savepoint_schedule": `jsonencode({ jitterSeconds = 30, retention = { keepDaily = 2 } })`})
	f.run(resource.TestStep{Config: config, Check: check(func() error {
		environment := f.fromServer("environments/" + name)
		defaults, err := json.Marshal(environment["flinkApplicationDefaults"])
		if err != nil {
			return err
		}
		if diff := cmp.Diff(`{"spec":{"savepointSchedule":{"retention":{"keepLast":7}}}}`, string(defaults)); diff != "" {
			return fmt.Errorf("the environment (-want +got):\n%s", diff)
		}
		items, _ := f.fromServer("environments/" + name + "/applications/orders/instances")["items"].([]any)
		instance, _ := items[0].(map[string]any)
		status, _ := instance["status"].(map[string]any)
		spec, _ := status["spec"].(map[string]any)
		got, err := json.Marshal(spec["savepointSchedule"])
		if err != nil {
			return err
		}
		if diff := cmp.Diff(`{"cronExpression":"0 0 3 * * *","jitterSeconds":30,"retention":{"keepLast":7}}`, string(got)); diff != "" {
			return fmt.Errorf("what the server runs with (-want +got):\n%s", diff)
		}
		return nil
	})})
}

// TestAccConfluentScheduleNeeds24 refuses a schedule where the server cannot have one:
// in the plan where that may ask, and else before anything is written.
func TestAccConfluentScheduleNeeds24(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f := newFixture(t, onConfluent)
	const tooOld = `(?s)A\s+schedule\s+of\s+savepoints\s+needs\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+2\.4,\s+and\s+this\s+is\s+2\.3\.1`
	schedule := attributes{"savepoint_schedule": `jsonencode({ retention = { keepLast = 7 } })`}
	offline := func(config string) string {
		return strings.Replace(config, "provider \"flink\" {", "provider \"flink\" {\n  validate_online = \"never\"", 1)
	}
	environment := f.provider() + fmt.Sprintf("resource \"flink_environment\" \"own\" {\n  platform = \"confluent\"\n  name = %q\n  namespace = %q\n  deployment_overrides = { savepoint_schedule = jsonencode({ retention = { keepLast = 7 } }) }\n}\n",
		f.environment[:min(len(f.environment), 30)]+"-own", f.namespace)
	f.run(
		resource.TestStep{Config: f.config(schedule), PlanOnly: true, ExpectError: regexp.MustCompile(tooOld)},
		resource.TestStep{Config: offline(f.config(schedule)), ExpectError: regexp.MustCompile(tooOld)},
		resource.TestStep{
			PreConfig: func() { f.expectAbsent() },
			Config:    environment, ExpectError: regexp.MustCompile(tooOld),
		},
		resource.TestStep{
			Config:   f.config(attributes{"savepoint_schedule": `jsonencode({ retention = { keeplast = 7 } })`}),
			PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)The\s+schedule\s+of\s+savepoints\s+is\s+wrong:\s+retention\s+is\s+wrong:\s+there\s+is\s+no\s+field\s+"keeplast"`),
		},
	)
}
