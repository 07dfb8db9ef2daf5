package environment_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const shop = "flink_environment.shop"

// clowd is a ClowdEnvironment of a test.
type clowd struct {
	*testing.T
	cluster         *acctest.ClusterHandle
	name, namespace string
}

func newClowd(t *testing.T, cluster *acctest.ClusterHandle) *clowd {
	t.Helper()
	acctest.WithClowder(t, cluster)
	return &clowd{t, cluster, cluster.ClowdEnvironment(t), cluster.Namespace(t)}
}

func (c *clowd) config(attributes string) string {
	return acctest.ProviderConfig(c.cluster) + fmt.Sprintf(`
resource "flink_environment" "shop" {
  platform  = "clowder"
  name      = %q
  namespace = %q
  timeouts  = { create = "45s", update = "45s", delete = "60s" }
  %s
}
`, c.name, c.namespace, attributes)
}

func (c *clowd) get() *unstructured.Unstructured {
	c.Helper()
	live, err := c.cluster.Client.Resource(acctest.ClowdEnvironments).Get(context.WithoutCancel(c.Context()), c.name, metav1.GetOptions{})
	if err != nil {
		c.Fatal(err)
	}
	return live
}

func (c *clowd) patch(patch string) {
	c.Helper()
	if _, err := c.cluster.Client.Resource(acctest.ClowdEnvironments).Patch(c.Context(), c.name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		c.Fatal(err)
	}
}

// TestAccClowder makes an environment, changes it, shows drift by path, and takes it over by an import.
func TestAccClowder(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	c := newClowd(t, acctest.Cluster(t, acctest.Newest()))
	of := func(kafka string) string {
		return c.config(fmt.Sprintf(`clowder = {
    create_namespace  = false
    labels            = { team = "payments" }
    kafka             = %s
    web               = { mode = "operator", port = 8000, private_port = 10000 }
    providers         = yamlencode({ featureFlags = { mode = "none" } })
    resource_defaults = yamlencode({ requests = { cpu = "300m", memory = "1Gi" } })
  }`, kafka))
	}
	const local = `{ mode = "local" }`
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config: of(local),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(shop, tfjsonpath.New("id"), knownvalue.StringExact("clowder/"+c.name)),
				statecheck.ExpectKnownValue(shop, tfjsonpath.New("settings"), knownvalue.StringRegexp(regexp.MustCompile(`"kafka":\{"bootstrapServers":"","cluster":"`+c.name+`","provider":"environment"\}`))),
			},
			Check: func(*terraform.State) error {
				mode, _, _ := unstructured.NestedString(c.get().Object, "spec", "providers", "kafka", "mode")
				if mode != "local" || c.get().GetGeneration() < 2 {
					return fmt.Errorf("the mode is %q in generation %d, which Clowder has written back", mode, c.get().GetGeneration())
				}
				return nil
			},
		},
		{Config: of(local), PlanOnly: true},
		{
			Config:           of(`{ mode = "none" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(shop, plancheck.ResourceActionUpdate)}},
		},
		{
			PreConfig: func() {
				c.patch(`{"spec":{"providers":{"web":{"privatePort":11000}}},"metadata":{"labels":{"team":"other"}}}`)
			},
			Config: of(`{ mode = "none" }`), PlanOnly: true, ExpectNonEmptyPlan: true,
		},
		{
			RefreshState: true, ExpectNonEmptyPlan: true,
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(shop, "missing.#", "2"),
				resource.TestCheckResourceAttr(shop, "missing.0", "providers.web.privatePort of ClowdEnvironment "+c.name),
				resource.TestCheckResourceAttr(shop, "missing.1", "label team=payments of ClowdEnvironment "+c.name),
			),
		},
		{
			Config: of(`{ mode = "none" }`),
			Check: func(*terraform.State) error {
				if port, _, _ := unstructured.NestedInt64(c.get().Object, "spec", "providers", "web", "privatePort"); port != 10000 {
					return fmt.Errorf("the port is %d", port)
				}
				return nil
			},
		},
		{Config: acctest.ProviderConfig(c.cluster) + "removed {\n from = " + shop + "\n lifecycle { destroy = false }\n}\n"},
		{Config: of(`{ mode = "none" }`), ResourceName: shop, ImportState: true, ImportStateId: "clowder/" + c.name, ImportStatePersist: true},
		{Config: of(`{ mode = "none" }`)},
		{Config: of(`{ mode = "none" }`), PlanOnly: true},
	}})
}

// TestAccClowderRefused has environments that do not come about, each with its cause, and one that is in use.
func TestAccClowderRefused(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	c := newClowd(t, acctest.Cluster(t, acctest.Newest()))
	const block = `clowder = { create_namespace = false }`
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: c.config(block + "\n kafka = { provider = \"external\", bootstrap_servers = \"kafka:9092\" }"), PlanOnly: true, ExpectError: regexp.MustCompile(`Clowder says where the topics are`)},
		{Config: c.config(`operator = { create_namespace = false }`), PlanOnly: true, ExpectError: regexp.MustCompile(`The environment is not of the platform "operator"`)},
		{Config: c.config(``), ExpectError: regexp.MustCompile(`the namespace \S+\s+exists already`)},
		{Config: c.config(`clowder = { create_namespace = false, kafka = { mode = "app-interface", cluster = { name = "prod" } } }`), ExpectError: regexp.MustCompile(`(?s)Cannot find kafka bootstrap service.*prod-kafka-bootstrap.*has\s+to\s+be\s+there\s+before`)},
		// It is in the state, and the cause can be mended.
		{Config: c.config(block)},
		{
			PreConfig: func() {
				app := &unstructured.Unstructured{Object: map[string]any{
					"apiVersion": "cloud.redhat.com/v1alpha1", "kind": "ClowdApp", "metadata": map[string]any{"name": "others"}, "spec": map[string]any{"envName": c.name},
				}}
				if _, err := c.cluster.Client.Resource(acctest.ClowdApps).Namespace(c.namespace).Create(t.Context(), app, metav1.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
			},
			Config: acctest.ProviderConfig(c.cluster), ExpectError: regexp.MustCompile(`(?s)still holds\s+ClowdApp\s+` + c.namespace + `/others`),
		},
		{
			PreConfig: func() {
				if err := c.cluster.Client.Resource(acctest.ClowdApps).Namespace(c.namespace).Delete(t.Context(), "others", metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
			},
			Config: c.config(block), PlanOnly: true,
		},
	}})
}

// TestAccClowderNamespace makes the namespace of an environment, which goes with it: also one of an environment whose create
// has failed.
func TestAccClowderNamespace(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
	c := newClowd(t, acctest.Cluster(t, acctest.Newest()))
	c.namespace += "-own"
	gone := func(*terraform.State) error {
		_, err := c.cluster.Client.Resource(namespaces).Get(context.WithoutCancel(c.Context()), c.namespace, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the namespace is still there: %w", err)
		}
		return nil
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: gone,
		Steps: []resource.TestStep{
			{Config: c.config(`clowder = { kafka = { mode = "app-interface", cluster = { name = "none" } } }`), ExpectError: regexp.MustCompile(`Cannot find kafka bootstrap service`)},
			{Config: c.config(`clowder = { kafka = { mode = "local" } }`)},
			{Config: c.config(`clowder = { kafka = { mode = "local" } }`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
