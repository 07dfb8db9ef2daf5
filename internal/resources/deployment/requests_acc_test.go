package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiwatch "k8s.io/apimachinery/pkg/watch"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/acctest/apimetrics"
)

// waiting deployments are waited for in TestAccRequests and more are not. The
// CLI applies batch of them at once, its default, so that the waits come in two
// batches.
const (
	batch   = 10
	waiting = 2 * batch
	more    = 10
)

// TestAccRequests counts the requests that many deployments make: a refresh
// reads them by one list, as does a create that looks for what there is, and
// their waits share one watch.
func TestAccRequests(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	// The API server counts for all clients, so nobody else may be there. The
	// stand-in of the operator asks for nothing while it is paused.
	cluster := acctest.PrivateCluster(t, acctest.Newest())
	namespace := cluster.Namespace(t)
	count := func() apimetrics.Counts {
		t.Helper()
		counts, err := apimetrics.Read(t.Context(), cluster.Config, "flinkdeployments")
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	var before apimetrics.Counts
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					before = count()
					resumeAfter(t, cluster, namespace, batch)
				},
				Config: manyDeployments(cluster, namespace, waiting, 0),
				Check: check(func() error {
					made := count().Since(before)
					// The stand-in of the operator reads and writes too, but it neither applies nor looks at namespaces.
					// One list tells which names are free, and the other begins the watch.
					want := map[string]int{"APPLY flinkdeployments": waiting, "WATCH flinkdeployments": 1, "LIST flinkdeployments": 2}
					for request, number := range want {
						if made[request] != number {
							return fmt.Errorf("%d waiting deployments made %d %s, want %d: %s", waiting, made[request], request, number, made)
						}
					}
					return nil
				}),
			},
			{Config: manyDeployments(cluster, namespace, waiting, more)},
			{
				PreConfig: func() {
					cluster.PauseOperator(t)
					before = count()
				},
				RefreshState: true,
				Check: check(func() error {
					made := count().Since(before)
					if diff := cmp.Diff(apimetrics.Counts{"LIST flinkdeployments": 1}, made); diff != "" {
						return fmt.Errorf("the refresh of %d deployments (-want +got):\n%s", waiting+more, diff)
					}
					return nil
				}),
			},
			{
				PreConfig: func() { cluster.ResumeOperator(t) },
				Config:    manyDeployments(cluster, namespace, waiting, more),
			},
		},
	})
}

// resumeAfter pauses the operator until a number of deployments is there, so that
// none of them is done before the last is waited for.
func resumeAfter(t *testing.T, cluster *acctest.ClusterHandle, namespace string, number int) {
	t.Helper()
	cluster.PauseOperator(t)
	watch, err := cluster.Client.Resource(deploymentKind).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer watch.Stop()
		for event := range watch.ResultChan() {
			object, ok := event.Object.(*unstructured.Unstructured)
			if !ok || event.Type != apiwatch.Added || object.GetNamespace() != namespace {
				continue
			}
			if number--; number == 0 {
				cluster.ResumeOperator(t)
				return
			}
		}
	}()
}

// manyDeployments is a configuration with deployments that wait for their job,
// and more that do not.
func manyDeployments(cluster *acctest.ClusterHandle, namespace string, waiting, more int) string {
	var text strings.Builder
	text.WriteString(acctest.ProviderConfig(cluster))
	for name, deployments := range map[string]struct {
		count   int
		waitFor string
	}{"waiting": {waiting, "running"}, "more": {more, "submitted"}} {
		fmt.Fprintf(&text, `
resource "flink_deployment" %[1]q {
  count               = %[2]d
  environment         = { namespace = %[3]q }
  name                = "%[1]s-${count.index}"
  image               = "registry.example.com/orders:1.4.0"
  flink_version       = "v1_20"
  service_account     = %[4]q
  flink_configuration = { "state.checkpoints.dir" = "s3://flink/checkpoints", "state.savepoints.dir" = "s3://flink/savepoints" }
  job                 = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2 }
  job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager        = { resource = { cpu = 1, memory = "2g" } }
  wait_for            = %[5]q
}
`, name, deployments.count, namespace, acctest.ServiceAccount, deployments.waitFor)
	}
	return text.String()
}
