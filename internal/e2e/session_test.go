//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// sessionJar is the counter job where the operator of the own one-node cluster
// reads it: a session job's JAR file is fetched by the operator itself.
func sessionJar(t *testing.T) string {
	t.Helper()
	home := os.Getenv("REALCLUSTER_HOME")
	if home == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		home = filepath.Join(cache, "realcluster")
	}
	jar := filepath.Join(home, "counter.jar")
	if _, err := os.Stat(jar); err != nil {
		t.Fatalf("the test runs on the own one-node cluster alone, whose operator reads %s: %s", jar, err)
	}
	return "file://" + jar
}

// session is the environment of configuration with a session cluster and two
// jobs on it in place of the deployment.
func session(namespace, jar string, slots, parallelism int) string {
	config := environment(namespace) + fmt.Sprintf(`
resource "flink_session_cluster" "shared" {
  environment         = flink_environment.test
  name                = "shared"
  flink_configuration = { "taskmanager.numberOfTaskSlots" = %d }
}
`, slots)
	for _, job := range []struct {
		name        string
		parallelism int
	}{{"orders", parallelism}, {"invoices", 1}} {
		config += fmt.Sprintf(`
resource "flink_session_job" %[1]q {
  environment         = flink_environment.test
  session_cluster     = flink_session_cluster.shared.name
  name                = %[1]q
  job                 = { jar_uri = %[2]q, entry_class = "CounterJob", parallelism = %[3]d }
  flink_configuration = { "taskmanager.numberOfTaskSlots" = null }
}
`, job.name, jar, job.parallelism)
	}
	return config
}

const (
	ordersJob   = "flink_session_job.orders"
	invoicesJob = "flink_session_job.invoices"
	sharedOne   = "flink_session_cluster.shared"
)

// TestSession takes a session cluster with two jobs through their life: one job
// is upgraded with a savepoint while the other runs on, the cluster is upgraded
// and its jobs recover, and one destroy takes everything away.
func TestSession(t *testing.T) {
	namespace, jar := "e2e-"+strings.ToLower(rand.Text()[:6]), sessionJar(t)
	manager := newJobManager(t, namespace, "shared")
	var invoices string
	// running checks that both jobs run, and returns them by their states' ids.
	running := func(state *terraform.State) (orders, invoices job, err error) {
		jobs := manager.jobs()
		id := func(address string) string {
			return state.RootModule().Resources[address].Primary.Attributes["status.job_id"]
		}
		orders, invoices = jobs[id(ordersJob)], jobs[id(invoicesJob)]
		if orders.State != "RUNNING" || invoices.State != "RUNNING" {
			err = fmt.Errorf("the JobManager has %+v, the state has the jobs %q and %q", jobs, id(ordersJob), id(invoicesJob))
		}
		return orders, invoices, err
	}
	summary := func(address, text string) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("summary"), knownvalue.StringExact(text))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: session(namespace, jar, 4, 1),
				Check: func(state *terraform.State) error {
					_, other, err := running(state)
					invoices = other.ID
					return err
				},
			},
			{
				Config: session(namespace, jar, 4, 2),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(sharedOne, plancheck.ResourceActionNoop), plancheck.ExpectResourceAction(invoicesJob, plancheck.ResourceActionNoop),
					summary(ordersJob, "#2 savepoint upgrade: job.parallelism 1 -> 2; the job stops with a savepoint and restarts from it"),
				}},
				Check: func(state *terraform.State) error {
					orders, other, err := running(state)
					if err == nil && (other.ID != invoices || other.RestoredFrom != "" || orders.Parallelism != 2 || !strings.HasPrefix(orders.RestoredFrom, fromSavepoint)) {
						err = fmt.Errorf("after the upgrade of one job they are %+v and %+v", orders, other)
					}
					return err
				},
			},
			{
				Config: session(namespace, jar, 5, 2),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(ordersJob, plancheck.ResourceActionNoop), plancheck.ExpectResourceAction(invoicesJob, plancheck.ResourceActionNoop),
					summary(sharedOne, `#2 last state upgrade: flink_configuration["taskmanager.numberOfTaskSlots"] 4 -> 5; the session cluster restarts and recovers the jobs that run on it`),
				}},
				Check: func(state *terraform.State) error {
					orders, other, err := running(state)
					if err == nil && (other.ID != invoices || !strings.HasPrefix(other.RestoredFrom, fromCheckpoint) || !strings.HasPrefix(orders.RestoredFrom, fromCheckpoint)) {
						err = fmt.Errorf("after the upgrade of the cluster the jobs are %+v and %+v", orders, other)
					}
					return err
				},
			},
			{Config: session(namespace, jar, 5, 2), PlanOnly: true},
		},
	})
}
