package deployment_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

// TestAccRejectedByTheAPIServer writes what the cluster's definitions do not
// have. The error is at the attribute and names what to do.
func TestAccRejectedByTheAPIServer(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		name, operator string
		change         attributes
		messages       []string
	}{
		{
			"a field that the operator does not have yet", "1.15",
			attributes{"job_manager": `{ resources = { requests = { memory = "1Gi", cpu = "1" } } }`},
			[]string{`The Kubernetes cluster rejects job_manager.resources`, `The operator knows this field from version 1.16 on`},
		},
		{
			"a version that the definition does not list", "1.7",
			attributes{"flink_version": `"v1_20"`},
			[]string{`The Kubernetes cluster rejects flink_version`, `Unsupported value: "v1_20"`},
		},
		{
			"labels of an ingress", "1.7",
			attributes{"ingress": `{ template = "{{name}}.example.com", labels = { a = "b" } }`},
			[]string{`The Kubernetes cluster rejects ingress.labels`, `The operator knows this field from version 1.8 on`},
		},
		{
			"a pod template with an unknown field", acctest.Newest(),
			attributes{"pod_template": `yamlencode({ spec = { schedulingFuture = "fast" } })`},
			[]string{`The Kubernetes cluster rejects pod_template: spec.schedulingFuture`, `have no field spec.schedulingFuture`},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if i > 0 {
				acctest.FirstCLIOnly(t)
			}
			f, c := newFixture(t, row.operator), newCLI(t)
			c.write(f.config(row.change))
			output := c.fails()
			for _, message := range row.messages {
				expectText(t, output, message)
			}
			f.expectAbsent()
			if c.state() != nil {
				t.Error("the state has a deployment that was never created")
			}
		})
	}
}

// TestAccPodTemplateKnownAtApply checks a text that no plan has seen before
// anything is written, without a word to the cluster.
func TestAccPodTemplateKnownAtApply(t *testing.T) {
	t.Parallel()
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	config := f.config(attributes{"pod_template": `yamlencode({ spec = { containers = [{ name = "flink-main-container", env = [{ name = "PORT", value = terraform_data.port.output }] }] } })`})
	c.write(config + "\nresource \"terraform_data\" \"port\" {\n  input = 8123\n}\n")
	output := c.fails()
	expectText(t, output, `pod_template: spec.containers[0].env[0].value must be a string, not a number`)
	f.expectAbsent()
}

// TestAccRejectedUpdate keeps the state when the cluster refuses a change.
func TestAccRejectedUpdate(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, "1.7"), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	generation := f.live().GetGeneration()
	c.write(f.config(attributes{"flink_version": `"v1_20"`}))
	expectText(t, c.fails(), `The Kubernetes cluster rejects flink_version`)
	if got := c.state().AttributeValues["flink_version"]; got != "v1_18" || f.live().GetGeneration() != generation {
		t.Errorf("the state has %v, generation %d", got, f.live().GetGeneration())
	}
	c.write(f.config(nil))
	c.expectNothingLeft()
}

// TestAccNamespaceIsMissing names the cause.
func TestAccNamespaceIsMissing(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"environment": `{ namespace = "` + f.namespace + `-not" }`}))
	expectText(t, c.fails(), `the namespace does not exist`)
}

// TestAccRewrittenSpec has operator 1.7, which writes its defaults into the
// specification together with its finalizer: no drift, no failure of the wait.
func TestAccRewrittenSpec(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, "1.7"), newCLI(t)
	c.write(f.config(attributes{"pod_template": podTemplate}))
	c.apply()
	if got := f.specValue("jobManager", "replicas"); got != "1" || f.live().GetGeneration() != 2 {
		t.Fatalf("the operator wrote nothing: replicas %q, generation %d", got, f.live().GetGeneration())
	}
	c.expectNothingLeft()
	c.run("apply", "-refresh-only", "-auto-approve", "-input=false")
	c.expectNothingLeft()
	c.write(f.config(attributes{"pod_template": podTemplate, "job": job(`args = ["--topic", "orders"]`), "job_manager": `{ replicas = 1, resource = { cpu = 0.5, memory = "1g" } }`}))
	change := c.plan()
	if rollout := rolloutOf(t, change.After); rollout["action"] != "savepoint_upgrade" || len(rollout["because"].([]any)) != 1 {
		t.Errorf("planned %v", rollout)
	}
	c.apply()
	if got := f.specValue("job", "args"); got != `["--topic","orders"]` {
		t.Errorf("the arguments are %s", got)
	}
	c.expectNothingLeft()
}

// remove deletes the FlinkDeployment as kubectl delete does.
func (f *fixture) remove() {
	f.t.Helper()
	if err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Delete(f.t.Context(), "orders", metav1.DeleteOptions{}); err != nil {
		f.t.Fatal(err)
	}
}

// TestAccDeletedBehindTheBack creates the deployment again.
func TestAccDeletedBehindTheBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, acctest.Newest())
	f.run(
		resource.TestStep{Config: f.config(nil)},
		resource.TestStep{
			PreConfig: func() { f.remove(); f.awaitAbsent() },
			Config:    f.config(nil),
		},
	)
}

// TestAccReplacedBehindTheBack meets another object of the same name, which is
// not Terraform's.
func TestAccReplacedBehindTheBack(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(nil))
	c.apply()
	f.remove()
	f.awaitAbsent()
	f.create("kubectl-create", f.manifestFor())
	uid := f.live().GetUID()
	expectText(t, c.fails(), `it exists already`)
	if f.live().GetUID() != uid || c.state() != nil {
		t.Errorf("uid %s, want %s; state %+v", f.live().GetUID(), uid, c.state())
	}
}

// TestAccTaintedAndReplacedBehindTheBack replaces a tainted deployment, for which
// Terraform drops what it knew of the object: another one of its name stays.
func TestAccTaintedAndReplacedBehindTheBack(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": `{ "standin.flink/status-never" = "true" }`, "timeouts": `{ create = "4s" }`}))
	c.fails()
	f.remove()
	f.awaitAbsent()
	f.create("kubectl-create", f.manifestFor())
	uid := f.live().GetUID()
	c.write(f.config(nil))
	code, output := c.start("apply", "-auto-approve", "-input=false", "-refresh=false").wait(t)
	if code == 0 {
		t.Errorf("the apply works:\n%s", output)
	}
	expectText(t, output, "it exists already")
	if live := f.live(); live.GetUID() != uid || live.GetDeletionTimestamp() != nil {
		t.Errorf("the object of somebody else is deleted: uid %s, want %s", live.GetUID(), uid)
	}
}

// TestAccDeletedDuringTheWait ends the wait at once.
func TestAccDeletedDuringTheWait(t *testing.T) {
	t.Parallel()
	acctest.FirstCLIOnly(t)
	f, c := newFixture(t, acctest.Newest()), newCLI(t)
	c.write(f.config(attributes{"annotations": `{ "standin.flink/status-never" = "true" }`}))
	apply := c.start("apply", "-auto-approve", "-input=false")
	f.follow("the operator's finalizer", func(object *unstructured.Unstructured) bool { return len(object.GetFinalizers()) > 0 })
	f.remove()
	code, output := apply.wait(t)
	if code == 0 {
		t.Error("the apply works")
	}
	expectText(t, output, `The deployment "orders" does not start: the object`)
	f.awaitAbsent()
	c.write(f.config(nil))
	c.apply()
	c.expectNothingLeft()
}
