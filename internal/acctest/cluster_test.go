package acctest

import (
	"net"
	"net/url"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

func TestPrivateCluster(t *testing.T) {
	cluster := PrivateCluster(t, "1.15")

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

	t.Run("the operator is paused and resumed", func(t *testing.T) {
		cluster.PauseOperator(t)
		cluster.ResumeOperator(t)
	})

	t.Run("an unknown command is an error", func(t *testing.T) {
		if err := cluster.process.command("dance"); err == nil || !strings.Contains(err.Error(), `unknown command "dance"`) {
			t.Errorf("got the error %v", err)
		}
	})

	t.Run("the environment names a running cluster", func(t *testing.T) {
		t.Setenv("FLINK_TEST_KUBECONFIG_MAIN", cluster.Kubeconfig)
		other := Cluster(t, "main")
		if other.Endpoint != cluster.Endpoint || other.Token != cluster.Token || other.CertificateAuthority != cluster.CertificateAuthority {
			t.Errorf("got %+v, want the cluster %+v", other, cluster)
		}
		if again := Cluster(t, "main"); again != other {
			t.Error("a second call gave another cluster")
		}
		other.Namespace(t)
	})
}

func TestRunningClusterNeedsItsCertificates(t *testing.T) {
	_, err := runningCluster("1.15", t.TempDir()+"/kubeconfig")
	if err == nil {
		t.Fatal("no error for a kubeconfig that does not exist")
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
