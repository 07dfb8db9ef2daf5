package savepoint_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// below is the path of the savepoints of the application orders.
func (m *manager) below() string {
	return "environments/" + m.environment + "/applications/orders/savepoints"
}

// byHand has somebody else take a savepoint of the application, and waits for it. Its
// specification may have more.
func (m *manager) byHand(name, more string) {
	m.t.Helper()
	body := fmt.Sprintf(`{"apiVersion":"cmf.confluent.io/v1","kind":"Savepoint","metadata":{"name":%q},"spec":{"backoffLimit":0,"formatType":"NATIVE"%s}}`, name, more)
	// The object of an earlier one of the name may still be on its way out.
	m.await(func() bool {
		code, _ := m.Call(m.t, http.MethodPost, m.below(), body)
		return code == http.StatusCreated
	})
	m.await(func() bool {
		text, _ := m.isBelow(name)
		return strings.Contains(text, `"COMPLETED"`)
	})
}

// await waits until the server says something.
func (m *manager) await(says func() bool) {
	m.t.Helper()
	told := func(context.Context) (bool, error) { return says(), nil }
	if err := wait.PollUntilContextTimeout(m.t.Context(), 100*time.Millisecond, time.Minute, true, told); err != nil {
		m.t.Fatal(err)
	}
}

// detachByHand has somebody else detach a savepoint.
func (m *manager) detachByHand(name string) {
	m.t.Helper()
	if code, answer := m.Call(m.t, http.MethodPost, m.below()+"/"+name+"/detach", ""); code != http.StatusOK {
		m.t.Fatalf("the detach answers %d: %s", code, answer)
	}
}

// isBelow tells whether the server has a savepoint below the application, and how it
// shows it.
func (m *manager) isBelow(name string) (string, bool) {
	m.t.Helper()
	code, text := m.Call(m.t, http.MethodGet, m.below()+"/"+name, "")
	return text, code == http.StatusOK
}

// named is a savepoint of a configuration by its label and its name.
func (m *manager) named(label, name, more string) string {
	return fmt.Sprintf("resource \"flink_savepoint\" %q {\n  %s\n  name = %q\n  deployment = \"orders\"\n  %s\n}\n", label, m.place(), name, more)
}

// importsItself imports the savepoint of a state by its id.
func importsItself() resource.TestStep {
	return resource.TestStep{
		ResourceName: address, ImportState: true, ImportStateVerify: true,
		ImportStateIdFunc: func(state *terraform.State) (string, error) {
			return state.RootModule().Resources[address].Primary.ID, nil
		},
	}
}

func imports(label, id string) string {
	return fmt.Sprintf("import {\n  to = flink_savepoint.%s\n  id = %q\n}\n", label, id)
}

// TestAccConfluentImport imports savepoints that are below their application and such
// that are detached, by the id that the state has and by that of what somebody else has
// taken. The plan is empty where the configuration says what the server has.
func TestAccConfluentImport(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	config := m.ProviderConfig() + m.job("orders", running)
	own := config + m.savepoint(ofJob)
	attached, detached := m.environment+"-attached", m.environment+"-by-hand"
	id := func(name string) string { return "confluent/" + m.environment + "/orders/" + name }
	// An environment that is assigned says its namespace as well, which places nothing here.
	assigned := strings.Replace(m.named("detached", detached, `format = "native"`), `platform = "confluent"`, `platform = "confluent", namespace = "flink"`, 1)
	hands := m.named("attached", attached, `format = "native"`+"\n  path = \"s3://moves\"") + assigned
	fails := func(id, with string) resource.TestStep {
		return resource.TestStep{
			Config: own + hands + m.named("wrong", "any", "") + imports("wrong", id), PlanOnly: true,
			ExpectError: regexp.MustCompile(strings.ReplaceAll(with, " ", `\s+`)),
		}
	}
	run(t,
		resource.TestStep{Config: own},
		// Its own has the name on record that it was taken by.
		importsItself(),
		resource.TestStep{
			PreConfig: func() {
				// There is a detached one of the name as well.
				m.byHand(attached, "")
				m.detachByHand(attached)
				m.byHand(attached, `,"path":"s3://moves"`)
				m.byHand(detached, "")
				m.detachByHand(detached)
			},
			Config:           own + hands + imports("attached", id(attached)) + imports("detached", id(detached)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("flink_savepoint.attached", tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile("^s3://moves/savepoint-"))),
				statecheck.ExpectKnownValue("flink_savepoint.detached", tfjsonpath.New("location"), knownvalue.StringRegexp(regexp.MustCompile("^s3://flink/savepoints/savepoint-"))),
				statecheck.ExpectKnownValue("flink_savepoint.detached", tfjsonpath.New("id"), knownvalue.StringExact(id(detached))),
			},
			Check: func(*terraform.State) error {
				if text, is := m.isBelow(attached); !is {
					return fmt.Errorf("the import has detached the savepoint: %s", text)
				}
				return nil
			},
		},
		resource.TestStep{
			PreConfig: func() { m.Call(t, http.MethodDelete, "detached-savepoints/"+attached, "") },
			Config:    own + hands, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		fails(id("missing"), "(?s)There is no savepoint .*neither below the application orders .*nor among those that are detached"),
		fails("confluent/"+m.environment+"/"+attached, "operator/<namespace>/<name> or confluent/<environment>/<deployment>/<name>"),
		resource.TestStep{
			// What Terraform lets go of stays on the server.
			Config: own,
			Check: func(*terraform.State) error {
				if text, is := m.isBelow(attached); is {
					return fmt.Errorf("the savepoint is still below its application: %s", text)
				}
				for _, name := range []string{attached, detached} {
					if m.detached()[name] == "" {
						return fmt.Errorf("%s is not among the detached savepoints %v", name, m.detached())
					}
				}
				return nil
			},
		},
	)
}

// TestAccConfluentImportByIdentity asks the provider itself: a CLI imports by identity
// only from 1.12 on.
func TestAccConfluentImportByIdentity(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	attached, detached := m.environment+"-attached", m.environment+"-by-hand"
	run(t,
		resource.TestStep{Config: m.ProviderConfig() + m.job("orders", running)},
		resource.TestStep{Config: m.ProviderConfig() + m.job("orders", running), PreConfig: func() {
			m.byHand(attached, "")
			m.byHand(detached, "")
			m.detachByHand(detached)
			for _, name := range []string{attached, detached} {
				identity := map[string]string{"platform": "confluent", "environment": m.environment, "deployment": "orders", "name": name}
				state, again, said := importedBy(t, m.CMFHandle, identity)
				if said != "" {
					t.Fatal(said)
				}
				want := map[string]string{"id": "confluent/" + m.environment + "/orders/" + name, "name": name, "deployment": "orders", "format": "native"}
				for attribute, text := range want {
					if state[attribute] != text {
						t.Errorf("%s is %q, want %q", attribute, state[attribute], text)
					}
				}
				if !strings.HasPrefix(state["location"], "s3://flink/savepoints/savepoint-") {
					t.Errorf("the location is %q", state["location"])
				}
				if diff := cmp.Diff(identity, again); diff != "" {
					t.Errorf("the identity (-want +got):\n%s", diff)
				}
			}
			for lacks, of := range map[string]map[string]string{
				"confluent/<environment>/<deployment>/<name>": {"platform": "confluent", "environment": m.environment, "name": attached},
				"There is no savepoint":                       {"platform": "confluent", "environment": m.environment, "deployment": "orders", "name": "missing"},
			} {
				if _, _, said := importedBy(t, m.CMFHandle, of); !strings.Contains(said, lacks) {
					t.Errorf("said %q, want %q", said, lacks)
				}
			}
		}},
	)
}

// importedBy imports a savepoint of a server by its identity, and returns the texts of
// the state after a refresh, the identity then, or what is said instead.
func importedBy(t *testing.T, manager *acctest.CMFHandle, of map[string]string) (state, identity map[string]string, said string) {
	t.Helper()
	provider, err := acctest.Providers()["flink"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := provider.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := provider.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: with(t, schemas.Provider.ValueType(), "confluent", "endpoint", manager.Endpoint)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	given, kind := identityOf(t, provider, of)
	imported, err := provider.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "flink_savepoint", Identity: given})
	if err != nil {
		t.Fatal(err)
	}
	if len(imported.Diagnostics) > 0 {
		return nil, nil, words(imported.Diagnostics)
	}
	is := imported.ImportedResources[0]
	read, err := provider.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "flink_savepoint", CurrentState: is.State, CurrentIdentity: is.Identity, Private: is.Private})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read)
	}
	return textsOf(t, read.NewState, schemas.ResourceSchemas["flink_savepoint"].ValueType()), textsOf(t, read.NewIdentity.IdentityData, kind), ""
}

// identityOf is an identity of some texts, and its type.
func identityOf(t *testing.T, provider tfprotov6.ProviderServer, of map[string]string) (*tfprotov6.ResourceIdentityData, tftypes.Object) {
	t.Helper()
	identities, err := provider.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := identities.IdentitySchemas["flink_savepoint"].ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(tftypes.String, nil)
		if text, given := of[name]; given {
			values[name] = tftypes.NewValue(tftypes.String, text)
		}
	}
	identity, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &identity}, kind
}

// with is an object that is null but for one text in one of its objects.
func with(t *testing.T, of tftypes.Type, block, attribute, text string) *tfprotov6.DynamicValue {
	t.Helper()
	nulls := func(of tftypes.Type) (tftypes.Object, map[string]tftypes.Value) {
		object, ok := of.(tftypes.Object)
		if !ok {
			t.Fatalf("%s is no object", of)
		}
		values := map[string]tftypes.Value{}
		for name, kind := range object.AttributeTypes {
			values[name] = tftypes.NewValue(kind, nil)
		}
		return object, values
	}
	object, values := nulls(of)
	inner, inside := nulls(object.AttributeTypes[block])
	inside[attribute] = tftypes.NewValue(tftypes.String, text)
	values[block] = tftypes.NewValue(inner, inside)
	dynamic, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// textsOf are the attributes of an object that are texts and not null.
func textsOf(t *testing.T, dynamic *tfprotov6.DynamicValue, of tftypes.Type) map[string]string {
	t.Helper()
	object, err := dynamic.Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]tftypes.Value{}
	if err := object.As(&values); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, value := range values {
		var text *string
		if value.Type().Is(tftypes.String) && value.As(&text) == nil && text != nil {
			texts[name] = *text
		}
	}
	return texts
}
