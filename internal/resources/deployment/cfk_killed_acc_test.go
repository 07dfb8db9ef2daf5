package deployment_test

import (
	"fmt"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// custom returns the custom resource of the deployment.
func (f *fixture) custom() *unstructured.Unstructured {
	f.t.Helper()
	o, err := f.resources.Resources("flinkapplications").Get(f.t.Context(), "orders", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// TestAccResourcesKilledInCreate kills the provider before it could tell the CLI what it has created: the next apply goes
// on with it.
func TestAccResourcesKilledInCreate(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onResources), newCLI(t)
	c.write(f.config(attributes{"service_account": late}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.begins(0)
	uid := f.custom().GetUID()
	c.killProvider()
	if code, output := apply.wait(t); code == 0 {
		t.Fatalf("the apply did not notice:\n%s", output)
	}
	expectActions(t, c.plan(), tfjson.ActionCreate)
	f.letStart()
	c.apply()
	if got := f.custom(); got.GetUID() != uid || len(got.GetAnnotations()) != 0 {
		t.Errorf("uid %s, want %s; annotations %v", got.GetUID(), uid, got.GetAnnotations())
	}
	if got := f.start(); got.count != "1" {
		t.Errorf("the job started %s times", got.count)
	}
	c.expectNothingLeft()
}

// TestAccResourcesKilledInMove kills the provider when a custom resource is there and the state does not know it: the next
// apply goes on, and the job has not noticed.
func TestAccResourcesKilledInMove(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, onResources), newCLI(t)
	name := f.environment + "-own"
	config := func(environment string) string {
		return f.resources.ProviderConfigWithREST() + environment + f.deployment(attributes{
			"environment": "flink_environment.own", "job_manager": `{ resource = { cpu = 0.5, memory = "1024m" } }`, "task_manager": `{ resource = { cpu = 1, memory = "2048m" } }`,
		})
	}
	c.write(config(fmt.Sprintf("resource \"flink_environment\" \"own\" {\n  platform = \"confluent\"\n  name = %q\n  namespace = %q\n}\n", name, f.namespace)))
	c.apply()
	generation := f.live().GetGeneration()
	watch, err := f.resources.Resources("flinkapplications").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()
	c.write(config(f.byResources(name, "")))
	apply := c.start("apply", "-auto-approve", "-input=false")
	<-watch.ResultChan()
	c.killProvider()
	if code, output := apply.wait(t); code == 0 {
		t.Fatalf("the apply did not notice:\n%s", output)
	}
	expectActions(t, c.plan(), tfjson.ActionUpdate)
	c.apply()
	if got := f.start(); got.count != "1" || f.live().GetGeneration() != generation {
		t.Errorf("the job started %s times, and is of generation %d", got.count, f.live().GetGeneration())
	}
	c.expectNothingLeft()
}
