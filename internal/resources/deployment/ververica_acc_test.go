package deployment_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// planned are the checks of a plan that updates the deployment.
func planned(action string, because ...string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, action, because...)}}
}

func unchangedPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

// status checks an attribute of the status.
func status(name, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey(name), knownvalue.StringExact(want))
}

// TestAccVervericaLife is the life of a deployment, with what others do to it.
func TestAccVervericaLife(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	scaled := attributes{"job": `{ jar_uri = "s3://artifacts/orders.jar", parallelism = 4 }`}
	f.run(
		resource.TestStep{
			Config: f.config(nil),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(f.id())),
				status("job_state", "RUNNING"), status("lifecycle_state", "RUNNING"), status("state_location", "platform"),
			},
		},
		resource.TestStep{
			// Others change the defaults, and what nobody has said of the deployment.
			PreConfig: func() {
				f.call(http.MethodPatch, "deployment-defaults", `{"kind":"DeploymentDefaults","apiVersion":"v1","spec":{"template":{"spec":{"flinkConfiguration":{"of.others":"1"}}}}}`)
				f.patch(`{"metadata":{"labels":{"of":"others"}},"spec":{"maxJobCreationAttempts":7}}`)
				f.await("orders", "RUNNING")
			},
			Config: f.config(nil), ConfigPlanChecks: unchangedPlan(),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.id(), ImportStateVerify: true,
			// The server has sizes in MiB, and what is as its defaults are goes without saying.
			ImportStateVerifyIgnore: []string{"rollout", "timeouts", "status.%", "status.proof", "savepoint_on_destroy", "upgrade", "ververica", "labels", "effective_spec", "job_manager.resource", "task_manager.resource"},
		},
		resource.TestStep{
			// Somebody changes the job; the apply puts it back, with the state.
			PreConfig: func() {
				f.patch(`{"spec":{"template":{"spec":{"flinkConfiguration":{"state.checkpoints.dir":"s3://theirs"}}}}}`)
				f.await("orders", "RUNNING")
			},
			Config: f.config(nil), ConfigPlanChecks: planned("savepoint_upgrade", `flink_configuration["state.checkpoints.dir"]`),
		},
		resource.TestStep{
			Config: f.config(scaled), ConfigPlanChecks: planned("savepoint_upgrade", "job.parallelism"),
			Check: func(*terraform.State) error {
				live := f.live("orders")
				if from := f.restored("orders"); !strings.HasPrefix(from, "s3://flink/savepoints") || in(live, "spec", "maxJobCreationAttempts") != 7.0 || in(live, "metadata", "labels", "of") != "others" {
					return fmt.Errorf("the job has started from %q, and the deployment is %v", from, live)
				}
				return nil
			},
			ConfigStateChecks: []statecheck.StateCheck{status("job_state", "RUNNING")},
		},
		resource.TestStep{
			Config: f.config(scaled) + fmt.Sprintf("data \"flink_deployment\" \"seen\" {\n  environment = { platform = \"ververica\", name = %q }\n  name = \"orders\"\n}\n", f.namespace), ConfigPlanChecks: unchangedPlan(),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.flink_deployment.seen", tfjsonpath.New("checkpoints").AtMapKey("restored_path"), knownvalue.StringRegexp(regexp.MustCompile("^s3://flink/savepoints")))},
		},
		resource.TestStep{
			// Nothing restarts for what is not in the template.
			Config:           f.config(attributes{"job": scaled["job"], "ververica": `{ max_job_creation_attempts = 2 }`, "labels": `{ team = "shop" }`}),
			ConfigPlanChecks: planned("config_only", "ververica.max_job_creation_attempts"),
			Check: func(*terraform.State) error {
				if n := f.jobs("orders"); n != 4 {
					return fmt.Errorf("%d jobs were started", n)
				}
				return nil
			},
		},
	)
}

// TestAccVervericaStates suspends, resumes and cancels a job, and changes it without state.
func TestAccVervericaStates(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.14.0")
	job := func(state string) string {
		return fmt.Sprintf(`{ jar_uri = "s3://artifacts/orders.jar", parallelism = 2, state = %q }`, state)
	}
	loss := `{ prove_for = "1s", allow_state_loss = true }`
	f.run(
		resource.TestStep{Config: f.config(attributes{"job": job("suspended")}), ConfigStateChecks: []statecheck.StateCheck{status("lifecycle_state", "CANCELLED")}},
		resource.TestStep{Config: f.config(attributes{"job": job("suspended")}), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{Config: f.config(attributes{"job": job("running")}), ConfigPlanChecks: planned("resume", "job.state"), ConfigStateChecks: []statecheck.StateCheck{status("job_state", "RUNNING")}},
		resource.TestStep{
			Config: f.config(attributes{"job": job("suspended")}), ConfigPlanChecks: planned("suspend", "job.state"),
			ConfigStateChecks: []statecheck.StateCheck{status("lifecycle_state", "SUSPENDED"), status("state_location", "savepoint_path")},
		},
		resource.TestStep{Config: f.config(attributes{"job": job("suspended"), "image": `"registry.example.com/orders:2"`}), ConfigPlanChecks: planned("deferred", "image")},
		resource.TestStep{
			Config: f.config(attributes{"job": job("running"), "image": `"registry.example.com/orders:2"`}), ConfigPlanChecks: planned("resume", "job.state"),
			Check: func(*terraform.State) error {
				if from := f.restored("orders"); !strings.HasPrefix(from, "s3://flink/savepoints") {
					return fmt.Errorf("the job has started from %q", from)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: f.config(attributes{"job": job("cancelled"), "image": `"registry.example.com/orders:2"`}), ExpectError: regexp.MustCompile(`(?s)drops\s+the\s+state.*job\.state\s+=\s+"suspended"`),
		},
		resource.TestStep{
			Config: f.config(attributes{"job": job("cancelled"), "image": `"registry.example.com/orders:2"`, "upgrade": loss}), ConfigPlanChecks: planned("suspend", "job.state"),
			ConfigStateChecks: []statecheck.StateCheck{status("lifecycle_state", "CANCELLED")},
		},
		resource.TestStep{Config: f.config(attributes{"job": job("running"), "upgrade": loss, "image": `"registry.example.com/orders:2"`}), ConfigPlanChecks: planned("resume", "job.state")},
		resource.TestStep{
			Config:           f.config(attributes{"upgrade": `{ prove_for = "1s", mode = "stateless", allow_state_loss = true }`, "image": `"registry.example.com/orders:3"`}),
			ConfigPlanChecks: planned("stateless_restart", "image", "upgrade.mode"),
			Check: func(*terraform.State) error {
				if from := f.restored("orders"); from != "" {
					return fmt.Errorf("the job has started from %q", from)
				}
				return nil
			},
		},
		resource.TestStep{Config: f.config(attributes{"upgrade": `{ prove_for = "1s", mode = "stateless", allow_state_loss = true }`, "image": `"registry.example.com/orders:3"`}), ConfigPlanChecks: unchangedPlan()},
	)
}

// TestAccVervericaFails has versions that do not come up, or do not work: the previous one runs
// again, from the savepoint of the very upgrade, and the error has the cause.
func TestAccVervericaFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ annotation, value, says string }{
		"it is not created":    {"fails", "no such image", `does\s+not\s+start:\s+.*no\s+such\s+image`},
		"it restarts for ever": {"crashes", "java.lang.IllegalStateException: bad record", `does\s+not\s+work.*bad\s+record`},
		"it ends":              {"ends", "java.lang.IllegalStateException: no more", `no\s+more`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newVVPFixture(t, "2.15.1")
			f.run(
				resource.TestStep{Config: f.config(nil)},
				resource.TestStep{
					Config:      f.config(attributes{"image": `"registry.example.com/orders:2"`, "annotations": fmt.Sprintf(`{ "standin.flink/%s" = %q }`, test.annotation, test.value), "ververica": `{ max_job_creation_attempts = 1 }`}),
					ExpectError: regexp.MustCompile(`(?s)` + test.says + `.*Rolled\s+back`),
				},
				resource.TestStep{
					PreConfig: func() {
						live := f.live("orders")
						if in(live, "status", "state") != "RUNNING" || in(live, "spec", "template", "spec", "artifact", "flinkImageTag") != "1.4.0" || !strings.HasPrefix(f.restored("orders"), "s3://flink/savepoints") {
							t.Errorf("it is %v, from %q", in(live, "status"), f.restored("orders"))
						}
					},
					Config: f.config(nil), ConfigPlanChecks: unchangedPlan(),
				},
			)
		})
	}
}

// TestAccVervericaCreateFails has the cause of a job that never came up, and keeps it in the
// state.
func TestAccVervericaCreateFails(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.15.1")
	f.run(
		resource.TestStep{
			Config:      f.config(attributes{"annotations": `{ "standin.flink/fails" = "no such image" }`, "ververica": `{ max_job_creation_attempts = 1 }`}),
			ExpectError: regexp.MustCompile(`(?s)does\s+not\s+start:\s+.*no\s+such\s+image.*tainted`),
		},
		resource.TestStep{
			Config: f.config(nil), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)}},
			ConfigStateChecks: []statecheck.StateCheck{status("job_state", "RUNNING")},
		},
	)
}

// TestAccVervericaPaths starts a job from a savepoint of somebody else, and then from another
// one.
func TestAccVervericaPaths(t *testing.T) {
	t.Parallel()
	f := newVVPFixture(t, "2.13.0")
	job := func(path string) string {
		return fmt.Sprintf(`{ jar_uri = "s3://artifacts/orders.jar", parallelism = 2, initial_savepoint_path = %q }`, path)
	}
	from := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := f.restored("orders"); got != want {
				return fmt.Errorf("the job has started from %q, want %q", got, want)
			}
			return nil
		}
	}
	f.run(
		resource.TestStep{Config: f.config(attributes{"job": job("s3://theirs/1")}), Check: from("s3://theirs/1")},
		resource.TestStep{Config: f.config(attributes{"job": job("s3://theirs/1")}), ConfigPlanChecks: unchangedPlan()},
		resource.TestStep{
			Config:           f.config(attributes{"job": job("s3://theirs/2"), "upgrade": `{ prove_for = "1s", allow_state_loss = true }`}),
			ConfigPlanChecks: planned("redeploy_from_savepoint", "job.initial_savepoint_path"), Check: from("s3://theirs/2"),
		},
		resource.TestStep{Config: f.config(attributes{"job": job("s3://theirs/2"), "upgrade": `{ prove_for = "1s", allow_state_loss = true }`}), ConfigPlanChecks: unchangedPlan()},
	)
}

// TestAccVervericaDestroy destroys a deployment from each state that it can be in.
func TestAccVervericaDestroy(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, before := range map[string]func(f *vvpFixture){
		"running":   func(*vvpFixture) {},
		"suspended": func(f *vvpFixture) { f.patch(`{"spec":{"state":"SUSPENDED"}}`); f.await("orders", "SUSPENDED") },
		"cancelled": func(f *vvpFixture) { f.patch(`{"spec":{"state":"CANCELLED"}}`); f.await("orders", "CANCELLED") },
		"transitioning": func(f *vvpFixture) {
			f.patch(`{"metadata":{"annotations":{"standin.flink/slow":"2s"}},"spec":{"template":{"spec":{"parallelism":3}}}}`)
		},
		"failed": func(f *vvpFixture) {
			f.patch(`{"metadata":{"annotations":{"standin.flink/fails":"broken"}},"spec":{"maxJobCreationAttempts":1,"template":{"spec":{"parallelism":3}}}}`)
			f.await("orders", "FAILED")
		},
		"finished": func(f *vvpFixture) {
			f.patch(`{"metadata":{"annotations":{"standin.flink/finishes":"true"}},"spec":{"template":{"spec":{"parallelism":3}}}}`)
			f.await("orders", "FINISHED")
		},
		"gone": func(f *vvpFixture) {
			f.patch(`{"spec":{"state":"CANCELLED"}}`)
			f.await("orders", "CANCELLED")
			f.call(http.MethodDelete, "deployments/orders", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, c := newVVPFixture(t, "2.15.1"), newCLI(t)
			c.write(f.config(nil))
			c.apply()
			before(f)
			output := c.run("destroy", "-auto-approve", "-input=false")
			if code, text := f.server.Call(t, http.MethodGet, "api/v1/namespaces/"+f.namespace+"/deployments/orders", ""); code != http.StatusNotFound {
				t.Errorf("it is still there: %s", text)
			}
			if name == "running" || name == "suspended" || name == "transitioning" {
				expectText(t, output, "is kept in s3://flink/savepoints")
			}
		})
	}
}
