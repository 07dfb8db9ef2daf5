//go:build e2e

package statement_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccFlink has a real Flink compile the statements: what is wrong with one is said
// in Flink's own words, and the next apply creates the corrected one.
func TestAccFlink(t *testing.T) {
	if os.Getenv("FLINK_TEST_SQL_GATEWAY") == "" {
		t.Fatal("FLINK_TEST_SQL_GATEWAY names no SQL gateway; run this by `make sql`")
	}
	cmf := acctest.CMF(t, "2.3.1")
	environment := cmf.Environment(t)
	tables := ""
	for _, table := range []string{"orders (region STRING, amount DOUBLE)", "totals (region STRING, total DOUBLE, PRIMARY KEY (region) NOT ENFORCED)"} {
		tables += fmt.Sprintf(`
resource "flink_statement" %[1]q {
  environment  = { platform = "confluent", name = %[2]q }
  name         = %[1]q
  compute_pool = flink_compute_pool.sql.name
  statement    = "CREATE TABLE %[3]s"
}
`, table[:6]+"-table", environment, table)
	}
	config := func(sql string) string {
		return cmf.ProviderConfig() + tables + statement(environment, sql, `depends_on = [flink_statement.orders-table, flink_statement.totals-table]`)
	}
	steps := []resource.TestStep{}
	for sql, want := range map[string]string{
		"INSERT INTO totals SELECT area, SUM(amount) FROM orders GROUP BY area":     `Column\s+'area'\s+not\s+found\s+in\s+any\s+table`,
		"INSERT INTO totals SELECT region FROM orders":                              `(?s)Column\s+types\s+of\s+query\s+result\s+and\s+sink.*Different\s+number\s+of\s+columns`,
		"INSERT INTO totals SELECT region, TOTAL(amount) FROM orders":               `No\s+match\s+found\s+for\s+function\s+signature`,
		"INSERT INTO orders SELECT region, SUM(amount) FROM orders GROUP BY region": `doesn't\s+support\s+consuming\s+update\s+changes`,
	} {
		steps = append(steps, resource.TestStep{Config: config(sql), ExpectError: regexp.MustCompile(want)})
	}
	steps = append(steps,
		resource.TestStep{Config: config(totals), ConfigPlanChecks: action(plancheck.ResourceActionDestroyBeforeCreate), ConfigStateChecks: phase("RUNNING")},
		resource.TestStep{Config: config(totals), PlanOnly: true},
	)
	run(t, steps...)
}
