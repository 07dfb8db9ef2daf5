package statement_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccImported changes nothing of what is imported as it is.
func TestAccImported(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	const more = `
  properties          = { "sql.current-catalog" = "shop" }
  flink_configuration = { "execution.checkpointing.interval" = "60 s" }
  labels              = { team = "shop" }
`
	step := of.step(resource.TestStep{ConfigPlanChecks: action(plancheck.ResourceActionNoop)}, totals, more)
	step.Config += fmt.Sprintf("import {\n  to = flink_statement.totals\n  id = \"confluent/%s/totals\"\n}\nimport {\n  to = flink_compute_pool.sql\n  id = \"confluent/%s/sql\"\n}\n", of.environment, of.environment)
	run(t,
		of.step(resource.TestStep{}, totals, more),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "confluent/" + of.environment + "/totals", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"rollout", "status.proof"},
		},
		// Terraform forgets it, and imports it again.
		resource.TestStep{
			Config: of.ProviderConfig() + "removed {\n  from = flink_statement.totals\n  lifecycle {\n    destroy = false\n  }\n}\nremoved {\n  from = flink_compute_pool.sql\n  lifecycle {\n    destroy = false\n  }\n}\n",
		},
		step,
		of.step(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), totals, more+"  parallelism = 2\n"),
	)
}

// fails has somebody make the statement fail.
func (of server) fails(t *testing.T) {
	t.Helper()
	of.call(t, http.MethodPut, "/totals", fmt.Sprintf(
		`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals","annotations":{"standin.flink/fails":"out of memory"}},"spec":{"statement":%q,"computePoolName":"sql"}}`, totals))
	for range 3 {
		of.on(t, "totals")
	}
}

// TestAccAfterAFailure replaces a statement that has failed by what is else changed in
// place, as no other way leads on: with what it has left, or without where that is allowed.
func TestAccAfterAFailure(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	of.leavesSavepoint(t)
	from := fmt.Sprintf("initial_savepoint_path = %q\n", of.savepoint(t, "before"))
	failed := func(step resource.TestStep) resource.TestStep {
		step.PreConfig = func() { of.fails(t) }
		return step
	}
	kept := does(plancheck.ResourceActionReplace, "create", "kept")
	kept.PostApplyFunc = func() { of.runs(t, "totals", totals, true) }
	refused := of.step(resource.TestStep{ExpectError: regexp.MustCompile(`(?s)This change drops the state of statement "totals".*initial_savepoint_path`)}, totals, "parallelism = 2")
	run(t,
		of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, ""),
		failed(refused),
		of.step(kept, totals, from),
		failed(of.step(does(plancheck.ResourceActionReplace, "create", "fresh"), totals, "parallelism = 2\n  upgrade = { allow_state_loss = true }")),
	)
}

// leavesSavepoint has another statement of the environment leave a savepoint, and go on
// being stopped.
func (of server) leavesSavepoint(t *testing.T) {
	t.Helper()
	of.Call(t, http.MethodPost, "environments/"+of.environment+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"other"},"spec":{"type":"DEDICATED","clusterSpec":{"flinkConfiguration":{"state.checkpoints.dir":"s3://c","state.savepoints.dir":"s3://flink/savepoints"},"jobManager":{"resource":{"memory":"1g"}}}}}`)
	body := func(stopped bool) string {
		return fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"before"},"spec":{"statement":%q,"computePoolName":"other","stopped":%t}}`, totals, stopped)
	}
	of.call(t, http.MethodPost, "", body(false))
	for range 3 {
		of.on(t, "before")
	}
	of.call(t, http.MethodPut, "/before", body(true))
}

// TestAccStartsLater creates a statement that is stopped, and starts it from a path that it
// has from the beginning, or is given then.
func TestAccStartsLater(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, early := range map[string]bool{"the path is given at once": true, "the path is given late": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			of := newServer(t, "2.3.1")
			of.leavesSavepoint(t)
			from := fmt.Sprintf("initial_savepoint_path = %q\n", of.savepoint(t, "before"))
			first, action := "stopped = true\n", "redeploy_from_savepoint"
			if early {
				first, action = first+from, "resume"
			}
			starts := does(plancheck.ResourceActionUpdate, action, "kept")
			starts.PostApplyFunc = func() { of.runs(t, "totals", totals, true) }
			run(t,
				of.step(does(plancheck.ResourceActionCreate, "create", "none"), totals, first),
				of.step(does(plancheck.ResourceActionUpdate, "deferred", "none"), totals, first+"parallelism = 2\n"),
				of.step(starts, totals, from+"parallelism = 2\n"),
				of.step(does(plancheck.ResourceActionUpdate, "suspend", "kept"), totals, from+"parallelism = 2\nstopped = true"),
				of.step(does(plancheck.ResourceActionUpdate, "resume", "kept"), totals, from+"parallelism = 2\n"),
			)
		})
	}
}

// TestAccComesLate does not have a statement deleted that came to run after its create had
// no more time.
func TestAccComesLate(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		trouble acctest.Trouble
		more    string
	}{
		"the server is slow": {acctest.Trouble{Method: http.MethodGet, Path: "/statements/totals", Slow: 1500 * time.Millisecond, Times: 4}, ""},
		"it has not proved that it works": {
			acctest.Trouble{Path: "flink-web-ui", Code: http.StatusNotFound}, "\n  upgrade = { prove_for = \"1h\" }",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			of := newServer(t, "2.3.1")
			of.Make(test.trouble)
			run(t,
				of.step(resource.TestStep{PostApplyFunc: of.End}, totals, `timeouts = { create = "3s" }`+test.more),
				of.step(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), totals, "parallelism = 2"),
			)
		})
	}
}

// TestAccGoesOnInTrouble goes back from a new statement that has begun to throw after the
// apply that has started it.
func TestAccGoesOnInTrouble(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	const carries = "upgrade = { carry_over = true }\n"
	run(t,
		of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries),
		resource.TestStep{
			PreConfig: func() {
				of.Make(acctest.Trouble{Method: http.MethodDelete, Path: "/statements/totals", Code: http.StatusForbidden})
			},
			Config: of.ProviderConfig() + statement(of.environment, counts, carries), ExpectError: regexp.MustCompile(`could\s+not\s+be\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				of.End()
				body, _ := of.on(t, "totals-next")
				of.call(t, http.MethodPut, "/totals-next", strings.Replace(body, `"annotations":{`, `"annotations":{"standin.flink/throws":"no such column",`, 1))
				// The job has run for longer than clocks are exact.
				time.Sleep(1500 * time.Millisecond)
			},
			Config: of.ProviderConfig() + statement(of.environment, counts, carries), ExpectError: regexp.MustCompile(`(?s)does not\s+work:.*no such column.*totals\s+runs\s+as\s+before`),
		},
		resource.TestStep{
			PreConfig: func() {
				of.runs(t, "totals", totals, false)
				of.hasNot(t, "totals-next")
			},
			Config: of.ProviderConfig() + statement(of.environment, totals, carries), PlanOnly: true,
		},
	)
}

// TestAccDefaults takes a default that has come back for none.
func TestAccDefaults(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	says := func(more string) func() {
		return func() {
			of.call(t, http.MethodPut, "/totals", fmt.Sprintf(
				`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"statement":%q,"computePoolName":"sql"%s}}`, totals, more))
		}
	}
	run(t,
		of.step(resource.TestStep{}, totals, ""),
		resource.TestStep{PreConfig: says(`,"stopped":true,"parallelism":3`), RefreshState: true, ExpectNonEmptyPlan: true},
		resource.TestStep{PreConfig: says(`,"stopped":false,"parallelism":1`), RefreshState: true},
	)
}

// TestAccThrowsAtOnce hears of what a job throws before the answer to its change has come.
func TestAccThrowsAtOnce(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	run(t,
		of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, ""),
		resource.TestStep{
			PreConfig: func() {
				// Longer than clocks are exact.
				of.Make(acctest.Trouble{Method: http.MethodPut, Path: "/statements/totals", Times: 1, Then: func() { time.Sleep(2500 * time.Millisecond) }})
			},
			Config:      of.ProviderConfig() + statement(of.environment, totals, "parallelism = 2\n  annotations = { \"standin.flink/throws\" = \"no such column\" }"),
			ExpectError: regexp.MustCompile(`(?s)does not\s+work:.*no such column`),
		},
	)
}
