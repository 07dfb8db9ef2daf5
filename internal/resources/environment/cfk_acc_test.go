package environment_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// byResources is an environment of custom resources, with more inside of its block confluent.
func byResources(c *acctest.CFKHandle, name, more string) string {
	return c.ProviderConfig() + fmt.Sprintf(`
resource "flink_environment" "managed" {
  platform             = "confluent"
  name                 = %q
  namespace            = %q
  deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }
  confluent = {
    via = "custom_resources"
    %s
  }
}
`, name, c.Namespace, more)
}

// TestAccResourcesLife is the life of an environment of custom resources that makes the CMFRestClass:
// create, no change, change, drift, import, use by others, and its end.
func TestAccResourcesLife(t *testing.T) {
	t.Parallel()
	c := acctest.CFK(t, "2.3.1", acctest.Cluster(t, acctest.Newest()))
	name := environmentName()
	secrets := c.Cluster.Client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "secrets"}).Namespace(c.Namespace)
	credentials := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "cmf-login"}, "stringData": map[string]any{"basic.txt": "username=u\npassword=p"}}}
	if _, err := secrets.Create(t.Context(), credentials, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	class := fmt.Sprintf(`custom_resources = {
      rest_class = { name = "own", endpoint = %q, authentication = { type = "basic", secret = "cmf-login" } }
    }`, c.Manager.Endpoint)
	more := class + "\n    compute_pool_defaults = { flink_version = \"v1_19\" }"
	environments := c.Resources("flinkenvironments")
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config: byResources(c, name, class), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check: serverHas(t, c.Manager, name, `"web.cancel.enable":"false"`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(onServer, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name)),
				statecheck.ExpectKnownValue(onServer, tfjsonpath.New("settings"), knownvalue.StringRegexp(regexp.MustCompile(`"custom_resources":\{"class":"own","namespace":"`+c.Namespace))),
			},
		},
		{Config: byResources(c, name, class), PlanOnly: true},
		{Config: byResources(c, name, more), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: serverHas(t, c.Manager, name, `"clusterSpec":{"flinkVersion":"v1_19"}`)},
		{
			// Somebody takes the policy away, and another one edits the CMFRestClass.
			PreConfig: func() {
				patch := []byte(`{"spec":{"flinkApplicationDefaults":null}}`)
				if _, err := environments.Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
					t.Fatal(err)
				}
				patch = []byte(`{"spec":{"cmfRest":{"endpoint":"http://nowhere.example.com"}}}`)
				if _, err := c.Resources("cmfrestclasses").Patch(t.Context(), "own", types.MergePatchType, patch, metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
					t.Fatal(err)
				}
			},
			Config: byResources(c, name, more), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check: serverHas(t, c.Manager, name, `"web.cancel.enable":"false"`),
		},
		{
			// Another configuration finds it by the namespace that has its custom resource.
			Config: byResources(c, name, more) + fmt.Sprintf("data \"flink_environment\" \"found\" {\n  platform = \"confluent\"\n  name = %q\n  custom_resources_namespace = %q\n}\n", name, c.Namespace),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.CompareValuePairs(
				onServer, tfjsonpath.New("settings"), "data.flink_environment.found", tfjsonpath.New("settings"), compare.ValuesSame())},
		},
		{
			ResourceName: onServer, ImportState: true, ImportStateId: "confluent/" + name + "@" + c.Namespace, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"timeouts"},
		},
		{Config: byResources(c, name, strings.Replace(more, "custom_resources = {", "custom_resources = {\n namespace = \"elsewhere\"", 1)), PlanOnly: true, ExpectError: regexp.MustCompile(`cannot\s+move\s+to\s+another\s+namespace`)},
		{Config: managed(c.Manager, name, c.Namespace, ""), PlanOnly: true, ExpectError: regexp.MustCompile(`cannot\s+be\s+given\s+back`)},
		{
			// What is in use stays.
			PreConfig: func() {
				c.Create(t, "FlinkComputePool", "flinkcomputepools", "theirs", map[string]any{
					"flinkEnvironment": name, "type": "DEDICATED", "cmfRestClassRef": map[string]any{"name": "own"},
					"clusterSpec": map[string]any{"jobManager": map[string]any{"resource": map[string]any{"memory": "1g"}}},
				})
			},
			Config: byResources(c, name, more), Destroy: true, ExpectError: regexp.MustCompile(`(?s)FlinkComputePool\s+theirs`),
		},
		{
			PreConfig: func() {
				if err := c.Resources("flinkcomputepools").Delete(t.Context(), "theirs", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				awaitGone(t, c, "flinkcomputepools", "theirs")
			},
			Config: byResources(c, name, more), Destroy: true,
		},
	}})
	if code, answer := c.Manager.Call(t, http.MethodGet, "environments/"+name, ""); code != http.StatusNotFound {
		t.Errorf("the server still has it: %s", answer)
	}
	if _, err := c.Resources("cmfrestclasses").Get(t.Context(), "own", metav1.GetOptions{}); err == nil {
		t.Error("the CMFRestClass is still there")
	}
}

// awaitGone follows a custom resource until it is gone.
func awaitGone(t *testing.T, c *acctest.CFKHandle, plural, name string) {
	t.Helper()
	list, err := c.Resources(plural).List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		return
	}
	watch, err := c.Resources(plural).Watch(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name, ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	for event := range watch.ResultChan() {
		if event.Type == "DELETED" {
			return
		}
	}
	t.Fatalf("the watch ended before %s was gone", name)
}

// TestAccResourcesRefused are environments that are not created, and whose errors say why.
func TestAccResourcesRefused(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for name, test := range map[string]struct {
		more   string
		before func(c *acctest.CFKHandle, name string)
		plan   bool
		want   string
	}{
		"no credentials":    {more: `custom_resources = { rest_class = { endpoint = "http://cmf", authentication = { type = "basic" } } }`, plan: true, want: `The\s+credentials\s+are\s+not\s+named`},
		"no token endpoint": {more: `custom_resources = { rest_class = { endpoint = "http://cmf", authentication = { type = "oauth", secret = "a" } } }`, plan: true, want: `OAuth\s+has\s+no\s+token\s+endpoint`},
		"nobody's class":    {more: `custom_resources = { rest_class = { name = "a", tls_secret = "b" } }`, plan: true, want: `is\s+somebody\s+else's`},
		"somebody's class":  {more: `custom_resources = { rest_class = { endpoint = "http://cmf" } }`, want: `(?s)CMFRestClass.*exists\s+already,\s+and\s+this\s+provider\s+has\s+not\s+made\s+it`},
		"it exists": {before: func(c *acctest.CFKHandle, name string) {
			c.Create(t, "FlinkEnvironment", "flinkenvironments", name, map[string]any{"kubernetesNamespace": c.Namespace})
		}, want: `(?s)exists\s+already.*terraform\s+import`},
		"the server's own rules": {before: func(c *acctest.CFKHandle, _ string) {
			c.Manager.Make(acctest.Trouble{Method: http.MethodPost, Path: "environments", Code: http.StatusBadRequest})
		}, want: `(?s)does\s+not\s+take\s+FlinkEnvironment.*400`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			c, name := acctest.CFK(t, "2.3.1", acctest.Cluster(t, acctest.Newest())), environmentName()
			if test.before != nil {
				test.before(c, name)
			}
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
				{Config: byResources(c, name, test.more), PlanOnly: test.plan, ExpectError: regexp.MustCompile(test.want)},
			}})
			c.Manager.End()
		})
	}
}

// TestAccResourcesOfOthers takes over environments as the vendor's examples write them, with a CMFRestClass of somebody else: the
// plan after the import is empty, and their destroy leaves the CMFRestClass.
func TestAccResourcesOfOthers(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	slots := map[string]any{"flinkConfiguration": map[string]any{"taskmanager.numberOfTaskSlots": "2"}}
	for title, defaults := range map[string]map[string]any{
		"defaults":                  {"spec": slots},
		"defaults with annotations": {"metadata": map[string]any{"annotations": map[string]any{"fmc.platform.confluent.io/intra-cluster-ssl": "false"}}, "spec": slots},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			c, name := acctest.CFK(t, "2.3.1", acctest.Cluster(t, acctest.Newest())), environmentName()
			c.Create(t, "FlinkEnvironment", "flinkenvironments", name, map[string]any{
				"kubernetesNamespace": c.Namespace, "flinkApplicationDefaults": defaults, "cmfRestClassRef": map[string]any{"name": "default", "namespace": c.Namespace},
			})
			config := c.ProviderConfig() + fmt.Sprintf(`
resource "flink_environment" "managed" {
  platform             = "confluent"
  name                 = %q
  namespace            = %q
  deployment_overrides = { flink_configuration = { "taskmanager.numberOfTaskSlots" = "2" } }
  confluent            = { via = "custom_resources", custom_resources = { rest_class = { name = "default" } } }
}
`, name, c.Namespace)
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
				{Config: config, ResourceName: onServer, ImportState: true, ImportStateId: "confluent/" + name + "@" + c.Namespace, ImportStatePersist: true},
				{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			}})
			if _, err := c.Resources("cmfrestclasses").Get(t.Context(), "default", metav1.GetOptions{}); err != nil {
				t.Errorf("the CMFRestClass of somebody else: %s", err)
			}
		})
	}
}
