// Package acctest is what the acceptance tests share: control planes with the stand-in of the operator, and the provider
// under test.
package acctest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// ServiceAccount is the service account that every namespace of ClusterHandle.Namespace has for Flink's pods.
const ServiceAccount = "flink"

// ClusterHandle is a running control plane with the custom resources of one operator version and a stand-in of that
// operator.
type ClusterHandle struct {
	// Operator is the version of the operator, such as 1.16.
	Operator string
	// Kubeconfig is the path of a kubeconfig file for an administrator.
	Kubeconfig string
	// Endpoint is the URL of the apiserver, and Token an administrator's bearer token for it.
	Endpoint, Token string
	// CertificateAuthority, ClientCertificate and ClientKey are paths of PEM files: what signed the apiserver's
	// certificate, and another way to be an administrator.
	CertificateAuthority, ClientCertificate, ClientKey string
	// Config and Client reach the cluster as administrator, without a limit on the rate of requests.
	Config *rest.Config
	Client dynamic.Interface

	// process is nil for a cluster that was running already.
	process *devcluster
}

// clusters are the starts of the clusters that a process shares, by operator version.
var (
	clustersMutex sync.Mutex
	clusters      = map[string]func() (*ClusterHandle, error){}
)

// Cluster returns a control plane with the given version of the operator (1.7, 1.15 or 1.16). All tests of the process
// share it, so they work in namespaces of their own and leave the apiserver and the operator alone; see PrivateCluster
// for the others. With FLINK_TEST_KUBECONFIG_1_16 (or _1_15, _1_7) in the environment it is the cluster of that
// kubeconfig, otherwise one that starts now and ends with the process.
func Cluster(t testing.TB, operatorVersion string) *ClusterHandle {
	t.Helper()
	clustersMutex.Lock()
	start, ok := clusters[operatorVersion]
	if !ok {
		start = sync.OnceValues(func() (*ClusterHandle, error) {
			if path := os.Getenv(kubeconfigVariable(operatorVersion)); path != "" {
				return runningCluster(operatorVersion, path)
			}
			return startCluster(operatorVersion)
		})
		clusters[operatorVersion] = start
	}
	clustersMutex.Unlock()
	cluster, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// Option is something that only some control planes have.
type Option string

const (
	// Webhook is the operator's admission webhook.
	Webhook Option = "--webhook"
	// WithoutStrimzi is a control plane that does not know Strimzi's KafkaTopic.
	WithoutStrimzi Option = "--strimzi=none"
)

// Configured sets an option of the operator's own configuration, as its administrator would.
func Configured(key, value string) Option { return Option("--set=" + key + "=" + value) }

// PrivateCluster starts a control plane for one test alone, which may stop its apiserver and pause its operator. It
// ends with the test.
func PrivateCluster(t testing.TB, operatorVersion string, options ...Option) *ClusterHandle {
	t.Helper()
	cluster, err := startCluster(operatorVersion, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.process.stop(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// kubeconfigVariable names the environment variable with the kubeconfig of a cluster that runs already.
func kubeconfigVariable(operatorVersion string) string {
	return "FLINK_TEST_KUBECONFIG_" + strings.ToUpper(strings.ReplaceAll(operatorVersion, ".", "_"))
}

func startCluster(operatorVersion string, options ...Option) (*ClusterHandle, error) {
	flags := []string{"--operator", operatorVersion}
	for _, option := range options {
		flags = append(flags, string(option))
	}
	process, ready, err := startDevcluster("serve", flags...)
	if err != nil {
		return nil, err
	}
	cluster := &ClusterHandle{
		Operator: operatorVersion, Kubeconfig: ready.Kubeconfig, Endpoint: ready.Endpoint, Token: ready.Token,
		CertificateAuthority: ready.CertificateAuthority, ClientCertificate: ready.ClientCertificate, ClientKey: ready.ClientKey,
		process: process,
	}
	err = cluster.connect()
	return cluster, err
}

func runningCluster(operatorVersion, kubeconfig string) (*ClusterHandle, error) {
	cluster := &ClusterHandle{Operator: operatorVersion, Kubeconfig: kubeconfig}
	if err := cluster.connect(); err != nil {
		return nil, err
	}
	cluster.Endpoint, cluster.Token = cluster.Config.Host, cluster.Config.BearerToken
	dir := filepath.Dir(kubeconfig)
	for name, path := range map[string]*string{
		"ca.crt": &cluster.CertificateAuthority, "admin.crt": &cluster.ClientCertificate, "admin.key": &cluster.ClientKey,
	} {
		*path = filepath.Join(dir, name)
		if _, err := os.Stat(*path); err != nil {
			return nil, fmt.Errorf("%s=%s is not the kubeconfig of a devcluster, which has its certificates beside it: %w",
				kubeconfigVariable(operatorVersion), kubeconfig, err)
		}
	}
	return cluster, nil
}

func (c *ClusterHandle) connect() error {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the test cluster's kubeconfig: %w", err)
	}
	config.QPS = -1
	c.Config = config
	c.Client, err = dynamic.NewForConfig(config)
	return err
}

var (
	namespaceKind      = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	serviceAccountKind = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
)

// Namespace creates a namespace of the test's own with the service account flink in it, and has it deleted when the
// test ends. Nobody waits for the deletion.
func (c *ClusterHandle) Namespace(t testing.TB) string {
	t.Helper()
	name := namespaceName(t.Name())
	c.CreateNamespace(t, name)
	c.CreateServiceAccount(t, name, ServiceAccount)
	return name
}

// CreateNamespace creates a namespace of a name that an example has, and has it deleted when the test ends. Nobody waits
// for the deletion.
func (c *ClusterHandle) CreateNamespace(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	namespaces := c.Client.Resource(namespaceKind)
	if _, err := namespaces.Create(ctx, named("Namespace", name), metav1.CreateOptions{}); err != nil {
		t.Fatalf("creating the namespace %s: %s", name, err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
		defer cancel()
		if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Logf("the namespace %s stays: %s", name, err)
		}
	})
}

// CreateServiceAccount creates a service account, without which pods that ask for it cannot be created.
func (c *ClusterHandle) CreateServiceAccount(t testing.TB, namespace, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	accounts := c.Client.Resource(serviceAccountKind).Namespace(namespace)
	if _, err := accounts.Create(ctx, named("ServiceAccount", name), metav1.CreateOptions{}); err != nil {
		t.Fatalf("creating the service account %s: %s", name, err)
	}
}

func named(kind, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("v1")
	object.SetKind(kind)
	object.SetName(name)
	return object
}

// namespaceName turns the name of a test into a unique name that Kubernetes accepts, short enough for the names that
// are made from it.
func namespaceName(test string) string {
	const longest = 30
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(strings.TrimPrefix(test, "Test")))
	clean = strings.Trim(clean[:min(len(clean), longest)], "-")
	return "t-" + clean + "-" + strings.ToLower(rand.Text()[:6])
}

// PauseOperator stops the stand-in of the operator: nothing is reconciled until ResumeOperator.
func (c *ClusterHandle) PauseOperator(t testing.TB) { c.command(t, "pause-operator") }

// ResumeOperator ends PauseOperator. The stand-in begins like an operator that was restarted.
func (c *ClusterHandle) ResumeOperator(t testing.TB) { c.command(t, "resume-operator") }

// StopAPIServer kills the apiserver: connections break and new ones are refused until StartAPIServer.
func (c *ClusterHandle) StopAPIServer(t testing.TB) { c.command(t, "stop-apiserver") }

// StartAPIServer ends StopAPIServer, with the same address and data, and returns when the apiserver is ready.
func (c *ClusterHandle) StartAPIServer(t testing.TB) { c.command(t, "start-apiserver") }

// StopWebhook has the apiserver find nobody at the webhook's address until StartWebhook.
func (c *ClusterHandle) StopWebhook(t testing.TB) { c.command(t, "stop-webhook") }

// StartWebhook ends StopWebhook.
func (c *ClusterHandle) StartWebhook(t testing.TB) { c.command(t, "start-webhook") }

func (c *ClusterHandle) command(t testing.TB, command string) {
	t.Helper()
	if c.process == nil {
		t.Fatalf("%s would disturb others on the cluster of %s: use a PrivateCluster", command, c.Kubeconfig)
	}
	if err := c.process.command(command); err != nil {
		t.Fatal(err)
	}
}
