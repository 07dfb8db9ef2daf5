package kube_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/flink-terraform/terraform-provider-flink/internal/acctest"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// The tests of this file's package run against a real kube-apiserver, with a
// kind of their own so that no operator and no default of Flink has a part.
var (
	configMaps  = core("configmaps", "ConfigMap")
	definitions = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}, Kind: "CustomResourceDefinition"}
	gauges      = gaugeKind("gauge")
)

func core(resource, kind string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: resource}, Kind: kind}
}

func gaugeKind(name string) kube.Kind {
	return kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "kube-test.example.com", Version: "v1", Resource: name + "s"},
		Kind:                 strings.ToUpper(name[:1]) + name[1:],
	}
}

// definition is the custom resource definition of a kind with a small schema.
func definition(t *testing.T, kind kube.Kind) *unstructured.Unstructured {
	t.Helper()
	return object(t, fmt.Sprintf(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[1]s.kube-test.example.com}
spec:
  group: kube-test.example.com
  names: {kind: %[2]s, plural: %[1]s, singular: %[3]s}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, minimum: 0}
              mode: {type: string, enum: [native, standalone]}
              settings: {type: object, additionalProperties: {type: string}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`, kind.Resource, kind.Kind, strings.ToLower(kind.Kind)))
}

// object parses YAML.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	obj := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &obj.Object); err != nil {
		t.Fatal(err)
	}
	return obj
}

// environment is a test's own corner of the cluster.
type environment struct {
	ctx       context.Context //nolint:containedctx // an environment lives no longer than its test, whose context this is
	cluster   *acctest.ClusterHandle
	client    *kube.Client
	namespace string
}

// key names an object in the test's namespace.
func (e environment) key(name string) kube.Key { return kube.Key{Namespace: e.namespace, Name: name} }

// gauge is a gauge of the test's namespace with the spec given in YAML.
func (e environment) gauge(t *testing.T, name, spec string) *unstructured.Unstructured {
	t.Helper()
	return object(t, fmt.Sprintf("metadata: {namespace: %s, name: %s}\nspec: %s", e.namespace, name, spec))
}

// as applies an object in the name of another field manager.
func (e environment) as(t *testing.T, manager string, obj *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	obj = obj.DeepCopy()
	obj.SetAPIVersion("kube-test.example.com/v1")
	obj.SetKind("Gauge")
	applied, err := e.cluster.Client.Resource(gauges.GroupVersionResource).Namespace(e.namespace).
		Apply(e.ctx, obj.GetName(), obj, metav1.ApplyOptions{FieldManager: manager, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

// connect makes a new client, whose caches are empty.
func (e environment) connect(t *testing.T, change func(*kube.Config)) *kube.Client {
	t.Helper()
	cfg := kube.Config{ConfigPath: e.cluster.Kubeconfig}
	if change != nil {
		change(&cfg)
	}
	client, err := kube.Connect(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// setUp gives a test its namespace in a cluster that serves gauges.
func setUp(t *testing.T) environment {
	t.Helper()
	e := environment{cluster: acctest.Cluster(t, acctest.Newest())}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	e.ctx, e.client, e.namespace = ctx, e.connect(t, nil), e.cluster.Namespace(t)
	if _, err := e.client.Apply(ctx, definitions, definition(t, gauges), kube.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	// The definition is served a moment after it is accepted, for which writes
	// wait.
	if _, err := e.client.Create(ctx, gauges, e.gauge(t, "first", "{}")); err != nil {
		t.Fatal(err)
	}
	e.client = e.connect(t, nil)
	return e
}
