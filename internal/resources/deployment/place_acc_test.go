package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// places is a configuration with one resource of each type in an environment:
// an expression that the resources share.
func (f *fixture) places(input, environment string, more string) string {
	return acctest.ProviderConfig(f.cluster) + fmt.Sprintf(`
resource "terraform_data" "net" { input = %[1]q }

resource "flink_environment" "shop" {
  name      = %[2]q
  operator  = { create_namespace = false }
  deployment_defaults = {
    flink_configuration = {
      "state.checkpoints.dir"        = "s3://flink/checkpoints"
      "state.savepoints.dir"         = "s3://flink/savepoints"
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://flink/ha"
    }
    flink_version   = %[3]q
    service_account = "flink"
    job_manager     = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager    = { resource = { cpu = 1, memory = "2g" } }
  }
}

resource "flink_deployment" "test" {
  environment = %[4]s
  name        = "orders"
  image       = "registry.example.com/orders:1.4.0"
  job         = { jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 1 }
  upgrade     = { allow_state_loss = true }
}

resource "flink_session_cluster" "shared" {
  environment = %[4]s
  name        = "shared"
}

resource "flink_session_job" "guest" {
  environment     = %[4]s
  session_cluster = "shared"
  name            = "guest"
  job             = { jar_uri = "https://repo.example.com/guest.jar", parallelism = 1 }
  upgrade         = { allow_state_loss = true }
  %[5]s
}

resource "flink_savepoint" "before" {
  environment = %[4]s
  name        = "before"
  deployment  = "orders"
  %[6]s
}
`, input, f.namespace, f.cluster.FlinkVersion(), environment, strings.ReplaceAll(more, "TARGET", "flink_session_cluster.shared"), strings.ReplaceAll(more, "TARGET", "flink_deployment.test"))
}

// TestAccUnknownPlace has an environment that is read in the apply, because what
// it depends on changes: nothing is replaced. When another namespace comes out
// of it, the apply says so and writes nothing.
func TestAccUnknownPlace(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	elsewhere := f.cluster.Namespace(t)
	const read = `data.flink_environment.shop`
	data := fmt.Sprintf(`
data "flink_environment" "shop" {
  name       = %q
  depends_on = [terraform_data.net, flink_environment.shop]
}
`, f.namespace)
	c.write(f.places("1", read, "depends_on = [TARGET]") + data)
	c.apply()
	before := f.live()

	c.write(f.places("2", read, "depends_on = [TARGET]") + data)
	for _, change := range c.planned().ResourceChanges {
		if strings.HasPrefix(change.Address, "flink_") && change.Change.Actions.Replace() {
			t.Errorf("%s is replaced", change.Address)
		}
	}
	c.apply()
	c.expectNothingLeft()

	c.write(f.places(elsewhere, `{ namespace = terraform_data.net.output, settings = flink_environment.shop.settings }`, ""))
	for _, change := range c.planned().ResourceChanges {
		if strings.HasPrefix(change.Address, "flink_") && change.Change.Actions.Replace() {
			t.Errorf("%s is replaced", change.Address)
		}
	}
	output := c.fails()
	for _, what := range []string{`deployment "orders"`, `session cluster "shared"`, `session job "guest"`, `savepoint "before"`} {
		expectText(t, output, "Another value of environment.namespace would replace the "+what+", which is not planned")
	}
	if strings.Contains(output, "inconsistent") {
		t.Errorf("the CLI calls it a bug:\n%s", output)
	}
	after := f.live()
	if before.GetUID() != after.GetUID() || before.GetGeneration() != after.GetGeneration() {
		t.Errorf("the deployment was written: generation %d, then %d", before.GetGeneration(), after.GetGeneration())
	}
	left, err := f.cluster.Client.Resource(deploymentKind).Namespace(elsewhere).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(left.Items) > 0 {
		t.Errorf("%v: there are %d deployments in the other namespace", err, len(left.Items))
	}
}

// TestAccPlanOfAnotherObject applies a saved plan when its object is gone and
// somebody else has created one of the name.
func TestAccPlanOfAnotherObject(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	c.write(f.config(attributes{"image": `"registry.example.com/orders:1.4.1"`}))
	expectActions(t, c.plan(), tfjson.ActionUpdate)

	theirs := f.live()
	deployments := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace)
	if err := deployments.Delete(t.Context(), "orders", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	f.awaitAbsent()
	theirs = &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": theirs.GetAPIVersion(), "kind": theirs.GetKind(), "spec": theirs.Object["spec"],
		"metadata": map[string]any{"name": "orders", "namespace": f.namespace},
	}}
	theirs, err := deployments.Create(t.Context(), theirs, metav1.CreateOptions{FieldManager: "team-2"})
	if err != nil {
		t.Fatal(err)
	}
	code, output := c.start("apply", "-input=false", "plan").wait(t)
	if code == 0 {
		t.Errorf("the plan is applied:\n%s", output)
	}
	expectText(t, output, `Cannot update the deployment "orders" in namespace `+f.namespace+": it is another object now")
	if got := f.specValue("image"); got != "registry.example.com/orders:1.4.0" || f.live().GetUID() != theirs.GetUID() {
		t.Errorf("the other object has the image %s", got)
	}
}
