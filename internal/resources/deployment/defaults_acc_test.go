package deployment_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// shared is an environment with two deployments: "orders" gets it directly, and
// "bills" through a module whose variable has the type any.
const shared = `
resource "flink_environment" "prod" {
  name      = "prod"
  namespace = %q
  operator  = { create_namespace = false }
  deployment_defaults = {
    flink_version       = "v1_20"
    service_account     = "flink"
    image               = %q
    flink_configuration = {
      "state.checkpoints.dir"        = "s3://flink/checkpoints"
      "state.savepoints.dir"         = "s3://flink/savepoints"
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://flink/ha"
      "execution.checkpointing.interval" = "1 min"
      %s
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
  }
  deployment_overrides = { flink_configuration = { "web.cancel.enable" = "false" } }
}

resource "flink_deployment" "orders" {
  environment         = flink_environment.prod
  name                = "orders"
  image               = "registry.example.com/orders:1.4.0"
  job                 = { jar_uri = "local:///opt/flink/usrlib/a.jar", parallelism = 2 }
  flink_configuration = { "web.cancel.enable" = "true", "inherited" = null, "execution.checkpointing.interval" = null }
}

module "team" {
  source      = "./team"
  environment = flink_environment.prod
}
`

const sharedModule = `
variable "environment" { type = any }

terraform {
  required_providers {
    flink = { source = "flink-terraform/flink" }
  }
}

resource "flink_deployment" "bills" {
  environment = var.environment
  name        = "bills"
  job         = { jar_uri = "local:///opt/flink/usrlib/b.jar", parallelism = 1 }
}
`

// consequences of an environment's change, by address: action and because.
type consequencesOf map[string][]string

// TestAccDefaultsOfEnvironment changes the defaults of an environment. One plan
// shows what that does to each deployment, and the apply does just that.
func TestAccDefaultsOfEnvironment(t *testing.T) {
	t.Parallel()
	const (
		orders  = "flink_deployment.orders"
		bills   = "module.team.flink_deployment.bills"
		history = `flink_configuration["kubernetes.operator.savepoint.history.max.count"] (default of environment prod)`
	)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	module := filepath.Join(c.Dir, "team")
	if err := os.Mkdir(module, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "main.tf"), []byte(sharedModule), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		image, more   string
		want          consequencesOf
		orders, bills string
	}{
		{
			"registry.example.com/bills:1.0.0", `"inherited" = "yes"`,
			consequencesOf{orders: {"create"}, bills: {"create"}},
			"1", "1",
		},
		{
			// A key of the operator restarts nobody, the image only the one
			// that has no own.
			"registry.example.com/bills:1.0.1", "\"inherited\" = \"yes\"\n\"kubernetes.operator.savepoint.history.max.count\" = 5",
			consequencesOf{orders: {"config_only", history}, bills: {"savepoint_upgrade", "image (default of environment prod)"}},
			"1", "2",
		},
		{
			// A key that one of them removes anyway concerns the other alone.
			"registry.example.com/bills:1.0.1", `"kubernetes.operator.savepoint.history.max.count" = 5`,
			consequencesOf{bills: {"savepoint_upgrade", `flink_configuration["inherited"] (default of environment prod)`}},
			"1", "3",
		},
	} {
		c.write(acctest.ProviderConfig(f.cluster) + fmt.Sprintf(shared, f.namespace, step.image, step.more))
		c.run("get")
		got := consequencesOf{}
		for _, change := range c.planned().ResourceChanges {
			values, _ := change.Change.After.(map[string]any)
			if change.Type != "flink_deployment" {
				continue
			}
			if unknown, _ := change.Change.AfterUnknown.(map[string]any); unknown["effective_spec"] != nil || unknown["rollout"] == true {
				t.Errorf("step %d: %s has unknown values: %v", i, change.Address, unknown)
			}
			rollout := rolloutOf(t, values)
			before, _ := change.Change.Before.(map[string]any)
			if before != nil && cmp.Equal(before["rollout"], values["rollout"]) {
				continue
			}
			told := []string{fmt.Sprint(rollout["action"])}
			for _, cause := range rollout["because"].([]any) {
				told = append(told, fmt.Sprint(cause))
			}
			got[change.Address] = told
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("step %d: consequences (-want +got):\n%s", i, diff)
		}
		c.apply()
		if a, b := f.startsOf("orders"), f.startsOf("bills"); a != step.orders || b != step.bills {
			t.Errorf("step %d: orders started %s times and bills %s times, want %s and %s", i, a, b, step.orders, step.bills)
		}
		c.expectNothingLeft()
	}
	for name, want := range map[string]string{"orders": "", "bills": "1 min"} {
		configuration, _, err := unstructured.NestedStringMap(f.liveNamed(name).Object, "spec", "flinkConfiguration")
		if err != nil || configuration["web.cancel.enable"] != "false" || configuration["execution.checkpointing.interval"] != want {
			t.Errorf("%s has the configuration %v (%v)", name, configuration, err)
		}
	}
}

func (f *fixture) startsOf(name string) string {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(appsKind).Namespace(f.namespace).Get(f.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return object.GetAnnotations()["standin.flink/starts"]
}

func (f *fixture) liveNamed(name string) *unstructured.Unstructured {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Get(f.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return object
}
