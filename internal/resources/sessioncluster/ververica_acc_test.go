package sessioncluster_test

import (
	"encoding/json"
	"fmt"
	"net/http"
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

// hall is a namespace of Ververica Platform with a session cluster "shared".
type hall struct {
	*acctest.VVPHandle

	t         *testing.T
	namespace string
}

func newHall(t *testing.T) *hall {
	t.Helper()
	acctest.FirstCLIOnly(t)
	h := &hall{VVPHandle: acctest.VVP(t, "2.15.1"), t: t}
	h.namespace = h.Namespace(t)
	return h
}

func (h *hall) place() string {
	return fmt.Sprintf("environment = { platform = \"ververica\", name = %q }", h.namespace)
}

// config is a configuration of the cluster with an image of this tag.
func (h *hall) config(tag string, taskManagers int, more ...string) string {
	return h.ProviderConfig() + fmt.Sprintf(`
resource "flink_session_cluster" "shared" {
  %s
  name                = "shared"
  image               = "registry.example.com/flink:%s"
  flink_version       = "v1_20"
  flink_configuration = { "taskmanager.numberOfTaskSlots" = "4" }
  job_manager         = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager        = { resource = { cpu = 1, memory = "2g" }, replicas = %d }
  timeouts            = { create = "30s", update = "30s", delete = "30s" }
  %s
}
`, h.place(), tag, taskManagers, strings.Join(more, "\n  "))
}

// job is a job on the cluster, which is in a state.
func (h *hall) job(state string) string {
	return fmt.Sprintf(`
resource "flink_session_job" "guest" {
  %s
  name            = "guest"
  session_cluster = flink_session_cluster.shared.name
  upgrade         = { prove_for = "0s" }
  flink_configuration = {
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }
  job = { jar_uri = "s3://artifacts/guest.jar", parallelism = 1, state = %q }
}
`, h.place(), state)
}

func (h *hall) run(steps ...resource.TestStep) {
	h.t.Helper()
	resource.Test(h.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// live returns a text of the cluster's spec as the server has it.
func (h *hall) live(field string) string {
	h.t.Helper()
	code, text := h.Call(h.t, http.MethodGet, "api/v1/namespaces/"+h.namespace+"/sessionclusters/shared", "")
	var cluster struct {
		Spec map[string]any `json:"spec"`
	}
	if err := json.Unmarshal([]byte(text), &cluster); err != nil || code != http.StatusOK {
		h.t.Fatalf("%d, %v: %s", code, err, text)
	}
	return fmt.Sprint(cluster.Spec[field])
}

// TestAccVervericaLife creates a session cluster, scales it under its job, refuses to restart it
// there, restarts it when the job is suspended, and imports it.
func TestAccVervericaLife(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	empty := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	h.run(
		resource.TestStep{
			Config: h.config("1", 2) + h.job("running"), ConfigPlanChecks: empty,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("ververica/"+h.namespace+"/shared")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("lifecycle_state"), knownvalue.StringExact("RUNNING")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("job_manager"), knownvalue.StringExact("READY")),
			},
		},
		resource.TestStep{
			Config: h.config("1", 3) + h.job("running"), ConfigPlanChecks: empty,
			ConfigStateChecks: []statecheck.StateCheck{rollout("action", "config_only")},
			Check: func(*terraform.State) error {
				if got := h.live("numberOfTaskManagers"); got != "3" {
					return fmt.Errorf("it has %s TaskManagers", got)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: h.config("2", 3) + h.job("running"), ExpectError: words(`The session cluster "shared" is not restarted: jobs run on it`),
		},
		resource.TestStep{Config: h.config("1", 3) + h.job("suspended"), ConfigPlanChecks: empty},
		resource.TestStep{
			Config: h.config("2", 3, `labels = { team = "a" }`) + h.job("running"), ConfigPlanChecks: empty,
			ConfigStateChecks: []statecheck.StateCheck{rollout("action", "stateless_restart"), rollout("state", "none")},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: "ververica/" + h.namespace + "/shared",
			// The platform has sizes in its own words.
			ImportStateVerifyIgnore: []string{"rollout", "timeouts", "effective_spec", "job_manager.resource.memory", "task_manager.resource.memory"},
		},
		resource.TestStep{
			Config:            h.config("2", 3, `labels = { team = "b" }`) + h.job("running"),
			ConfigStateChecks: []statecheck.StateCheck{rollout("action", "metadata")},
		},
	)
}

// TestAccVervericaLacks plans a session cluster without what the platform has no defaults for.
func TestAccVervericaLacks(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.run(resource.TestStep{
		Config:      strings.Replace(h.config("1", 2), "image  ", "# image", 1),
		ExpectError: words("The image is missing"),
	})
}

// TestAccVervericaFailure gives the cluster what does not start: the previous version runs again.
func TestAccVervericaFailure(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	bad := h.config("2", 2, `annotations = { "standin.flink/fails" = "no room for its pods" }`)
	h.run(
		resource.TestStep{Config: h.config("1", 2)},
		resource.TestStep{Config: bad, ExpectError: words(`The new version of the session cluster "shared" does not start: no room for its pods`)},
		resource.TestStep{
			Config: h.config("1", 2), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// TestAccVervericaGuest leaves a session cluster alone on which somebody else's deployment is.
func TestAccVervericaGuest(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	guests := "api/v1/namespaces/" + h.namespace + "/deployments"
	h.run(
		resource.TestStep{Config: h.config("1", 2)},
		resource.TestStep{
			PreConfig: func() {
				body := `{"kind":"Deployment","metadata":{"name":"guest"},"spec":{"state":"CANCELLED","sessionClusterName":"shared","template":{"spec":{"artifact":{"kind":"JAR","jarUri":"s3://artifacts/guest.jar"}}}}}`
				if code, answer := h.Call(t, http.MethodPost, guests, body); code != http.StatusCreated {
					t.Fatalf("%d: %s", code, answer)
				}
			},
			Config: h.config("1", 2), Destroy: true,
			ExpectError: words(`The session cluster "shared" is not deleted: session jobs use it Deployments in namespace ` + h.namespace + `: guest.`),
		},
		resource.TestStep{
			PreConfig: func() { h.Call(t, http.MethodDelete, guests+"/guest", "") },
			Config:    h.config("1", 2), PlanOnly: true,
		},
	)
}

// TestAccVervericaLostAnswers loses the answers to writes: each is made once.
func TestAccVervericaLostAnswers(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.Make(acctest.Trouble{Method: http.MethodPost, Path: "/sessionclusters", Loses: true, Times: 1})
	h.run(
		resource.TestStep{Config: h.config("1", 2)},
		resource.TestStep{
			PreConfig: func() {
				h.End()
				h.Make(acctest.Trouble{Method: http.MethodPut, Path: "/sessionclusters", Loses: true, Times: 2})
			},
			Config: h.config("2", 2),
			Check: func(*terraform.State) error {
				if got := h.live("flinkImageTag"); got != "2" {
					return fmt.Errorf("it has the image %s", got)
				}
				return nil
			},
		},
	)
}
