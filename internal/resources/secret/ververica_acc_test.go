package secret_test

import (
	"crypto/rand"
	"encoding/json"
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

// placed is a configuration with a secret in an environment of Ververica Platform.
func placed(environment, name, data, version string) string {
	return fmt.Sprintf(`
resource "flink_secret" "kafka" {
  environment     = { platform = "ververica", name = %q }
  name            = %q
  data_wo         = %s
  data_wo_version = %q
}
`, environment, name, data, version)
}

// onVVP is what the server has of a secret.
type onVVP struct {
	Metadata struct {
		Labels          map[string]string `json:"labels"`
		Annotations     map[string]string `json:"annotations"`
		ResourceVersion int               `json:"resourceVersion"`
	} `json:"metadata"`
}

// lookOn returns what the server has.
func lookOn(t *testing.T, server *acctest.VVPHandle, at string) onVVP {
	t.Helper()
	var found onVVP
	if code, body := server.Call(t, http.MethodGet, at, ""); code != http.StatusOK || json.Unmarshal([]byte(body), &found) != nil {
		t.Errorf("the server answers %d: %s", code, body)
	}
	return found
}

// TestAccVervericaLife is the life of a secret in an environment.
func TestAccVervericaLife(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1")
	environment, provider := server.Namespace(t), server.ProviderConfig()
	const name = "S3_KEY-1"
	at := "api/v1/namespaces/" + environment + "/secret-values/" + name
	labeled := func(config, labels string) string {
		return strings.Replace(config, "data_wo ", "labels = "+labels+"\n  data_wo ", 1)
	}
	first, second := placed(environment, name, `{ value = "a" }`, "1"), placed(environment, name, `{ value = "b" }`, "2")
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	run(t,
		resource.TestStep{Config: provider + placed("no-such-namespace", name, `{ value = "a" }`, "1"), ExpectError: regexp.MustCompile(`(?s)the\s+namespace\s+no-such-namespace\s+does\s+not\s+exist`)},
		resource.TestStep{Config: provider + labeled(first, `{ team = "a" }`), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("ververica/"+environment+"/"+name)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("environments"), knownvalue.ListExact(nil)),
		}},
		// Another value of the same version is not seen, and not written.
		resource.TestStep{Config: provider + labeled(placed(environment, name, `{ value = "b" }`, "1"), `{ team = "a" }`), ConfigPlanChecks: empty},
		resource.TestStep{
			PreConfig: func() {
				if code, body := server.Call(t, http.MethodPatch, at, `{"metadata":{"labels":{"theirs":"x"}}}`); code != http.StatusOK {
					t.Fatal(body)
				}
			},
			Config: provider + labeled(second, `{ squad = "b" }`), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			// Somebody writes another value: the next apply writes that of the configuration again.
			PreConfig: func() {
				if found := lookOn(t, server, at); len(found.Metadata.Labels) != 2 || found.Metadata.Labels["squad"] != "b" || found.Metadata.Labels["theirs"] != "x" || len(found.Metadata.Annotations) != 0 {
					t.Errorf("the server has %+v", found)
				}
				if code, body := server.Call(t, http.MethodPatch, at, `{"spec":{"kind":"PLAIN","value":"theirs"}}`); code != http.StatusOK {
					t.Fatal(body)
				}
			},
			Config: provider + labeled(second, `{ squad = "b" }`), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: provider + labeled(second, `{ squad = "b" }`), ConfigPlanChecks: empty},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "ververica/" + environment + "/" + name, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"data_wo_version", "labels"},
		},
		resource.TestStep{
			Config:      provider + second + strings.Replace(second, `"kafka"`, `"twin"`, 1),
			ExpectError: regexp.MustCompile(`(?s)exists\s+already.*terraform\s+import\s+flink_secret.<name>\s+ververica/` + environment),
		},
		resource.TestStep{
			PreConfig:        func() { server.Call(t, http.MethodDelete, at, "") },
			Config:           provider + second,
			ConfigPlanChecks: action(address, plancheck.ResourceActionCreate),
		},
		resource.TestStep{Config: provider + strings.Replace(second, name, "OTHER", 1), ConfigPlanChecks: action(address, plancheck.ResourceActionReplace)},
	)
}

// TestAccVervericaRefusedAtPlan has configurations that cannot be right.
func TestAccVervericaRefusedAtPlan(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1")
	const one = `{ value = "a" }`
	for name, test := range map[string]struct{ config, want string }{
		"another key":                 {placed("prod", "a", `{ password = "a" }`, "1"), `(?s)one\s+value,\s+by\s+the\s+name\s+value.*data_wo.*"password"`},
		"two values":                  {placed("prod", "a", `{ value = "a", other = "b" }`, "1"), `(?s)one\s+value.*"other"`},
		"a name":                      {placed("prod", "a.b", one, "1"), `This\s+is\s+no\s+name\s+of\s+a\s+secret`},
		"a name without environment":  {secret("S3_KEY", "a", "1"), `(?s)name.*lower\s+case`},
		"an environment of confluent": {strings.Replace(placed("prod", "a", one, "1"), `"ververica"`, `"confluent"`, 1), `(?s)"confluent"\s+is\s+in\s+no\s+environment.*Leave\s+environment\s+out`},
		"an environment of operator":  {strings.Replace(placed("prod", "a", one, "1"), `"ververica"`, `"operator"`, 1), `(?s)"operator"\s+has\s+no\s+secrets.*confluent,\s+ververica`},
		"no platform":                 {strings.Replace(placed("prod", "a", one, "1"), `platform = "ververica", `, "", 1), `(?s)platform\s+of\s+the\s+secret\s+is\s+not\s+given.*platform\s+=\s+"ververica"`},
		"no environment name":         {strings.Replace(placed("prod", "a", one, "1"), `, name = "prod"`, "", 1), `(?s)The\s+environment\s+has\s+no\s+name.*"ververica"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, resource.TestStep{Config: server.ProviderConfig() + test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// TestAccVervericaTrouble creates and changes a secret on a server in trouble.
func TestAccVervericaTrouble(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for label, trouble := range map[string]acctest.Trouble{
		"the answer to a create is lost": {Method: http.MethodPost, Path: "/secret-values", Times: 1, Loses: true},
		"a create never arrives":         {Method: http.MethodPost, Path: "/secret-values", Times: 1, Drops: true},
		"a create fails twice":           {Method: http.MethodPost, Path: "/secret-values", Times: 2, Code: http.StatusInternalServerError},
		"the answer to a change is lost": {Method: http.MethodPatch, Path: "/secret-values", Times: 1, Loses: true},
		"the answer to a delete is lost": {Method: http.MethodDelete, Path: "/secret-values", Times: 1, Loses: true},
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			server := acctest.VVP(t, "2.13.0")
			environment, provider := server.Namespace(t), server.ProviderConfig()
			server.Make(trouble)
			empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
			run(t,
				resource.TestStep{Config: provider + placed(environment, "KEY", `{ value = "a" }`, "1")},
				resource.TestStep{Config: provider + placed(environment, "KEY", `{ value = "a" }`, "1"), ConfigPlanChecks: empty},
				resource.TestStep{Config: provider + placed(environment, "KEY", `{ value = "b" }`, "2"), ConfigPlanChecks: action(address, plancheck.ResourceActionUpdate)},
				resource.TestStep{Config: provider + placed(environment, "KEY", `{ value = "b" }`, "2"), ConfigPlanChecks: empty},
			)
		})
	}
}

// TestAccVervericaLeaks looks for the value of a secret in the output, the state and the
// provider's log, also where the server refuses it.
func TestAccVervericaLeaks(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	server := acctest.VVP(t, "2.15.1")
	environment := server.Namespace(t)
	cli := acctest.NewCLI(t)
	log := filepath.Join(cli.Dir, "provider.log")
	cli.Env = append(cli.Env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
	for code := range 2 {
		if code > 0 {
			server.Make(acctest.Trouble{Method: http.MethodPatch, Path: "/secret-values", Times: 1, Code: http.StatusBadRequest})
		}
		if err := cli.Write(server.ProviderConfig() + placed(environment, "KEY", fmt.Sprintf("{ value = %q }", planted), rand.Text())); err != nil {
			t.Fatal(err)
		}
		command, err := cli.Start(t.Context(), "apply", "-auto-approve")
		if err != nil {
			t.Fatal(err)
		}
		is, output, err := command.Wait()
		if err != nil || is != code || strings.Contains(output, planted) {
			t.Errorf("the apply ends with %d, %v: %s", is, err, output)
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
}
