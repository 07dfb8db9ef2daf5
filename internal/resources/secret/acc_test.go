package secret_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestMain makes this binary the provider when a CLI starts it as one.
func TestMain(m *testing.M) { acctest.Main(m) }

// address is the secret of every configuration in these tests.
const address = "flink_secret.kafka"

// planted is a value that nobody may see.
const planted = "p1anted-value"

// secret is a configuration with a secret.
func secret(name, value, version string) string {
	return fmt.Sprintf(`
resource "flink_secret" "kafka" {
  name            = %q
  data_wo         = { "sasl.jaas.config" = %q }
  data_wo_version = %q
}
`, name, value, version)
}

// mapped is a mapping of the secret in an environment.
func mapped(environment string) string {
	return fmt.Sprintf(`
resource "flink_secret_mapping" "kafka" {
  environment = { platform = "confluent", name = %q }
  name        = "kafka-id"
  secret_name = flink_secret.kafka.name
}
`, environment)
}

func unique() string { return "secret-" + strings.ToLower(rand.Text()[:8]) }

// run applies the steps with the CLI under test.
func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func action(at string, want plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(at, want)}}
}

func version(want string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("server_version"), knownvalue.StringExact(want))}
}

// TestAccLife is the life of a secret and of a mapping of it.
func TestAccLife(t *testing.T) {
	t.Parallel()
	cmf, name := acctest.CMF(t, "2.3.1"), unique()
	environment := cmf.Environment(t)
	provider := cmf.ProviderConfig()
	mapping := "flink_secret_mapping.kafka"
	run(t,
		resource.TestStep{Config: provider + secret(name, "a", "1"), ConfigStateChecks: version("1")},
		// Another value of the same version is not seen, and not written.
		resource.TestStep{Config: provider + secret(name, "b", "1"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{Config: provider + secret(name, "b", "2"), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate), ConfigStateChecks: version("2")},
		resource.TestStep{
			// Somebody writes other values: the next apply writes those of the
			// configuration again.
			PreConfig: func() {
				if code, body := cmf.Call(t, http.MethodPut, "secrets/"+name, `{"apiVersion":"cmf.confluent.io/v1","kind":"Secret","metadata":{"name":"`+name+`"},"spec":{"data":{"sasl.jaas.config":"theirs"}}}`); code != http.StatusOK {
					t.Fatal(body)
				}
			},
			Config: provider + secret(name, "b", "2") + mapped(environment), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate), ConfigStateChecks: version("4"),
		},
		resource.TestStep{Config: provider + secret(name, "b", "2") + mapped(environment), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "confluent/" + name, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"data_wo_version", "environments"}},
		resource.TestStep{ResourceName: mapping, ImportState: true, ImportStateId: "confluent/" + environment + "/kafka-id", ImportStateVerify: true},
		resource.TestStep{
			// A mapping of somebody else keeps the secret.
			PreConfig: func() {
				cmf.Call(t, http.MethodPost, "environments", `{"name":"`+environment+`-2","kubernetesNamespace":"flink"}`)
				if code, body := cmf.Call(t, http.MethodPost, "environments/"+environment+"-2/secret-mappings", `{"apiVersion":"cmf.confluent.io/v1","kind":"EnvironmentSecretMapping","metadata":{"name":"kafka-id"},"spec":{"secretName":"`+name+`"}}`); code != http.StatusOK {
					t.Fatal(body)
				}
			},
			Config: provider + secret(name, "b", "2") + mapped(environment), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Cannot\s+delete\s+the\s+secret.*the\s+mapping\s+of\s+environment\s+\S+-2.*still\s+mapped`),
		},
		resource.TestStep{
			PreConfig:        func() { cmf.Call(t, http.MethodDelete, "environments/"+environment+"-2", "") },
			Config:           provider + secret(name, "b", "2") + mapped(environment),
			ConfigPlanChecks: action(mapping, plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			Config:      provider + secret(name, "b", "2") + strings.Replace(mapped(environment), "flink_secret.kafka.name", `"other"`, 1),
			ExpectError: regexp.MustCompile(`(?s)Cannot\s+update\s+the\s+secret\s+mapping\s+"kafka-id".*Secret\s+'other'\s+does\s+not\s+exist`),
		},
		resource.TestStep{
			Config:           provider + secret(name, "b", "2") + strings.Replace(mapped(environment), `"kafka-id"`, `"other-id"`, 1),
			ConfigPlanChecks: action(mapping, plancheck.ResourceActionReplace),
		},
	)
}

// TestAccLeaks looks for the value of a secret in the output, the state and the
// provider's log, also where the server refuses it and repeats it.
func TestAccLeaks(t *testing.T) {
	t.Parallel()
	cmf, name := acctest.CMF(t, "2.3.1"), unique()
	cli := acctest.NewCLI(t)
	log := filepath.Join(cli.Dir, "provider.log")
	cli.Env = append(cli.Env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
	for _, step := range []struct {
		value string
		code  int
	}{{planted, 0}, {planted + "\n\n", 1}} {
		if err := cli.Write(cmf.ProviderConfig() + secret(name, step.value, rand.Text())); err != nil {
			t.Fatal(err)
		}
		command, err := cli.Start(t.Context(), "apply", "-auto-approve")
		if err != nil {
			t.Fatal(err)
		}
		code, output, err := command.Wait()
		if err != nil || code != step.code {
			t.Fatalf("the apply ends with %d, %v: %s", code, err, output)
		}
		if strings.Contains(output, planted) || step.code == 1 && !strings.Contains(output, "****") {
			t.Errorf("the output is\n%s", output)
		}
	}
	for _, file := range []string{log, filepath.Join(cli.Dir, "terraform.tfstate")} {
		text, err := os.ReadFile(file)
		if err != nil || len(text) == 0 {
			t.Fatalf("%s: %v", file, err)
		}
		if strings.Contains(string(text), planted) {
			t.Errorf("%s shows the value", filepath.Base(file))
		}
	}
	cmf.Call(t, http.MethodDelete, "secrets/"+name, "")
}
