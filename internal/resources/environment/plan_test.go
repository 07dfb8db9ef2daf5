package environment_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const address = "flink_environment.prod"

// settings is what the layers of the configuration below look like when they
// travel: keys of Flink's wire form, sorted, and null kept where it removes.
const settings = `{"deployment_defaults":{"annotations":{"team":"payments"},"flinkConfiguration":{"some.key":null,"taskmanager.numberOfTaskSlots":"2"},` +
	`"flinkVersion":"v1_20","labels":{"old":null},"podTemplate":{"spec":{"priorityClassName":"low"}},"taskManager":{"resource":{"cpu":1,"memory":"2g"}},` +
	`"upgrade":{"onFailure":"keep"}},"deployment_overrides":{"flinkConfiguration":{"web.cancel.enable":"false"}},"environment":"prod"}`

func TestPlanNeedsNoCluster(t *testing.T) {
	t.Setenv("KUBECONFIG", "/does/not/exist")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
				resource "flink_environment" "prod" {
					name     = "prod"
					operator = { service_account = "flink" }
					deployment_defaults = {
						flink_version       = "v1_20"
						flink_configuration = { "taskmanager.numberOfTaskSlots" = 2, "some.key" = null }
						task_manager        = { resource = { cpu = 1, memory = "2g" } }
						pod_template        = yamlencode({ spec = { priorityClassName = "low" } })
						labels              = { old = null }
						annotations         = { team = "payments" }
						upgrade             = { on_failure = "keep" }
					}
					deployment_overrides = {
						flink_configuration = { "web.cancel.enable" = "false" }
					}
				}`,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("platform"), knownvalue.StringExact("operator")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("namespace"), knownvalue.StringExact("prod")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("settings"), knownvalue.StringExact(settings)),
			}},
		}},
	})
}

func TestPlanWithUnknownValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config string
		checks []plancheck.PlanCheck
	}{
		"a value of the defaults": {
			`name = "prod"
			 deployment_defaults = { image = terraform_data.later.output }`,
			[]plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("namespace"), knownvalue.StringExact("prod")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod")),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("settings")),
			},
		},
		"an element of a map": {
			`name = "prod"
			 deployment_overrides = { flink_configuration = { "a" = terraform_data.later.output }, log_configuration = { "logback-console.xml" = terraform_data.later.output } }`,
			[]plancheck.PlanCheck{plancheck.ExpectUnknownValue(address, tfjsonpath.New("settings"))},
		},
		"the name": {
			`name = terraform_data.later.output`,
			[]plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("namespace")),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("id")),
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("settings")),
			},
		},
		"the namespace": {
			`name      = "prod"
			 namespace = terraform_data.later.output`,
			[]plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(address, tfjsonpath.New("id")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("settings"), knownvalue.StringExact(`{"environment":"prod"}`)),
			},
		},
		"what only the platform needs": {
			`name     = "prod"
			 operator = { service_account = terraform_data.later.output, labels = { a = terraform_data.later.output } }`,
			[]plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod")),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("settings"), knownvalue.StringExact(`{"environment":"prod"}`)),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: `
						resource "terraform_data" "later" { input = "later" }
						resource "flink_environment" "prod" {
							` + test.config + `
						}`,
					PlanOnly:           true,
					ExpectNonEmptyPlan: true,
					ConfigPlanChecks:   resource.ConfigPlanChecks{PostApplyPreRefresh: test.checks},
				}},
			})
		})
	}
}

func TestPlanWithAnUnknownCluster(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
				resource "terraform_data" "cluster" { input = "https://127.0.0.1:1" }
				provider "flink" { kubernetes = { host = terraform_data.cluster.output } }
				resource "flink_environment" "prod" { name = "prod" }`,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod")),
			}},
		}},
	})
}

func TestWrongConfigurationsAreRefusedAtPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config string
		want   string
	}{
		"name that is no namespace": {`name = "Prod Env"`, `The name cannot be the name of a namespace`},
		"namespace":                 {"name = \"Prod Env\"\n namespace = \"Prod\"", `This is no name of a Kubernetes namespace`},
		"platform":                  {"name = \"prod\"\n platform = \"kinesis\"", `(?s)platform.*"operator"`},
		"pod template":              {`deployment_defaults = { pod_template = "spec:\n  a: [\n" }`, `(?s)The text is no YAML or JSON object.*[Ll]ine \d`},
		"pod template of a manager": {`deployment_overrides = { job_manager = { pod_template = "- 1" } }`, `The text is no YAML or JSON object`},
		"field of a pod template":   {`deployment_overrides = { task_manager = { pod_template = "spec: {tolerations: {key: a}}" } }`, `(?s)deployment_overrides.task_manager.pod_template:\s+spec.tolerations must be a\s+list,\s+not\s+an\s+object`},
		"memory":                    {`deployment_defaults = { task_manager = { resource = { memory = "lots" } } }`, `(?s)memory = "lots".*The memory size cannot be read|(?s)The memory size cannot be read.*lots`},
		"storage":                   {`deployment_defaults = { task_manager = { resource = { ephemeral_storage = "big" } } }`, `The quantity cannot be read`},
		"requests":                  {`deployment_defaults = { task_manager = { resources = { requests = { cpu = "one" } } } }`, `The quantity cannot be read`},
		"both forms of size":        {`deployment_defaults = { task_manager = { resource = { cpu = 1 }, resources = { requests = { cpu = "1" } } } }`, `resources`},
		"replicas":                  {`deployment_defaults = { job_manager = { replicas = 0 } }`, `at least 1`},
		"mode":                      {`deployment_defaults = { mode = "cluster" }`, `"native"`},
		"pull policy":               {`deployment_defaults = { image_pull_policy = "Sometimes" }`, `"IfNotPresent"`},
		"logging file":              {`deployment_defaults = { log_configuration = { "log4j.xml" = "" } }`, `log4j-console.properties`},
		"secret":                    {`deployment_defaults = { flink_configuration = { "s3.secret-key" = "x" } }`, `The secret s3.secret-key cannot be in an environment`},
		"secret in an override":     {`deployment_overrides = { flink_configuration = { "security.ssl.rest.key-password" = "x" } }`, `security.ssl.rest.key-password cannot be in an environment`},
		"Java option with a secret": {`deployment_defaults = { flink_configuration = { "env.java.opts.all" = "-Djavax.net.ssl.keyStorePassword=x" } }`, `env.java.opts.all cannot be in an environment`},
		"secret not known yet":      {`deployment_defaults = { flink_configuration = { "a.token" = terraform_data.later.output } }`, `The secret a.token cannot be in an environment`},
		"on_failure":                {`deployment_overrides = { upgrade = { on_failure = "panic" } }`, `"rollback"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "secret" {
				acctest.FirstCLIOnly(t)
			}
			body := test.config
			if !regexp.MustCompile(`^name`).MatchString(body) {
				body = "name = \"prod\"\n" + body
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config:      "resource \"terraform_data\" \"later\" { input = \"x\" }\nresource \"flink_environment\" \"prod\" {\n" + body + "\n}",
					PlanOnly:    true,
					ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
}

func TestRequiredVariablesAreUnknownWhenValidating(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
				variable "name" { type = string }
				variable "defaults" { type = any }
				resource "flink_environment" "prod" {
					name                = var.name
					deployment_defaults = var.defaults
				}`,
			ConfigVariables: config.Variables{
				"name":     config.StringVariable("prod"),
				"defaults": config.ObjectVariable(map[string]config.Variable{"image": config.StringVariable("flink:1.20")}),
			},
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("settings"),
					knownvalue.StringExact(`{"deployment_defaults":{"image":"flink:1.20"},"environment":"prod"}`)),
			}},
		}},
	})
}
