package deployment_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestPlanOffline plans an environment with a deployment on a machine that knows
// no cluster: everything that the provider computes is known.
func TestPlanOffline(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("HOME", t.TempDir())
	const effective = `{"flinkConfiguration":{"state.checkpoints.dir":"s3://flink/checkpoints"},"flinkVersion":"v1_20","image":"flink:1.20",` +
		`"job":{"jarURI":"local:///a.jar","parallelism":2,"state":"running","upgradeMode":"stateless"},` +
		`"jobManager":{"resource":{"cpu":1,"memory":"2g"}},"metadata":{"labels":{"team":"a"}},"serviceAccount":"flink","taskManager":{"resource":{"cpu":1,"memory":"2g"}}}`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
resource "flink_environment" "prod" {
  name = "prod"
  deployment_defaults = {
    flink_version       = "v1_20"
    service_account     = "flink"
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints" }
    job_manager         = { resource = { cpu = 1, memory = "2g" } }
    task_manager        = { resource = { cpu = 1, memory = "2g" } }
  }
}
resource "flink_deployment" "test" {
  environment = flink_environment.prod
  name        = "orders"
  labels      = { team = "a" }
  image       = "flink:1.20"
  job         = { jar_uri = "local:///a.jar", parallelism = 2 }
}`,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod/orders")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("effective_spec"), knownvalue.StringExact(effective)),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"revision": knownvalue.Int64Exact(1),
					"action":   knownvalue.StringExact("create"),
					"because":  knownvalue.ListExact(nil),
					"state":    knownvalue.StringExact("fresh"),
					"downtime": knownvalue.Bool(false),
					"summary":  knownvalue.NotNull(),
				})),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("status")),
			}},
		}},
	})
}

// source is a resource whose output is known only when it is applied.
func source(value string) string {
	return fmt.Sprintf("\nresource \"terraform_data\" \"source\" {\n  input = %q\n}\n", value)
}

// TestAccUnknownValues computes at apply what was unknown in the plan, guards
// included.
func TestAccUnknownValues(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	unknown := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("effective_spec")),
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("rollout")),
	}}
	image := attributes{"image": "terraform_data.source.output"}
	mode := attributes{"upgrade": "{ mode = terraform_data.source.output }", "image": `"registry.example.com/orders:1.4.2"`}
	action := func(want string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact(want))}
	}
	var generation int64
	f.run(
		resource.TestStep{
			Config: f.config(image) + source("registry.example.com/orders:1.4.0"), ConfigPlanChecks: unknown, ConfigStateChecks: action("create"),
		},
		resource.TestStep{
			Config: f.config(image) + source("registry.example.com/orders:1.4.1"), ConfigPlanChecks: unknown, ConfigStateChecks: action("savepoint_upgrade"),
			Check: check(func() error {
				if got := f.specValue("image"); got != "registry.example.com/orders:1.4.1" {
					return fmt.Errorf("the image is %s", got)
				}
				return nil
			}),
		},
		resource.TestStep{
			PreConfig:   func() { generation = f.live().GetGeneration() },
			Config:      f.config(mode) + source("stateless"),
			ExpectError: words(`This change drops the state of job "orders"`),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := f.live().GetGeneration(); got != generation {
					t.Errorf("the refused apply wrote: generation went from %d to %d", generation, got)
				}
			},
			Config: f.config(mode) + source("savepoint"), ConfigStateChecks: action("savepoint_upgrade"),
		},
	)
}
