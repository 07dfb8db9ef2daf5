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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var (
	flowConfigMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	flowSecrets    = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
)

// TestAccCloudflow creates an environment on Cloudflow, finds what somebody has deleted of it, imports it, and destroys it.
func TestAccCloudflow(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	cloudflow := acctest.Cloudflow(t, cluster)
	name := newName()
	config := func(body string) string {
		return acctest.ProviderConfig(cluster) + fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = %q\n  platform = \"cloudflow\"\n  cloudflow = {\n    operator_namespace = %q\n%s\n  }\n}\n", name, cloudflow.OperatorNamespace, body)
	}
	const address = "flink_environment.prod"
	whole := config("service_account = \"flink\"\n kafka_cluster = \"main\"\n logback = \"<configuration/>\"")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             exists(cluster, namespaces, "", name, false),
		Steps: []resource.TestStep{
			{
				Config: whole,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("cloudflow/"+name)),
				},
				Check: resource.ComposeTestCheckFunc(
					hasAccess(cluster, name, "flink", true),
					exists(cluster, flowSecrets, name, "logging", true),
					func(*terraform.State) error {
						object, err := cluster.Client.Resource(flowConfigMaps).Namespace(name).Get(context.Background(), "flink-cloudflow", metav1.GetOptions{})
						if err != nil {
							return err
						}
						data, _, _ := unstructured.NestedStringMap(object.Object, "data")
						if data["operator-namespace"] != cloudflow.OperatorNamespace || data["kafka-cluster"] != "main" {
							return fmt.Errorf("the settings are %v", data)
						}
						return nil
					},
				),
			},
			{Config: whole, PlanOnly: true},
			{
				PreConfig: func() {
					if err := cluster.Client.Resource(flowSecrets).Namespace(name).Delete(t.Context(), "logging", metav1.DeleteOptions{}); err != nil {
						t.Fatal(err)
					}
				},
				Config: whole,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				}},
				Check: exists(cluster, flowSecrets, name, "logging", true),
			},
			{Config: whole, ResourceName: address, ImportState: true, ImportStateId: "cloudflow/" + name, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{Config: config(""), Check: resource.ComposeTestCheckFunc(exists(cluster, flowSecrets, name, "logging", false), hasAccess(cluster, name, "flink", false))},
			{Config: config(""), PlanOnly: true},
		},
	})
}

// TestAccCloudflowElsewhere refuses an environment where there is no Cloudflow, before anything is written, and the block of
// another platform.
func TestAccCloudflowElsewhere(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	acctest.FirstCLIOnly(t)
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
				Config:      config("platform = \"cloudflow\"\n cloudflow = { operator_namespace = \"kube-public\" }"),
				ExpectError: regexp.MustCompile(`there is no operator of Cloudflow`),
			},
			{Config: config("cloudflow = {}"), PlanOnly: true, ExpectError: regexp.MustCompile(`The environment is not of the platform "cloudflow"`)},
		},
	})
}
