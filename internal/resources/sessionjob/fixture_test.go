package sessionjob_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
)

var (
	deploymentKind = acctest.FlinkDeployments
	sessionJobKind = acctest.FlinkSessionJobs
	snapshotKind   = acctest.FlinkStateSnapshots
	appsKind       = acctest.Deployments
)

// fixture is a namespace with a session cluster "shared" and jobs on it.
type fixture struct {
	t         *testing.T
	cluster   *acctest.ClusterHandle
	namespace string
}

// each runs a test with both operators.
func each(t *testing.T, test func(f *fixture)) {
	t.Helper()
	acctest.OnEachOperator(t, func(t *testing.T, cluster *acctest.ClusterHandle, namespace string) {
		test(&fixture{t: t, cluster: cluster, namespace: namespace})
	})
}

// sessionCluster is the configuration of the cluster; more are further
// attributes.
func (f *fixture) sessionCluster(more ...string) string {
	return acctest.ProviderConfig(f.cluster) + fmt.Sprintf(`
resource "flink_session_cluster" "shared" {
  environment     = { namespace = %q }
  name            = "shared"
  flink_version   = %q
  service_account = %q
  flink_configuration = {
    "high-availability.type"        = "kubernetes"
    "high-availability.storageDir"  = "s3://flink/ha"
    "taskmanager.numberOfTaskSlots" = 4
  }
  job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
  task_manager = { resource = { cpu = 1, memory = "2g" } }
  timeouts     = { create = "90s", update = "90s", delete = "90s" }
  %s
}
`, f.namespace, f.cluster.FlinkVersion(), acctest.ServiceAccount, strings.Join(more, "\n  "))
}

// jobOn is the configuration of a session job; with more attributes.
func (f *fixture) jobOn(cluster, name, job string, more ...string) string {
	return fmt.Sprintf(`
resource "flink_session_job" %[1]q {
  environment     = { namespace = %[2]q }
  session_cluster = %[3]s
  name            = %[1]q
  flink_configuration = {
    "state.checkpoints.dir" = "s3://flink/checkpoints"
    "state.savepoints.dir"  = "s3://flink/savepoints"
  }
  job      = { jar_uri = "https://repo.example.com/orders.jar", %[4]s }
  timeouts = { create = "90s", update = "90s", delete = "90s" }
  %[5]s
}
`, name, f.namespace, cluster, job, strings.Join(more, "\n  "))
}

const shared = "flink_session_cluster.shared.name"

func (f *fixture) job(name, job string, more ...string) string {
	return f.jobOn(shared, name, job, more...)
}

// run applies the steps with the CLI under test.
func (f *fixture) run(steps ...resource.TestStep) {
	f.t.Helper()
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

// get returns a live object, nil when there is none.
func (f *fixture) get(kind schema.GroupVersionResource, name string) *unstructured.Unstructured {
	f.t.Helper()
	object, err := f.cluster.Client.Resource(kind).Namespace(f.namespace).Get(f.t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return object
}

// await follows a FlinkSessionJob until its job has a state.
func (f *fixture) await(name, state string) {
	f.t.Helper()
	watch, err := f.cluster.Client.Resource(sessionJobKind).Namespace(f.namespace).Watch(f.t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		f.t.Fatal(err)
	}
	defer watch.Stop()
	for event := range watch.ResultChan() {
		if object, ok := event.Object.(*unstructured.Unstructured); ok && text(object, "status.jobStatus.state") == state {
			return
		}
	}
	f.t.Fatalf("the watch ended before %s was %s", name, state)
}

// createByHand creates the FlinkSessionJob of job as kubectl does, with what the
// operator's webhook adds, and waits until it runs.
func (f *fixture) createByHand(name string) {
	f.t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkSessionJob", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"deploymentName":     "shared",
			"flinkConfiguration": map[string]any{"state.checkpoints.dir": "s3://flink/checkpoints", "state.savepoints.dir": "s3://flink/savepoints"},
			"job":                map[string]any{"jarURI": "https://repo.example.com/orders.jar", "parallelism": int64(1), "upgradeMode": "savepoint"},
		},
	}}
	jobs := f.cluster.Client.Resource(sessionJobKind).Namespace(f.namespace)
	if _, err := jobs.Create(f.t.Context(), object, metav1.CreateOptions{FieldManager: "kubectl-create"}); err != nil {
		f.t.Fatal(err)
	}
	added := `{"metadata":{"labels":{"target.session":"shared"}},"spec":{"job":{"args":[],"state":"running"}}}`
	if _, err := jobs.Patch(f.t.Context(), name, types.MergePatchType, []byte(added), metav1.PatchOptions{FieldManager: "okhttp"}); err != nil {
		f.t.Fatal(err)
	}
	f.await(name, "RUNNING")
}

// hasSnapshot tells whether the operator has noted a savepoint of a session job,
// which it does since 1.10 and which outlives the job.
func (f *fixture) hasSnapshot(job string) bool {
	f.t.Helper()
	list, err := f.cluster.Client.Resource(snapshotKind).Namespace(f.namespace).List(f.t.Context(), metav1.ListOptions{})
	if err != nil {
		f.t.Fatal(err)
	}
	return slices.ContainsFunc(list.Items, func(object unstructured.Unstructured) bool {
		return text(&object, "spec.jobReference.kind") == "FlinkSessionJob" && text(&object, "spec.jobReference.name") == job
	})
}

// patch edits a FlinkSessionJob as kubectl does.
func (f *fixture) patch(name, document string) {
	f.t.Helper()
	if _, err := f.cluster.Client.Resource(sessionJobKind).Namespace(f.namespace).Patch(f.t.Context(), name, types.MergePatchType, []byte(document), metav1.PatchOptions{FieldManager: "kubectl-edit"}); err != nil {
		f.t.Fatal(err)
	}
}

// text is a text in a live object.
func text(object *unstructured.Unstructured, path string) string {
	value, _, _ := unstructured.NestedString(object.Object, strings.Split(path, ".")...)
	return value
}

// restoredFrom is the path from which the stand-in started a job last, and how
// often it has started it.
func (f *fixture) restoredFrom(job string) (path, starts string) {
	f.t.Helper()
	annotations := f.get(appsKind, "shared").GetAnnotations()
	return annotations["standin.flink/restored-from."+job], annotations["standin.flink/starts."+job]
}

// check makes a function a check of a step.
func check(do func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return do() }
}

// is checks a value of a resource's state.
func is(address, attribute, key, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute).AtMapKey(key), knownvalue.StringExact(value))
}
