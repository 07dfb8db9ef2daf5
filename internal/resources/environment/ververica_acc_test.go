package environment_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// ververica is an environment of Ververica Platform.
func ververica(server *acctest.VVPHandle, name, more string) string {
	return server.ProviderConfig() + ververicaResource("managed", name, more)
}

func ververicaResource(label, name, more string) string {
	return fmt.Sprintf(`
resource "flink_environment" %q {
  platform  = "ververica"
  name      = %q
  namespace = "flink-prod"
  %s
}
`, label, name, more)
}

// vvpHas is a check that what stands at a path of the server has texts, and others not.
func vvpHas(t *testing.T, server *acctest.VVPHandle, at string, texts ...string) resource.TestCheckFunc {
	t.Helper()
	return check(func() error {
		code, answer := server.Call(t, http.MethodGet, at, "")
		if code != http.StatusOK {
			return fmt.Errorf("%s answers %d", at, code)
		}
		for _, text := range texts {
			without, unwanted := strings.CutPrefix(text, "!")
			if strings.Contains(answer, without) == unwanted {
				return fmt.Errorf("%s: want %s in %s", at, text, answer)
			}
		}
		return nil
	})
}

// vvpIs is a check of the code that the server answers for a path.
func vvpIs(t *testing.T, server *acctest.VVPHandle, at string, want int) resource.TestCheckFunc {
	t.Helper()
	return check(func() error {
		if code, _ := server.Call(t, http.MethodGet, at, ""); code != want {
			return fmt.Errorf("%s answers %d", at, code)
		}
		return nil
	})
}

// somebody changes something on the server.
func somebody(t *testing.T, server *acctest.VVPHandle, method, at, body string) {
	t.Helper()
	if code, answer := server.Call(t, method, at, body); code >= http.StatusMultipleChoices {
		t.Fatalf("%s %s is refused with %d: %s", method, at, code, answer)
	}
}

// TestAccVervericaLife is the life of an environment with a namespace of its own.
func TestAccVervericaLife(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1")
	name := environmentName()
	namespace, inside := "namespaces/v1/namespaces/"+name, "api/v1/namespaces/"+name+"/"
	target, defaults := inside+"deployment-targets/"+name, inside+"deployment-defaults"
	first := `deployment_defaults = { image = "registry.example.com/orders:1", flink_configuration = { "state.backend.type" = "rocksdb", "a" = "1" } }
  ververica = { role_bindings = { owner = ["system:authenticated"], viewer = ["user:b", "user:a"] }, labels = { team = "payments" } }`
	second := `deployment_defaults = { flink_configuration = { "state.backend.type" = "rocksdb" } }
  ververica = { role_bindings = { owner = ["system:authenticated"] }, labels = { team = "orders" } }`
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	missing := func(want ...string) resource.TestCheckFunc {
		all := []resource.TestCheckFunc{resource.TestCheckResourceAttr(onServer, "missing.#", strconv.Itoa(len(want)))}
		for i, text := range want {
			all = append(all, resource.TestCheckResourceAttr(onServer, fmt.Sprintf("missing.%d", i), text))
		}
		return resource.ComposeTestCheckFunc(all...)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config:           ververica(server, name, first),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check: resource.ComposeTestCheckFunc(
					vvpHas(t, server, namespace, `"role":"owner"`, `["user:a","user:b"]`),
					vvpHas(t, server, target, `"namespace":"flink-prod"`, `"team":"payments"`, `flink-terraform.io/settings`),
					vvpHas(t, server, defaults, `"a":"1"`, `"state.backend.type":"rocksdb"`, `"flinkImageTag":"1"`), missing(),
				),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(onServer, tfjsonpath.New("id"), knownvalue.StringExact("ververica/"+name))},
			},
			{Config: ververica(server, name, first), ConfigPlanChecks: empty},
			{
				// What is not said any more goes, and what others have said stays.
				PreConfig: func() {
					somebody(t, server, http.MethodPatch, defaults, `{"kind":"DeploymentDefaults","apiVersion":"v1","spec":{"template":{"spec":{"flinkConfiguration":{"theirs":"x"}}}}}`)
				},
				Config:           ververica(server, name, second),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: resource.ComposeTestCheckFunc(
					vvpHas(t, server, namespace, `"role":"owner"`, `!viewer`),
					vvpHas(t, server, target, `"team":"orders"`),
					vvpHas(t, server, defaults, `!"a":"1"`, `"theirs":"x"`, `"state.backend.type":"rocksdb"`, `!"flinkImageTag":"1"`),
				),
			},
			{
				// Somebody changes all of it.
				PreConfig: func() {
					somebody(t, server, http.MethodPatch, defaults, `{"kind":"DeploymentDefaults","apiVersion":"v1","spec":{"template":{"spec":{"flinkConfiguration":{"state.backend.type":"hashmap"}}}}}`)
					somebody(t, server, http.MethodPut, target, fmt.Sprintf(`{"kind":"DeploymentTarget","apiVersion":"v1","metadata":{"name":%q,"namespace":%q,"labels":{"theirs":"x"}},"spec":{"kubernetes":{"namespace":"flink-prod"}}}`, name, name))
					somebody(t, server, http.MethodPut, namespace, fmt.Sprintf(`{"name":"namespaces/%s","roleBindings":[{"role":"owner","members":["system:authenticated","user:x"]}]}`, name))
				},
				RefreshState: true, ExpectNonEmptyPlan: true,
				Check: missing("role owner of namespace "+name, "label team=orders of deployment target "+name, `deployment defaults: template.spec.flinkConfiguration["state.backend.type"]`),
			},
			{
				Config:           ververica(server, name, second),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: resource.ComposeTestCheckFunc(
					vvpHas(t, server, namespace, `!user:x`),
					vvpHas(t, server, target, `"team":"orders"`, `"theirs":"x"`, `flink-terraform.io/settings`),
					vvpHas(t, server, defaults, `"state.backend.type":"rocksdb"`, `"theirs":"x"`),
				),
			},
			{
				// A deployment target that somebody has deleted is put back.
				PreConfig:        func() { somebody(t, server, http.MethodDelete, target, "") },
				Config:           ververica(server, name, second),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            vvpHas(t, server, target, `"team":"orders"`, `flink-terraform.io/settings`),
			},
			{
				Config: ververica(server, name, strings.ReplaceAll(second, `role_bindings = { owner = ["system:authenticated"] }, labels = { team = "orders" }`, `labels = { team = "orders" }`)),
				Check:  vvpHas(t, server, namespace, `!owner`),
			},
			{
				ResourceName: onServer, ImportState: true, ImportStateId: "ververica/" + name, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"},
			},
			{
				Config: ververica(server, name, second) + fmt.Sprintf("data \"flink_environment\" \"again\" {\n  platform = \"ververica\"\n  name = %q\n  depends_on = [flink_environment.managed]\n}\n", name),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.flink_environment.again", tfjsonpath.New("settings"), knownvalue.StringRegexp(regexp.MustCompile(`state.backend.type`))),
					statecheck.ExpectKnownValue("data.flink_environment.again", tfjsonpath.New("namespace"), knownvalue.StringExact("flink-prod")),
					statecheck.ExpectKnownValue("data.flink_environment.again", tfjsonpath.New("id"), knownvalue.StringExact("ververica/"+name)),
				},
			},
			{
				Config:      ververica(server, name, second) + ververicaResource("twin", name, ""),
				ExpectError: regexp.MustCompile(`(?s)it exists already.*terraform\s+import\s+flink_environment.<name>\s+ververica/` + name),
			},
			{
				PreConfig: func() {
					somebody(t, server, http.MethodPost, inside+"deployments", fmt.Sprintf(`{"kind":"Deployment","apiVersion":"v1","metadata":{"name":"orders","namespace":%q},"spec":{"state":"CANCELLED","deploymentTargetName":%q,"template":{"spec":{"artifact":{"kind":"JAR","jarUri":"https://example.com/a.jar"}}}}}`, name, name))
				},
				Config: server.ProviderConfig(), ExpectError: regexp.MustCompile(`(?s)still in use.*Deployment\s+orders`),
			},
			{
				PreConfig: func() { somebody(t, server, http.MethodDelete, inside+"deployments/orders", "") },
				Config:    server.ProviderConfig(),
				Check:     vvpIs(t, server, namespace, http.StatusNotFound),
			},
		},
	})
}

// TestAccVervericaBorrowed is the life of an environment in a namespace of others, also with
// 3.x, where nobody can create one.
func TestAccVervericaBorrowed(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for _, version := range []string{"2.13.0", "3.1.3"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			server := acctest.VVP(t, version)
			name := server.EmptyNamespace(t)
			inside := "api/v1/namespaces/" + name + "/"
			const more = `ververica = { create_namespace = false, deployment_target = "Pool_1", role_bindings = { viewer = ["group:g"] } }
  deployment_defaults = { flink_configuration = { "a" = "1" } }`
			renamed := strings.Replace(more, "Pool_1", "Pool_2", 1)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{Config: ververica(server, name, ""), ExpectError: regexp.MustCompile(map[string]string{
						"2.13.0": `(?s)it exists already.*create_namespace = false`, "3.1.3": `(?s)belongs\s+to\s+a\s+workspace.*create_namespace\s+=\s+false`,
					}[version])},
					{
						Config: ververica(server, name, more),
						Check: resource.ComposeTestCheckFunc(
							vvpHas(t, server, inside+"deployment-targets/Pool_1", `"namespace":"flink-prod"`), vvpHas(t, server, inside+"deployment-defaults", `"a":"1"`),
							vvpHas(t, server, "namespaces/v1/namespaces/"+name, "group:g", "system:authenticated"),
						),
					},
					{
						Config: ververica(server, name, more), ResourceName: onServer, ImportState: true, ImportStateId: "ververica/" + name, ImportStateVerify: true,
						// Nothing tells which roles of the namespace are the environment's.
						ImportStateVerifyIgnore: []string{"timeouts", "ververica.role_bindings"},
					},
					{
						Config:      ververica(server, name, strings.Replace(more, "create_namespace = false", "create_namespace = true", 1)),
						ExpectError: regexp.MustCompile(`(?s)was not created by this environment.*ververica.create_namespace`),
					},
					{
						Config: ververica(server, name, renamed), ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
						Check: resource.ComposeTestCheckFunc(
							vvpIs(t, server, inside+"deployment-targets/Pool_1", http.StatusNotFound), vvpIs(t, server, inside+"deployment-targets/Pool_2", http.StatusOK),
							vvpHas(t, server, inside+"deployment-defaults", `"a":"1"`),
						),
					},
					{
						// In a namespace of others a target that is gone is the whole environment.
						PreConfig:        func() { somebody(t, server, http.MethodDelete, inside+"deployment-targets/Pool_2", "") },
						Config:           ververica(server, name, renamed),
						ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
					},
					{
						Config: server.ProviderConfig(),
						Check: resource.ComposeTestCheckFunc(
							vvpIs(t, server, "namespaces/v1/namespaces/"+name, http.StatusOK), vvpIs(t, server, inside+"deployment-targets/Pool_2", http.StatusNotFound),
							vvpHas(t, server, inside+"deployment-defaults", `!"a":"1"`),
						),
					},
				},
			})
		})
	}
}

// The Community Edition has the namespace default alone, which nobody creates.
func TestAccVervericaCommunity(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1", acctest.Community)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: ververica(server, environmentName(), ""), ExpectError: regexp.MustCompile(`(?s)the namespace cannot be created.*name\s+=\s+"default".*create_namespace\s+=\s+false`)},
			{
				Config: ververica(server, "default", `deployment_defaults = { flink_configuration = { "a" = "1" } }`),
				Check:  vvpHas(t, server, "api/v1/namespaces/default/deployment-targets/default", `"namespace":"flink-prod"`),
			},
			{
				ResourceName: onServer, ImportState: true, ImportStateId: "ververica/default", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"},
			},
			{Config: server.ProviderConfig(), Check: vvpHas(t, server, "api/v1/namespaces/default/deployment-defaults", `!"a":"1"`)},
		},
	})
}

// With access control an administrator's token makes the namespace, and what is in it is a
// matter of its roles and of its own token.
func TestAccVervericaTokens(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1", acctest.AccessControl)
	name, theirs := environmentName(), server.EmptyNamespace(t)
	tokens := func(token string) string {
		return fmt.Sprintf("provider \"flink\" {\n  ververica = { endpoint = %q, tokens = { %s = %q } }\n}\n", server.Endpoint, theirs, token)
	}
	const everybody = `ververica = { role_bindings = { owner = ["system:authenticated"] } }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: strings.Replace(ververica(server, name, everybody), server.Token, "wrong", 1), ExpectError: regexp.MustCompile(`(?s)does\s+not\s+accept\s+the\s+credentials.*VERVERICA_PLATFORM_TOKEN`)},
			{
				// Without a role the administrator cannot write into the namespace, and takes it back.
				Config: ververica(server, name, ""), ExpectError: regexp.MustCompile(`(?s)nobody\s+has\s+a\s+role.*role_bindings\s+=`),
			},
			{
				PreConfig: func() {
					if code, _ := server.Call(t, http.MethodGet, "namespaces/v1/namespaces/"+name, ""); code != http.StatusNotFound {
						t.Errorf("the namespace answers %d after a create that has failed", code)
					}
				},
				Config: ververica(server, name, everybody), ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			},
			{Config: server.ProviderConfig(), Check: vvpIs(t, server, "namespaces/v1/namespaces/"+name, http.StatusNotFound)},
			{
				Config:      tokens(server.NamespaceToken(t, theirs, "editor")) + ververicaResource("managed", theirs, `ververica = { create_namespace = false }`),
				ExpectError: regexp.MustCompile(`(?s)it is not allowed.*deployment\s+targets`),
			},
			{Config: tokens(server.NamespaceToken(t, theirs, "owner")) + ververicaResource("managed", theirs, `ververica = { create_namespace = false, role_bindings = { viewer = ["user:v"] } }`)},
		},
	})
}

// TestAccVervericaTrouble creates and changes environments on a server in trouble: nothing is
// created twice, and nothing of it is left.
func TestAccVervericaTrouble(t *testing.T) {
	t.Parallel()
	acctest.SkipUnlessAcceptance(t)
	for label, trouble := range map[string]acctest.Trouble{
		"the answer to a namespace is lost": {Method: http.MethodPost, Path: "/namespaces/v1/namespaces", Times: 1, Loses: true},
		"the answer to a target is lost":    {Method: http.MethodPost, Path: "/deployment-targets", Times: 1, Loses: true},
		"a target never arrives":            {Method: http.MethodPost, Path: "/deployment-targets", Times: 1, Drops: true},
		"defaults fail twice":               {Method: http.MethodPatch, Path: "/deployment-defaults", Times: 2, Code: http.StatusBadGateway},
		"a target is still referenced":      {Method: http.MethodDelete, Path: "/deployment-targets", Times: 2, Code: http.StatusConflict},
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			server := acctest.VVP(t, "2.15.1")
			name := environmentName()
			server.Make(trouble)
			const more = `deployment_defaults = { flink_configuration = { "a" = "1" } }`
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{
					{Config: ververica(server, name, more), Check: vvpHas(t, server, "api/v1/namespaces/"+name+"/deployment-defaults", `"a":"1"`)},
					{Config: ververica(server, name, more), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
					{Config: server.ProviderConfig(), Check: vvpIs(t, server, "namespaces/v1/namespaces/"+name, http.StatusNotFound)},
				},
			})
		})
	}
}

// A create that fails half way keeps what exists, and the next one makes it anew.
func TestAccVervericaHalfWay(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	server := acctest.VVP(t, "2.15.1")
	name := environmentName()
	const more = `deployment_defaults = { flink_configuration = { "a" = "1" } }`
	server.Make(acctest.Trouble{Method: http.MethodPatch, Path: "/deployment-defaults", Times: 1, Code: http.StatusForbidden})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: ververica(server, name, more), ExpectError: regexp.MustCompile(`it is not allowed`)},
			{
				Config: ververica(server, name, more), ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
				Check: vvpHas(t, server, "api/v1/namespaces/"+name+"/deployment-defaults", `"a":"1"`),
			},
			{
				// The namespace goes, with all that is in it.
				PreConfig:        func() { somebody(t, server, http.MethodDelete, "namespaces/v1/namespaces/"+name, "") },
				Config:           ververica(server, name, more),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			},
		},
	})
}

// What a plan can know is an error there.
func TestAccVervericaRefusedAtPlan(t *testing.T) {
	t.Parallel()
	server := acctest.VVP(t, "2.15.1")
	for name, test := range map[string]struct{ config, want string }{
		"a name with a hyphen at its end": {ververica(server, "shop-", ""), `(?s)This is no name of an environment`},
		"another platform's block":        {ververica(server, "shop", `operator = { service_account = "flink" }`), `(?s)The environment is not of the platform "operator"`},
		"ververica on operator":           {strings.ReplaceAll(ververica(server, "shop", `ververica = {}`), `"ververica"`, `"operator"`), `(?s)The environment is not of the platform "ververica"`},
		"the namespace default":           {ververica(server, "default", `ververica = { create_namespace = true }`), `(?s)The namespace default always exists`},
		"a role":                          {ververica(server, "shop", `ververica = { role_bindings = { admin = ["user:a"] } }`), `(?s)viewer`},
		"a member":                        {ververica(server, "shop", `ververica = { role_bindings = { owner = ["a"] } }`), `(?s)user:<name>`},
		"no member":                       {ververica(server, "shop", `ververica = { role_bindings = { owner = [] } }`), `(?s)at\s+least\s+1`},
		"a target":                        {ververica(server, "shop", `ververica = { deployment_target = "a.b" }`), `(?s)letters, digits, hyphens`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps:                    []resource.TestStep{{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)}},
			})
		})
	}
}
