package acctest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// CloudflowApplications are the resources of Cloudflow's applications.
var CloudflowApplications = schema.GroupVersionResource{Group: "cloudflow.lightbend.com", Version: "v1alpha1", Resource: "cloudflowapplications"}

// cloudflowOperatorLabel is on the namespaces that a stand-in looks at, with the namespace of its own.
const cloudflowOperatorLabel = "standin.cloudflow/operator"

// CloudflowHandle is a stand-in of Cloudflow's operator beside a cluster.
type CloudflowHandle struct {
	*ClusterHandle
	// OperatorNamespace is the operator's own.
	OperatorNamespace string

	process *devcluster
}

// cloudflows are the starts of the stand-ins that a process shares, by cluster.
var (
	cloudflowMutex sync.Mutex
	cloudflows     = map[string]func() (*CloudflowHandle, error){}
)

// Cloudflow returns the stand-in of Cloudflow's operator beside a cluster. All tests of the process share it.
func Cloudflow(t testing.TB, cluster *ClusterHandle) *CloudflowHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	cloudflowMutex.Lock()
	start, ok := cloudflows[cluster.Kubeconfig]
	if !ok {
		start = sync.OnceValues(func() (*CloudflowHandle, error) { return startCloudflow(cluster) })
		cloudflows[cluster.Kubeconfig] = start
	}
	cloudflowMutex.Unlock()
	handle, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

// PrivateCloudflow starts one for a test alone, with its flags, for example --protocol=6 or --secret-wait=1s.
func PrivateCloudflow(t testing.TB, cluster *ClusterHandle, flags ...string) *CloudflowHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	handle, err := startCloudflow(cluster, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := handle.process.stop(); err != nil {
			t.Error(err)
		}
	})
	return handle
}

func startCloudflow(cluster *ClusterHandle, flags ...string) (*CloudflowHandle, error) {
	namespace := "cloudflow-" + strings.ToLower(rand.Text()[:8])
	process, _, err := startDevcluster("cloudflow", append([]string{"--kubeconfig", cluster.Kubeconfig, "--namespace", namespace}, flags...)...)
	return &CloudflowHandle{ClusterHandle: cluster, OperatorNamespace: namespace, process: process}, err
}

// Labels are those of a namespace that the operator looks at, as Terraform writes them.
func (c *CloudflowHandle) Labels() string {
	return fmt.Sprintf("{ %q = %q }", cloudflowOperatorLabel, c.OperatorNamespace)
}

// Namespace is ClusterHandle.Namespace that the operator looks at.
func (c *CloudflowHandle) Namespace(t testing.TB) string {
	t.Helper()
	name := c.ClusterHandle.Namespace(t)
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]any{cloudflowOperatorLabel: c.OperatorNamespace}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Client.Resource(namespaceKind).Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	return name
}
