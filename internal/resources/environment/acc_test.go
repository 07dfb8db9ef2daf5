package environment_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var (
	namespaces      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	serviceAccounts = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	roles           = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"}
	roleBindings    = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"}
	deployments     = acctest.FlinkDeployments
)

// newName returns the name of an environment that nobody else has.
func newName() string { return "env-" + strings.ToLower(rand.Text()[:8]) }

// exists checks that an object is there, or is not.
func exists(cluster *acctest.ClusterHandle, kind schema.GroupVersionResource, namespace, name string, want bool) resource.TestCheckFunc {
	return func(*terraform.State) error {
		_, err := cluster.Client.Resource(kind).Namespace(namespace).Get(context.Background(), name, metav1.GetOptions{})
		switch {
		case err != nil && !apierrors.IsNotFound(err):
			return err
		case want != (err == nil):
			return fmt.Errorf("%s %s/%s exists: %t, want %t", kind.Resource, namespace, name, err == nil, want)
		}
		return nil
	}
}

// hasAccess checks for a service account with its role and role binding.
func hasAccess(cluster *acctest.ClusterHandle, namespace, account string, want bool) resource.TestCheckFunc {
	return resource.ComposeTestCheckFunc(
		exists(cluster, serviceAccounts, namespace, account, want),
		exists(cluster, roles, namespace, account, want),
		exists(cluster, roleBindings, namespace, account, want),
	)
}

func TestAccLife(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	name := newName()
	config := func(body string) string {
		return acctest.ProviderConfig(cluster) + fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n%s\n}\n", name, body)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             exists(cluster, namespaces, "", name, false),
		Steps: []resource.TestStep{
			{
				Config: config(`operator = { service_account = "flink", labels = { team = "payments" } }`),
				Check: resource.ComposeTestCheckFunc(
					hasAccess(cluster, name, "flink", true),
					func(*terraform.State) error {
						namespace, err := cluster.Client.Resource(namespaces).Get(context.Background(), name, metav1.GetOptions{})
						if err == nil && namespace.GetLabels()["team"] != "payments" {
							err = fmt.Errorf("the namespace has the labels %v", namespace.GetLabels())
						}
						return err
					},
				),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/"+name)),
				},
			},
			{
				// One of our labels that somebody changed shows alone, and comes back.
				PreConfig: func() {
					patch := []byte(`{"metadata":{"labels":{"team":"others"}}}`)
					if _, err := cluster.Client.Resource(namespaces).Patch(t.Context(), name, "application/merge-patch+json", patch, metav1.PatchOptions{FieldManager: "kubectl-label"}); err != nil {
						t.Fatal(err)
					}
				},
				Config:           config(`operator = { service_account = "flink", labels = { team = "payments" } }`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{onlyMissing("label team=payments of namespace " + name)}},
				Check: func(*terraform.State) error {
					namespace, err := cluster.Client.Resource(namespaces).Get(context.Background(), name, metav1.GetOptions{})
					if err == nil && namespace.GetLabels()["team"] != "payments" {
						err = fmt.Errorf("the namespace has the labels %v", namespace.GetLabels())
					}
					return err
				},
			},
			{
				// Another service account takes the place of the first.
				Config:           config(`operator = { service_account = "runner" }`),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				Check: resource.ComposeTestCheckFunc(
					hasAccess(cluster, name, "flink", false),
					hasAccess(cluster, name, "runner", true),
				),
			},
			{
				// What is deleted behind Terraform's back comes back.
				PreConfig: func() {
					if err := cluster.Client.Resource(roles).Namespace(name).Delete(t.Context(), "runner", metav1.DeleteOptions{}); err != nil {
						t.Fatal(err)
					}
				},
				Config:           config(`operator = { service_account = "runner" }`),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				Check:            hasAccess(cluster, name, "runner", true),
			},
			{
				// Labels and annotations of others are theirs.
				PreConfig: func() {
					patch := []byte(`{"metadata":{"labels":{"owner":"somebody"},"annotations":{"tool/x":"y"}}}`)
					if _, err := cluster.Client.Resource(namespaces).Patch(t.Context(), name, "application/merge-patch+json", patch, metav1.PatchOptions{}); err != nil {
						t.Fatal(err)
					}
				},
				Config:           config(`operator = { service_account = "runner" }`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				ResourceName:      address,
				ImportState:       true,
				ImportStateId:     "operator/" + name,
				ImportStateVerify: true,
			},
			{
				Config: config(""),
				Check:  hasAccess(cluster, name, "runner", false),
			},
		},
	})
}

func TestAccInUse(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	name := newName()
	config := acctest.ProviderConfig(cluster) + fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n}\n", name)
	orders := cluster.Client.Resource(deployments).Namespace(name)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             exists(cluster, namespaces, "", name, false),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					object := &unstructured.Unstructured{Object: map[string]any{
						"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
						"metadata": map[string]any{"name": "orders"},
						"spec":     map[string]any{"flinkVersion": "v1_20"},
					}}
					if _, err := orders.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
						t.Fatal(err)
					}
				},
				Config:      config,
				Destroy:     true,
				ExpectError: regexp.MustCompile(`(?s)it is still in use.*FlinkDeployment\s+orders`),
			},
			{
				PreConfig: func() {
					if err := orders.Delete(t.Context(), "orders", metav1.DeleteOptions{}); err != nil {
						t.Fatal(err)
					}
					waitUntilGone(t, cluster, name)
				},
				Config:           config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:            exists(cluster, namespaces, "", name, true),
			},
		},
	})
}

// waitUntilGone follows the deployments of a namespace until there is none.
func waitUntilGone(t *testing.T, cluster *acctest.ClusterHandle, namespace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := cluster.Client.Resource(deployments).Namespace(namespace)
	for {
		list, err := client.List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) == 0 {
			return
		}
		watch, err := client.Watch(ctx, metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
		if err != nil {
			t.Fatal(err)
		}
		<-watch.ResultChan()
		watch.Stop()
	}
}

func TestAccNamespaceOfOthers(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	name := cluster.Namespace(t)
	config := func(operator string) string {
		return acctest.ProviderConfig(cluster) + fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n  operator = %s\n}\n", name, operator)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy: resource.ComposeTestCheckFunc(
			exists(cluster, namespaces, "", name, true),
			hasAccess(cluster, name, "runner", false),
		),
		Steps: []resource.TestStep{
			{
				Config:      config(`{ service_account = "runner" }`),
				ExpectError: regexp.MustCompile(`(?s)it exists already.*Namespace\s+` + name + `.*terraform\s+import`),
			},
			{
				Config: config(`{ create_namespace = false, service_account = "runner", labels = { team = "a" } }`),
				Check:  hasAccess(cluster, name, "runner", true),
			},
			{
				ResourceName:      address,
				ImportState:       true,
				ImportStateId:     name,
				ImportStateVerify: true,
			},
			{
				// What others changed by hand is put back, and forgets nothing: the destroy
				// that follows takes all that was created.
				PreConfig: func() {
					for _, edit := range []struct {
						kind    schema.GroupVersionResource
						manager string
						patch   string
					}{
						{roles, "kubectl-edit", `{"rules":[]}`},
						{serviceAccounts, "kubectl-label", `{"metadata":{"labels":{"team":"b"}}}`},
					} {
						if _, err := cluster.Client.Resource(edit.kind).Namespace(name).Patch(t.Context(), "runner", "application/merge-patch+json", []byte(edit.patch), metav1.PatchOptions{FieldManager: edit.manager}); err != nil {
							t.Fatal(err)
						}
					}
				},
				Config: config(`{ create_namespace = false, service_account = "runner", labels = { team = "a" } }`),
				Check: func(*terraform.State) error {
					role, err := cluster.Client.Resource(roles).Namespace(name).Get(t.Context(), "runner", metav1.GetOptions{})
					if err != nil {
						return err
					}
					if rules, _, _ := unstructured.NestedSlice(role.Object, "rules"); len(rules) == 0 {
						return errors.New("the role has no rules")
					}
					return nil
				},
			},
			{
				PreConfig: func() {
					if _, err := cluster.Client.Resource(roles).Namespace(name).Patch(t.Context(), "runner", "application/merge-patch+json", []byte(`{"rules":[]}`), metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
						t.Fatal(err)
					}
				},
				Config:  config(`{ create_namespace = false, service_account = "runner", labels = { team = "a" } }`),
				Destroy: true,
			},
		},
	})
}

func TestAccAbsentNamespaceOfOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: acctest.ProviderConfig(cluster) +
				fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n  operator = { create_namespace = false }\n}\n", newName()),
			ExpectError: regexp.MustCompile(`the namespace does not exist`),
		}},
	})
}

func TestAccClusterAway(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.PrivateCluster(t, acctest.Newest())
	name := newName()
	config := acctest.ProviderConfig(cluster) + fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n}\n", name)
	var stopped time.Time
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig:   func() { cluster.StopAPIServer(t); stopped = time.Now() },
				Config:      config,
				ExpectError: regexp.MustCompile(`(?s)Cannot\s+read\s+the\s+environment.*cannot\s+be\s+reached.*` + regexp.QuoteMeta(cluster.Endpoint)),
			},
			{
				PreConfig: func() {
					if took := time.Since(stopped); took > 20*time.Second {
						t.Errorf("the error took %s", took)
					}
					cluster.StartAPIServer(t)
				},
				Config:           config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
		},
	})
}
