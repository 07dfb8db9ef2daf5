package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const travel = `
resource "flink_environment" "prod" {
  name      = "prod"
  namespace = "flink-prod"

  deployment_defaults = {
    flink_version       = "v1_20"
    service_account     = "flink"
    flink_configuration = { "taskmanager.numberOfTaskSlots" = 2 }
    job_manager         = { resource = { cpu = 1, memory = "2g" } }
    task_manager        = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_deployment" "direct" {
  environment = flink_environment.prod
  name        = "direct"
  image       = "flink:1.20"
  job         = { jar_uri = "local:///opt/flink/usrlib/a.jar", parallelism = 2 }
}

# A module takes the whole environment, without a word on its type.
module "team" {
  source      = %q
  environment = flink_environment.prod
}
`

// TestEnvironmentTravels assigns a whole environment to deployments, also
// through a module: everything is known at the first plan, without a cluster.
func TestEnvironmentTravels(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	team, err := filepath.Abs(filepath.Join("testdata", "team"))
	if err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(t.TempDir(), "main.tf")
	if err := os.WriteFile(main, fmt.Appendf(nil, travel, team), 0o600); err != nil {
		t.Fatal(err)
	}
	var checks []plancheck.PlanCheck
	for _, address := range []string{"flink_deployment.direct", "module.team.flink_deployment.inside"} {
		environment := tfjsonpath.New("environment")
		checks = append(checks,
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
			plancheck.ExpectKnownValue(address, environment, knownvalue.ObjectExact(map[string]knownvalue.Check{
				"platform":  knownvalue.StringExact("operator"),
				"name":      knownvalue.StringExact("prod"),
				"namespace": knownvalue.StringExact("flink-prod"),
				"settings": knownvalue.StringExact(`{"deployment_defaults":{"flinkConfiguration":{"taskmanager.numberOfTaskSlots":"2"},"flinkVersion":"v1_20",` +
					`"jobManager":{"resource":{"cpu":1,"memory":"2g"}},"serviceAccount":"flink","taskManager":{"resource":{"cpu":1,"memory":"2g"}}},"environment":"prod"}`),
			})),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("effective_spec"), knownvalue.NotNull()),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact("create")),
		)
	}
	resource.UnitTest(t, resource.TestCase{
		Steps: []resource.TestStep{{
			// Modules are installed only for a file, and for providers of the step.
			ProtoV6ProviderFactories: acctest.Providers(),
			ConfigFile:               config.StaticFile(main),
			PlanOnly:                 true,
			ExpectNonEmptyPlan:       true,
			ConfigPlanChecks:         resource.ConfigPlanChecks{PostApplyPreRefresh: checks},
		}},
	})
}
