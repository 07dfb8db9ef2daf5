//go:build e2e

package e2e

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

const address = "flink_deployment.counter"

// environment is an environment of its own, with more attributes. A JobManager that
// gets no processor for a while must not lose its leadership: Flink 1.18 does not
// take it again (FLINK-34007).
func environment(namespace string, more ...string) string {
	return fmt.Sprintf(`
resource "flink_environment" "test" {
  name     = %[1]q
  operator = { service_account = "flink" }
  deployment_defaults = {
    image             = %[2]q
    image_pull_policy = "IfNotPresent"
    flink_version     = %[3]q
    service_account   = "flink"
    flink_configuration = {
      "execution.checkpointing.interval"         = "3 s"
      "high-availability.type"                   = "kubernetes"
      "high-availability.storageDir"             = "file:///opt/state/ha"
      "high-availability.kubernetes.leader-election.lease-duration" = "60 s"
      "high-availability.kubernetes.leader-election.renew-deadline" = "60 s"
      "state.checkpoints.dir"                    = "file:///opt/state/checkpoints"
      "state.savepoints.dir"                     = "file:///opt/state/savepoints"
      "taskmanager.numberOfTaskSlots"            = 2
      "kubernetes.jobmanager.cpu.limit-factor"   = 20
      "kubernetes.taskmanager.cpu.limit-factor"  = 20
      "env.java.opts.all"                        = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    }
    job_manager  = { resource = { cpu = 0.1, memory = "1024m" } }
    task_manager = { resource = { cpu = 0.1, memory = "1024m" } }
    pod_template = yamlencode({
      spec = {
        containers = [{ name = "flink-main-container", volumeMounts = [{ name = "state", mountPath = "/opt/state" }] }]
        volumes    = [{ name = "state", hostPath = { path = "/tmp/flink-state/%[1]s", type = "DirectoryOrCreate" } }]
        initContainers = [{
          name = "open-state", image = %[2]q, imagePullPolicy = "IfNotPresent"
          command = ["chmod", "777", "/opt/state"], securityContext = { runAsUser = 0 }
          volumeMounts = [{ name = "state", mountPath = "/opt/state" }]
        }]
      }
    })
  }
  %[4]s
}
`, namespace, flink.image, flink.version, strings.Join(more, "\n  "))
}

// configuration is an environment with one counter job in it.
func configuration(namespace, job string) string {
	return environment(namespace) + fmt.Sprintf(`
resource "flink_deployment" "counter" {
  environment = flink_environment.test
  name        = "counter"
  job         = %s
}
`, job)
}

// TestDeployment takes a real job through its life: created, upgraded with a
// savepoint from which it is restored, destroyed.
func TestDeployment(t *testing.T) {
	namespace := "e2e-" + strings.ToLower(rand.Text()[:6])
	manager := newJobManager(t, namespace, "counter")
	var first job
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: configuration(namespace, `{ jar_uri = "local:///opt/flink/usrlib/counter.jar", entry_class = "CounterJob", parallelism = 1 }`),
				Check: func(*terraform.State) error {
					first = manager.job()
					if first.State != "RUNNING" || first.Parallelism != 1 || first.RestoredFrom != "" {
						return fmt.Errorf("after the create the JobManager has %+v", first)
					}
					return nil
				},
			},
			{
				Config: configuration(namespace, `{ jar_uri = "local:///opt/flink/usrlib/counter.jar", entry_class = "CounterJob", parallelism = 2 }`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(address, tfjsonpath.New("rollout").AtMapKey("action"), knownvalue.StringExact("savepoint_upgrade")),
				}},
				Check: func(state *terraform.State) error {
					upgraded := manager.job()
					if upgraded.State != "RUNNING" || upgraded.Parallelism != 2 {
						return fmt.Errorf("after the upgrade the JobManager has %+v", upgraded)
					}
					told := state.RootModule().Resources[address].Primary.Attributes["status.savepoint_path"]
					if !strings.HasPrefix(told, "file:/opt/state/savepoints/savepoint-") || upgraded.RestoredFrom != told {
						return fmt.Errorf("the job was restored from %q, the state says %q", upgraded.RestoredFrom, told)
					}
					return nil
				},
			},
		},
	})
}
