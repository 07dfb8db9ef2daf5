package deployment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	apiwatch "k8s.io/apimachinery/pkg/watch"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/fko"
	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
)

// address is the deployment of every configuration in these tests.
const address = "flink_deployment.test"

var (
	deploymentKind = acctest.FlinkDeployments
	appsKind       = acctest.Deployments
)

// fixture is a namespace with the deployment "orders" in it.
type fixture struct {
	t         *testing.T
	cluster   *acctest.ClusterHandle
	namespace string
	// manager has the operator run what it is told, nil where the operator is told
	// itself. environment is the name of an environment there.
	manager     *acctest.CMFHandle
	environment string
	// resources has the manager be told by custom resources, nil where it is told itself.
	resources *acctest.CFKHandle
}

// onConfluent is an operator that Confluent Manager for Apache Flink hands its
// applications to.
const onConfluent = "confluent"

// platforms are the operators, and what hands deployments to one.
func platforms() []string { return append(acctest.Operators(), onConfluent, onResources) }

func newFixture(t *testing.T, operatorVersion string) *fixture {
	t.Helper()
	acctest.SkipUnlessAcceptance(t)
	byResources := operatorVersion == onResources
	managed := operatorVersion == onConfluent || byResources
	if managed {
		operatorVersion = acctest.Newest()
	}
	cluster := acctest.Cluster(t, operatorVersion)
	f := &fixture{t: t, cluster: cluster, namespace: cluster.Namespace(t)}
	switch {
	case byResources:
		f.resources = acctest.CFK(t, "2.3.1", cluster)
		f.manager, f.namespace = f.resources.Manager, f.resources.Namespace
		f.environment = f.manager.EnvironmentIn(t, f.namespace)
	case managed:
		f.manager = acctest.CMFOn(t, "2.3.1", cluster)
		f.environment = f.manager.EnvironmentIn(t, f.namespace)
	}
	return f
}

// attributes are what a configuration says in place of the defaults of config:
// HCL expressions by attribute, "-" leaves one out.
type attributes map[string]string

// config is a configuration with one deployment.
func (f *fixture) config(changed attributes) string {
	return f.provider() + "\n" + f.deployment(changed)
}

// provider is the provider block.
func (f *fixture) provider() string {
	if f.resources != nil {
		return f.resources.ProviderConfigWithREST()
	}
	if f.manager != nil {
		return f.manager.ProviderConfig()
	}
	return acctest.ProviderConfig(f.cluster)
}

// place is the attribute environment.
func (f *fixture) place() string {
	if f.resources != nil {
		return fmt.Sprintf("{ platform = \"confluent\", name = %q, settings = jsonencode({ environment = %q, custom_resources = { namespace = %q, pod_namespace = %q } }) }",
			f.environment, f.environment, f.namespace, f.namespace)
	}
	if f.manager != nil {
		return fmt.Sprintf("{ platform = \"confluent\", name = %q }", f.environment)
	}
	return fmt.Sprintf("{ namespace = %q }", f.namespace)
}

// id is the attribute id of the deployment.
func (f *fixture) id() string {
	if f.manager != nil {
		return "confluent/" + f.environment + "/orders"
	}
	return "operator/" + f.namespace + "/orders"
}

// deployment is the block of the deployment.
func (f *fixture) deployment(changed attributes) string {
	values := attributes{
		"environment":     f.place(),
		"name":            `"orders"`,
		"image":           `"registry.example.com/orders:1.4.0"`,
		"flink_version":   fmt.Sprintf("%q", f.cluster.FlinkVersion()),
		"service_account": `"flink"`,
		"flink_configuration": `{
    "state.checkpoints.dir"         = "s3://flink/checkpoints"
    "state.savepoints.dir"          = "s3://flink/savepoints"
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 2
  }`,
		"job":          `{ jar_uri = "local:///opt/flink/usrlib/orders.jar", parallelism = 2 }`,
		"job_manager":  `{ resource = { cpu = 0.5, memory = "1g" } }`,
		"task_manager": `{ resource = { cpu = 1, memory = "2g" } }`,
	}
	maps.Copy(values, changed)
	var body strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "-" {
			fmt.Fprintf(&body, "  %s = %s\n", name, values[name])
		}
	}
	return "resource \"flink_deployment\" \"test\" {\n" + body.String() + "}\n"
}

// configuration returns flink_configuration with more lines.
func configuration(more ...string) string {
	return `{
    "state.checkpoints.dir"         = "s3://flink/checkpoints"
    "state.savepoints.dir"          = "s3://flink/savepoints"
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 2
    ` + strings.Join(more, "\n    ") + "\n  }"
}

// run applies the steps with the CLI under test.
func (f *fixture) run(steps ...resource.TestStep) {
	f.t.Helper()
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// live returns the FlinkDeployment.
func (f *fixture) live() *unstructured.Unstructured {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Get(f.t.Context(), "orders", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return object
}

// patch edits the FlinkDeployment as kubectl edit does.
func (f *fixture) patch(document string) {
	f.t.Helper()
	_, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Patch(f.t.Context(), "orders",
		types.MergePatchType, []byte(document), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	if err != nil {
		f.t.Fatal(err)
	}
}

// await follows the FlinkDeployment until a field has a value.
func (f *fixture) await(field, value string) {
	f.t.Helper()
	f.follow(fmt.Sprintf("%s = %s", field, value), func(object *unstructured.Unstructured) bool {
		got, _, _ := unstructured.NestedString(object.Object, strings.Split(field, ".")...)
		return got == value
	})
}

// follow watches the FlinkDeployment, which need not exist yet, until it is as
// wanted.
func (f *fixture) follow(what string, wanted func(*unstructured.Unstructured) bool) {
	f.t.Helper()
	objects := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace)
	watch, err := objects.Watch(f.t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=orders"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer watch.Stop()
	for event := range watch.ResultChan() {
		if object, ok := event.Object.(*unstructured.Unstructured); ok && wanted(object) {
			return
		}
	}
	f.t.Fatalf("the watch ended before %s", what)
}

// late is a service account that is not there before letStart: until then the
// pod of a job that asks for it cannot be created.
const late = `"late"`

// letStart has the operator create the pod of a job that waits for it.
func (f *fixture) letStart() {
	f.t.Helper()
	f.cluster.CreateServiceAccount(f.t, f.namespace, "late")
}

// settled follows the FlinkDeployment until the operator has done what its
// specification says, so that the next plan meets a job in a steady state.
func (f *fixture) settled() {
	f.t.Helper()
	f.follow("the rollout of the specification", func(object *unstructured.Unstructured) bool {
		status := fko.StatusOf(object)
		return status.Observed == status.Generation && status.LifecycleState == flink.LifecycleStable && status.JobState == flink.StateRunning
	})
}

// start is what the stand-in of the operator recorded of the last start.
type start struct {
	restoredFrom string
	count        string
}

func (f *fixture) start() start {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(appsKind).Namespace(f.namespace).Get(f.t.Context(), "orders", metav1.GetOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	annotations := object.GetAnnotations()
	return start{restoredFrom: annotations["standin.flink/restored-from"], count: annotations["standin.flink/starts"]}
}

// check makes a function of the fixture a check of a step.
func check(do func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return do() }
}

// specValue returns a value of the live specification as text.
func (f *fixture) specValue(path ...string) string {
	f.t.Helper()
	value, found, err := unstructured.NestedFieldNoCopy(f.live().Object, append([]string{"spec"}, path...)...)
	if err != nil || !found {
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Trim(string(text), `"`)
}

// expectAbsent checks that the FlinkDeployment is gone.
func (f *fixture) expectAbsent() {
	f.t.Helper()
	_, err := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace).Get(f.t.Context(), "orders", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		f.t.Errorf("the deployment is still there (%v)", err)
	}
}

// awaitAbsent waits until the FlinkDeployment is gone.
func (f *fixture) awaitAbsent() {
	f.t.Helper()
	objects := f.cluster.Client.Resource(deploymentKind).Namespace(f.namespace)
	watch, err := objects.Watch(f.t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=orders"})
	if err != nil {
		f.t.Fatal(err)
	}
	defer watch.Stop()
	if _, err := objects.Get(f.t.Context(), "orders", metav1.GetOptions{}); apierrors.IsNotFound(err) {
		return
	}
	for event := range watch.ResultChan() {
		if event.Type == apiwatch.Deleted {
			return
		}
	}
	f.t.Fatal("the watch ended before the deployment was gone")
}
