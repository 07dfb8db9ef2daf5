package acctest

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
)

func TestPrivateCluster(t *testing.T) {
	FirstCLIOnly(t)
	cluster := PrivateCluster(t, Newest())

	t.Run("a namespace is the test's own and goes with it", func(t *testing.T) {
		var first, second string
		t.Run("inner", func(t *testing.T) {
			first, second = cluster.Namespace(t), cluster.Namespace(t)
			if first == second {
				t.Fatalf("twice the namespace %s", first)
			}
			accounts := cluster.Client.Resource(serviceAccountKind).Namespace(first)
			if _, err := accounts.Get(t.Context(), ServiceAccount, metav1.GetOptions{}); err != nil {
				t.Error(err)
			}
		})
		namespace, err := cluster.Client.Resource(namespaceKind).Get(t.Context(), first, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) && (err != nil || namespace.GetDeletionTimestamp() == nil) {
			t.Errorf("the namespace is not being deleted after its test: %v, %v", namespace, err)
		}
	})

	t.Run("the apiserver stops and comes back at its address", func(t *testing.T) {
		endpoint, err := url.Parse(cluster.Endpoint)
		if err != nil {
			t.Fatal(err)
		}
		namespace := cluster.Namespace(t)
		cluster.StopAPIServer(t)
		if connection, err := net.Dial("tcp", endpoint.Host); err == nil {
			_ = connection.Close()
			t.Error("somebody still listens at the address of the apiserver")
		}
		cluster.StartAPIServer(t)
		if _, err := cluster.Client.Resource(namespaceKind).Get(t.Context(), namespace, metav1.GetOptions{}); err != nil {
			t.Error(err)
		}
	})

	t.Run("the operator runs, is paused and resumed", func(t *testing.T) {
		deployments := cluster.Client.Resource(FlinkDeployments).Namespace(cluster.Namespace(t))
		running := func(name string) func(context.Context) (bool, error) {
			return func(ctx context.Context) (bool, error) {
				deployment, err := deployments.Get(ctx, name, metav1.GetOptions{})
				if err != nil {
					return false, err
				}
				state, _, err := unstructured.NestedString(deployment.Object, "status", "jobStatus", "state")
				return state == "RUNNING", err
			}
		}
		const interval, patience = 20 * time.Millisecond, 30 * time.Second
		createDeployment(t, deployments, "first")
		if err := wait.PollUntilContextTimeout(t.Context(), interval, patience, true, running("first")); err != nil {
			t.Fatalf("the first job does not run: %s", err)
		}
		cluster.PauseOperator(t)
		createDeployment(t, deployments, "second")
		if err := wait.PollUntilContextTimeout(t.Context(), interval, 2*time.Second, true, running("second")); !wait.Interrupted(err) {
			t.Errorf("the second job runs without an operator, or: %v", err)
		}
		cluster.ResumeOperator(t)
		if err := wait.PollUntilContextTimeout(t.Context(), interval, patience, true, running("second")); err != nil {
			t.Errorf("the second job does not run: %s", err)
		}
	})

	t.Run("an unknown command is an error", func(t *testing.T) {
		if err := cluster.process.command("dance"); err == nil || !strings.Contains(err.Error(), `unknown command "dance"`) {
			t.Errorf("got the error %v", err)
		}
	})

	t.Run("the environment names a running cluster", func(t *testing.T) {
		t.Setenv("FLINK_TEST_KUBECONFIG_ANOTHER", cluster.Kubeconfig)
		other := Cluster(t, "another")
		if other.Endpoint != cluster.Endpoint || other.Token != cluster.Token || other.CertificateAuthority != cluster.CertificateAuthority {
			t.Errorf("got %+v, want the cluster %+v", other, cluster)
		}
		if again := Cluster(t, "another"); again != other {
			t.Error("a second call gave another cluster")
		}
		other.Namespace(t)
	})
}

// createDeployment creates a FlinkDeployment with one job.
func createDeployment(t *testing.T, deployments dynamic.ResourceInterface, name string) {
	t.Helper()
	deployment := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flink.apache.org/v1beta1",
		"kind":       "FlinkDeployment",
		"metadata":   map[string]any{"name": name},
		"spec": map[string]any{
			"image":              "flink:1.20",
			"flinkVersion":       "v1_20",
			"serviceAccount":     ServiceAccount,
			"flinkConfiguration": map[string]any{"taskmanager.numberOfTaskSlots": "1"},
			"jobManager":         map[string]any{"resource": map[string]any{"cpu": 0.5, "memory": "1g"}},
			"taskManager":        map[string]any{"resource": map[string]any{"cpu": 0.5, "memory": "1g"}},
			"job":                map[string]any{"jarURI": "local:///opt/flink/usrlib/a.jar", "parallelism": int64(1), "upgradeMode": "stateless"},
		},
	}}
	if _, err := deployments.Create(t.Context(), deployment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestRunningClusterMustBeThere(t *testing.T) {
	dir := t.TempDir()
	if _, err := runningCluster("1.15", filepath.Join(dir, "kubeconfig")); err == nil {
		t.Error("no error for a kubeconfig that does not exist")
	}
	config := "apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'https://localhost:1'}}]\n" +
		"contexts: [{name: a, context: {cluster: a}}]\ncurrent-context: a\n"
	if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := runningCluster("1.15", filepath.Join(dir, "kubeconfig"))
	if err == nil || !strings.Contains(err.Error(), "is not the kubeconfig of a devcluster") {
		t.Errorf("a kubeconfig of another cluster gives %v", err)
	}
}

func TestNamespaceName(t *testing.T) {
	for _, test := range []string{"TestX", "TestUpgrade/from_1.7,_with a savepoint/and a very long name that goes on", "Test-/-", "TestÄÖÜ"} {
		name := namespaceName(test)
		if problems := validation.IsDNS1123Label(name); len(problems) > 0 || len(name) > 40 {
			t.Errorf("%q gives %q: %v", test, name, problems)
		}
		if namespaceName(test) == name {
			t.Errorf("%q gives %q twice", test, name)
		}
	}
}
