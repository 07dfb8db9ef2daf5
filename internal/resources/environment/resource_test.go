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
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/provider"
	"github.com/flink-terraform/terraform-provider-flink/internal/resources/environment"
	"github.com/flink-terraform/terraform-provider-flink/internal/tfkit"
)

// memory is a platform that keeps environments in memory. Its errors can be
// set, and it remembers what was asked of it.
type memory struct {
	mutex sync.Mutex
	// found are the environments by namespace, own or not.
	found map[string]platform.ObservedEnvironment
	calls []string
	wants []platform.Environment
	fail  map[string]error // by call
}

func newMemory() *memory {
	return &memory{found: map[string]platform.ObservedEnvironment{}, fail: map[string]error{}}
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

// onMemory is the provider with environments in memory.
type onMemory struct {
	frameworkprovider.Provider
	environments platform.Environments
}

func (p onMemory) Resources(context.Context) []func() frameworkresource.Resource {
	return []func() frameworkresource.Resource{func() frameworkresource.Resource { return environment.NewResourceOn(p.environments) }}
}

// test runs steps on environments in memory.
func test(t *testing.T, m *memory, steps ...resource.TestStep) {
	t.Helper()
	factories := maps.Clone(acctest.Providers())
	factories[provider.TypeName] = func() (tfprotov6.ProviderServer, error) {
		return providerserver.NewProtocol6WithError(onMemory{provider.New("test")(), m})()
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

func prod(body string) string {
	return fmt.Sprintf("resource \"flink_environment\" \"prod\" {\n  name = \"prod\"\n%s\n}\n", body)
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func TestLife(t *testing.T) {
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
			// What the refresh cannot find out: nothing tells which service account is the environment's.
			ImportStateVerifyIgnore: []string{"operator"},
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
	m := newMemory()
	config := prod(`operator = { service_account = "flink" }`)
	test(t, m,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: m.change(func(m *memory) {
				m.found["prod"] = platform.ObservedEnvironment{NamespaceUID: "uid-1", Missing: []string{"service account flink"}}
			}),
			Config:           config,
			ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
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

// TestSettingsThatAreNotKept lacks the right to leave the settings on the platform, and gets it later.
func TestSettingsThatAreNotKept(t *testing.T) {
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
				m.fail["delete"] = &platform.InUseError{Namespace: "prod", Resources: []string{"FlinkDeployment orders", "FlinkSessionJob clicks"}}
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
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "prod",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"operator.service_account"},
		},
	)
	if _, there := m.found["prod"]; !there {
		t.Error("the namespace of others is gone")
	}
}

func TestImportIDs(t *testing.T) {
	m := newMemory()
	for id, want := range map[string]string{
		"confluent/prod": `there\s+is\s+no\s+platform\s+"confluent"`,
		"operator/":      `is\s+no\s+name\s+of\s+a\s+namespace`,
		"Prod":           `is\s+no\s+name\s+of\s+a\s+namespace`,
	} {
		t.Run(id, func(t *testing.T) {
			test(t, m, resource.TestStep{
				Config: prod(""), ResourceName: address, ImportState: true, ImportStateId: id, ExpectError: regexp.MustCompile(want),
			})
		})
	}
}
