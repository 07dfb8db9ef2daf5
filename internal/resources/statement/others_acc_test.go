package statement_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccImportFromOthers takes over a statement that another client has created, which
// sends what nobody has said as well.
func TestAccImportFromOthers(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct{ sent, config string }{
		"what it was told": {
			`"parallelism":3,"properties":{"sql.current-catalog":"shop"},"flinkConfiguration":{"execution.checkpointing.interval":"10 s"}`,
			"parallelism = 3\n  properties = { \"sql.current-catalog\" = \"shop\" }\n  flink_configuration = { \"execution.checkpointing.interval\" = \"10 s\" }",
		},
		"what nobody said": {`"parallelism":1,"properties":{},"flinkConfiguration":{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmf := acctest.CMF(t, "2.3.1")
			environment := cmf.Environment(t)
			config := cmf.ProviderConfig() + statement(environment, totals, test.config)
			pool, _, _ := strings.Cut(config, `resource "flink_statement"`)
			imports := fmt.Sprintf("import {\n  to = %s\n  id = \"confluent/%s/totals\"\n}\n", address, environment)
			run(t,
				resource.TestStep{Config: pool},
				resource.TestStep{
					PreConfig: func() {
						body := fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"computePoolName":"sql","statement":%q,"stopped":false,%s}}`, totals, test.sent)
						if code, answer := cmf.Call(t, http.MethodPost, "environments/"+environment+"/statements", body); code != http.StatusOK {
							t.Fatalf("the server answers %d: %s", code, answer)
						}
					},
					Config: config + imports, ConfigPlanChecks: action(plancheck.ResourceActionNoop),
				},
				resource.TestStep{Config: config, PlanOnly: true},
			)
		})
	}
}

// TestAccDeletedByOthers says that a statement is on its way out, and creates it again
// when it is gone.
func TestAccDeletedByOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	s := said{t, cmf, acctest.NewCLI(t)}
	s.plan(statement(environment, totals, ""))
	s.run("apply", "-auto-approve")
	at := "environments/" + environment + "/statements/totals"
	if code, _ := cmf.Call(t, http.MethodDelete, at, ""); code != http.StatusAccepted {
		t.Fatalf("the delete is answered with %d", code)
	}
	if got := s.plan(statement(environment, totals, "")); !strings.Contains(got, `The statement "totals" is being deleted`) {
		t.Errorf("the plan while it is deleted says: %s", got)
	}
	gone(t, cmf, at)
	if got := s.plan(statement(environment, totals, "")); !strings.Contains(got, "flink_statement.totals will be created") {
		t.Errorf("the plan when it is gone says: %s", got)
	}
	s.run("destroy", "-auto-approve")
}

// TestAccRescaledByOthers leaves a parallelism alone of which the configuration says
// nothing, also when it is changed otherwise.
func TestAccRescaledByOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	of := newServer(t, "2.3.1")
	rescaled := func() {
		if body, _ := of.on(t, "totals"); !strings.Contains(body, `"parallelism":4`) {
			t.Errorf("the server has %s", body)
		}
	}
	metadata := does(plancheck.ResourceActionUpdate, "metadata", "none")
	metadata.PostApplyFunc = rescaled
	run(t,
		of.step(does(plancheck.ResourceActionCreate, "create", "fresh"), totals, ""),
		resource.TestStep{
			PreConfig: func() {
				of.call(t, http.MethodPut, "/totals", fmt.Sprintf(
					`{"apiVersion":"cmf.confluent.io/v1","kind":"Statement","metadata":{"name":"totals"},"spec":{"statement":%q,"computePoolName":"sql","parallelism":4}}`, totals))
			},
			Config: of.ProviderConfig() + statement(of.environment, totals, ""), PlanOnly: true,
		},
		of.step(metadata, totals, `labels = { team = "shop" }`),
	)
}
