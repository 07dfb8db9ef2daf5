package statement_test

import (
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

// later are values that no plan knows which creates what gives them.
const later = `
resource "terraform_data" "later" {
  input = { text = %q, yes = true, no = false }
}
`

// TestAccUnknown plans what is not known yet in place and says nothing of it, and has the
// apply find out before anything is written.
func TestAccUnknown(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	const (
		carries = "upgrade = { carry_over = true }"
		notSo   = `(?s)would replace the statement "totals", which is not\s+planned.*Nothing was written`
		unsaid  = ""
		// stops ends a configuration that stops what it has started before.
		stops = "\n# stops"
	)
	for name, test := range map[string]struct {
		before string
		// sql and more are the next configuration, and text is what terraform_data.later has.
		sql, more, text string
		// want is a part of the error, and of the summary of the rollout where there is none.
		fails, want string
		// action is what the plan does; of those that fail, in the plan, it is not asked.
		action plancheck.ResourceActionType
	}{
		"a text that is the same":            {"", "later", "", totals, "", "#1 create", plancheck.ResourceActionUpdate},
		"another text":                       {"", "later", "", counts, notSo, unsaid, ""},
		"another text, which is handed over": {carries, "later", carries, counts, "", "savepoint upgrade: statement changed", plancheck.ResourceActionUpdate},
		"another text that may lose":         {"upgrade = { allow_state_loss = true }", "later", "upgrade = { allow_state_loss = true }", counts, notSo, unsaid, ""},
		"whether it may lose":                {"", counts, "upgrade = { allow_state_loss = terraform_data.later.output.yes }", "", notSo, unsaid, ""},
		"whether it carries over":            {"", counts, "upgrade = { carry_over = terraform_data.later.output.yes }", "", "", "savepoint upgrade: statement changed", plancheck.ResourceActionUpdate},
		"whether it goes on, and carries over": {
			carries + stops, counts, "stopped = terraform_data.later.output.no\n" + carries, "", "", "savepoint upgrade: statement changed", plancheck.ResourceActionUpdate,
		},
		"whether it goes on, before it ever ran": {
			"stopped = true\n" + carries, counts, "stopped = terraform_data.later.output.no\n" + carries, "", "", "#1 create", plancheck.ResourceActionReplace,
		},
		"whether it stops": {"", totals, "stopped = terraform_data.later.output.yes", "", "", "suspend: stopped false -> true", plancheck.ResourceActionUpdate},
		"a part of its properties": {
			`properties = { "a" = "1", "b" = "2" }`, totals, `properties = { "a" = "3", "b" = terraform_data.later.output.text }`, "2", notSo, unsaid, "",
		},
		"a part of its configuration": {
			`flink_configuration = { "a" = "1", "b" = "2" }`, totals, `flink_configuration = { "a" = "3", "c" = terraform_data.later.output.text }`, "2", notSo, unsaid, "",
		},
		"a property that is the same": {
			`properties = { "a" = "1", "b" = "2" }`, totals, `properties = { "a" = "1", "b" = terraform_data.later.output.text }`, "2", "", "#1 create", plancheck.ResourceActionUpdate,
		},
		// Nothing and none are one.
		"no properties": {"", totals, "properties = {}\nflink_configuration = {}", "", "", "#1 create", plancheck.ResourceActionUpdate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			of := newServer(t, "2.3.1")
			next := of.step(resource.TestStep{}, test.sql, test.more)
			next.Config = strings.Replace(next.Config, `"later"`, "terraform_data.later.output.text", 1) + strings.Replace(later, "%q", `"`+test.text+`"`, 1)
			if test.fails != "" {
				next.ExpectError = regexp.MustCompile(test.fails)
			} else {
				next.ConfigPlanChecks = action(test.action)
				next.ConfigStateChecks = []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("summary"), knownvalue.StringRegexp(regexp.MustCompile(regexp.QuoteMeta(test.want)))),
				}
			}
			steps := []resource.TestStep{of.step(resource.TestStep{}, totals, test.before)}
			if strings.HasSuffix(test.before, stops) {
				steps = append(steps, of.step(resource.TestStep{}, totals, test.before+"\nstopped = true"))
			}
			steps[len(steps)-1].PostApplyFunc = func() { of.Requests() }
			run(t, append(steps, next)...)
			// The destroy is the first that writes to a statement whose change is refused.
			for _, request := range of.Requests() {
				if test.fails != "" && strings.Contains(request, "/statements") && !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "DELETE ") {
					t.Errorf("it was written: %s", request)
				}
			}
		})
	}
}
