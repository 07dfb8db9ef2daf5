package savepoint_test

import (
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
)

// onServer is the name that the server has the savepoint of a state under.
func onServer(state *terraform.State) string {
	id := strings.Split(state.RootModule().Resources[address].Primary.ID, "/")
	return id[len(id)-1]
}

// expectPinned checks that the savepoint of a state is below its application, pinned.
func (m *manager) expectPinned(state *terraform.State) error {
	if text, is := m.isBelow(onServer(state)); !is || !strings.Contains(text, `"pinned":true`) {
		return fmt.Errorf("the server has no pinned savepoint %s below its application: %s", onServer(state), text)
	}
	return nil
}

// expectRunning checks that nobody has stopped the job.
func (m *manager) expectRunning() {
	m.t.Helper()
	if _, text := m.Call(m.t, http.MethodGet, "environments/"+m.environment+"/applications/orders", ""); !strings.Contains(text, `"lifecycleState":"STABLE"`) {
		m.t.Errorf("the application does not run any more: %s", text)
	}
}

func doing(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// TestAccConfluentPinned keeps a savepoint below its application, where nothing that
// cleans up takes it, until it is unpinned.
func TestAccConfluentPinned(t *testing.T) {
	t.Parallel()
	m := managerOf(t, "2.4.1")
	orders := m.ProviderConfig() + m.job("orders", running)
	pinned := m.savepoint("deployment = \"orders\"\n  pinned = true\n  depends_on = [flink_deployment.orders]")
	released := m.savepoint("deployment = \"orders\"\n  depends_on = [flink_deployment.orders]")
	alone := func(more string) string { return m.ProviderConfig() + m.savepoint("deployment = \"orders\"\n  "+more) }
	same, another := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	location := tfjsonpath.New("location")
	var name string
	run(t,
		resource.TestStep{
			Config: orders + pinned,
			ConfigStateChecks: []statecheck.StateCheck{
				same.AddStateValue(address, location),
				statecheck.ExpectKnownValue(address, location, knownvalue.StringRegexp(regexp.MustCompile("^s3://flink/savepoints/savepoint-"))),
			},
			Check: func(state *terraform.State) error {
				name = onServer(state)
				return m.expectPinned(state)
			},
		},
		importsItself(),
		resource.TestStep{
			// Somebody cleans up.
			PreConfig: func() {
				m.byHand(m.environment+"-by-hand", "")
				code, answer := m.Call(t, http.MethodDelete, m.below()+"?source=MANUAL", "")
				if code != http.StatusOK || !strings.Contains(answer, `"deletedCount":1`) {
					t.Fatalf("the bulk delete answers %d: %s", code, answer)
				}
			},
			Config: orders + pinned, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}, Check: m.expectPinned,
		},
		resource.TestStep{
			// Somebody unpins it.
			PreConfig: func() {
				if code, answer := m.Call(t, http.MethodPut, m.below()+"/"+name, `{"apiVersion":"cmf.confluent.io/v1","kind":"Savepoint","metadata":{},"spec":{"pinned":false}}`); code != http.StatusOK {
					t.Fatalf("the server answers %d: %s", code, answer)
				}
			},
			Config: orders + pinned, ConfigPlanChecks: doing(plancheck.ResourceActionUpdate), Check: m.expectPinned,
			ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, location)},
		},
		resource.TestStep{
			// It would go with its application. The job goes on running.
			Config:      alone("pinned = true"),
			ExpectError: regexp.MustCompile(`(?s)a\s+savepoint\s+would\s+go\s+with\s+its\s+application.*pinned\s+savepoint\s+` + m.environment + `-\w+\s+of\s+FlinkApplication.*pinned\s+=\s+false.*confluent\s+flink\s+savepoint\s+detach`),
		},
		resource.TestStep{
			PreConfig: m.expectRunning,
			Config:    orders + released, ConfigPlanChecks: doing(plancheck.ResourceActionUpdate), Check: m.expectDetached,
			ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, location), another.AddStateValue(address, location)},
		},
		resource.TestStep{
			// What is detached cannot be pinned any more.
			Config: orders + pinned, ConfigPlanChecks: doing(plancheck.ResourceActionReplace), Check: m.expectPinned,
			ConfigStateChecks: []statecheck.StateCheck{another.AddStateValue(address, location)},
		},
		resource.TestStep{
			// A destroy lets go of it.
			Config: orders,
			Check: func(*terraform.State) error {
				if got := len(m.detached()); got != 2 {
					return fmt.Errorf("the detached savepoints are %v", m.detached())
				}
				return nil
			},
		},
	)
}

// TestAccConfluentPinNeeds24 refuses a pin on an older server before it takes anything.
func TestAccConfluentPinNeeds24(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	run(t,
		resource.TestStep{Config: m.ProviderConfig() + m.job("orders", running)},
		resource.TestStep{
			Config:      m.ProviderConfig() + m.job("orders", running) + m.savepoint(ofJob+"pinned = true"),
			ExpectError: regexp.MustCompile(`(?s)the\s+server\s+is\s+too\s+old.*A\s+pinned\s+savepoint\s+needs\s+Confluent\s+Manager\s+for\s+Apache\s+Flink\s+2\.4,\s+and\s+this\s+is\s+2\.3\.1`),
		},
		resource.TestStep{
			PreConfig: func() {
				if _, text := m.Call(t, http.MethodGet, m.below(), ""); strings.Contains(text, m.environment+"-") {
					t.Errorf("a savepoint was taken: %s", text)
				}
			},
			Config: m.ProviderConfig() + m.job("orders", running),
		},
	)
}

// TestAccConfluentSavepointInTheWay deletes no application whose savepoint the server
// refuses to detach, and stops no job for it.
func TestAccConfluentSavepointInTheWay(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	orders := m.ProviderConfig() + m.job("orders", running)
	name := m.environment + "-by-hand"
	inTheWay := regexp.MustCompile(`(?s)a\s+savepoint\s+would\s+go\s+with\s+its\s+application.*the\s+savepoint\s+` + name + `\s+of\s+FlinkApplication.*was\s+not\s+deleted.*confluent\s+flink\s+savepoint\s+delete\s+` + name)
	run(t,
		resource.TestStep{Config: orders},
		resource.TestStep{
			// The name is taken by one that is detached.
			PreConfig: func() {
				m.byHand(name, "")
				m.detachByHand(name)
				m.byHand(name, "")
			},
			Config: m.ProviderConfig(), ExpectError: inTheWay,
		},
		resource.TestStep{
			// Another mode needs another application.
			PreConfig: m.expectRunning,
			Config:    m.ProviderConfig() + m.job("orders", strings.Replace(running, "usrlib", "job", 1)+"\n  mode = \"standalone\""), ExpectError: inTheWay,
		},
		resource.TestStep{
			PreConfig: func() {
				m.expectRunning()
				m.Call(t, http.MethodDelete, "detached-savepoints/"+name, "")
			},
			Config: m.ProviderConfig(),
			Check: func(*terraform.State) error {
				if m.detached()[name] == "" {
					return fmt.Errorf("the savepoint is not among the detached ones %v", m.detached())
				}
				return nil
			},
		},
	)
}

// TestAccConfluentPinnedColor finds a savepoint of a color by the name of its
// deployment, and makes no switch that would delete the color with it.
func TestAccConfluentPinnedColor(t *testing.T) {
	t.Parallel()
	m := managerOf(t, "2.4.1")
	colored := func(image string) string {
		config := m.job("orders", running+"\n  upgrade = { strategy = \"blue_green\" }")
		return m.ProviderConfig() + strings.Replace(config, "orders:1.4.0", image, 1)
	}
	savepoint := func(pinned string) string {
		return m.savepoint("deployment = \"orders\"\n  pinned = " + pinned + "\n  depends_on = [flink_deployment.orders]")
	}
	has := func(color string) bool {
		code, _ := m.Call(t, http.MethodGet, "environments/"+m.environment+"/applications/orders-"+color, "")
		return code == http.StatusOK
	}
	run(t,
		resource.TestStep{
			Config: colored("orders:1") + savepoint("true"),
			Check: func(state *terraform.State) error {
				_, text := m.Call(t, http.MethodGet, "environments/"+m.environment+"/applications/orders-blue/savepoints/"+onServer(state), "")
				if !strings.Contains(text, `"pinned":true`) {
					return fmt.Errorf("the color has no pinned savepoint: %s", text)
				}
				return nil
			},
		},
		importsItself(),
		resource.TestStep{
			Config:      colored("orders:2") + savepoint("true"),
			ExpectError: regexp.MustCompile(`(?s)a\s+savepoint\s+would\s+go\s+with\s+its\s+application.*pinned\s+=\s+false`),
		},
		resource.TestStep{
			PreConfig: func() {
				if has("green") {
					t.Error("the switch has begun")
				}
			},
			Config: colored("orders:1") + savepoint("false"), ConfigPlanChecks: doing(plancheck.ResourceActionUpdate), Check: m.expectDetached,
		},
		resource.TestStep{
			Config: colored("orders:2") + savepoint("false"),
			Check: func(state *terraform.State) error {
				if has("blue") || !has("green") {
					return fmt.Errorf("blue: %t, green: %t", has("blue"), has("green"))
				}
				return m.expectDetached(state)
			},
		},
	)
}
