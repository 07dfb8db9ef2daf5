package savepoint_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// manager is an environment of Confluent Manager for Apache Flink.
type manager struct {
	*acctest.CMFHandle

	t                      *testing.T
	cluster                *acctest.ClusterHandle
	namespace, environment string
}

func newManager(t *testing.T) *manager {
	t.Helper()
	return managerOf(t, "2.3.1")
}

// managerOf is newManager of a version of the server.
func managerOf(t *testing.T, version string) *manager {
	t.Helper()
	acctest.FirstCLIOnly(t)
	acctest.SkipUnlessAcceptance(t)
	cluster := acctest.Cluster(t, acctest.Newest())
	m := &manager{CMFHandle: acctest.CMFOn(t, version, cluster), t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	m.environment = m.EnvironmentIn(t, m.namespace)
	return m
}

// placed is a configuration of the operator's in the environment.
func (m *manager) placed(config string) string {
	return strings.ReplaceAll(config, fmt.Sprintf("environment     = { namespace = %q }", m.namespace), m.place()) + "\n"
}

func (m *manager) place() string {
	return fmt.Sprintf("environment = { platform = \"confluent\", name = %q }", m.environment)
}

func (m *manager) job(label, more string) string {
	return strings.Replace(m.placed(job(m.cluster, label, m.namespace, more)), `"orders"
  image`, fmt.Sprintf("%q\n  image", label), 1)
}

// savepoint is the savepoint of a configuration, of a name that no other test has: the
// server keeps all that are detached in one list.
func (m *manager) savepoint(more string) string {
	return fmt.Sprintf("resource \"flink_savepoint\" \"move\" {\n  %s\n  name = %q\n  %s\n}\n", m.place(), m.environment, more)
}

// detached are the paths of the test's savepoints that belong to no application, by
// name.
func (m *manager) detached() map[string]string {
	m.t.Helper()
	code, text := m.Call(m.t, http.MethodGet, "detached-savepoints?size=1000", "")
	var page struct {
		Items []struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
			Status struct {
				Path string `json:"path"`
			} `json:"status"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(text), &page); err != nil || code != http.StatusOK {
		m.t.Fatalf("%d, %v: %s", code, err, text)
	}
	paths := map[string]string{}
	for _, item := range page.Items {
		if strings.HasPrefix(item.Metadata.Name, m.environment+"-") {
			paths[item.Metadata.Name] = item.Status.Path
		}
	}
	return paths
}

func locationIn(state *terraform.State) string {
	return state.RootModule().Resources[address].Primary.Attributes["location"]
}

// expectDetached checks that the server has the savepoint of a state.
func (m *manager) expectDetached(state *terraform.State) error {
	paths := m.detached()
	for _, path := range paths {
		if path == locationIn(state) {
			return nil
		}
	}
	return fmt.Errorf("%s is not among the detached savepoints %v", locationIn(state), paths)
}

// TestAccConfluentMove takes a savepoint, starts another job from it, takes another
// one, and leaves the files where they are.
func TestAccConfluentMove(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	config := m.ProviderConfig() + m.job("orders", running)
	moved := m.job("moved", `job = {
    jar_uri                = "local:///opt/flink/usrlib/orders.jar"
    parallelism            = 2
    initial_savepoint_path = flink_savepoint.move.location
  }`)
	another := statecheck.CompareValue(compare.ValuesDiffer())
	location := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{
			another.AddStateValue(address, tfjsonpath.New("location")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile(`^s3://flink/savepoints/savepoint-`))),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringRegexp(regexp.MustCompile("^confluent/"+m.environment+"/orders/"+m.environment+"-[a-z2-7]{8}$"))),
		}
	}
	var before string
	run(t,
		resource.TestStep{
			Config:            config + m.savepoint(ofJob+`triggers = { release = "1" }`) + moved,
			ConfigStateChecks: location(),
			Check: func(state *terraform.State) error {
				before = locationIn(state)
				object, err := m.cluster.Client.Resource(appsKind).Namespace(m.namespace).Get(t.Context(), "moved", metav1.GetOptions{})
				if err != nil {
					return err
				}
				if got := object.GetAnnotations()["standin.flink/restored-from"]; got != before {
					return fmt.Errorf("the moved job was restored from %q, want %q", got, before)
				}
				return m.expectDetached(state)
			},
		},
		resource.TestStep{
			Config:            config + m.savepoint(ofJob+`triggers = { release = "2" }`),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
			ConfigStateChecks: location(),
			Check:             m.expectDetached,
		},
		resource.TestStep{
			// Somebody deletes it on the server: its files are where they were.
			PreConfig: func() {
				for name := range m.detached() {
					m.Call(t, http.MethodDelete, "detached-savepoints/"+name, "")
				}
			},
			Config:           config + m.savepoint(ofJob+`triggers = { release = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			// The application goes, and the savepoint stays.
			Config:           m.ProviderConfig() + m.savepoint(`deployment = "orders"`+"\n"+`triggers = { release = "2" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
		},
	)
}

// TestAccConfluentFailure names the cause of a savepoint that fails, and takes another
// one when that is repaired.
func TestAccConfluentFailure(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	broken := running + "\n  annotations = { \"standin.flink/savepoint-fails\" = \"the disk is full\" }"
	run(t,
		resource.TestStep{Config: m.ProviderConfig() + m.job("orders", broken)},
		resource.TestStep{
			Config:      m.ProviderConfig() + m.job("orders", broken) + m.savepoint(ofJob),
			ExpectError: regexp.MustCompile(`(?s)The\s+savepoint\s+"` + m.environment + `-\w+"\s+of\s+"orders"\s+is\s+not\s+taken:.*the\s+disk\s+is\s+full.*tainted`),
		},
		resource.TestStep{
			Config:            m.ProviderConfig() + m.job("orders", running) + m.savepoint(ofJob),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("location"), knownvalue.NotNull())},
			Check: func(*terraform.State) error {
				// The one that failed was found by its id, as Terraform forgets more of what is tainted.
				if _, text := m.Call(t, http.MethodGet, m.below(), ""); strings.Contains(text, m.environment+"-") {
					return fmt.Errorf("the savepoint that failed is still there: %s", text)
				}
				return nil
			},
		},
	)
}

// TestAccConfluentCannot refuses at plan what the server cannot do, and names what is
// missing in the words of the platform.
func TestAccConfluentCannot(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	fails := func(more, with string) resource.TestStep {
		return resource.TestStep{Config: m.ProviderConfig() + m.savepoint(more), PlanOnly: true, ExpectError: regexp.MustCompile(strings.ReplaceAll(with, " ", `\s+`))}
	}
	missing := fails(`deployment = "missing"`, "FlinkApplication "+m.environment+"/missing does not exist")
	missing.PlanOnly = false
	run(t,
		fails("deployment = \"orders\"\n  dispose_on_destroy = true", `The platform "confluent" does not delete the files of a savepoint`),
		fails(`session_job = "orders"`, `The platform "confluent" has no session jobs`),
		missing,
	)
}

// TestAccConfluentInterrupted goes on waiting, in another process, for the savepoint
// that an apply had asked for when it was stopped, also where it is completed meanwhile.
func TestAccConfluentInterrupted(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]string{"still to come": `"state":"`, "completed": `"state":"COMPLETED"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interrupted(t, newManager(t), until)
		})
	}
}

func interrupted(t *testing.T, m *manager, until string) {
	t.Helper()
	cli := acctest.NewCLI(t)
	slow := m.ProviderConfig() + m.job("orders", running+"\n  annotations = { \"standin.flink/savepoint-slow\" = \"10s\" }")
	start := func(config string, arguments ...string) *acctest.Command {
		if err := cli.Write(config); err != nil {
			t.Fatal(err)
		}
		command, err := cli.Start(t.Context(), arguments...)
		if err != nil {
			t.Fatal(err)
		}
		return command
	}
	ends := func(command *acctest.Command, want int, says string) {
		t.Helper()
		code, output, err := command.Wait()
		if err != nil || code != want || !strings.Contains(output, says) {
			t.Fatalf("the run ends with %d, %v, want %d and %q:\n%s", code, err, want, says, output)
		}
	}
	ends(start(slow, "apply", "-auto-approve"), 0, "1 added")
	command := start(slow+m.savepoint(ofJob), "apply", "-auto-approve")
	await := func(says string) {
		t.Helper()
		m.await(func() bool {
			_, text := m.Call(t, http.MethodGet, m.below(), "")
			return strings.Contains(text, says)
		})
	}
	await(`"` + m.environment + "-")
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, output, err := command.Wait(); err != nil || !strings.Contains(output, "Interrupted while the savepoint") {
		t.Fatalf("the interrupted run says %v:\n%s", err, output)
	}
	await(until)
	ends(start(slow+m.savepoint(ofJob), "plan", "-detailed-exitcode"), 2, "will be updated in-place")
	ends(start(slow+m.savepoint(ofJob), "apply", "-auto-approve"), 0, "0 added, 1 changed")
	ends(start(slow+m.savepoint(ofJob), "plan", "-detailed-exitcode"), 0, "")
	if paths := m.detached(); len(paths) != 1 {
		t.Errorf("the savepoints on the server are %v", paths)
	}
	ends(start(slow+m.savepoint(ofJob), "destroy", "-auto-approve"), 0, "2 destroyed")
}
