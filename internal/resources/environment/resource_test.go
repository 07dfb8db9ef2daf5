package environment_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// memory is a platform that keeps environments in memory. Its errors can be
// set, and it remembers what was asked of it.
type memory struct {
	mutex sync.Mutex
	// found are the environments by namespace, own or not.
	found map[string]platform.ObservedEnvironment
	// applied are the environments by namespace, and previous what they were before.
	applied  map[string]platform.Environment
	previous []platform.Environment
	calls    []string
	wants    []platform.Environment
	fail     map[string]error // by call
}

func newMemory() *memory {
	return &memory{found: map[string]platform.ObservedEnvironment{}, applied: map[string]platform.Environment{}, fail: map[string]error{}}
}

func (m *memory) called(call string, want platform.Environment) error {
	m.calls = append(m.calls, call)
	m.wants = append(m.wants, want)
	return m.fail[call]
}

func (m *memory) Find(_ context.Context, name, namespace string) (*platform.FoundEnvironment, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.called("find", platform.Environment{Name: name, Namespace: namespace}); err != nil {
		return nil, err
	}
	if name == "" {
		own, ok := m.applied[namespace]
		if !ok {
			return nil, &platform.NoEnvironmentError{Looked: []string{"there is none"}}
		}
		return &platform.FoundEnvironment{
			Name: own.Name, Namespace: namespace, Settings: own.Settings, Access: &platform.Access{ServiceAccount: own.ServiceAccount, Labels: own.Labels},
		}, nil
	}
	return &platform.FoundEnvironment{Name: name, Namespace: "flink-" + name, Settings: `{"environment":"` + name + `"}`}, nil
}

func (m *memory) Read(_ context.Context, want platform.Environment) (*platform.ObservedEnvironment, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.called("read", want); err != nil {
		return nil, err
	}
	observed, ok := m.found[want.Namespace]
	if !ok {
		return nil, &platform.NotFoundError{Kind: "Namespace", Ref: platform.Ref{Name: want.Namespace}}
	}
	return &observed, nil
}

func (m *memory) Apply(_ context.Context, want platform.Environment, previous *platform.Environment) (*platform.ObservedEnvironment, error) {
	create := previous == nil
	m.mutex.Lock()
	defer m.mutex.Unlock()
	call := "update"
	if create {
		call = "create"
	}
	err := m.called(call, want)
	observed, ok := m.found[want.Namespace]
	switch {
	case create && ok && want.CreateNamespace:
		return nil, errors.New("the namespace exists")
	case want.CreateNamespace && !ok:
		observed = platform.ObservedEnvironment{NamespaceUID: "uid-1"}
	}
	if previous != nil {
		m.previous = append(m.previous, *previous)
	}
	m.applied[want.Namespace] = want
	observed.Missing = nil
	observed.Settings, observed.Unkept = &want.Settings, m.fail["keep"]
	m.found[want.Namespace] = observed
	return &observed, err
}

func (m *memory) Delete(_ context.Context, want platform.Environment) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if err := m.called("delete", want); err != nil {
		return err
	}
	if want.CreateNamespace {
		delete(m.found, want.Namespace)
	}
	return nil
}

// took returns the calls since the last took, without reads.
func (m *memory) took() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	writes := slices.DeleteFunc(slices.Clone(m.calls), func(call string) bool { return call == "read" })
	m.calls = nil
	return writes
}

func (m *memory) change(change func(m *memory)) func() {
	return func() {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		change(m)
	}
}

// test runs steps on environments in memory.
func test(t *testing.T, m *memory, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProvidersOn(m), Steps: steps})
}

func prod(body string) string {
	return fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = \"prod\"\n%s\n}\n", body)
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestLife(t *testing.T) {
	t.Parallel()
	m := newMemory()
	wrote := func(want ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if diff := cmp.Diff(want, m.took(), cmpopts.EquateEmpty()); diff != "" {
				return fmt.Errorf("writes (-want +got):\n%s", diff)
			}
			return nil
		}
	}
	test(t, m,
		resource.TestStep{
			Config: prod(`namespace = "flink-prod"
				operator = { service_account = "flink", labels = { team = "payments" } }`),
			Check: wrote("create"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/flink-prod")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("settings"), knownvalue.StringExact(`{"environment":"prod"}`)),
			},
		},
		resource.TestStep{
			// Defaults concern the deployments; the platform only keeps them for others.
			Config: prod(`namespace = "flink-prod"
				operator = { service_account = "flink", labels = { team = "payments" } }
				deployment_defaults = {
					task_manager        = { resource = { memory = "2g" } }
					flink_configuration = { "state.checkpoints.dir" = "s3://a" }
					pod_template        = yamlencode({ spec = { priorityClassName = "low" } })
				}`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			Check:            wrote("update"),
		},
		resource.TestStep{
			// The same in other words is no change.
			Config: prod(`namespace = "flink-prod"
				operator = { service_account = "flink", labels = { team = "payments" } }
				deployment_defaults = {
					task_manager        = { resource = { memory = "2048m" } }
					flink_configuration = { "execution.checkpointing.dir" = "s3://a" }
					pod_template        = jsonencode({ spec = { priorityClassName = "low" } })
				}`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            wrote(),
		},
		resource.TestStep{
			Config:           prod("namespace = \"flink-prod\"\n operator = { service_account = \"flink2\" }"),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			Check:            wrote("update"),
		},
		resource.TestStep{
			// The default of the namespace is another one: it moves.
			Config:           prod(`operator = { service_account = "flink2" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionReplace),
			Check:            wrote("delete", "create"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("operator/prod")),
			},
		},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "operator/prod",
			ImportStateVerify: true,
		},
	)
	if want := "prod"; m.wants[0].Namespace != "flink-prod" || m.wants[len(m.wants)-1].Namespace != want {
		t.Errorf("the platform was asked for %v", m.wants)
	}
	first := platform.Environment{
		Namespace: "flink-prod", CreateNamespace: true, ServiceAccount: "flink", Labels: map[string]string{"team": "payments"},
		Name: "prod", Settings: `{"environment":"prod"}`,
	}
	if diff := cmp.Diff(first, m.wants[0]); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if len(m.found) != 0 {
		t.Errorf("left behind: %v", m.found)
	}
}

func TestWhatIsGoneIsRepaired(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	config := prod(`operator = { service_account = "flink" }`)
	test(t, m,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: m.change(func(m *memory) {
				m.found["prod"] = platform.ObservedEnvironment{NamespaceUID: "uid-1", Missing: []string{"label team=a of namespace prod", "role flink"}}
			}),
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				onlyMissing("label team=a of namespace prod", "role flink"),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("missing"), knownvalue.ListExact(nil)),
			},
		},
		resource.TestStep{
			PreConfig:        m.change(func(m *memory) { delete(m.found, "prod") }),
			Config:           config,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			// Deleted and created again by somebody: not the environment's namespace any more.
			PreConfig:        m.change(func(m *memory) { m.found["prod"] = platform.ObservedEnvironment{NamespaceUID: "uid-2"} }),
			Config:           config,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
			ExpectError:      regexp.MustCompile("The namespace exists"),
		},
	)
}

// onlyMissingCheck has what is missing before the apply.
type onlyMissingCheck struct{ want []any }

// onlyMissing expects a plan that shows the given as missing and changes nothing
// else.
func onlyMissing(want ...any) plancheck.PlanCheck { return onlyMissingCheck{want} }

// CheckPlan implements plancheck.PlanCheck.
func (c onlyMissingCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		before, _ := change.Change.Before.(map[string]any)
		after, _ := change.Change.After.(map[string]any)
		if diff := cmp.Diff(c.want, before["missing"]); diff != "" {
			resp.Error = fmt.Errorf("missing (-want +got):\n%s", diff)
			return
		}
		before, after = maps.Clone(before), maps.Clone(after)
		delete(before, "missing")
		delete(after, "missing")
		if diff := cmp.Diff(before, after); diff != "" {
			resp.Error = fmt.Errorf("planned beside it:\n%s", diff)
		}
	}
}

// TestDriftForgetsNothing destroys and changes an environment of which something
// is missing: what it owns is known all the same.
func TestDriftForgetsNothing(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	for _, create := range []string{"true", "false"} {
		t.Run("create_namespace "+create, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			if create == "false" {
				m.found["prod"] = platform.ObservedEnvironment{}
			}
			drift := m.change(func(m *memory) {
				observed := m.found["prod"]
				observed.Missing = []string{"rules of role flink"}
				m.found["prod"] = observed
			})
			config := func(account string) string {
				return prod(fmt.Sprintf(`operator = { create_namespace = %s, service_account = %q, labels = { team = "a" } }`, create, account))
			}
			test(t, m,
				resource.TestStep{Config: config("flink")},
				resource.TestStep{PreConfig: drift, Config: config("other")},
				resource.TestStep{PreConfig: drift, Config: config("other"), Destroy: true},
			)
			if got := m.previous[0]; got.ServiceAccount != "flink" || got.Labels["team"] != "a" {
				t.Errorf("the update knew of %+v", got)
			}
			last := m.wants[len(m.wants)-1]
			if calls := m.calls; calls[len(calls)-1] != "delete" || last.ServiceAccount != "other" || (last.NamespaceUID == "uid-1") != (create == "true") {
				t.Errorf("the last call was %s of %+v", calls[len(calls)-1], last)
			}
		})
	}
}

// TestImportTakesTheSettings imports an environment that says everything.
func TestImportTakesTheSettings(t *testing.T) {
	t.Parallel()
	m := newMemory()
	test(t, m,
		resource.TestStep{Config: prod(`namespace = "flink-prod"
			operator = { service_account = "flink", labels = { team = "payments" } }
			deployment_defaults = {
				flink_version       = "v1_20"
				flink_configuration = { "taskmanager.numberOfTaskSlots" = 2, "some.key" = null }
				task_manager        = { resource = { cpu = 1, memory = "2g" } }
				pod_template        = "spec:\n  priorityClassName: low\n"
				labels              = { old = null }
				upgrade             = { on_failure = "keep" }
			}
			deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }`)},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "operator/flink-prod", ImportStateVerify: true},
	)
}

// TestSettingsThatAreNotKept lacks the right to leave the settings on the platform, and gets it later.
func TestSettingsThatAreNotKept(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	m.fail["keep"] = errors.New("forbidden")
	lost := m.change(func(m *memory) {
		observed := m.found["prod"]
		observed.Settings = new("")
		m.found["prod"] = observed
	})
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	test(t, m,
		resource.TestStep{Config: prod("")},
		resource.TestStep{PreConfig: lost, Config: prod(""), ConfigPlanChecks: empty},
		resource.TestStep{
			PreConfig:        m.change(func(m *memory) { delete(m.fail, "keep") }),
			Config:           prod(`deployment_defaults = { image = "flink:1.20" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig:        lost,
			Config:           prod(`deployment_defaults = { image = "flink:1.20" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("settings"),
				knownvalue.StringExact(`{"deployment_defaults":{"image":"flink:1.20"},"environment":"prod"}`))},
		},
		resource.TestStep{
			// Somebody else's words are no less a drift.
			PreConfig: m.change(func(m *memory) {
				observed := m.found["prod"]
				observed.Settings = new(`{"environment":"prod"}`)
				m.found["prod"] = observed
			}),
			Config:           prod(`deployment_defaults = { image = "flink:1.20" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
	)
}

func TestErrorsForgetNothing(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	m.fail["create"] = errors.New("quota exceeded")
	config := prod(`operator = { service_account = "flink" }`)
	test(t, m,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)Cannot create the environment "prod".*Quota exceeded`)},
		resource.TestStep{
			// What a failed create left is in the state, tainted.
			PreConfig:        m.change(func(m *memory) { delete(m.fail, "create") }),
			Config:           config,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionReplace),
		},
		resource.TestStep{
			PreConfig:   m.change(func(m *memory) { m.fail["read"] = errors.New("the cluster is away") }),
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Cannot read the environment "prod".*The cluster is away`),
		},
		resource.TestStep{
			PreConfig: m.change(func(m *memory) {
				delete(m.fail, "read")
				m.fail["update"] = errors.New("forbidden")
			}),
			Config:      prod(`operator = { service_account = "other" }`),
			ExpectError: regexp.MustCompile(`(?s)Cannot update the environment "prod".*Forbidden`),
		},
		resource.TestStep{
			// The failed update is still to be done.
			PreConfig:        m.change(func(m *memory) { delete(m.fail, "update") }),
			Config:           prod(`operator = { service_account = "other" }`),
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: m.change(func(m *memory) {
				m.fail["delete"] = &platform.InUseError{Place: "namespace prod", Resources: []string{"FlinkDeployment orders", "FlinkSessionJob clicks"}}
			}),
			Config:      prod(`operator = { service_account = "other" }`),
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)Cannot destroy the environment "prod": it is still in use.*FlinkDeployment\s+orders,\s+FlinkSessionJob\s+clicks`),
		},
		resource.TestStep{
			PreConfig:        m.change(func(m *memory) { delete(m.fail, "delete") }),
			Config:           prod(`operator = { service_account = "other" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestUnknownConfigurationKeepsTheState(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	test(t, m,
		resource.TestStep{Config: prod("")},
		resource.TestStep{
			PreConfig:        m.change(func(m *memory) { m.fail["read"] = &tfkit.UnknownConfigError{Attributes: []string{"kubernetes.host"}} }),
			Config:           prod(""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

func TestNamespaceOfOthers(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	m.found["prod"] = platform.ObservedEnvironment{}
	config := prod(`operator = { create_namespace = false, service_account = "flink" }`)
	test(t, m,
		resource.TestStep{
			Config: config,
			Check: func(*terraform.State) error {
				if m.wants[len(m.wants)-1].CreateNamespace {
					return errors.New("the namespace must not be created")
				}
				return nil
			},
		},
		resource.TestStep{
			Config:      prod(`operator = { service_account = "flink" }`),
			ExpectError: regexp.MustCompile(`The namespace was not created by this environment`),
		},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "prod",
			ImportStateVerify: true,
		},
	)
	if _, there := m.found["prod"]; !there {
		t.Error("the namespace of others is gone")
	}
}

func TestImportIDs(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	m := newMemory()
	for id, want := range map[string]string{
		"kinesis/prod": `there\s+is\s+no\s+platform\s+"kinesis"`,
		"operator/":    `is\s+no\s+name\s+of\s+a\s+namespace`,
		"Prod":         `is\s+no\s+name\s+of\s+a\s+namespace`,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			test(t, m, resource.TestStep{
				Config: prod(""), ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: regexp.MustCompile(want),
			})
		})
	}
}
