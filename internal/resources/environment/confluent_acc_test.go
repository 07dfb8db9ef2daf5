package environment_test

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

const onServer = "flink_environment.managed"

// managed is an environment of Confluent Manager for Apache Flink.
func managed(manager *acctest.CMFHandle, name, namespace, more string) string {
	return manager.ProviderConfig() + fmt.Sprintf(`
resource "flink_environment" "managed" {
  platform  = "confluent"
  name      = %q
  namespace = %q
  %s
}
`, name, namespace, more)
}

// environmentName is a name that no other test has.
func environmentName() string { return "shop-" + strings.ToLower(rand.Text()[:8]) }

func planned(want plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(onServer, want)}}
}

// serverHas is a check that the server's environment has texts, and others not.
func serverHas(t *testing.T, manager *acctest.CMFHandle, name string, texts ...string) resource.TestCheckFunc {
	t.Helper()
	return check(func() error {
		code, answer := manager.Call(t, http.MethodGet, "environments/"+name, "")
		if code != http.StatusOK {
			return fmt.Errorf("the environment answers %d", code)
		}
		for _, text := range texts {
			without, unwanted := strings.CutPrefix(text, "!")
			if strings.Contains(answer, without) == unwanted {
				return fmt.Errorf("want %s in %s", text, answer)
			}
		}
		return nil
	})
}

// check makes a function a check of a step.
func check(do func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return do() }
}

// TestAccConfluentLife is the life of an environment on the server: what it says to
// its deployments as overrides, the server enforces.
func TestAccConfluentLife(t *testing.T) {
	t.Parallel()
	cluster := acctest.Cluster(t, acctest.Newest())
	manager := acctest.CMFOn(t, "2.3.1", cluster)
	name, namespace := environmentName(), cluster.Namespace(t)
	const overrides = `deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }
  deployment_defaults = { image = "registry.example.com/orders:1" }`
	const more = overrides + `
  confluent = {
    compute_pool_defaults = { flink_version = "v1_19" }
    statement_defaults    = { detached = { "state.backend.type" = "rocksdb" } }
  }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: managed(manager, name, "no-such-namespace", ""), ExpectError: regexp.MustCompile(`(?s)the server rejects it.*does not exist`)},
			{
				Config:           managed(manager, name, namespace, overrides),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check:            serverHas(t, manager, name, `"flinkApplicationDefaults":{"spec":{"flinkConfiguration":{"web.cancel.enable":"false"}}}`, `"computePoolDefaults":{}`),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(onServer, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name)),
				},
			},
			{
				Config:           managed(manager, name, namespace, more),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            serverHas(t, manager, name, `"clusterSpec":{"flinkVersion":"v1_19"}`, `"detached":{"flinkConfiguration":{"state.backend.type":"rocksdb"}}`),
			},
			{
				// Somebody takes the policy away.
				PreConfig: func() {
					manager.Call(t, http.MethodPost, "environments", fmt.Sprintf(`{"name":%q,"kubernetesNamespace":%q}`, name, namespace))
				},
				Config: managed(manager, name, namespace, more),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(onServer, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(onServer, tfjsonpath.New("missing"), knownvalue.ListExact(nil)),
				}},
				Check: serverHas(t, manager, name, `"web.cancel.enable":"false"`, `"clusterSpec":{"flinkVersion":"v1_19"}`),
			},
			{
				// The id is the name, and what the environment says is on the server.
				Config: managed(manager, name, namespace, overrides), ResourceName: onServer, ImportState: true, ImportStateId: "confluent/" + name, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"timeouts"},
			},
			{
				Config: managed(manager, name, namespace, more) + fmt.Sprintf("data \"flink_environment\" \"again\" {\n  platform = \"confluent\"\n  name = %q\n  depends_on = [flink_environment.managed]\n}\n", name),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.flink_environment.again", tfjsonpath.New("settings"), knownvalue.StringRegexp(regexp.MustCompile(`web.cancel.enable`))),
					statecheck.ExpectKnownValue("data.flink_environment.again", tfjsonpath.New("namespace"), knownvalue.StringExact(namespace)),
				},
			},
			{
				// What is on it already is not adopted.
				Config:      managed(manager, name, namespace, more) + strings.ReplaceAll(managed(manager, name, namespace, ""), `"managed"`, `"twin"`)[len(manager.ProviderConfig()):],
				ExpectError: regexp.MustCompile(`(?s)it exists already`),
			},
			{
				PreConfig: func() {
					manager.Call(t, http.MethodPost, "environments/"+name+"/compute-pools", `{"apiVersion":"cmf.confluent.io/v1","kind":"ComputePool","metadata":{"name":"sql-pool"},"spec":{"type":"DEDICATED","clusterSpec":{"jobManager":{"resource":{"memory":"1g"}}}}}`)
				},
				Config: manager.ProviderConfig(), ExpectError: regexp.MustCompile(`(?s)still in use.*ComputePool\s+sql-pool`),
			},
			{
				PreConfig: func() { manager.Call(t, http.MethodDelete, "environments/"+name+"/compute-pools/sql-pool", "") },
				Config:    manager.ProviderConfig(),
				Check: check(func() error {
					if code, _ := manager.Call(t, http.MethodGet, "environments/"+name, ""); code != http.StatusNotFound {
						return fmt.Errorf("the environment answers %d after the destroy", code)
					}
					return nil
				}),
			},
		},
	})
}

// A server before 2.3 has no annotations for the settings, so only other
// configurations miss them.
func TestAccConfluentBeforeMetadata(t *testing.T) {
	t.Parallel()
	manager := acctest.CMF(t, "2.2.0")
	name := environmentName()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: managed(manager, name, "flink", `deployment_overrides = { image = "a" }`), Check: serverHas(t, manager, name, `"image":"a"`)},
			{Config: managed(manager, name, "flink", `deployment_overrides = { image = "b" }`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: serverHas(t, manager, name, `"image":"b"`)},
			{
				Config:      managed(manager, name, "flink", `confluent = { kubernetes_cluster = "other" }`),
				ExpectError: regexp.MustCompile(`(?s)needs\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+2.3`),
			},
		},
	})
}

// What a plan can know is an error there.
func TestAccConfluentRefusedAtPlan(t *testing.T) {
	t.Parallel()
	manager := acctest.CMF(t, "2.3.1")
	for name, test := range map[string]struct{ config, want string }{
		"a short name":          {managed(manager, "abc", "flink", ""), `(?s)This is no name of an environment.*4 to 45 characters`},
		"another platform's":    {managed(manager, "shop", "flink", `operator = { service_account = "flink" }`), `(?s)The environment is not of the platform "operator"`},
		"confluent on operator": {strings.ReplaceAll(managed(manager, "shop", "flink", `confluent = {}`), `"confluent"`, `"operator"`), `(?s)The environment is not of the platform "confluent"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps:                    []resource.TestStep{{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)}},
			})
		})
	}
}
