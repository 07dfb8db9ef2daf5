package statement_test

import (
	"cmp"
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

// does checks what a plan says that a change does, and that the state says the same
// afterwards.
func does(kind plancheck.ResourceActionType, action, state string) resource.TestStep {
	at := tfjsonpath.New("rollout")
	return resource.TestStep{
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, kind),
			plancheck.ExpectKnownValue(address, at.AtMapKey("action"), knownvalue.StringExact(action)),
			plancheck.ExpectKnownValue(address, at.AtMapKey("state"), knownvalue.StringExact(state)),
		}},
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, at.AtMapKey("action"), knownvalue.StringExact(action))},
	}
}

func (of server) step(step resource.TestStep, sql, more string) resource.TestStep {
	step.Config = of.ProviderConfig() + statement(of.environment, sql, more)
	return step
}

// server is one with an environment.
type server struct {
	*acctest.CMFHandle

	environment string
}

func newServer(t *testing.T, version string) server {
	t.Helper()
	manager := acctest.CMF(t, version)
	return server{manager, manager.Environment(t)}
}

// on returns a statement as the server has it, and whether it has it.
func (of server) on(t *testing.T, name string) (body string, there bool) {
	t.Helper()
	code, answer := of.Call(t, http.MethodGet, "environments/"+of.environment+"/statements/"+name, "")
	return answer, code == http.StatusOK
}

// runs checks which statement the server has under which name, and from a savepoint or
// not.
func (of server) runs(t *testing.T, name, sql string, restored bool) {
	t.Helper()
	body, there := of.on(t, name)
	if !there || !strings.Contains(body, sql) || !strings.Contains(body, `"phase":"RUNNING"`) || strings.Contains(body, `"initialSavepointPath":"s3://flink/savepoints/`) != restored {
		t.Errorf("the server has as %s: %s", name, body)
	}
}

func (of server) hasNot(t *testing.T, name string) {
	t.Helper()
	if body, there := of.on(t, name); there {
		t.Errorf("the server still has %s: %s", name, body)
	}
}

// TestAccCarryOver hands state and offsets over to another text, and to a third one.
func TestAccCarryOver(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	of := newServer(t, "2.3.1")
	const carries = "upgrade = { carry_over = true }"
	check := func(step resource.TestStep, check func()) resource.TestStep {
		step.PostApplyFunc = check
		return step
	}
	const third = "INSERT INTO thirds SELECT region, MAX(amount) FROM orders GROUP BY region"
	run(t,
		of.step(check(does(plancheck.ResourceActionCreate, "create", "fresh"), func() { of.runs(t, "totals", totals, false) }), totals, carries),
		of.step(check(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), func() {
			of.runs(t, "totals-next", counts, true)
			of.hasNot(t, "totals")
		}), counts, carries),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "confluent/" + of.environment + "/totals", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"rollout", "status.proof", "upgrade"},
		},
		// The names take turns, and what is changed in place goes to the one that is there.
		of.step(check(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), func() { of.runs(t, "totals-next", counts, true) }), counts, carries+"\n  parallelism = 2"),
		of.step(check(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), func() {
			of.runs(t, "totals", third, true)
			of.hasNot(t, "totals-next")
		}), third, carries+"\n  parallelism = 2"),
		// One that is stopped has its savepoint already.
		of.step(does(plancheck.ResourceActionUpdate, "suspend", "kept"), third, carries+"\n  stopped = true"),
		of.step(check(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), func() { of.runs(t, "totals-next", counts, true) }), counts, carries),
	)
	of.hasNot(t, "totals")
	of.hasNot(t, "totals-next")
}

// TestAccCarryOverFails has the statement before go on when the new one cannot.
func TestAccCarryOverFails(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		sql, more, want string
		// stops tells that the statement before was stopped for it.
		stops bool
	}{
		"it does not start": {
			counts, `annotations = { "standin.flink/fails" = "No resources" }`,
			`(?s)has failed: No resources.*totals-next was deleted, and totals\s+runs as\s+before`, true,
		},
		"it takes not all of the state": {
			counts, `annotations = { "standin.flink/refuses" = "yes" }`,
			`(?s)has failed: Failed to\s+rollback.*The statement totals-next was deleted, and totals\s+runs as\s+before`, true,
		},
		"its job throws": {
			counts, `annotations = { "standin.flink/throws" = "no such column" }`,
			`(?s)does not\s+work:.*no such column.*totals-next was deleted, and totals\s+runs as\s+before`, true,
		},
		"it does not parse": {
			"INSERT counts SELECT region, COUNT(*) FROM orders GROUP BY region", "",
			`(?s)has failed: SQL parse failed. Encountered\s+"counts"\s+at.*totals-next was deleted, and totals\s+runs as\s+before`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			of := newServer(t, "2.3.1")
			const carries = "upgrade = { carry_over = true }\n"
			run(t,
				of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries),
				resource.TestStep{Config: of.ProviderConfig() + statement(of.environment, test.sql, carries+test.more), ExpectError: regexp.MustCompile(test.want)},
				resource.TestStep{
					PreConfig: func() {
						of.runs(t, "totals", totals, false)
						of.hasNot(t, "totals-next")
						code, savepoints := of.Call(t, http.MethodGet, "environments/"+of.environment+"/statements/totals/savepoints", "")
						if code != http.StatusOK || strings.Contains(savepoints, "savepoint-") != test.stops {
							t.Errorf("its savepoints are %s", savepoints)
						}
					},
					Config: of.ProviderConfig() + statement(of.environment, totals, carries), PlanOnly: true,
				},
				// What is corrected goes on.
				of.step(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), counts, "upgrade = { carry_over = true, allow_non_restored_state = true }"),
			)
		})
	}
}

// TestAccStateLoss refuses what loses state unless it is allowed.
func TestAccStateLoss(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	empty := func(step resource.TestStep, more string) resource.TestStep {
		step = of.step(step, totals, more)
		step.Config = strings.Replace(step.Config, `"state.savepoints.dir" = "s3://flink/savepoints"`, "", 1)
		return step
	}
	refused := func(want string) resource.TestStep { return resource.TestStep{ExpectError: regexp.MustCompile(want)} }
	run(t,
		empty(does(plancheck.ResourceActionCreate, "create", "fresh"), ""),
		empty(refused(`(?s)This change drops the state of statement "totals".*pool_defaults`), "stopped = true"),
		empty(refused(`(?s)This change drops the state of statement "totals".*pool_defaults`), "parallelism = 2"),
		empty(refused(`(?s)needs\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+2.5,\s+and\s+this\s+is\s+2.3.1`), "parallelism = 2\n  upgrade = { mode = \"savepoint\" }"),
		empty(does(plancheck.ResourceActionUpdate, "stateless_restart", "lost"), "parallelism = 2\n  upgrade = { allow_state_loss = true }"),
		empty(does(plancheck.ResourceActionUpdate, "suspend", "lost"), "stopped = true\n  parallelism = 2\n  upgrade = { allow_state_loss = true }"),
		empty(does(plancheck.ResourceActionUpdate, "resume", "fresh"), "parallelism = 2\n  upgrade = { allow_state_loss = true }"),
	)
}

// TestAccGuard refuses an apply whose plan was made while the server still kept the
// state.
func TestAccGuard(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	cli := acctest.NewCLI(t)
	call := func(want int, arguments ...string) string {
		t.Helper()
		command, err := cli.Start(t.Context(), arguments...)
		if err != nil {
			t.Fatal(err)
		}
		code, output, err := command.Wait()
		if err != nil || code != want {
			t.Fatalf("%v ends with %d: %s", arguments, code, output)
		}
		return strings.Join(strings.Fields(strings.ReplaceAll(output, "│", " ")), " ")
	}
	write := func(more string) {
		t.Helper()
		if err := cli.Write(of.ProviderConfig() + statement(of.environment, totals, more)); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	call(0, "apply", "-auto-approve")
	write("parallelism = 2")
	call(0, "plan", "-out=plan")
	// The environment's word wins over the pool's.
	_, environment := of.Call(t, http.MethodGet, "environments/"+of.environment, "")
	namespace := regexp.MustCompile(`"kubernetesNamespace":"([^"]+)"`).FindStringSubmatch(environment)
	if namespace == nil {
		t.Fatalf("the environment is %s", environment)
	}
	of.Call(t, http.MethodPost, "environments", fmt.Sprintf(
		`{"name":%q,"kubernetesNamespace":%q,"computePoolDefaults":{"clusterSpec":{"flinkConfiguration":{"state.savepoints.dir":""}}}}`, of.environment, namespace[1]))
	if got := call(1, "apply", "plan"); !strings.Contains(got, `This change drops the state of statement "totals"`) || !strings.Contains(got, "Nothing was written. Plan again with a refresh.") {
		t.Errorf("the apply says: %s", got)
	}
	if body, _ := of.on(t, "totals"); strings.Contains(body, `"parallelism":2`) {
		t.Errorf("it was written: %s", body)
	}
	call(0, "destroy", "-auto-approve")
}

// TestAccFromSavepoint starts a statement from a savepoint, which the server only does
// with one that it has.
func TestAccFromSavepoint(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	const before = "environments/%s/statements/before"
	of.Call(t, http.MethodPost, "environments/"+of.environment+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"other"},"spec":{"type":"DEDICATED","clusterSpec":{"flinkConfiguration":{"state.checkpoints.dir":"s3://c","state.savepoints.dir":"s3://flink/savepoints"},"jobManager":{"resource":{"memory":"1g"}}}}}`)
	body := func(stopped bool) string {
		return fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"before"},"spec":{"statement":%q,"computePoolName":"other","stopped":%t}}`, totals, stopped)
	}
	of.Call(t, http.MethodPost, "environments/"+of.environment+"/statements", body(false))
	for range 3 {
		of.on(t, "before")
	}
	of.Call(t, http.MethodPut, fmt.Sprintf(before, of.environment), body(true))
	from := fmt.Sprintf("initial_savepoint_path = %q", of.savepoint(t, "before"))
	step := does(plancheck.ResourceActionDestroyBeforeCreate, "create", "kept")
	step.PostApplyFunc = func() { of.runs(t, "totals", totals, true) }
	run(t,
		resource.TestStep{
			Config:      of.ProviderConfig() + statement(of.environment, totals, `initial_savepoint_path = "s3://flink/nothing"`),
			ExpectError: regexp.MustCompile(`(?s)has failed: Cannot find\s+checkpoint`),
		},
		of.step(step, totals, from),
		resource.TestStep{Config: of.ProviderConfig() + statement(of.environment, totals, ""), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config:      of.ProviderConfig() + statement(of.environment, totals, `initial_savepoint_path = "s3://flink/other"`),
			ExpectError: regexp.MustCompile(`(?s)This change drops the state of statement "totals"`),
		},
	)
}

// TestAccOnDestroy carries out a statement before the resource's own is deleted, once
// more after it has failed, and when it is replaced.
func TestAccOnDestroy(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	const table = "CREATE TABLE totals (region STRING, total DOUBLE)"
	run(t,
		of.step(does(plancheck.ResourceActionCreate, "create", "none"), table, ""),
		// What the server does not parse keeps the statement.
		resource.TestStep{Config: of.ProviderConfig() + statement(of.environment, table, `on_destroy = "DRPO TABLE totals"`)},
		resource.TestStep{
			Config:      of.ProviderConfig() + statement(of.environment, strings.Replace(table, "DOUBLE", "BIGINT", 1), `on_destroy = "DRPO TABLE totals"`),
			ExpectError: regexp.MustCompile(`(?s)on_destroy of the statement "totals" has failed: SQL parse failed.*The statement\s+was not\s+deleted`),
		},
		resource.TestStep{
			PreConfig: func() {
				if _, there := of.on(t, "totals"); !there {
					t.Error("the statement is gone")
				}
			},
			Config: of.ProviderConfig() + statement(of.environment, table, `on_destroy = "DROP TABLE totals"`),
		},
		resource.TestStep{
			Config:           of.ProviderConfig() + statement(of.environment, strings.Replace(table, "DOUBLE", "BIGINT", 1), `on_destroy = "DROP TABLE totals"`),
			ConfigPlanChecks: action(plancheck.ResourceActionReplace),
		},
		// A job stops before.
		resource.TestStep{
			Config:           of.ProviderConfig() + statement(of.environment, totals, `on_destroy = "DROP TABLE totals"`),
			ConfigPlanChecks: action(plancheck.ResourceActionReplace),
		},
	)
	// Of the four, the one that failed is gone before the next one comes.
	carried := 0
	for _, request := range of.Requests() {
		if strings.HasPrefix(request, "DELETE ") && strings.Contains(request, "/totals-on-destroy") {
			carried++
		}
	}
	if carried != 4 {
		t.Errorf("%d statements were carried out: %s", carried, of.Requests())
	}
	of.hasNot(t, "totals")
	of.hasNot(t, "totals-on-destroy")
	// A definition that has failed has made nothing that is to be dropped.
	run(t, resource.TestStep{
		Config:      of.ProviderConfig() + statement(of.environment, table, "on_destroy = \"DROP TABLE totals\"\n  annotations = { \"standin.flink/fails\" = \"Table totals exists\" }"),
		ExpectError: regexp.MustCompile(`has failed: Table totals exists`),
	})
	for _, request := range of.Requests() {
		if strings.Contains(request, "on-destroy") {
			t.Errorf("of a failed definition: %s", request)
		}
	}
}

// TestAccRequests counts what a refresh of several statements asks.
func TestAccRequests(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	config := of.ProviderConfig() + statement(of.environment, totals, "")
	for _, name := range []string{"a", "b", "c"} {
		config += fmt.Sprintf(`
resource "flink_statement" %[1]q {
  environment  = { platform = "confluent", name = %[2]q }
  name         = "more-%[1]s"
  compute_pool = flink_compute_pool.sql.name
  statement    = %[3]q
}
`, name, of.environment, counts)
	}
	run(t, resource.TestStep{Config: config}, resource.TestStep{
		PreConfig: func() { of.Requests() }, RefreshState: true,
	}, resource.TestStep{
		PreConfig: func() {
			seen := map[string]int{}
			for _, request := range of.Requests() {
				seen[request[strings.LastIndex(request, "/")+1:]]++
			}
			// The refresh is followed by a plan, which refreshes once more.
			for what, most := range map[string]int{"statements": 2, "compute-pools": 2, of.environment: 2} {
				if seen[what] == 0 || seen[what] > most {
					t.Errorf("%s was asked for %d times: %v", what, seen[what], seen)
				}
				delete(seen, what)
			}
			if len(seen) > 0 {
				t.Errorf("it also asks %v", seen)
			}
		},
		Config: config, PlanOnly: true,
	})
}

// TestAccCarryOverTrouble hands over while the server is in trouble.
func TestAccCarryOverTrouble(t *testing.T) {
	t.Parallel()
	acctest.InTrouble(t, map[string]acctest.Trouble{
		"the answer to the create is lost": {Method: http.MethodPost, Path: "statements", Times: 2, Loses: true},
		"the answers to changes are lost":  {Method: http.MethodPut, Path: "statements", Times: 3, Loses: true},
		"the answer to the delete is lost": {Method: http.MethodDelete, Path: "statements", Times: 1, Loses: true},
		"the server is away for a while":   {Path: "statements", Times: 4, Drops: true},
	}, func(t *testing.T, manager *acctest.CMFHandle) {
		t.Helper()
		of := server{manager, manager.Environment(t)}
		const carries = "upgrade = { carry_over = true }"
		run(t,
			of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries),
			of.step(does(plancheck.ResourceActionUpdate, "savepoint_upgrade", "kept"), counts, carries),
		)
	})
}

// TestAccCarryOverGoesOn goes on with what an apply has left half way.
func TestAccCarryOverGoesOn(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	const (
		carries = "upgrade = { carry_over = true }\n"
		body    = `{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":%q,"annotations":{%s}},"spec":{"statement":%q,"computePoolName":"sql","stopped":%t%s}}`
		owner   = `"flink-terraform.io/statement":"totals/1"`
	)
	// The server refuses to stop the statement, to start the new one, or to delete the one
	// before.
	stop := acctest.Trouble{Method: http.MethodPut, Path: "/statements/totals", Code: http.StatusForbidden}
	start := acctest.Trouble{Method: http.MethodPut, Path: "/statements/totals-next", Code: http.StatusForbidden}
	remove := acctest.Trouble{Method: http.MethodDelete, Path: "/statements/totals", Code: http.StatusForbidden}
	for name, test := range map[string]struct {
		trouble acctest.Trouble
		// left is the configuration of the apply that ends half way; text counts and no more
		// where it is empty.
		left, leftMore string
		// sql and more are what the next apply has, refused the error that it ends with, and
		// action what it does when it is allowed to lose what it was refused for.
		sql, more, refused, action string
		// posts is how many statements the next apply creates.
		posts int
		// ends is which statement is there afterwards.
		ends     string
		restored bool
	}{
		"the new one is compiled":    {stop, "", "", counts, "", "", "savepoint_upgrade", 0, "totals-next", true},
		"the one before has stopped": {start, "", "", counts, "", "", "savepoint_upgrade", 0, "totals-next", true},
		"the new one runs":           {remove, "", "", counts, "", "", "savepoint_upgrade", 0, "totals-next", true},
		"the one of another text":    {stop, "INSERT INTO x SELECT 1", "", counts, "", "", "savepoint_upgrade", 1, "totals-next", true},
		"the one with another property": {
			stop, "", `properties = { "a" = "1", "b" = "2" }`, counts, `properties = { "a" = "1" }`, "", "savepoint_upgrade", 1, "totals-next", true,
		},
		"nobody wants it any more": {start, "", "", totals, "", "", "resume", 0, "totals", false},
		"nobody wants it, and it has gone on": {
			remove, "", "", totals, "", `(?s)"totals-next" runs, and would be\s+deleted.*Nothing\s+was written`, "resume", 0, "totals", false,
		},
		"another one is wanted, and it has gone on": {
			remove, "", "", "INSERT INTO x SELECT 1", "", `(?s)"totals-next" runs, and would be\s+deleted.*Nothing\s+was written`, "savepoint_upgrade", 1, "totals-next", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			of := newServer(t, "2.3.1")
			left := of.step(resource.TestStep{ExpectError: regexp.MustCompile(`not\s+allowed|could\s+not\s+be\s+deleted`)}, cmp.Or(test.left, counts), carries+test.leftMore)
			left.PreConfig = func() { of.Make(test.trouble) }
			steps := []resource.TestStep{of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries), left}
			next := of.step(does(plancheck.ResourceActionUpdate, test.action, "kept"), test.sql, carries+test.more)
			if test.refused != "" {
				refused := next
				refused.ConfigPlanChecks, refused.ConfigStateChecks = resource.ConfigPlanChecks{}, nil
				refused.ExpectError, refused.PreConfig = regexp.MustCompile(test.refused), of.End
				steps = append(steps, refused)
				next = of.step(does(plancheck.ResourceActionUpdate, test.action, "kept"), test.sql, "upgrade = { carry_over = true, allow_state_loss = true }")
			}
			next.PreConfig = func() {
				of.End()
				of.Requests()
			}
			next.PostApplyFunc = func() {
				of.runs(t, test.ends, test.sql, test.restored)
				of.hasNot(t, map[string]string{"totals": "totals-next", "totals-next": "totals"}[test.ends])
				posts := 0
				for _, request := range of.Requests() {
					if strings.HasPrefix(request, "POST ") {
						posts++
					}
				}
				if posts != test.posts {
					t.Errorf("it has created %d statements", posts)
				}
			}
			run(t, append(steps, next)...)
		})
	}
	// What is half way is deleted as a whole, and the statement of somebody else of that
	// name is left alone.
	t.Run("a destroy", func(t *testing.T) {
		t.Parallel()
		acctest.FirstCLIOnly(t)
		of := newServer(t, "2.3.1")
		run(t, of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries), resource.TestStep{
			PreConfig: func() { of.call(t, http.MethodPost, "", fmt.Sprintf(body, "totals-next", owner, counts, true, "")) },
			Config:    of.ProviderConfig(),
		})
		of.hasNot(t, "totals-next")
	})
	t.Run("somebody else's", func(t *testing.T) {
		t.Parallel()
		acctest.FirstCLIOnly(t)
		of := newServer(t, "2.3.1")
		of.Call(t, http.MethodPost, "environments/"+of.environment+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"theirs"},"spec":{"type":"DEDICATED","clusterSpec":{"jobManager":{"resource":{"memory":"1g"}}}}}`)
		of.call(t, http.MethodPost, "", strings.Replace(fmt.Sprintf(body, "totals-next", "", counts, false, ""), `"sql"`, `"theirs"`, 1))
		run(t, of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, carries), resource.TestStep{
			Config:      of.ProviderConfig() + statement(of.environment, counts, carries),
			ExpectError: regexp.MustCompile(`(?s)totals-next.*exists`),
		}, resource.TestStep{Config: of.ProviderConfig()})
		if _, there := of.on(t, "totals-next"); !there {
			t.Error("it is gone")
		}
	})
}

// call asks the server for something about statements, and fails when it is refused.
func (of server) call(t *testing.T, method, at, body string) {
	t.Helper()
	if code, answer := of.Call(t, method, "environments/"+of.environment+"/statements"+at, body); code >= http.StatusMultipleChoices {
		t.Fatalf("%s %s is refused with %d: %s", method, at, code, answer)
	}
}

// savepoint is the path of a savepoint of a statement.
func (of server) savepoint(t *testing.T, name string) string {
	t.Helper()
	_, savepoints := of.Call(t, http.MethodGet, "environments/"+of.environment+"/statements/"+name+"/savepoints", "")
	path := regexp.MustCompile(`"path":"([^"]+)"`).FindStringSubmatch(savepoints)
	if path == nil {
		t.Fatalf("the savepoints are %s", savepoints)
	}
	return path[1]
}
