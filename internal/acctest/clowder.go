package acctest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The kinds of Clowder.
var (
	ClowdApps         = schema.GroupVersionResource{Group: "cloud.redhat.com", Version: "v1alpha1", Resource: "clowdapps"}
	ClowdEnvironments = schema.GroupVersionResource{Group: "cloud.redhat.com", Version: "v1alpha1", Resource: "clowdenvironments"}
)

// clowders are the starts of the stand-ins that a process shares, by the kubeconfig of their cluster.
var (
	clowdersMutex sync.Mutex
	clowders      = map[string]func() (*devcluster, error){}
)

// WithClowder runs a stand-in of Clowder in a cluster, which plays the pods unless the flag --nodes says that the cluster does. All tests of the process that use the
// cluster share it, so they use namespaces of their own, and environments of names of their own.
func WithClowder(t testing.TB, cluster *ClusterHandle, flags ...string) {
	t.Helper()
	clowdersMutex.Lock()
	start, ok := clowders[cluster.Kubeconfig]
	if !ok {
		start = sync.OnceValues(func() (*devcluster, error) {
			process, _, err := startDevcluster("clowder", append([]string{"--kubeconfig", cluster.Kubeconfig}, flags...)...)
			return process, err
		})
		clowders[cluster.Kubeconfig] = start
	}
	clowdersMutex.Unlock()
	if _, err := start(); err != nil {
		t.Fatal(err)
	}
}

// ClowdEnvironment is the name of an environment of the test's own, of which there is none yet.
func (c *ClusterHandle) ClowdEnvironment(t testing.TB) string {
	t.Helper()
	return strings.TrimPrefix(namespaceName(t.Name()), "t-")
}

// ClowderLayer are the deployment_defaults of an environment on Clowder, whose jobs keep their state.
func ClowderLayer() string {
	return fmt.Sprintf(`{
    flink_version       = "v1_20"
    flink_configuration = {
      "high-availability.type"       = "kubernetes"
      "high-availability.storageDir" = "s3://flink/ha"
      "state.checkpoints.dir"        = "s3://flink/checkpoints"
      "s3.endpoint"                  = %q
    }
    job_manager  = { resource = { cpu = 0.5, memory = "1g" } }
    task_manager = { resource = { cpu = 1, memory = "2g" } }
    upgrade      = { prove_for = "0s" }
  }`, "http://minio:9000")
}
