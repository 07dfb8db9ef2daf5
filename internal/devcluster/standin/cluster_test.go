package standin_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/controlplane"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/standin"
)

var (
	deployments = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkdeployments"}
	sessionJobs = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinksessionjobs"}
	snapshots   = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkstatesnapshots"}
	blueGreens  = schema.GroupVersionResource{Group: "flink.apache.org", Version: "v1beta1", Resource: "flinkbluegreendeployments"}

	apps       = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	pods       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	events     = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	accounts   = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}

	kinds = map[string]schema.GroupVersionResource{
		"FlinkDeployment": deployments, "FlinkSessionJob": sessionJobs, "FlinkStateSnapshot": snapshots, "FlinkBlueGreenDeployment": blueGreens,
	}
)

// speed is the length of a step in these tests.
const speed = 50 * time.Millisecond

// recorded is the operators' own configuration of the recordings, of those that fetch jars by https alone otherwise.
var recorded = map[string]map[string]string{"1.15": {
	"kubernetes.operator.user.artifacts.allowed-schemes":           "https;http;local;file",
	"kubernetes.operator.user.artifacts.disallow-restricted-hosts": "false",
}}

// strimzi are the releases of Strimzi of the control planes, by the version of the operator.
var strimzi = map[string]string{"1.15": "1.2", "1.7": "0.45"}

// patience bounds every wait for something that must come.
const patience = time.Minute

// testCluster is a control plane with one version's CRDs and a running stand-in.
type testCluster struct {
	*controlplane.Cluster
	config *rest.Config
	dyn    dynamic.Interface
	stop   func()
}

var (
	clustersMu sync.Mutex
	clusters   = map[string]*testCluster{}
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, c := range clusters {
		c.stop()
		c.Stop()
	}
	os.Exit(code)
}

// cluster returns the control plane for a version of the operator, which all tests of the process share.
func cluster(t *testing.T, version string) *testCluster {
	t.Helper()
	clustersMu.Lock()
	defer clustersMu.Unlock()
	if clusters[version] == nil {
		clusters[version] = newCluster(t, version)
	}
	return clusters[version]
}

// newCluster starts a control plane of its own.
func newCluster(t *testing.T, version string) *testCluster {
	t.Helper()
	c, err := controlplane.Start(context.Background(), controlplane.Options{Prepare: func(ctx context.Context, config *rest.Config) error {
		if release := strimzi[version]; release != "" {
			if err := crds.InstallTopics(ctx, config, release); err != nil {
				return err
			}
		}
		return crds.Install(ctx, config, version)
	}})
	if err != nil {
		t.Fatalf("start the control plane: %v", err)
	}
	config := c.Config()
	config.QPS = -1
	dyn, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	tc := &testCluster{Cluster: c, config: config, dyn: dyn}
	tc.stop = tc.play(version)
	return tc
}

// play starts the stand-in and returns what ends it.
func (c *testCluster) play(version string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	level := slog.LevelWarn
	if os.Getenv("STANDIN_LOG") != "" {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	done := make(chan error, 2)
	go func() {
		done <- standin.Run(ctx, c.config, standin.Options{Version: version, Configuration: recorded[version], Speed: speed, Log: log})
	}()
	go func() {
		if strimzi[version] == "" {
			done <- nil
			return
		}
		done <- standin.RunTopics(ctx, c.config, standin.TopicOptions{Version: strimzi[version], Speed: speed, Log: log})
	}()
	return func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				log.Error("stand-in", "error", err)
			}
		}
	}
}

var namespaceCount int

// namespace makes a namespace with the service account flink.
func (c *testCluster) namespace(t *testing.T) string {
	t.Helper()
	clustersMu.Lock()
	namespaceCount++
	name := fmt.Sprintf("test-%d", namespaceCount)
	clustersMu.Unlock()
	c.create(t, namespaces, "", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name}})
	c.create(t, accounts, name, object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": object{"name": "flink"}})
	return name
}

type object = map[string]any

func (c *testCluster) create(t *testing.T, gvr schema.GroupVersionResource, namespace string, obj object) *unstructured.Unstructured {
	t.Helper()
	stored, err := c.dyn.Resource(gvr).Namespace(namespace).Create(t.Context(), &unstructured.Unstructured{Object: obj}, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("create %s: %v", gvr.Resource, err)
	}
	return stored
}
