package kafkacatalog_test

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

// address is the catalog of every configuration in these tests.
const address = "flink_kafka_catalog.shop"

// unique is a name that no other test has: all environments share catalogs.
func unique() string { return "shop-" + strings.ToLower(rand.Text()[:8]) }

// catalog is a configuration with a catalog.
func catalog(name, url, more string) string {
	return fmt.Sprintf(`
resource "flink_kafka_catalog" "shop" {
  name        = %q
  sr_instance = { connection_config = { "schema.registry.url" = %q } }
  %s
}
`, name, url, more)
}

// body is a catalog as somebody else writes it.
func body(name, url string) string {
	return fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaCatalog","metadata":{"name":%q},"spec":{"srInstance":{"connectionConfig":{"schema.registry.url":%q}}}}`, name, url)
}

// run applies the steps with the CLI under test.
func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func action(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, want)}}
}

const (
	registry = "http://registry-a:8081"
	another  = "http://registry-b:8081"
)

// TestAccLife is the life of a catalog, also on the oldest server.
func TestAccLife(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, version := range []string{"2.3.1", "2.1.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			if version != "2.3.1" {
				acctest.FirstCLIOnly(t)
			}
			cmf, name := acctest.CMF(t, version), unique()
			provider := cmf.ProviderConfig()
			has := func(url string) resource.TestCheckFunc {
				return func(*terraform.State) error {
					if _, got := cmf.Call(t, http.MethodGet, "catalogs/kafka/"+name, ""); !strings.Contains(got, url) {
						return fmt.Errorf("the server has no %s: %s", url, got)
					}
					return nil
				}
			}
			run(t,
				resource.TestStep{
					Config:            provider + catalog(name, registry, ""),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name))},
					Check:             has(registry),
				},
				// The answer to a PUT has no body.
				resource.TestStep{Config: provider + catalog(name, another, ""), ConfigPlanChecks: action(plancheck.ResourceActionUpdate), Check: has(another)},
				resource.TestStep{
					// Somebody changes it; the next apply puts it back.
					PreConfig:        func() { cmf.Call(t, http.MethodPut, "catalogs/kafka/"+name, body(name, registry)) },
					Config:           provider + catalog(name, another, ""),
					ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
					Check:            has(another),
				},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "confluent/" + name, ImportStateVerify: true},
				resource.TestStep{
					PreConfig:        func() { cmf.Call(t, http.MethodDelete, "catalogs/kafka/"+name, "") },
					Config:           provider + catalog(name, another, ""),
					ConfigPlanChecks: action(plancheck.ResourceActionCreate),
				},
				resource.TestStep{Config: provider + catalog(name+"-2", another, ""), ConfigPlanChecks: action(plancheck.ResourceActionReplace)},
			)
			if code, got := cmf.Call(t, http.MethodGet, "catalogs/kafka/"+name+"-2", ""); code != http.StatusNotFound {
				t.Errorf("the destroyed catalog is still there: %s", got)
			}
		})
	}
}

// TestAccInUse deletes a catalog with a database of somebody else.
func TestAccInUse(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	cmf, name := acctest.CMF(t, "2.3.1"), unique()
	config := cmf.ProviderConfig() + catalog(name, registry, "")
	databases := "catalogs/kafka/" + name + "/databases"
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				if code, got := cmf.Call(t, http.MethodPost, databases, `{"apiVersion":"cmf.confluent.io/v1","kind":"KafkaDatabase","metadata":{"name":"orders"},
					"spec":{"kafkaCluster":{"connectionConfig":{"bootstrap.servers":"kafka:9092"}}}}`); code != http.StatusOK {
					t.Fatal(got)
				}
			},
			Config: config, Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)it\s+is\s+still\s+in\s+use.*is\s+used\s+by\s+the\s+database\s+orders`),
		},
		resource.TestStep{PreConfig: func() { cmf.Call(t, http.MethodDelete, databases+"/orders", "") }, Config: config},
	)
}

// TestAccTrouble creates and changes a catalog on a server in trouble.
func TestAccTrouble(t *testing.T) {
	t.Parallel()
	acctest.InTrouble(t, map[string]acctest.Trouble{
		"the answer to a create is lost": {Method: http.MethodPost, Path: "catalogs", Times: 1, Loses: true},
		"the answer to a change is lost": {Method: http.MethodPut, Path: "catalogs", Times: 1, Loses: true},
		"the server is away for a while": {Path: "catalogs", Times: 4, Drops: true},
	}, func(t *testing.T, cmf *acctest.CMFHandle) {
		name := unique()
		run(t,
			resource.TestStep{Config: cmf.ProviderConfig() + catalog(name, registry, "")},
			resource.TestStep{Config: cmf.ProviderConfig() + catalog(name, another, ""), ConfigPlanChecks: action(plancheck.ResourceActionUpdate)},
		)
	})
}

// TestAccRefused are creates that come to nothing, and whose errors say why.
func TestAccRefused(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		url    string
		before func(t *testing.T, cmf *acctest.CMFHandle, name string)
		want   string
	}{
		"it exists": {registry, func(t *testing.T, cmf *acctest.CMFHandle, name string) {
			cmf.Call(t, http.MethodPost, "catalogs/kafka", body(name, another))
		}, `(?s)it\s+exists\s+already.*terraform\s+import\s+flink_kafka_catalog.<name>\s+confluent/shop-`},
		"the registry is not there": {"http://registry.invalid:8081", nil, `(?s)the\s+server\s+rejects\s+it.*Catalog\s+could\s+not\s+be\s+created`},
		"wrong credentials": {registry, func(_ *testing.T, cmf *acctest.CMFHandle, _ string) {
			cmf.Make(acctest.Trouble{Code: http.StatusUnauthorized})
		}, `does\s+not\s+accept\s+the\s+credentials`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			cmf, name := acctest.CMF(t, "2.3.1"), unique()
			if test.before != nil {
				test.before(t, cmf, name)
			}
			run(t, resource.TestStep{Config: cmf.ProviderConfig() + catalog(name, test.url, ""), ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
