package cfk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/defaults"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/confluent"
)

// product is the controller's name in messages, and server that of what it hands on to.
const (
	product = "Confluent for Kubernetes"
	server  = "Confluent Manager for Apache Flink"
)

// apiGroup and apiVersion are those of the custom resources.
const (
	apiGroup   = "platform.confluent.io"
	apiVersion = "v1beta1"
)

// Options are what a connection needs beside the cluster.
type Options struct {
	// ForceConflicts takes over fields that other field managers own.
	ForceConflicts bool
	// Server connects to the server itself, for what the custom resources do not tell; nil where
	// the provider is not told where that is.
	Server func(context.Context) (*confluent.Client, error)
}

// Client reaches the custom resources of one environment. It implements
// platform.ByCustomResources.
type Client struct {
	cluster *kube.Client
	// environment is the environment's name on the server; empty where only what exists is looked
	// for.
	environment string
	at          defaults.CustomResources
	options     Options

	mutex sync.Mutex
	// seen is when this client has first seen that a generation of an object was handed on.
	seen map[handed]time.Time
}

// handed is a generation of an object.
type handed struct {
	uid        types.UID
	generation int64
}

// handed returns since when a generation of an object is known to be handed on.
func (c *Client) handed(uid types.UID, generation int64) time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	at, known := c.seen[handed{uid, generation}]
	if !known {
		if c.seen == nil {
			c.seen = map[handed]time.Time{}
		}
		at = time.Now()
		c.seen[handed{uid, generation}] = at
	}
	return at
}

var _ platform.ByCustomResources = (*Client)(nil)

// New returns a client for the environment of settings, which have custom resources. It
// contacts nothing itself.
func New(cluster *kube.Client, of defaults.Settings, options Options) *Client {
	return &Client{cluster: cluster, environment: of.Environment, at: *of.CustomResources, options: options}
}

func kindOf(name, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: apiGroup, Version: apiVersion, Resource: plural}, Kind: name}
}

// The kinds of Confluent for Kubernetes that are about Flink.
var (
	classKind       = kindOf("CMFRestClass", "cmfrestclasses")
	environmentKind = kindOf("FlinkEnvironment", "flinkenvironments")
	applicationKind = kindOf("FlinkApplication", "flinkapplications")
	poolKind        = kindOf("FlinkComputePool", "flinkcomputepools")
	statementKind   = kindOf("FlinkStatement", "flinkstatements")
	catalogKind     = kindOf("FlinkKafkaCatalog", "flinkkafkacatalogs")
	databaseKind    = kindOf("FlinkKafkaDatabase", "flinkkafkadatabases")
	secretKind      = kindOf("FlinkSecret", "flinksecrets")
	mappingKind     = kindOf("FlinkEnvironmentSecretMapping", "flinkenvironmentsecretmappings")

	plainSecretKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Kind: "Secret"}
)

func (c *Client) key(name string) kube.Key { return kube.Key{Namespace: c.at.Namespace, Name: name} }

// resource is a custom resource with a specification, which is completed by how the controller
// reaches the server.
func (c *Client) resource(kind kube.Kind, name string, spec map[string]any) *unstructured.Unstructured {
	if c.at.Class != "" {
		class := map[string]any{"name": c.at.Class}
		if c.at.ClassNamespace != "" {
			class["namespace"] = c.at.ClassNamespace
		}
		spec["cmfRestClassRef"] = class
	}
	o := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	o.SetAPIVersion(kind.GroupVersion().String())
	o.SetKind(kind.Kind)
	o.SetNamespace(c.at.Namespace)
	o.SetName(name)
	return o
}

// environmentOf is the environment that a resource names.
func environmentOf(o *unstructured.Unstructured) string {
	name, _, _ := unstructured.NestedString(o.Object, "spec", "flinkEnvironment")
	return name
}

// named is an error unless the environment of what is to be created is known.
func (c *Client) named() error {
	if c.environment != "" {
		return nil
	}
	return &platform.ExplainedError{
		Cause: "the environment is not known", Err: fmt.Errorf("the settings name the namespace %s, and no environment", c.at.Namespace),
		Remedy: "Assign a whole flink_environment, or write environment into the settings: jsonencode({ environment = \"prod\", custom_resources = { namespace = \"" + c.at.Namespace + "\" } }).",
	}
}
