//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// managed is configuration with the deployment in an environment of Confluent
// Manager for Apache Flink, which is in the namespace of the other one.
func managed(manager *acctest.CMFHandle, namespace, job string) string {
	whole := configuration(namespace, job)
	from := strings.Index(whole, "  deployment_defaults = {")
	until := strings.Index(whole, "resource \"flink_deployment\"")
	second := fmt.Sprintf("resource \"flink_environment\" \"managed\" {\n  platform  = \"confluent\"\n  name      = %q\n  namespace = flink_environment.test.namespace\n", namespace) + whole[from:until]
	return manager.ProviderConfig() + whole[:until] + second + strings.Replace(whole[until:], "flink_environment.test", "flink_environment.managed", 1)
}

// TestConfluent takes a real job through its life as an application: created,
// upgraded with a savepoint, kept from a version that crashes, switched, and started
// from a savepoint of its own. The server comes with operators that are newer than 1.10.
func TestConfluent(t *testing.T) {
	if !hasKind(t, "flinkstatesnapshots") {
		t.Skip("this operator is older than those of the server: it has no FlinkStateSnapshot")
	}
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	server := acctest.CMFOn(t, "2.3.1", &acctest.ClusterHandle{Kubeconfig: os.Getenv("KUBECONFIG")})
	job := newJobManager(t, namespace, "counter")
	savepoint := job.restored(fromSavepoint)
	slower := counter(`args = ["--delay-ms", "10"]`)
	t.Run("in place", func(t *testing.T) {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Providers(),
			Steps: []resource.TestStep{
				{Config: managed(server, namespace, counter()), ConfigStateChecks: proves("first checkpoint completed")},
				{Config: managed(server, namespace, slower), ConfigPlanChecks: plans("savepoint_upgrade"), Check: savepoint, ConfigStateChecks: proves("first checkpoint completed")},
				{
					Config: managed(server, namespace, crashes), ConfigPlanChecks: plans("savepoint_upgrade"),
					ExpectError: inTheFirstLine("IllegalStateException: asked to fail after 50", "Rolled back: the previous version"),
				},
				{Config: managed(server, namespace, slower), PlanOnly: true},
				{RefreshState: true, Check: savepoint},
			},
		})
	})
	t.Run("blue/green", func(t *testing.T) {
		namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
		with := func(job string) string {
			return having(managed(server, namespace, job), `upgrade = { strategy = "blue_green", allow_state_loss = true, blue_green = { abort_grace_period = "120s" } }`)
		}
		const taken = `
resource "flink_savepoint" "given" {
  environment = flink_environment.managed
  name        = "given"
  deployment  = "counter"
}
`
		blue := newJobManager(t, namespace, "counter-blue")
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Providers(),
			Steps: []resource.TestStep{
				{Config: with(counter()), ConfigStateChecks: proves("first checkpoint completed")},
				{
					Config: with(slower), ConfigPlanChecks: plans("blue_green"), Check: newJobManager(t, namespace, "counter-green").restored(fromSavepoint),
					ConfigStateChecks: proves("first checkpoint completed"),
				},
				// The savepoint is of the active color.
				{Config: with(slower) + taken},
				{
					Config: with(counter("initial_savepoint_path = flink_savepoint.given.location")) + taken,
					Check: func(state *terraform.State) error {
						path := state.RootModule().Resources["flink_savepoint.given"].Primary.Attributes["location"]
						if now := blue.job(); now.State != "RUNNING" || now.RestoredFrom != path {
							return fmt.Errorf("the JobManager has %+v, want a job restored from %s", now, path)
						}
						return nil
					},
				},
			},
		})
	})
}

// hasKind tells whether the cluster has a kind of the operator.
func hasKind(t *testing.T, plural string) bool {
	t.Helper()
	client, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Get().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + plural + ".flink.apache.org").DoRaw(t.Context())
	return err == nil
}
