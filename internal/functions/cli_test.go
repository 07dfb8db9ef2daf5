package functions_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// withCLI runs steps with the CLI under test; functions need no cluster.
func withCLI(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acctest.SkipUnlessAcceptance(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		// OpenTofu, whose versions began later, has had functions since 1.7.
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(version.Must(version.NewVersion("1.7.0")))},
		Steps:                  steps,
	})
}

func outputIs(value knownvalue.Check) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("got", value)}
}

func refused(config, pattern string) resource.TestStep {
	return resource.TestStep{Config: config, ExpectError: regexp.MustCompile(pattern)}
}

func TestAccMemory(t *testing.T) {
	t.Parallel()
	withCLI(t,
		resource.TestStep{
			Config:            `output "got" { value = provider::flink::memory("2048m") }`,
			ConfigStateChecks: outputIs(knownvalue.Int64Exact(2 << 30)),
		},
		refused(`output "got" { value = provider::flink::memory("much") }`, `(?s)Invalid\s+(value\s+for\s+"text"|function\s+argument).*neither\s+a\s+Flink\s+memory\s+size`),
		refused(`output "got" { value = provider::flink::memory(null) }`, `(?s)must\s+not\s+be\s+null`),
		resource.TestStep{
			Config: `
				resource "terraform_data" "size" { input = "2g" }
				output "got" { value = provider::flink::memory(terraform_data.size.output) }`,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("got")}},
			ConfigStateChecks: outputIs(knownvalue.Int64Exact(2 << 30)),
		},
	)
}

func TestAccDuration(t *testing.T) {
	t.Parallel()
	withCLI(t,
		resource.TestStep{
			Config:            `output "got" { value = [provider::flink::duration("10 min"), provider::flink::duration("1 ns") == 0.000001] }`,
			ConfigStateChecks: outputIs(knownvalue.TupleExact([]knownvalue.Check{knownvalue.Int64Exact(600000), knownvalue.Bool(true)})),
		},
		refused(`output "got" { value = provider::flink::duration("soon") }`, `"soon"\s+is\s+not\s+a\s+duration`),
		refused(`output "got" { value = provider::flink::duration(null) }`, `(?s)must\s+not\s+be\s+null`),
		resource.TestStep{
			Config: `
				resource "terraform_data" "time" { input = "5s" }
				output "got" { value = provider::flink::duration(terraform_data.time.output) }`,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("got")}},
			ConfigStateChecks: outputIs(knownvalue.Int64Exact(5000)),
		},
	)
}

func TestAccMerge(t *testing.T) {
	t.Parallel()
	withCLI(t,
		resource.TestStep{
			Config: `output "got" {
				value = provider::flink::merge(
					{ a = 1, gone = true, none = null, l = [{ k = "x", v = 1 }, { k = "y" }] },
					{ gone = null, l = [{ "$patch" = "merge", mergeKey = "k" }, { k = "x", v = 2 }, { k = "z" }] },
				)
			}`,
			ConfigStateChecks: outputIs(knownvalue.ObjectExact(map[string]knownvalue.Check{
				"a": knownvalue.Int64Exact(1), "none": knownvalue.Null(),
				"l": knownvalue.TupleExact([]knownvalue.Check{
					knownvalue.ObjectExact(map[string]knownvalue.Check{"k": knownvalue.StringExact("x"), "v": knownvalue.Int64Exact(2)}),
					knownvalue.ObjectExact(map[string]knownvalue.Check{"k": knownvalue.StringExact("y")}),
					knownvalue.ObjectExact(map[string]knownvalue.Check{"k": knownvalue.StringExact("z")}),
				}),
			})),
		},
		resource.TestStep{
			Config:            `output "got" { value = provider::flink::merge(yamlencode({ a = "yes", b = 1 }), { b = 2, l = [12345678901234567890] }) }`,
			ConfigStateChecks: outputIs(knownvalue.StringExact("a: \"yes\"\nb: 2\nl:\n  - 12345678901234567890\n")),
		},
		refused(`output "got" { value = provider::flink::merge(null, {}) }`, `(?s)must\s+not\s+be\s+null`),
		refused(`output "got" { value = provider::flink::merge({}, "a: [") }`, `(?s)not\s+valid\s+YAML\s+or\s+JSON:\s+line\s+1`),
		resource.TestStep{
			Config: `
				resource "terraform_data" "patch" { input = "a: 2" }
				output "got" { value = provider::flink::merge({ a = 1 }, terraform_data.patch.output) }`,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("got")}},
			ConfigStateChecks: outputIs(knownvalue.ObjectExact(map[string]knownvalue.Check{"a": knownvalue.Int64Exact(2)})),
		},
	)
}

// withDeployment is an environment and a deployment, whole resources.
const withDeployment = `
	resource "flink_environment" "prod" {
		name = "prod"
		deployment_defaults = {
			flink_version       = "v1_20"
			flink_configuration = { "state.checkpoints.dir" = "s3://c", "state.savepoints.dir" = "s3://s", "gone" = "1" }
			task_manager        = { resource = { cpu = 0.5, memory = "2g" } }
			pod_template        = yamlencode({ spec = { tolerations = [{ key = "flink", operator = "Exists" }] } })
		}
		deployment_overrides = { service_account = "flink", labels = { team = "data" } }
	}
	resource "flink_deployment" "orders" {
		environment         = flink_environment.prod
		name                = "orders"
		image               = "registry.example.com/orders:1.4.0"
		flink_configuration = { "taskmanager.numberOfTaskSlots" = 2, "gone" = null }
		job                 = { jar_uri = "local:///orders.jar", parallelism = 2, args = ["--n", 1] }
		job_manager         = { resource = { cpu = 1, memory = "1g" } }
		pod_template        = yamlencode({ spec = { tolerations = [{ "$patch" = "merge", mergeKey = "key" }, { key = "flink", effect = "NoSchedule" }] } })
		restart_triggers    = { a = 1 }
	}
`

func TestAccEffectiveSpec(t *testing.T) {
	t.Parallel()
	withCLI(t,
		resource.TestStep{
			Config: `output "got" {
				value = jsondecode(provider::flink::effective_spec(
					{ deployment_defaults = { task_manager = { resource = { cpu = 1, memory = "2g" } } } },
					{ job = { parallelism = 2 }, task_manager = { resource = { cpu = 3 } } },
				)).taskManager.resource
			}`,
			ConfigStateChecks: outputIs(knownvalue.ObjectExact(map[string]knownvalue.Check{"cpu": knownvalue.Int64Exact(3), "memory": knownvalue.StringExact("2g")})),
		},
		refused(`output "got" { value = provider::flink::effective_spec({ namespace = "flink" }, { jobs = {} }) }`, `(?s)there\s+is\s+no\s+attribute\s+jobs`),
		refused(`output "got" { value = provider::flink::effective_spec(null, { job = {} }) }`, `(?s)must\s+not\s+be\s+null`),
		// Of whole resources, in a plan: what the attribute says, before anything exists.
		resource.TestStep{
			Config: withDeployment + `output "got" {
				value = provider::flink::effective_spec(flink_environment.prod, flink_deployment.orders) == flink_deployment.orders.effective_spec
			}`,
			PlanOnly: true, ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectKnownOutputValue("got", knownvalue.Bool(true))},
			},
		},
	)
}
