//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// counters is an application of two jobs that count, as a ClowdApp.
type counters struct {
	*testing.T
	namespace string
	// from are where jobs have started from when they were asked last, by streamlet.
	from map[string]string
}

// with is its configuration, with attributes of one of the two.
func (c *counters) with(one ...string) string {
	return c.environment() + fmt.Sprintf(`
resource "flink_stream_application" "payments" {
  environment = flink_environment.clowder
  name        = "payments"
  timeouts    = { create = "6m", update = "8m", delete = "5m" }
  streamlets = {
    first  = { entry_class = "CounterJob", parallelism = 1 }
    second = {
      entry_class = "CounterJob"
      parallelism = 1
      %s
    }
  }
}
`, strings.Join(one, "\n      "))
}

// environment has checkpoints in a folder of the node that everybody may write to: a container of Clowder cannot be root.
func (c *counters) environment() string {
	return fmt.Sprintf(`
resource "flink_environment" "clowder" {
  platform = "clowder"
  name     = %[1]q
  clowder  = { kafka = { mode = "none" } }
  deployment_defaults = {
    image         = %[2]q
    flink_version = %[3]q
    flink_configuration = {
      "execution.checkpointing.interval" = "3 s"
      "high-availability.type"           = "kubernetes"
      "high-availability.storageDir"     = "file:///opt/state/%[1]s/ha"
      "state.checkpoints.dir"            = "file:///opt/state/%[1]s/checkpoints"
      "rest.bind-address"                = "0.0.0.0"
      "env.java.opts.all"                = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    }
    # They are limits too, and one container has both.
    job_manager  = { resource = { cpu = 0.2, memory = "1024m" } }
    task_manager = { resource = { cpu = 0.6, memory = "1024m" } }
    pod_template = yamlencode({
      spec = {
        containers = [{ name = "flink-main-container", volumeMounts = [{ name = "state", mountPath = "/opt/state" }] }]
        volumes    = [{ name = "state", hostPath = { path = "/tmp", type = "Directory" } }]
      }
    })
    upgrade = { prove_for = "10s" }
  }
}
`, c.namespace, flink.image, flink.version)
}

// manager is the JobManager of a streamlet, which is in its only pod.
func (c *counters) manager(streamlet string) *jobManager {
	c.Helper()
	client, err := cluster()
	if err != nil {
		c.Fatal(err)
	}
	body, err := client.Get().AbsPath("/api/v1/namespaces/"+c.namespace+"/pods").Param("labelSelector", "pod=payments-"+streamlet).DoRaw(context.WithoutCancel(c.Context()))
	if err != nil {
		c.Fatal(err)
	}
	var pods corev1.PodList
	if err := json.Unmarshal(body, &pods); err != nil {
		c.Fatal(err)
	}
	pods.Items = slices.DeleteFunc(pods.Items, func(pod corev1.Pod) bool { return pod.DeletionTimestamp != nil })
	if len(pods.Items) != 1 {
		c.Fatalf("%s has %d pods", streamlet, len(pods.Items))
	}
	return &jobManager{t: c.T, client: client, service: fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:8081/proxy", c.namespace, pods.Items[0].Name)}
}

// goesOn is a check that the job of a streamlet runs, restored from a checkpoint that no earlier one was restored from.
func (c *counters) goesOn(streamlet string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		const checkpoint = "file:/opt/state/"
		now := c.manager(streamlet).job()
		if now.State != "RUNNING" || !strings.HasPrefix(now.RestoredFrom, checkpoint) || now.RestoredFrom == c.from[streamlet] {
			return fmt.Errorf("%s is %+v, and was restored from %q before", streamlet, now, c.from[streamlet])
		}
		c.from[streamlet] = now.RestoredFrom
		return nil
	}
}

// checkpoints is a check that the job of a streamlet completes a checkpoint that it was not restored from.
func (c *counters) checkpoints(streamlet string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		manager := c.manager(streamlet)
		id := manager.job().ID
		return wait.PollUntilContextTimeout(c.Context(), time.Second, time.Minute, true, func(context.Context) (bool, error) {
			var said struct {
				Latest struct {
					Completed *struct {
						Path string `json:"external_path"`
					} `json:"completed"`
				} `json:"latest"`
			}
			manager.get("/jobs/"+id+"/checkpoints", &said)
			return said.Latest.Completed != nil && said.Latest.Completed.Path != c.from[streamlet], nil
		})
	}
}

// TestClowder has real jobs run as entries of a ClowdApp, beside the stand-in of Clowder: a change of one goes on from its
// newest checkpoint, the other one runs on, and an image that there is not is rolled back.
func TestClowder(t *testing.T) {
	acctest.WithClowder(t, &acctest.ClusterHandle{Kubeconfig: os.Getenv("KUBECONFIG")}, "--nodes")
	c := &counters{T: t, namespace: "e2e-" + strings.ToLower(rand.Text()[:6]), from: map[string]string{}}
	var first *jobManager
	summary := func(streamlet, pattern string) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(applicationAddress, tfjsonpath.New("rollout").AtMapKey(streamlet).AtMapKey("summary"), knownvalue.StringRegexp(regexp.MustCompile(pattern)))
	}
	slower := `args = ["--delay-ms", "10"]`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: c.with(), ConfigStateChecks: []statecheck.StateCheck{runs("first"), runs("second")},
				Check: func(*terraform.State) error {
					first = c.manager("first")
					if is := c.manager("second").job(); is.State != "RUNNING" || is.RestoredFrom != "" || first.job().State != "RUNNING" {
						return fmt.Errorf("after the create there is %+v beside %+v", is, first.last)
					}
					return c.checkpoints("second")(nil)
				},
			},
			{Config: c.with(), PlanOnly: true},
			{
				Config:           c.with(slower),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{summary("second", "^#2 last state upgrade: args"), summary("first", "^#1 create$")}},
				Check:            resource.ComposeTestCheckFunc(c.goesOn("second"), c.checkpoints("second"), func(state *terraform.State) error { return first.untouched()(state) }),
			},
			{
				Config:      c.with(slower, `image = "flink:none"`),
				ExpectError: regexp.MustCompile(spaced("payments-second") + `(?s:.*)` + spaced("Rolled back")),
			},
			{
				Config:           c.with(slower),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:            resource.ComposeTestCheckFunc(c.goesOn("second"), func(state *terraform.State) error { return first.untouched()(state) }),
			},
		},
	})
}
