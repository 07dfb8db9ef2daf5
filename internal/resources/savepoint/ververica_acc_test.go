package savepoint_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// installation is a namespace of Ververica Platform.
type installation struct {
	*acctest.VVPHandle

	t         *testing.T
	namespace string
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	acctest.FirstCLIOnly(t)
	v := &installation{VVPHandle: acctest.VVP(t, "2.15.1"), t: t}
	v.namespace = v.Namespace(t)
	return v
}

func (v *installation) place() string {
	return fmt.Sprintf("environment = { platform = \"ververica\", name = %q }", v.namespace)
}

// job is a deployment of a configuration, under its label as its name.
func (v *installation) job(label, more string) string {
	return fmt.Sprintf(`
resource "flink_deployment" %q {
  %s
  name          = %q
  flink_version = "v1_20"
  upgrade       = { prove_for = "0s" }
  flink_configuration = {
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }
  %s
}
`, label, v.place(), label, more)
}

// savepoint is the savepoint of a configuration.
func (v *installation) savepoint(more string) string {
	return fmt.Sprintf("resource \"flink_savepoint\" \"move\" {\n  %s\n  name = \"move\"\n  %s\n}\n", v.place(), more)
}

// paths are those of the savepoints that were asked for, by id.
func (v *installation) paths() map[string]string {
	v.t.Helper()
	code, text := v.Call(v.t, http.MethodGet, "api/v1/namespaces/"+v.namespace+"/savepoints", "")
	var all struct {
		Items []struct {
			Metadata struct {
				ID     string `json:"id"`
				Origin string `json:"origin"`
			} `json:"metadata"`
			Spec struct {
				Location string `json:"savepointLocation"`
			} `json:"spec"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil || code != http.StatusOK {
		v.t.Fatalf("%d, %v: %s", code, err, text)
	}
	paths := map[string]string{}
	for _, item := range all.Items {
		if item.Metadata.Origin == "USER_REQUEST" {
			paths[item.Metadata.ID] = item.Spec.Location
		}
	}
	return paths
}

// expectOnly checks that the savepoint of a state is the only one that was asked for.
func (v *installation) expectOnly(state *terraform.State) error {
	paths := v.paths()
	id := state.RootModule().Resources[address].Primary.ID
	if at := paths[id[strings.LastIndex(id, "/")+1:]]; len(paths) != 1 || at != locationIn(state) {
		return fmt.Errorf("%s in %s is not the one of %v", id, locationIn(state), paths)
	}
	return nil
}

const orders = `job = { jar_uri = "s3://artifacts/orders.jar", parallelism = 2 }`

// TestAccVervericaMove takes a savepoint, starts another job from it, imports it, and takes another
// one. It is deleted with its files when that is asked for.
func TestAccVervericaMove(t *testing.T) {
	t.Parallel()
	v := newInstallation(t)
	config := v.ProviderConfig() + v.job("orders", orders)
	moved := v.job("moved", `job = {
    jar_uri                = "s3://artifacts/orders.jar"
    parallelism            = 2
    initial_savepoint_path = flink_savepoint.move.location
  }`)
	another := statecheck.CompareValue(compare.ValuesDiffer())
	location := regexp.MustCompile(`^s3://flink/savepoints/savepoint-`)
	run(t,
		resource.TestStep{
			Config: config + v.savepoint(ofJob+`triggers = { release = "1" }`) + moved,
			ConfigStateChecks: []statecheck.StateCheck{
				another.AddStateValue(address, tfjsonpath.New("location")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(location)),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("format"), knownvalue.StringExact("canonical")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringRegexp(regexp.MustCompile("^ververica/"+v.namespace+"/orders/[-0-9a-f]{36}$"))),
			},
			Check: v.expectOnly,
		},
		resource.TestStep{Config: config + v.savepoint(ofJob+`triggers = { release = "1" }`) + moved, PlanOnly: true},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"triggers"},
			ImportStateIdFunc: func(state *terraform.State) (string, error) {
				return state.RootModule().Resources[address].Primary.ID, nil
			},
		},
		resource.TestStep{
			Config:            config + v.savepoint(ofJob+"triggers = { release = \"2\" }\n  dispose_on_destroy = true"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
			ConfigStateChecks: []statecheck.StateCheck{another.AddStateValue(address, tfjsonpath.New("location"))},
			Check: func(*terraform.State) error {
				// The first one stays, as nobody has asked for its files to be deleted.
				if paths := v.paths(); len(paths) != 2 {
					return fmt.Errorf("there are %v", paths)
				}
				return nil
			},
		},
		resource.TestStep{
			Config: config,
			Check: func(*terraform.State) error {
				if paths := v.paths(); len(paths) != 1 {
					return fmt.Errorf("there are %v", paths)
				}
				return nil
			},
		},
	)
}

// TestAccVervericaLostAnswer loses the answer to the request: no other savepoint is taken.
func TestAccVervericaLostAnswer(t *testing.T) {
	t.Parallel()
	v := newInstallation(t)
	config := v.ProviderConfig() + v.job("orders", orders)
	run(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { v.Make(acctest.Trouble{Method: http.MethodPost, Path: "/savepoints", Loses: true, Times: 1}) },
			Config:    config + v.savepoint(ofJob),
			Check:     v.expectOnly,
		},
	)
}

// TestAccVervericaOfASessionJob takes a savepoint of a job in a session cluster.
func TestAccVervericaOfASessionJob(t *testing.T) {
	t.Parallel()
	v := newInstallation(t)
	session := fmt.Sprintf(`
resource "flink_session_cluster" "shared" {
  %[1]s
  name          = "shared"
  image         = "registry.example.com/flink:1.20.1"
  flink_version = "v1_20"
  job_manager   = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager  = { resource = { cpu = 1, memory = "2g" }, replicas = 1 }
}

resource "flink_session_job" "orders" {
  %[1]s
  name            = "orders"
  session_cluster = flink_session_cluster.shared.name
  upgrade         = { prove_for = "0s" }
  flink_configuration = {
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }
  job = { jar_uri = "s3://artifacts/orders.jar", parallelism = 1 }
}
`, v.place())
	run(t,
		resource.TestStep{Config: v.ProviderConfig() + session + v.savepoint("session_job = flink_session_job.orders.name"), Check: v.expectOnly},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(state *terraform.State) (string, error) {
				return state.RootModule().Resources[address].Primary.ID, nil
			},
		},
	)
}

// TestAccVervericaRefuses asks for what the platform cannot do, and of a job that does not run.
func TestAccVervericaRefuses(t *testing.T) {
	t.Parallel()
	v := newInstallation(t)
	suspended := v.ProviderConfig() + v.job("orders", strings.Replace(orders, "}", `, state = "suspended" }`, 1))
	run(t,
		resource.TestStep{Config: suspended + v.savepoint(ofJob+`format = "native"`), ExpectError: wrapped(`takes no savepoint in a format that is asked for`)},
		resource.TestStep{Config: suspended + v.savepoint(ofJob+`path = "s3://moves"`), ExpectError: wrapped(`writes savepoints where the job does`)},
		resource.TestStep{Config: suspended + v.savepoint(ofJob+`pinned = true`), ExpectError: wrapped(`pins no savepoints`)},
		resource.TestStep{Config: suspended + v.savepoint(ofJob), ExpectError: wrapped(`The savepoint "move" of "orders" is not taken: the job is`)},
	)
	if paths := v.paths(); len(paths) > 0 {
		t.Errorf("there are %v", paths)
	}
}

// wrapped is a pattern of a text that the CLI may have wrapped.
func wrapped(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `[\s│]+`))
}
