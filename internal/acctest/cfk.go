package acctest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// CFKHandle is a stand-in of Confluent for Kubernetes in a cluster, as one test sees it: with a stand-in of Confluent Manager
// behind a proxy of the test's own, and a namespace that has the test's custom resources.
type CFKHandle struct {
	Cluster *ClusterHandle
	// Manager is what the custom resources are handed on to.
	Manager *CMFHandle
	// Namespace has the custom resources, and a CMFRestClass by the name default.
	Namespace string
}

// cfkControllers are the starts of the controllers that a process shares, by cluster.
var (
	cfkMutex       sync.Mutex
	cfkControllers = map[string]func() (*devcluster, error){}
)

// CFK returns a stand-in of Confluent for Kubernetes in a cluster, beside one of a version of Confluent Manager whose
// applications the operator of the cluster runs.
func CFK(t testing.TB, version string, cluster *ClusterHandle) *CFKHandle {
	t.Helper()
	SkipUnlessAcceptance(t)
	cfkMutex.Lock()
	start, ok := cfkControllers[cluster.Kubeconfig]
	if !ok {
		start = sync.OnceValues(func() (*devcluster, error) {
			controller, _, err := startDevcluster("cfk", "--kubeconfig", cluster.Kubeconfig)
			return controller, err
		})
		cfkControllers[cluster.Kubeconfig] = start
	}
	cfkMutex.Unlock()
	if _, err := start(); err != nil {
		t.Fatal(err)
	}
	handle := &CFKHandle{Cluster: cluster, Manager: CMFOn(t, version, cluster), Namespace: cluster.Namespace(t)}
	handle.Create(t, "CMFRestClass", "cmfrestclasses", "default", map[string]any{"cmfRest": map[string]any{"endpoint": handle.Manager.Endpoint}})
	return handle
}

// ProviderConfig is the provider block for the cluster alone.
func (c *CFKHandle) ProviderConfig() string {
	return fmt.Sprintf("provider \"flink\" {\n  kubernetes = { config_path = %q }\n}\n", c.Cluster.Kubeconfig)
}

// ProviderConfigWithREST is the provider block for the cluster, which also says where Confluent Manager is.
func (c *CFKHandle) ProviderConfigWithREST() string {
	return fmt.Sprintf("provider \"flink\" {\n  kubernetes = { config_path = %q }\n  confluent  = { endpoint = %q }\n}\n", c.Cluster.Kubeconfig, c.Manager.Endpoint)
}

// Resources are the custom resources of a kind in the test's namespace, by the name that it has in paths.
func (c *CFKHandle) Resources(plural string) dynamic.ResourceInterface {
	kind := schema.GroupVersionResource{Group: "platform.confluent.io", Version: "v1beta1", Resource: plural}
	return c.Cluster.Client.Resource(kind).Namespace(c.Namespace)
}

// Create creates a custom resource as somebody else does.
func (c *CFKHandle) Create(t testing.TB, kind, plural, name string, spec map[string]any) {
	t.Helper()
	if err := c.TryCreate(t, kind, plural, name, spec); err != nil {
		t.Fatal(err)
	}
}

// TryCreate is Create with the API server's answer.
func (c *CFKHandle) TryCreate(t testing.TB, kind, plural, name string, spec map[string]any) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "platform.confluent.io/v1beta1", "kind": kind, "spec": spec}}
	o.SetName(name)
	_, err := c.Resources(plural).Create(ctx, o, metav1.CreateOptions{FieldManager: "kubectl-create"})
	return err
}
