package sessionjob_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const (
	orders, invoices = "flink_session_job.orders", "flink_session_job.invoices"
	savepoints       = "s3://flink/savepoints/savepoint-"
)

// words is a pattern that the CLI may have wrapped.
func words(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}

// TestAccLife creates a cluster with two jobs, upgrades one with a savepoint
// while the other runs on, then the cluster, and destroys everything at once.
func TestAccLife(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		quiet := f.job("invoices", "parallelism = 1")
		same := statecheck.CompareValue(compare.ValuesSame())
		jobID := tfjsonpath.New("status").AtMapKey("job_id")
		upgraded := f.job("orders", "parallelism = 2")
		f.run(
			resource.TestStep{
				Config: f.sessionCluster() + f.job("orders", "parallelism = 1") + quiet,
				ConfigStateChecks: []statecheck.StateCheck{
					is("flink_session_cluster.shared", "status", "job_manager", "READY"),
					is("flink_session_cluster.shared", "status", "rest_url", "http://shared-rest."+f.namespace+":8081"),
					statecheck.ExpectKnownValue(orders, tfjsonpath.New("id"), knownvalue.StringExact("operator/"+f.namespace+"/orders")),
					is(orders, "status", "job_state", "RUNNING"), is(orders, "rollout", "action", "create"),
					is(invoices, "status", "job_state", "RUNNING"), same.AddStateValue(invoices, jobID),
				},
			},
			resource.TestStep{
				Config: f.sessionCluster() + upgraded + quiet,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("flink_session_cluster.shared", plancheck.ResourceActionNoop),
					plancheck.ExpectResourceAction(invoices, plancheck.ResourceActionNoop),
					plancheck.ExpectKnownValue(orders, tfjsonpath.New("rollout").AtMapKey("summary"),
						knownvalue.StringExact("#2 savepoint upgrade: job.parallelism 1 -> 2; the job stops with a savepoint and restarts from it")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "status", "job_state", "RUNNING"), same.AddStateValue(invoices, jobID)},
				Check: check(func() error {
					if path, starts := f.restoredFrom("orders"); !strings.HasPrefix(path, savepoints) || starts != "2" {
						return fmt.Errorf("orders started %s times, last from %q", starts, path)
					}
					if _, starts := f.restoredFrom("invoices"); starts != "1" {
						return fmt.Errorf("invoices started %s times", starts)
					}
					return nil
				}),
			},
			resource.TestStep{
				Config: f.sessionCluster(`image = "registry.example.com/flink:2"`) + upgraded + quiet,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue("flink_session_cluster.shared", tfjsonpath.New("rollout").AtMapKey("summary"),
						knownvalue.StringExact("#2 last state upgrade: image set to registry.example.com/flink:2; the session cluster restarts and recovers the jobs that run on it")),
					plancheck.ExpectResourceAction(orders, plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(invoices, jobID)},
				Check: check(func() error {
					for _, job := range []string{"orders", "invoices"} {
						if state := text(f.get(sessionJobKind, job), "status.jobStatus.state"); state != "RUNNING" {
							return fmt.Errorf("%s is %s when the cluster is upgraded", job, state)
						}
					}
					return nil
				}),
			},
			resource.TestStep{Config: f.sessionCluster(`image = "registry.example.com/flink:2"`) + upgraded + quiet, PlanOnly: true},
		)
		for _, job := range []string{"orders", "invoices"} {
			if f.get(sessionJobKind, job) != nil {
				t.Errorf("%s is still there", job)
			}
			if f.cluster.Operator != "1.7" && !f.hasSnapshot(job) {
				t.Errorf("%s was destroyed without a savepoint", job)
			}
		}
		if f.get(deploymentKind, "shared") != nil {
			t.Error("the cluster is still there")
		}
	})
}

// TestAccCrashLoop creates a job that throws on its first records: the JobManager
// of the session cluster knows why, while the operator calls it stable.
func TestAccCrashLoop(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		f.run(
			resource.TestStep{Config: f.sessionCluster()},
			resource.TestStep{
				Config:      f.sessionCluster() + f.job("orders", "parallelism = 1", `annotations = { "standin.flink/job-restarts" = "50ms:no such topic" }`),
				ExpectError: regexp.MustCompile(`Error: The session job "orders" does not (stay up|start):[\s│]+IllegalStateException:[\s│]+no[\s│]+such[\s│]+topic`),
			},
			resource.TestStep{
				Config:            f.sessionCluster() + f.job("orders", "parallelism = 1"),
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "status", "proof", "first checkpoint completed")},
			},
		)
	})
}

// TestAccSuspendAndRestore suspends a job, changes it meanwhile, resumes it, and
// then starts it from another savepoint.
func TestAccSuspendAndRestore(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		step := func(action, job string, more ...string) resource.TestStep {
			return resource.TestStep{
				Config:            f.sessionCluster() + f.job("orders", job, more...),
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "rollout", "action", action)},
			}
		}
		resumed := step("resume", "parallelism = 2")
		resumed.Check = check(func() error {
			if path, starts := f.restoredFrom("orders"); !strings.HasPrefix(path, savepoints) || starts != "2" {
				return fmt.Errorf("resumed from %q, start %s", path, starts)
			}
			return nil
		})
		const other = `parallelism = 2, initial_savepoint_path = "s3://flink/savepoints/other"`
		refused := step("", other)
		refused.ConfigStateChecks, refused.ExpectError = nil, words(`This change drops the state of job "orders"`)
		restored := step("redeploy_from_savepoint", other, "upgrade = { allow_state_loss = true }")
		restored.Check = check(func() error {
			if path, _ := f.restoredFrom("orders"); path != "s3://flink/savepoints/other" {
				return fmt.Errorf("restored from %q", path)
			}
			return nil
		})
		f.run(
			step("create", "parallelism = 1"),
			step("suspend", `parallelism = 1, state = "suspended"`),
			step("deferred", `parallelism = 2, state = "suspended"`),
			resumed, refused, restored,
			step("config_only", other, `upgrade = { allow_state_loss = true, mode = "stateless" }`),
		)
	})
}

// TestAccDrift puts back what somebody changed, and leaves alone what the
// operator and its webhook add.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		config := f.sessionCluster() + f.job("orders", "parallelism = 1", `labels = { team = "a" }`)
		f.run(
			resource.TestStep{Config: config},
			resource.TestStep{
				PreConfig: func() {
					f.patch("orders", `{"metadata":{"labels":{"target.session":"shared"}},"spec":{"flinkConfiguration":{},"job":{"args":[]}}}`)
				},
				Config: config, PlanOnly: true,
			},
			resource.TestStep{
				PreConfig: func() { f.patch("orders", `{"spec":{"job":{"parallelism":3}}}`) },
				Config:    strings.Replace(config, `labels = {`, "lifecycle {\n    ignore_changes = [job.parallelism]\n  }\n  labels = {", 1),
				PlanOnly:  true,
			},
			resource.TestStep{
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(orders, tfjsonpath.New("rollout").AtMapKey("because"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("job.parallelism")})),
				}},
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "rollout", "action", "savepoint_upgrade"), is(orders, "status", "job_state", "RUNNING")},
			},
		)
	})
}

// TestAccRollback upgrades to what cannot run: the previous version runs again
// from the savepoint, and the change stays in the plan.
func TestAccRollback(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		good := f.sessionCluster() + f.job("orders", "parallelism = 1")
		bad := f.sessionCluster() + f.job("orders", `parallelism = 1, args = ["--fail-start"]`)
		f.run(
			resource.TestStep{Config: good},
			resource.TestStep{Config: bad, ExpectError: words("Rolled back: the previous version runs again, restored from " + savepoints)},
			resource.TestStep{Config: bad, PlanOnly: true, ExpectNonEmptyPlan: true},
			resource.TestStep{
				Config: good, ConfigStateChecks: []statecheck.StateCheck{is(orders, "status", "job_state", "RUNNING")},
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		)
	})
}

// TestAccGoesOn upgrades a job whose savepoint takes longer than the apply may:
// the next apply goes on with the wait, and restarts nothing.
func TestAccGoesOn(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		slow := func(update string) string {
			config := f.job("orders", "parallelism = 2", `annotations = { "standin.flink/savepoint-slow" = "30s" }`, `upgrade = { on_failure = "keep" }`)
			return f.sessionCluster() + strings.Replace(config, `update = "90s"`, `update = "`+update+`"`, 1)
		}
		f.run(
			resource.TestStep{Config: f.sessionCluster() + f.job("orders", "parallelism = 1", `wait_for = "submitted"`)},
			resource.TestStep{
				PreConfig: func() { f.await("orders", "RUNNING") },
				Config:    slow("4s"), ExpectError: words(`The new version of "orders" does not start within`),
			},
			resource.TestStep{
				Config:            slow("80s"),
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "rollout", "action", "savepoint_upgrade"), is(orders, "status", "job_state", "RUNNING")},
				Check: check(func() error {
					if _, starts := f.restoredFrom("orders"); starts != "2" {
						return fmt.Errorf("orders started %s times", starts)
					}
					return nil
				}),
			},
		)
	})
}

// TestAccImport takes over a cluster and a job with an empty plan.
func TestAccImport(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		config := f.sessionCluster(`labels = { team = "a" }`) + f.job("orders", `parallelism = 1, args = ["--topic", "orders"]`, `annotations = { note = "b" }`, `upgrade = { mode = "stateless" }`)
		verify := func(address, name string) resource.TestStep {
			return resource.TestStep{
				ResourceName: address, ImportState: true, ImportStateId: "operator/" + f.namespace + "/" + name, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"rollout", "status.proof"},
			}
		}
		f.run(
			resource.TestStep{Config: config},
			verify("flink_session_cluster.shared", "shared"), verify(orders, "orders"),
			resource.TestStep{ResourceName: orders, ImportState: true, ImportStateId: "orders", ExpectError: words("The import id is not one of a session job")},
			resource.TestStep{Config: config, PlanOnly: true},
		)
	})
}

// TestAccImportFromOthers takes over a job that kubectl made and the operator's
// webhook has completed: nothing is left to do, and the next change is an
// ordinary one.
func TestAccImportFromOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		imported := fmt.Sprintf("import {\n  to = %s\n  id = \"operator/%s/orders\"\n}\n", orders, f.namespace)
		same := f.job("orders", "parallelism = 1")
		f.run(
			resource.TestStep{Config: f.sessionCluster()},
			resource.TestStep{
				PreConfig: func() { f.createByHand("orders") },
				Config:    f.sessionCluster() + same + imported,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(orders, tfjsonpath.New("rollout").AtMapKey("state"), knownvalue.StringExact("none")),
				}},
				Check: check(func() error {
					if _, starts := f.restoredFrom("orders"); starts != "1" {
						return fmt.Errorf("the import restarted the job: it started %s times", starts)
					}
					return nil
				}),
			},
			resource.TestStep{Config: f.sessionCluster() + same, PlanOnly: true},
			resource.TestStep{
				Config:            f.sessionCluster() + f.job("orders", "parallelism = 2"),
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "rollout", "action", "savepoint_upgrade")},
			},
		)
	})
}

// TestAccRefused shows what the provider says about jobs that cannot run.
func TestAccRefused(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	each(t, func(f *fixture) {
		application := fmt.Sprintf(`
resource "flink_deployment" "own" {
  environment     = { namespace = %q }
  name            = "own"
  flink_version   = flink_session_cluster.shared.flink_version
  service_account = flink_session_cluster.shared.service_account
  job             = { jar_uri = "local:///a.jar", parallelism = 1 }
  job_manager     = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager    = { resource = { cpu = 1, memory = "2g" } }
}
`, f.namespace)
		broken := func(config, message string) resource.TestStep {
			return resource.TestStep{Config: f.sessionCluster() + config, ExpectError: words(message)}
		}
		f.run(
			broken(f.jobOn(`"absent"`, "orders", "parallelism = 1"), `The session job "orders" cannot run: there is no session cluster "absent" in namespace `+f.namespace),
			broken(application+f.jobOn("flink_deployment.own.name", "orders", "parallelism = 1"), `The session job "orders" cannot run: "own" is no session cluster`),
			broken(strings.Replace(f.job("orders", "parallelism = 1"), "orders.jar", "missing.jar", 1), `The session job "orders" does not start`),
			broken(strings.Replace(f.job("orders", "parallelism = 1"), "orders.jar", "missing.jar", 1), `missing.jar (No such file or directory)`),
			broken(f.job("orders", "state = \"running\""), "The job's parallelism is missing"),
			broken(strings.Replace(f.job("orders", "parallelism = 1"), "https://repo.example.com/orders.jar", "orders.jar", 1), `The URI "orders.jar" has no scheme`),
		)
	})
}

// TestAccAnotherCluster moves a job to another session cluster, which replaces
// it and so has to be told where its state is.
func TestAccAnotherCluster(t *testing.T) {
	t.Parallel()
	each(t, func(f *fixture) {
		other := strings.NewReplacer(`"flink_session_cluster" "shared"`, `"flink_session_cluster" "other"`, `name            = "shared"`, `name            = "other"`).Replace(f.sessionCluster())
		other = strings.Replace(other, acctest.ProviderConfig(f.cluster), "", 1)
		const there = "flink_session_cluster.other.name"
		f.run(
			resource.TestStep{Config: f.sessionCluster() + other + f.job("orders", "parallelism = 1")},
			resource.TestStep{Config: f.sessionCluster() + other + f.jobOn(there, "orders", "parallelism = 1"), ExpectError: words(`The state of "orders" would be lost`)},
			resource.TestStep{
				Config: f.sessionCluster() + other + f.jobOn(there, "orders", `parallelism = 1, initial_savepoint_path = "s3://flink/savepoints/mine"`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(orders, plancheck.ResourceActionDestroyBeforeCreate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{is(orders, "rollout", "state", "kept")},
			},
		)
	})
}
