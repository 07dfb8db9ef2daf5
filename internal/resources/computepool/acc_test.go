package computepool_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// address is the pool of every configuration in these tests.
const address = "flink_compute_pool.sql"

// pool is a configuration with a pool of an environment.
func pool(environment, more string) string {
	return fmt.Sprintf(`
resource "flink_compute_pool" "sql" {
  environment = { platform = "confluent", name = %q }
  name        = "sql"
  cluster_spec = {
    image         = "confluentinc/cp-flink-sql:1.19-cp7"
    flink_version = "v1_19"
    flink_configuration = { "taskmanager.numberOfTaskSlots" = "2" }
    job_manager  = { resource = { cpu = 0.5, memory = "1024m" } }
    task_manager = { resource = { cpu = 1, memory = "1g" } }
  }
  %s
}
`, environment, more)
}

const (
	dedicated = `type = "dedicated"`
	shared    = `type = "shared"`
)

// run applies the steps with the CLI under test.
func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func action(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, want)}}
}

func phase(want string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("phase"), knownvalue.StringExact(want))}
}

// server has the pool as a step of a test expects it on the server.
func server(t *testing.T, cmf *acctest.CMFHandle, environment string, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		_, body := cmf.Call(t, http.MethodGet, "environments/"+environment+"/compute-pools/sql", "")
		for _, text := range want {
			if !strings.Contains(body, text) {
				return fmt.Errorf("the server has no %s in %s", text, body)
			}
		}
		return nil
	}
}

// TestAccLife is the life of a pool: create, no change, update in place, drift,
// import, replacement, and its end.
func TestAccLife(t *testing.T) {
	t.Parallel()
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	path := "environments/" + environment + "/compute-pools/sql"
	config := func(more string) string { return cmf.ProviderConfig() + pool(environment, more) }
	puts := 0
	equal := strings.Replace(config(dedicated), `"1024m"`, `"1g"`, 1)
	run(t,
		resource.TestStep{
			Config: config(dedicated),
			ConfigStateChecks: append(phase("DEDICATED"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+environment+"/sql"))),
			Check: server(t, cmf, environment, `"type":"DEDICATED"`, `"taskmanager.numberOfTaskSlots":"2"`),
		},
		resource.TestStep{Config: equal, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			Config:           config(dedicated + "\n labels = { team = \"payments\" }"),
			ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			Check:            server(t, cmf, environment, `"labels":{"team":"payments"}`),
		},
		resource.TestStep{
			Config: config(dedicated + "\n labels = { team = \"payments\" }\n timeouts = { create = \"1m\" }"),
			Check: func(*terraform.State) error {
				for _, request := range cmf.Requests() {
					if strings.HasPrefix(request, "PUT") && strings.Contains(request, "sql") {
						puts++
					}
				}
				if puts != 1 {
					return fmt.Errorf("a change of labels and one of a timeout made %d PUTs", puts)
				}
				return nil
			},
		},
		resource.TestStep{
			// Somebody changes it; the next apply puts it back.
			PreConfig: func() {
				if code, body := cmf.Call(t, http.MethodPut, path, `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},"spec":{"type":"DEDICATED",
					"clusterSpec":{"image":"cp-flink-sql:other","jobManager":{"resource":{"memory":"4g"}}}}}`); code != http.StatusOK {
					t.Fatal(body)
				}
			},
			Config:           config(dedicated),
			ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			Check:            server(t, cmf, environment, `"image":"confluentinc/cp-flink-sql:1.19-cp7"`, `"memory":"1024m"`),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "confluent/" + environment + "/sql", ImportStateVerify: true},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: environment + "/sql",
			ExpectError: regexp.MustCompile(`(?s)does\s+not\s+have\s+the\s+form\s+confluent/<environment>/<name>`),
		},
		resource.TestStep{
			Config:            config(shared),
			ConfigPlanChecks:  action(plancheck.ResourceActionReplace),
			ConfigStateChecks: phase("RUNNING"),
		},
		resource.TestStep{
			Config:            config(shared + "\n state = \"suspended\""),
			ConfigPlanChecks:  action(plancheck.ResourceActionUpdate),
			ConfigStateChecks: phase("SUSPENDED"),
		},
		resource.TestStep{
			// Somebody deletes it.
			PreConfig: func() {
				if code, body := cmf.Call(t, http.MethodDelete, path, ""); code != http.StatusNoContent {
					t.Fatal(body)
				}
			},
			Config:           config(shared),
			ConfigPlanChecks: action(plancheck.ResourceActionCreate),
		},
	)
	if code, body := cmf.Call(t, http.MethodGet, path, ""); code != http.StatusNotFound {
		t.Errorf("the destroyed pool is still there: %s", body)
	}
}

// TestAccInUse changes and deletes a pool that a statement runs on.
func TestAccInUse(t *testing.T) {
	t.Parallel()
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	config := cmf.ProviderConfig() + pool(environment, dedicated)
	statements := "environments/" + environment + "/statements"
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				if code, body := cmf.Call(t, http.MethodPost, statements, `{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"orders-by-hour"},
					"spec":{"statement":"INSERT INTO a SELECT * FROM b","computePoolName":"sql"}}`); code != http.StatusOK {
					t.Fatal(body)
				}
				for range 2 {
					cmf.Call(t, http.MethodGet, statements+"/orders-by-hour", "")
				}
			},
			Config:      cmf.ProviderConfig() + pool(environment, dedicated+"\n labels = { a = \"b\" }"),
			ExpectError: regexp.MustCompile(`(?s)it\s+is\s+still\s+in\s+use.*the\s+statement\s+orders-by-hour`),
		},
		resource.TestStep{
			Config: config, Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Cannot\s+delete\s+the\s+compute\s+pool\s+"sql".*the\s+statement\s+orders-by-hour.*cannot\s+be\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				cmf.Call(t, http.MethodDelete, statements+"/orders-by-hour", "")
				for range 3 {
					cmf.Call(t, http.MethodGet, statements+"/orders-by-hour", "")
				}
			},
			Config: config, Destroy: true,
		},
	)
}

// TestAccTrouble creates, changes and deletes a pool on a server in trouble.
func TestAccTrouble(t *testing.T) {
	t.Parallel()
	acctest.InTrouble(t, map[string]acctest.Trouble{
		"the answer to a create is lost": {Method: http.MethodPost, Path: "compute-pools", Times: 1, Loses: true},
		"a create never arrives":         {Method: http.MethodPost, Path: "compute-pools", Times: 1, Drops: true},
		"a create fails twice":           {Method: http.MethodPost, Path: "compute-pools", Times: 2, Code: http.StatusInternalServerError},
		"the server is away for a while": {Path: "compute-pools", Times: 4, Drops: true},
		"it is busy":                     {Path: "compute-pools", Times: 3, Code: http.StatusTooManyRequests},
		"it is slow":                     {Path: "compute-pools", Slow: 300 * time.Millisecond},
		"the answer to a delete is lost": {Method: http.MethodDelete, Path: "compute-pools", Times: 1, Loses: true},
	}, func(t *testing.T, cmf *acctest.CMFHandle) {
		environment := cmf.Environment(t)
		run(t,
			resource.TestStep{Config: cmf.ProviderConfig() + pool(environment, dedicated), ConfigStateChecks: phase("DEDICATED")},
			resource.TestStep{Config: cmf.ProviderConfig() + pool(environment, dedicated+"\n labels = { a = \"b\" }"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate)},
		)
	})
}

// TestAccRefused are creates that come to nothing, and whose errors say why.
func TestAccRefused(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		version string
		more    string
		before  func(t *testing.T, cmf *acctest.CMFHandle, environment string)
		want    string
	}{
		"it exists": {"2.3.1", dedicated, func(t *testing.T, cmf *acctest.CMFHandle, environment string) {
			cmf.Call(t, http.MethodPost, "environments/"+environment+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql"},
				"spec":{"type":"DEDICATED","clusterSpec":{"jobManager":{"resource":{"memory":"1g"}}}}}`)
		}, `(?s)it\s+exists\s+already.*terraform\s+import\s+flink_compute_pool.<name>\s+confluent/`},
		"no environment": {"2.3.1", dedicated, func(t *testing.T, cmf *acctest.CMFHandle, environment string) {
			cmf.Call(t, http.MethodDelete, "environments/"+environment, "")
		}, `Environment\s+\S+\s+does\s+not\s+exist`},
		"wrong credentials": {"2.3.1", dedicated, func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Code: http.StatusUnauthorized})
		}, `does\s+not\s+accept\s+the\s+credentials`},
		"no role": {"2.3.1", dedicated, func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Code: http.StatusForbidden})
		}, `it\s+is\s+not\s+allowed`},
		"another server": {"2.3.1", dedicated, func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Code: http.StatusNotFound})
		}, `(?s)this\s+is\s+not\s+its\s+API.*/cmf/api/v1`},
		"no server": {"2.3.1", dedicated, func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Drops: true})
		}, `the\s+server\s+cannot\s+be\s+reached`},
		"the server's own rules": {
			"2.3.1", shared + "\n annotations = { \"standin.flink/fails\" = \"no slots are left\" }", nil,
			`(?s)The\s+compute\s+pool\s+"sql"\s+does\s+not\s+run.*no\s+slots\s+are\s+left`,
		},
		"an old server": {"2.1.0", shared, nil, `(?s)the\s+server\s+is\s+too\s+old.*needs\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+2.3,\s+and\s+this\s+is\s+older\s+than\s+2.2`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmf := acctest.CMF(t, test.version)
			environment := cmf.Environment(t)
			if test.before != nil {
				test.before(t, cmf, environment)
			}
			run(t, resource.TestStep{
				Config:      cmf.ProviderConfig() + pool(environment, test.more),
				ExpectError: regexp.MustCompile(test.want),
			})
			cmf.End()
		})
	}
}

// TestAccOldServer does what servers before 2.3 can, and says what they cannot.
func TestAccOldServer(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.2.0")
	environment := cmf.Environment(t)
	run(t,
		resource.TestStep{Config: cmf.ProviderConfig() + pool(environment, dedicated)},
		resource.TestStep{
			Config:      cmf.ProviderConfig() + pool(environment, dedicated+"\n labels = { a = \"b\" }"),
			ExpectError: regexp.MustCompile(`(?s)Changing\s+a\s+compute\s+pool\s+in\s+place\s+needs.*2\.3,\s+and\s+this\s+is\s+2\.2\.0`),
		},
	)
}

// TestAccOffline plans where there is no server, and with a server that another
// resource tells.
func TestAccOffline(t *testing.T) {
	t.Parallel()
	cmf := acctest.CMF(t, "2.4.1")
	environment := cmf.Environment(t)
	run(t,
		resource.TestStep{
			Config: pool(environment, dedicated), PlanOnly: true, ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config:      pool(environment, dedicated),
			ExpectError: regexp.MustCompile(`(?s)The\s+URL\s+of\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+is\s+not\s+configured.*CONFLUENT_CMF_URL`),
		},
		resource.TestStep{
			Config: strings.Replace(pool(environment, dedicated), `platform = "confluent"`, `platform = "operator"`, 1), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)The\s+platform\s+"operator"\s+has\s+no\s+compute\s+pools.*with\s+compute\s+pools\s+are:\s+confluent`),
		},
		resource.TestStep{
			Config: strings.Replace(pool(environment, dedicated), `platform = "confluent", `, "", 1), PlanOnly: true,
			ExpectError: regexp.MustCompile(`The\s+platform\s+of\s+the\s+compute\s+pool\s+is\s+not\s+given`),
		},
		resource.TestStep{
			Config: pool(environment, dedicated+"\n state = \"running\""), PlanOnly: true,
			ExpectError: regexp.MustCompile(`A\s+dedicated\s+compute\s+pool\s+has\s+no\s+state`),
		},
		resource.TestStep{
			Config: fmt.Sprintf("resource \"terraform_data\" \"server\" {\n input = %q\n}\nprovider \"flink\" {\n confluent = { endpoint = terraform_data.server.output }\n}\n", cmf.Endpoint) +
				pool(environment, dedicated),
		},
	)
}
