package statement_test

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
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// address is the statement of every configuration in these tests.
const address = "flink_statement.totals"

// statement is a configuration with a statement on a pool of an environment.
func statement(environment, sql, more string) string {
	return fmt.Sprintf(`
resource "flink_compute_pool" "sql" {
  environment  = { platform = "confluent", name = %[1]q }
  name         = "sql"
  type         = "dedicated"
  cluster_spec = {
    flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
    job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
  }
}

resource "flink_statement" "totals" {
  environment  = { platform = "confluent", name = %[1]q }
  name         = "totals"
  compute_pool = flink_compute_pool.sql.name
  statement    = %[2]q
  %[3]s
}
`, environment, sql, more)
}

const (
	totals = "INSERT INTO totals SELECT region, SUM(amount) FROM orders GROUP BY region"
	counts = "INSERT INTO counts SELECT region, COUNT(*) FROM orders GROUP BY region"
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

// TestAccLife is the life of a statement that writes, also on the oldest server.
func TestAccLife(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, version := range []string{"2.3.1", "2.1.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			if version != "2.3.1" {
				acctest.FirstCLIOnly(t)
			}
			cmf := acctest.CMF(t, version)
			environment := cmf.Environment(t)
			at := "environments/" + environment + "/statements/totals"
			config := func(sql, more string) string { return cmf.ProviderConfig() + statement(environment, sql, more) }
			run(t,
				resource.TestStep{
					Config: config(totals, ""), ConfigPlanChecks: action(plancheck.ResourceActionCreate),
					ConfigStateChecks: append(phase("RUNNING"), statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+environment+"/totals"))),
				},
				// The layout of the text is nobody's.
				resource.TestStep{Config: config("INSERT INTO totals\n  SELECT region, SUM(amount) FROM orders GROUP BY region;\n", ""), PlanOnly: true},
				resource.TestStep{Config: config(totals, "parallelism = 4"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), ConfigStateChecks: phase("RUNNING")},
				resource.TestStep{Config: config(totals, "parallelism = 4\n  stopped = true"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), ConfigStateChecks: phase("STOPPED")},
				resource.TestStep{Config: config(totals, "parallelism = 4"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), ConfigStateChecks: phase("RUNNING")},
				resource.TestStep{
					ResourceName: address, ImportState: true, ImportStateId: "confluent/" + environment + "/totals", ImportStateVerify: true,
					// What happened before the import is nobody's.
					ImportStateVerifyIgnore: []string{"rollout", "status.proof"},
				},
				resource.TestStep{
					// Somebody stops it; the next apply has it run again.
					PreConfig: func() {
						cmf.Call(t, http.MethodPut, at, fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"statement":%q,"computePoolName":"sql","parallelism":4,"stopped":true}}`, totals))
					},
					Config: config(totals, "parallelism = 4"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), ConfigStateChecks: phase("RUNNING"),
				},
				resource.TestStep{Config: config(counts, "parallelism = 4"), ExpectError: regexp.MustCompile(`(?s)This change drops the state of statement "totals".*upgrade.carry_over`)},
				resource.TestStep{Config: config(counts, "parallelism = 4\n  upgrade = { allow_state_loss = true }"), ConfigPlanChecks: action(plancheck.ResourceActionReplace), ConfigStateChecks: phase("RUNNING")},
				resource.TestStep{
					PreConfig: func() {
						cmf.Call(t, http.MethodDelete, at, "")
						gone(t, cmf, at)
					},
					Config: config(counts, "parallelism = 4\n  upgrade = { allow_state_loss = true }"), ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				},
			)
			gone(t, cmf, at)
		})
	}
}

// gone asks for a statement until the server has done with deleting it.
func gone(t *testing.T, cmf *acctest.CMFHandle, at string) {
	t.Helper()
	for range 10 {
		if code, _ := cmf.Call(t, http.MethodGet, at, ""); code == http.StatusNotFound {
			return
		}
	}
	t.Error("the statement is still there")
}

// TestAccDefinition is a statement that the server carries out at once.
func TestAccDefinition(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	run(t, resource.TestStep{
		Config:            cmf.ProviderConfig() + statement(environment, "CREATE TABLE totals (region STRING, total DOUBLE)", ""),
		ConfigStateChecks: append(phase("COMPLETED"), statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("sql_kind"), knownvalue.StringExact("CREATE_TABLE"))),
	})
}

// TestAccFails has the server's reason and the job's exceptions in the error, and
// creates the statement again when it is corrected.
func TestAccFails(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct{ sql, more, want string }{
		"it cannot be compiled": {"INSRT INTO totals SELECT 1", "", `(?s)The statement "totals" has failed: SQL parse failed.*cannot be\s+resumed`},
		"its job fails": {
			totals, `annotations = { "standin.flink/fails" = "The job has failed." }`,
			`(?s)The statement "totals" has failed: The job has failed.*java.lang.ArithmeticException`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			cmf := acctest.CMF(t, "2.3.1")
			environment := cmf.Environment(t)
			run(t,
				resource.TestStep{Config: cmf.ProviderConfig() + statement(environment, test.sql, test.more), ExpectError: regexp.MustCompile(test.want)},
				resource.TestStep{Config: cmf.ProviderConfig() + statement(environment, totals, ""), ConfigPlanChecks: action(plancheck.ResourceActionDestroyBeforeCreate), ConfigStateChecks: phase("RUNNING")},
			)
		})
	}
}

// said is what the CLI says about configurations.
type said struct {
	t   *testing.T
	cmf *acctest.CMFHandle
	cli *acctest.CLI
}

// run runs a command, which must succeed, and returns what it says in one line.
func (s said) run(arguments ...string) string {
	s.t.Helper()
	command, err := s.cli.Start(s.t.Context(), arguments...)
	if err != nil {
		s.t.Fatal(err)
	}
	code, output, err := command.Wait()
	if code != 0 || err != nil {
		s.t.Fatalf("%v ends with %d: %s", arguments, code, output)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
}

func (s said) plan(config string) string {
	s.t.Helper()
	if err := s.cli.Write(s.cmf.ProviderConfig() + config); err != nil {
		s.t.Fatal(err)
	}
	return s.run("plan")
}

// TestAccSaid says what a replacement loses, and in each refresh that a statement has
// failed.
func TestAccSaid(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	s := said{t, cmf, acctest.NewCLI(t)}
	s.plan(statement(environment, totals, ""))
	s.run("apply", "-auto-approve")
	if got := s.plan(statement(environment, counts, "upgrade = { allow_state_loss = true }")); !strings.Contains(got, `The statement "totals" will lose its state`) || !strings.Contains(got, "must be replaced") {
		t.Errorf("the plan of another text says: %s", got)
	}
	cmf.Call(t, http.MethodPut, "environments/"+environment+"/statements/totals", fmt.Sprintf(
		`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals","annotations":{"standin.flink/fails":"out of memory"}},"spec":{"statement":%q,"computePoolName":"sql"}}`, totals))
	for range 3 {
		cmf.Call(t, http.MethodGet, "environments/"+environment+"/statements/totals", "")
	}
	if got := s.plan(statement(environment, totals, "")); !strings.Contains(got, `The statement "totals" has failed`) || !strings.Contains(got, "out of memory") {
		t.Errorf("the plan after a failure says: %s", got)
	}
	cmf.Call(t, http.MethodPut, "environments/"+environment+"/statements/totals", fmt.Sprintf(
		`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"statement":%q,"computePoolName":"sql"}}`, totals))
	if got := s.plan(statement(environment, totals, "")); !strings.Contains(got, `The statement "totals" does not run`) || !strings.Contains(got, "Its phase is PENDING") {
		t.Errorf("the plan of one that starts says: %s", got)
	}
	s.run("destroy", "-auto-approve")
}

// TestAccTrouble creates and changes a statement on a server in trouble.
func TestAccTrouble(t *testing.T) {
	t.Parallel()
	acctest.InTrouble(t, map[string]acctest.Trouble{
		"the answer to a create is lost": {Method: http.MethodPost, Path: "statements", Times: 1, Loses: true},
		"the answer to a change is lost": {Method: http.MethodPut, Path: "statements", Times: 1, Loses: true},
		"the answer to a delete is lost": {Method: http.MethodDelete, Path: "statements", Times: 1, Loses: true},
		"the server is away for a while": {Path: "statements", Times: 4, Drops: true},
	}, func(t *testing.T, cmf *acctest.CMFHandle) {
		environment := cmf.Environment(t)
		run(t,
			resource.TestStep{Config: cmf.ProviderConfig() + statement(environment, totals, "")},
			resource.TestStep{Config: cmf.ProviderConfig() + statement(environment, totals, "parallelism = 2"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate)},
		)
	})
}

// TestAccRefused are creates that come to nothing, and whose errors say why.
func TestAccRefused(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		before func(t *testing.T, cmf *acctest.CMFHandle, environment string)
		config func(environment string) string
		want   string
	}{
		"it exists": {before: func(t *testing.T, cmf *acctest.CMFHandle, environment string) {
			t.Helper()
			cmf.Call(t, http.MethodPost, "environments/"+environment+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"other"},"spec":{"type":"DEDICATED","clusterSpec":{"jobManager":{"resource":{"memory":"1g"}}}}}`)
			cmf.Call(t, http.MethodPost, "environments/"+environment+"/statements", fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"statement":%q,"computePoolName":"other"}}`, counts))
		}, want: `(?s)it\s+exists\s+already.*terraform\s+import\s+flink_statement.<name>\s+confluent/`},
		"no pool": {config: func(environment string) string {
			return strings.Replace(statement(environment, totals, ""), "flink_compute_pool.sql.name", `"no-such-pool"`, 1)
		}, want: `(?s)the\s+server\s+rejects\s+it.*no-such-pool`},
		"no environment": {config: func(environment string) string {
			return strings.Replace(statement(environment, totals, ""), fmt.Sprintf("name = %q }\n  name         = \"totals\"", environment), "name = \"no-such-one\" }\n  name         = \"totals\"", 1)
		}, want: `(?s)Environment\s+no-such-one\s+does\s+not\s+exist`},
		"wrong credentials": {before: func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Path: "statements", Code: http.StatusUnauthorized})
		}, want: `does\s+not\s+accept\s+the\s+credentials`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			cmf := acctest.CMF(t, "2.3.1")
			environment := cmf.Environment(t)
			if test.before != nil {
				test.before(t, cmf, environment)
			}
			config := statement(environment, totals, "")
			if test.config != nil {
				config = test.config(environment)
			}
			run(t,
				resource.TestStep{Config: cmf.ProviderConfig() + config, ExpectError: regexp.MustCompile(test.want)},
				resource.TestStep{PreConfig: cmf.End, Config: cmf.ProviderConfig()},
			)
		})
	}
}
