package deployment_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// onResources is Confluent Manager for Apache Flink, to which Confluent for Kubernetes hands on
// custom resources.
const onResources = "custom resources"

// byResources is a flink_environment whose objects are custom resources, with more in its block
// confluent.
func (f *fixture) byResources(name, more string) string {
	return fmt.Sprintf(`
resource "flink_environment" "own" {
  platform  = "confluent"
  name      = %q
  namespace = %q
  confluent = {
    via              = "custom_resources"
    custom_resources = { namespace = %q }
    %s
  }
}
`, name, f.namespace, f.resources.Namespace, more)
}

// TestAccResourcesLife is the life of an environment with a deployment by custom resources: no
// other connection than to Kubernetes is configured.
func TestAccResourcesLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onResources)
	name := f.environment + "-own"
	config := func(change attributes) string {
		values := attributes{"environment": "flink_environment.own"}
		maps.Copy(values, change)
		return f.resources.ProviderConfig() + f.byResources(name, "") + f.deployment(values)
	}
	f.run(
		resource.TestStep{
			Config: config(nil),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("confluent/"+name+"/orders")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("status").AtMapKey("job_state"), knownvalue.StringExact("RUNNING")),
			},
		},
		resource.TestStep{Config: config(nil), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			Config: config(attributes{"job": `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 4 }`}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), expectRollout(address, "savepoint_upgrade", "job.parallelism"),
			}},
			Check: check(func() error {
				if got := f.start().restoredFrom; got == "" {
					return fmt.Errorf("the job was not restored")
				}
				return nil
			}),
		},
	)
}

// TestAccMovesToResources moves an environment with a deployment from REST to custom resources:
// the job goes on, and there is no way back.
func TestAccMovesToResources(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onResources)
	name := f.environment + "-own"
	overREST := fmt.Sprintf("resource \"flink_environment\" \"own\" {\n  platform = \"confluent\"\n  name = %q\n  namespace = %q\n}\n", name, f.namespace)
	config := func(environment string, change attributes) string {
		// The definition has no "2g".
		values := attributes{"environment": "flink_environment.own", "job_manager": `{ resource = { cpu = 0.5, memory = "1024m" } }`, "task_manager": `{ resource = { cpu = 1, memory = "2049m" } }`}
		maps.Copy(values, change)
		return f.resources.ProviderConfigWithREST() + environment + f.deployment(values)
	}
	id := func() string {
		text, _, _ := unstructured.NestedString(f.live().Object, "status", "jobStatus", "jobId")
		return text
	}
	var job string
	var generation int64
	f.run(
		resource.TestStep{Config: config(overREST, attributes{"task_manager": `{ resource = { cpu = 1, memory = "2g" } }`})},
		resource.TestStep{
			Config:      config(f.byResources(name, ""), attributes{"task_manager": `{ resource = { cpu = 1, memory = "2g" } }`}),
			ExpectError: regexp.MustCompile(`(?s)would\s+restart.*memory\s+=\s+"2049m"`),
		},
		resource.TestStep{Config: config(overREST, nil)},
		resource.TestStep{
			PreConfig: func() { job, generation = id(), f.live().GetGeneration() },
			Config:    config(f.byResources(name, ""), nil),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("flink_environment.own", plancheck.ResourceActionUpdate),
			}},
			Check: check(func() error {
				if now := id(); job == "" || now != job || f.live().GetGeneration() != generation {
					return fmt.Errorf("the job was %q of generation %d, and is %q of %d", job, generation, now, f.live().GetGeneration())
				}
				if _, err := f.resources.Resources("flinkapplications").Get(t.Context(), "orders", metav1.GetOptions{}); err != nil {
					return err
				}
				_, err := f.resources.Resources("flinkenvironments").Get(t.Context(), name, metav1.GetOptions{})
				return err
			}),
		},
		resource.TestStep{Config: config(f.byResources(name, ""), nil), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{Config: config(overREST, nil), ExpectError: regexp.MustCompile(`Custom\s+resources\s+cannot\s+be\s+given\s+back`)},
		resource.TestStep{
			// It is changed as ever, with its state.
			Config:           config(f.byResources(name, ""), attributes{"image": `"registry.example.com/orders:1.4.1"`}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectRollout(address, "savepoint_upgrade", "image")}},
			Check: check(func() error {
				if got := f.start().restoredFrom; !strings.HasPrefix(got, savepoints) {
					return fmt.Errorf("restored from %q", got)
				}
				return nil
			}),
		},
	)
}

// edit changes the custom resource as somebody else does.
func (f *fixture) edit(patch string) {
	f.t.Helper()
	if _, err := f.resources.Resources("flinkapplications").Patch(f.t.Context(), "orders", types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
		f.t.Fatal(err)
	}
}

// TestAccResourcesOfOthers is what others do to a custom resource, its import, and what was made
// by hand.
func TestAccResourcesOfOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, onResources)
	theirs := map[string]any{
		"flinkEnvironment": f.environment, "image": "registry.example.com/orders:1.4.0", "flinkVersion": f.cluster.FlinkVersion(), "serviceAccount": "flink",
		"flinkConfiguration": map[string]any{
			"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints", "high-availability.type": "kubernetes",
			"high-availability.storageDir": "s3://flink/ha", "taskmanager.numberOfTaskSlots": "2",
		},
		"job":        map[string]any{"jarURI": "local:///opt/flink/usrlib/orders.jar", "parallelism": int64(2), "upgradeMode": "savepoint", "state": "running"},
		"jobManager": map[string]any{"resource": map[string]any{"cpu": "0.5", "memory": "1024m"}}, "taskManager": map[string]any{"resource": map[string]any{"cpu": int64(1), "memory": "2048m"}},
	}
	config := f.config(attributes{
		"job":         `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2, state = "running" }`,
		"upgrade":     `{ mode = "savepoint" }`,
		"job_manager": `{ resource = { cpu = 0.5, memory = "1024m" } }`, "task_manager": `{ resource = { cpu = 1, memory = "2048m" } }`,
	})
	imports := fmt.Sprintf("import {\n  to = %s\n  id = \"confluent/%s/orders@%s\"\n}\n", address, f.environment, f.namespace)
	f.run(
		resource.TestStep{
			// What kubectl has created is taken over as it is.
			PreConfig: func() {
				f.resources.Create(t, "FlinkApplication", "flinkapplications", "orders", theirs)
				f.follow("the job runs", func(o *unstructured.Unstructured) bool {
					state, _, _ := unstructured.NestedString(o.Object, "status", "jobStatus", "state")
					return state == "RUNNING"
				})
			},
			Config: config + imports,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
			}},
		},
		resource.TestStep{
			// Somebody changes the image; the apply puts it back, with the state.
			PreConfig:        func() { f.edit(`{"spec":{"image":"registry.example.com/orders:rogue"}}`) },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{expectRollout(address, "savepoint_upgrade", "image")}},
		},
		resource.TestStep{
			// What the configuration does not say is no drift.
			PreConfig: func() { f.edit(`{"metadata":{"labels":{"team":"payments"}},"spec":{"imagePullPolicy":"Always"}}`) },
			Config:    config, PlanOnly: true,
		},
	)
}

// TestAccResourcesRefuse are plans and applies of what custom resources do not have, or somebody
// else has.
func TestAccResourcesRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change attributes
		before func(f *fixture)
		want   string
		plan   bool
	}{
		"a version that the definition does not have": {change: attributes{"flink_version": `"v1_17"`}, want: `(?s)has\s+no\s+flinkVersion\s+v1_17`, plan: true},
		"a blue/green switch":                         {change: attributes{"upgrade": `{ strategy = "blue_green" }`}, want: `blue.green`, plan: true},
		"no environment": {
			change: attributes{"environment": `{ platform = "confluent", name = "no-such-environment", settings = "{\"custom_resources\":{\"namespace\":\"` + "NAMESPACE" + `\"}}" }`},
			want:   `(?s)the\s+environment\s+is\s+not\s+known`,
		},
		"the server has it": {before: func(f *fixture) {
			f.manager.Call(f.t, http.MethodPost, "environments/"+f.environment+"/applications",
				`{"apiVersion":"cmf.confluent.io/v1","kind":"FlinkApplication","metadata":{"name":"orders"},"spec":{"image":"a","flinkVersion":"v1_20","serviceAccount":"flink"}}`)
		}, want: `(?s)there\s+is\s+no\s+custom\s+resource\s+of\s+it`},
		"another environment has the name": {before: func(f *fixture) {
			f.resources.Create(f.t, "FlinkApplication", "flinkapplications", "orders", map[string]any{"flinkEnvironment": "another", "image": "a"})
		}, want: `(?s)is\s+of\s+the\s+environment\s+"another"`},
		"the controller is stuck": {
			change: attributes{"timeouts": `{ create = "5s" }`},
			before: func(f *fixture) {
				f.manager.Make(acctest.Trouble{Method: http.MethodPost, Path: "applications", Slow: 30 * time.Second})
			},
			want: `(?s)has\s+not\s+handed\s+FlinkApplication\s+\S+/orders\s+on:\s+Confluent\s+for\s+Kubernetes\s+has\s+not\s+looked\s+at\s+it`,
		},
		"the server refuses it": {
			before: func(f *fixture) {
				f.manager.Make(acctest.Trouble{Method: http.MethodPost, Path: "applications", Code: http.StatusUnprocessableEntity})
			},
			want: `(?s)does\s+not\s+take\s+it\s+\(Confluent\s+for\s+Kubernetes\s+says\).*422`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acctest.FirstCLIOnly(t)
			f := newFixture(t, onResources)
			if test.before != nil {
				test.before(f)
			}
			f.run(resource.TestStep{Config: strings.ReplaceAll(f.config(test.change), "NAMESPACE", f.namespace), PlanOnly: test.plan, ExpectError: regexp.MustCompile(test.want)})
			f.manager.End()
		})
	}
}
