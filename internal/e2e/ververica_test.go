//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// vvp is a namespace of Ververica Platform, whose jobs run in the Kubernetes namespace of
// the same name.
type vvp struct {
	*testing.T
	server    *acctest.VVPHandle
	namespace string
	// last is from where the job had started that was asked for last.
	last string
}

func newVVP(t *testing.T) *vvp {
	t.Helper()
	return &vvp{
		T: t, namespace: "e2e-" + strings.ToLower(rand.Text()[:6]),
		server: acctest.VVPOn(t, "2.15.1", &acctest.ClusterHandle{Kubeconfig: os.Getenv("KUBECONFIG")}),
	}
}

// environments are an environment of the operator, and one of this platform in the
// Kubernetes namespace of the former.
func (v *vvp) environments() string { return v.beside(environment(v.namespace)) }

// beside has an environment of this platform beside one of the operator that has its name.
func (v *vvp) beside(theirs string) string {
	_, layer, _ := strings.Cut(theirs, "  deployment_defaults = {")
	// The platform has no such attribute. Flink itself pulls no image that is there.
	layer = regexp.MustCompile(`(?m)^ *image_pull_policy .*\n`).ReplaceAllString(layer, "")
	return v.server.ProviderConfig() + theirs + fmt.Sprintf(`resource "flink_environment" "managed" {
  platform  = "ververica"
  name      = %q
  namespace = flink_environment.test.namespace
  deployment_defaults = {`, v.namespace) + layer
}

// managed has everything beside the environments of a configuration of the other platform
// in the environment of this one.
func (v *vvp) managed(configuration string) string {
	return v.environments() + strings.ReplaceAll(strings.TrimPrefix(configuration, environment(v.namespace)), "flink_environment.test", "flink_environment.managed")
}

// configuration is one job in the environment, with more attributes.
func (v *vvp) configuration(job string, more ...string) string {
	return having(v.managed(configuration(v.namespace, job)), more...)
}

// answer asks the server for something in the namespace.
func (v *vvp) answer(path string, into any) {
	v.Helper()
	code, text := v.server.Call(v.T, http.MethodGet, "api/v1/namespaces/"+v.namespace+"/"+path, "")
	if code != http.StatusOK {
		v.Fatalf("%s is answered with %d: %s", path, code, text)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		v.Fatalf("%s answers %s: %s", path, text, err)
	}
}

// manager is the JobManager of the job that a deployment runs: each of its jobs has a
// cluster of its own, by the beginning of the job's id.
func (v *vvp) manager(deployment string) *jobManager {
	v.Helper()
	var is struct {
		Status struct {
			Running struct {
				JobID string `json:"jobId"`
			} `json:"running"`
		} `json:"status"`
	}
	v.answer("deployments/"+deployment, &is)
	const short = 8
	if len(is.Status.Running.JobID) < short {
		v.Fatalf("%s does not run: %+v", deployment, is)
	}
	return newJobManager(v.T, v.namespace, deployment+"-"+is.Status.Running.JobID[:short])
}

// restored is a check that a deployment runs, restored from a path that begins with prefix
// and from no earlier one.
func (v *vvp) restored(deployment, prefix string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		manager := v.manager(deployment)
		if err := manager.restored(prefix)(state); err != nil {
			return err
		}
		before := v.last
		if v.last = manager.last.RestoredFrom; v.last == before {
			return fmt.Errorf("the job was restored from %s, as the one before", v.last)
		}
		return nil
	}
}

// whole is a check that the job was restored as in restored, and has found each value of
// its state as it must be.
func (v *vvp) whole(prefix string) resource.TestCheckFunc {
	return resource.ComposeTestCheckFunc(v.restored("counter", prefix), func(state *terraform.State) error {
		return v.manager("counter").whole(prefix)(state)
	})
}

// newestSavepoint is where the savepoint is that was taken last.
func (v *vvp) newestSavepoint() string {
	v.Helper()
	var all struct {
		Items []struct {
			Metadata struct {
				CreatedAt string `json:"createdAt"`
			} `json:"metadata"`
			Spec struct {
				Location string `json:"savepointLocation"`
			} `json:"spec"`
		} `json:"items"`
	}
	v.answer("savepoints", &all)
	newest, location := "", ""
	for _, savepoint := range all.Items {
		if savepoint.Metadata.CreatedAt >= newest {
			newest, location = savepoint.Metadata.CreatedAt, savepoint.Spec.Location
		}
	}
	return location
}

// lifecycle is a check of the state that the platform names.
func lifecycle(want string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("lifecycle_state"), knownvalue.StringExact(want))}
}

// TestVerverica takes real jobs through their lives on Ververica Platform, whose stand-in
// has the operator run them.
func TestVerverica(t *testing.T) {
	t.Run("state", testVervericaState)
	t.Run("crash loop", testVervericaCrashLoop)
	t.Run("blue/green", testVervericaColors)
	t.Run("session", testVervericaSession)
	t.Run("stream application", testVervericaApplication)
}

// testVervericaState looks at each value of a job's state while the job is upgraded,
// suspended, resumed, and destroyed with a savepoint from which another one begins.
func testVervericaState(t *testing.T) {
	v := newVVP(t)
	// The file tells the last step where the savepoint is that the step before it leaves.
	left := filepath.Join(t.TempDir(), "savepoint")
	job := func(more ...string) string { return stateJob("simple", 1, more...) }
	const taken = `
resource "flink_savepoint" "given" {
  environment = flink_environment.managed
  name        = "given"
  deployment  = flink_deployment.counter.name
}
`
	proved := proves("first checkpoint completed")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: v.configuration(job()), ConfigStateChecks: proved, Check: func(*terraform.State) error {
				if first := v.manager("counter").job(); first.State != "RUNNING" || first.RestoredFrom != "" {
					return fmt.Errorf("after the create the JobManager has %+v", first)
				}
				return nil
			}},
			{Config: v.configuration(job()), PlanOnly: true},
			{
				Config: v.configuration(job()) + taken, Check: func(state *terraform.State) error {
					path := state.RootModule().Resources["flink_savepoint.given"].Primary.Attributes["location"]
					if now := v.manager("counter").job(); now.State != "RUNNING" || now.RestoredFrom != "" || !strings.HasPrefix(path, fromSavepoint) {
						return fmt.Errorf("with the savepoint in %q the JobManager has %+v", path, now)
					}
					return nil
				},
			},
			{Config: v.configuration(stateJob("simple", 2)), ConfigPlanChecks: plans("savepoint_upgrade"), ConfigStateChecks: proved, Check: v.whole(fromSavepoint)},
			{Config: v.configuration(stateJob("simple", 2, `state = "suspended"`)), ConfigPlanChecks: plans("suspend"), ConfigStateChecks: lifecycle("SUSPENDED")},
			{Config: v.configuration(stateJob("simple", 2)), ConfigPlanChecks: plans("resume"), ConfigStateChecks: proved, Check: v.whole(fromSavepoint)},
			{Config: v.environments(), Check: func(*terraform.State) error { return os.WriteFile(left, []byte(v.newestSavepoint()), 0o600) }},
			{
				Config: v.configuration(job(fmt.Sprintf("initial_savepoint_path = file(%q)", left))), ConfigStateChecks: proved,
				Check: func(state *terraform.State) error {
					path, err := os.ReadFile(left)
					if err != nil {
						return err
					}
					return v.whole(string(path))(state)
				},
			},
		},
	})
}

// testVervericaCrashLoop gives a running job a version that crashes: the one before runs
// again from the savepoint of the upgrade.
func testVervericaCrashLoop(t *testing.T) {
	v := newVVP(t)
	savepoint := v.restored("counter", fromSavepoint)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: v.configuration(counter()), ConfigStateChecks: proves("first checkpoint completed")},
			{
				Config: v.configuration(crashes), ConfigPlanChecks: plans("savepoint_upgrade"),
				ExpectError: inTheFirstLine("IllegalStateException: asked to fail after 50", "Rolled back: the previous version"),
			},
			{Config: v.configuration(counter()), PlanOnly: true},
			{RefreshState: true, Check: savepoint},
			{Config: v.configuration(counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("savepoint_upgrade"), ConfigStateChecks: proves("first checkpoint completed"), Check: savepoint},
		},
	})
}

// testVervericaColors exchanges a running job for another color.
func testVervericaColors(t *testing.T) {
	v := newVVP(t)
	with := func(job string) string {
		return v.configuration(job, `upgrade = { strategy = "blue_green", blue_green = { abort_grace_period = "120s" } }`)
	}
	var blue *jobManager
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: with(counter()), ConfigStateChecks: proves("first checkpoint completed"), Check: func(*terraform.State) error {
				blue = v.manager("counter-blue")
				return nil
			}},
			{
				Config: with(counter(`args = ["--delay-ms", "10"]`)), ConfigPlanChecks: plans("blue_green"), ConfigStateChecks: proves("first checkpoint completed"),
				Check: resource.ComposeTestCheckFunc(v.restored("counter-green", fromSavepoint), func(*terraform.State) error {
					if _, err := blue.client.Get().AbsPath(blue.service + "/jobs/overview").DoRaw(t.Context()); err == nil {
						return errors.New("the JobManager of blue is still there")
					}
					return nil
				}),
			},
		},
	})
}

// testVervericaSession runs two jobs on a session cluster, and upgrades one of them.
func testVervericaSession(t *testing.T) {
	v, jar := newVVP(t), sessionJar(t)
	// jobs are those of the session cluster, by what they were restored from.
	jobs := func() map[string]job {
		var clusters struct {
			Items []struct {
				Metadata struct {
					ID string `json:"id"`
				} `json:"metadata"`
			} `json:"items"`
		}
		v.answer("sessionclusters", &clusters)
		const short = 8
		running := map[string]job{}
		for _, found := range newJobManager(t, v.namespace, "shared-"+clusters.Items[0].Metadata.ID[:short]).jobs() {
			if found.State == "RUNNING" {
				running[found.RestoredFrom] = found
			}
		}
		return running
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: v.managed(session(v.namespace, jar, 4, 1))},
			{
				Config: v.managed(session(v.namespace, jar, 4, 2)),
				Check: func(*terraform.State) error {
					now := jobs()
					for from, upgraded := range now {
						if strings.HasPrefix(from, fromSavepoint) && upgraded.Parallelism == 2 && len(now) == 2 {
							return nil
						}
					}
					return fmt.Errorf("the session cluster has %+v", now)
				},
			},
			{Config: v.managed(session(v.namespace, jar, 4, 2)), PlanOnly: true},
		},
	})
}
