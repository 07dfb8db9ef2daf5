package kafkadatabase_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// address is the database of every configuration in these tests.
const address = "flink_kafka_database.orders"

// two are two catalogs, and a database in one of them.
func two(name, of, more string) string {
	return fmt.Sprintf(`
resource "flink_kafka_catalog" "a" {
  name        = "%[1]s-a"
  sr_instance = { connection_config = { "schema.registry.url" = "http://registry:8081" } }
}

resource "flink_kafka_catalog" "b" {
  name        = "%[1]s-b"
  sr_instance = { connection_config = { "schema.registry.url" = "http://registry:8081" } }
}

resource "flink_kafka_database" "orders" {
  catalog       = flink_kafka_catalog.%[2]s.name
  name          = "orders"
  kafka_cluster = { connection_config = { "bootstrap.servers" = "kafka:9092" } }
  %[3]s
}
`, name, of, more)
}

// run applies the steps with the CLI under test.
func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func action(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, want)}}
}

// TestAccLife is the life of a database, whose field for the environments that may
// change tables has another name before 2.3.
func TestAccLife(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for version, field := range map[string]string{"2.3.1": "ddlEnvironments", "2.2.0": "alterEnvironments"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			if version != "2.3.1" {
				acctest.FirstCLIOnly(t)
			}
			cmf := acctest.CMF(t, version)
			name := "db-" + strings.ToLower(rand.Text()[:8])
			provider := cmf.ProviderConfig()
			database := "catalogs/kafka/" + name + "-a/databases/orders"
			ddl := `ddl_environments = ["production", "staging"]`
			run(t,
				resource.TestStep{
					Config:            provider + two(name, "a", ""),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name+"-a/orders"))},
				},
				resource.TestStep{
					Config:           provider + two(name, "a", ddl),
					ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
					Check: func(*terraform.State) error {
						if _, got := cmf.Call(t, http.MethodGet, database, ""); !strings.Contains(got, `"`+field+`":["production","staging"]`) {
							return fmt.Errorf("the server has no %s: %s", field, got)
						}
						return nil
					},
				},
				// The order of the environments means nothing, on the server.
				resource.TestStep{
					PreConfig: func() {
						cmf.Call(t, http.MethodPut, database, `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"orders"},
							"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"kafka:9092"}},"`+field+`":["staging","production"]}}`)
					},
					Config:           provider + two(name, "a", ddl),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				resource.TestStep{
					PreConfig: func() {
						cmf.Call(t, http.MethodPut, database, `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"orders"},
							"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"other:9092"}}}}`)
					},
					Config:           provider + two(name, "a", ddl),
					ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
				},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "confluent/" + name + "-a/orders", ImportStateVerify: true},
				resource.TestStep{Config: provider + two(name, "b", ddl), ConfigPlanChecks: action(plancheck.ResourceActionReplace)},
				resource.TestStep{
					PreConfig: func() {
						cmf.Call(t, http.MethodDelete, "catalogs/kafka/"+name+"-b/databases/orders", "")
					},
					Config:           provider + two(name, "b", ddl),
					ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				},
			)
		})
	}
}

// TestAccRefused are databases that cannot be.
func TestAccRefused(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf := acctest.CMF(t, "2.3.1")
	name := "db-" + strings.ToLower(rand.Text()[:8])
	config := cmf.ProviderConfig() + two(name, "a", "")
	run(t,
		resource.TestStep{
			Config:      strings.Replace(config, `flink_kafka_catalog.a.name`, `"nowhere"`, 1),
			ExpectError: regexp.MustCompile(`(?s)the\s+server\s+rejects\s+it.*Catalog\s+'nowhere'\s+not\s+found`),
		},
		resource.TestStep{
			Config:      strings.Replace(config, "kafka:9092", "kafka.invalid:9092", 1),
			ExpectError: regexp.MustCompile(`Database\s+could\s+not\s+be\s+created`),
		},
	)
}
