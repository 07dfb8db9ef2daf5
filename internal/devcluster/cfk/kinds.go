package cfk

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/flink-terraform/terraform-provider-flink/internal/devcluster/crds"
)

// object is one as decoded JSON.
type object = map[string]any

// kind is how a custom resource is on the server.
type kind struct {
	name string
	// at is the collection that its objects are in, below /cmf/api/v1.
	at func(o *unstructured.Unstructured) string
	// body is what is sent of one.
	body func(ctx context.Context, c *Controller, o *unstructured.Unstructured) (object, error)
	// posts tells that a POST replaces what is there; otherwise that takes a PUT.
	posts bool
	// told is what the status has of an answer, beside what every status has; last is the
	// status before, and handed tells that the specification was handed on just now.
	told func(o *unstructured.Unstructured, answer, last object, handed bool) object
	// follows tells that the status follows the server's.
	follows bool
}

func (k kind) resource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: crds.ConfluentGroup, Version: crds.ConfluentVersion, Resource: crds.Plural(k.name)}
}

// url is that of the collection that a resource is in.
func (k kind) url(endpoint string, o *unstructured.Unstructured) string {
	return strings.TrimSuffix(endpoint, "/") + "/cmf/api/v1/" + k.at(o)
}

func specOf(o *unstructured.Unstructured) object {
	spec, _, _ := unstructured.NestedMap(o.Object, "spec")
	return spec
}

func environmentOf(o *unstructured.Unstructured) string {
	name, _, _ := unstructured.NestedString(o.Object, "spec", "flinkEnvironment")
	return name
}

// in is a collection of the environment of a resource.
func in(collection string) func(*unstructured.Unstructured) string {
	return func(o *unstructured.Unstructured) string {
		return "environments/" + environmentOf(o) + "/" + collection
	}
}

// of is the body of an object of the server with some fields of the specification.
func of(name string, fields ...string) func(context.Context, *Controller, *unstructured.Unstructured) (object, error) {
	return func(_ context.Context, _ *Controller, o *unstructured.Unstructured) (object, error) {
		spec := object{}
		for _, field := range fields {
			if value, has := specOf(o)[field]; has {
				spec[field] = value
			}
		}
		return bodyOf(name, o, spec), nil
	}
}

func bodyOf(kind string, o *unstructured.Unstructured, spec object) object {
	annotations := object{}
	for key, value := range o.GetAnnotations() {
		annotations[key] = value
	}
	return object{"apiVersion": "cmf.confluent.io/v1", "kind": kind, "metadata": object{"name": o.GetName(), "annotations": annotations}, "spec": spec}
}

var kinds = []kind{
	{
		name: "FlinkEnvironment", posts: true,
		at: func(*unstructured.Unstructured) string { return "environments" },
		body: func(_ context.Context, _ *Controller, o *unstructured.Unstructured) (object, error) {
			body := specOf(o)
			delete(body, "cmfRestClassRef")
			delete(body, "secrets")
			body["name"] = o.GetName()
			return body, nil
		},
	},
	{
		name: "FlinkApplication", posts: true, follows: true, at: in("applications"),
		body: func(_ context.Context, _ *Controller, o *unstructured.Unstructured) (object, error) {
			spec := specOf(o)
			delete(spec, "cmfRestClassRef")
			delete(spec, "flinkEnvironment")
			for _, part := range []string{"jobManager", "taskManager"} {
				// The server reads a text where it wants a number.
				cpu, has, _ := unstructured.NestedString(spec, part, "resource", "cpu")
				if number, err := strconv.ParseFloat(cpu, 64); has && err == nil {
					_ = unstructured.SetNestedField(spec, number, part, "resource", "cpu")
				}
			}
			return bodyOf("FlinkApplication", o, spec), nil
		},
		told: func(_ *unstructured.Unstructured, answer, _ object, _ bool) object {
			status, _ := answer["status"].(object)
			out := object{}
			for _, field := range []string{"lifecycleState", "jobStatus", "error", "jobManagerDeploymentStatus", "reconciliationStatus", "clusterInfo", "taskManager"} {
				if value, has := status[field]; has {
					out[field] = value
				}
			}
			return out
		},
	},
	{
		name: "FlinkComputePool", at: in("compute-pools"), body: of("ComputePool", "type", "state", "clusterSpec"),
		told: func(o *unstructured.Unstructured, _, _ object, _ bool) object {
			return object{"phase": specOf(o)["type"]}
		},
	},
	{
		name: "FlinkStatement", at: in("statements"),
		body: of("Statement", "statement", "computePoolName", "properties", "flinkConfiguration", "parallelism", "stopped", "startFromSavepoint"),
		told: func(_ *unstructured.Unstructured, answer, last object, handed bool) object {
			out := object{"phase": "PENDING"}
			status, _ := answer["status"].(object)
			if !handed {
				status = last
			}
			for _, field := range []string{"phase", "detail", "traits"} {
				if value, has := status[field]; has {
					out[field] = value
				}
			}
			return out
		},
	},
	{name: "FlinkKafkaCatalog", at: func(*unstructured.Unstructured) string { return "catalogs/kafka" }, body: of("KafkaCatalog", "srInstance", "kafkaClusters")},
	{
		name: "FlinkKafkaDatabase", body: of("KafkaDatabase", "kafkaCluster", "ddlEnvironments"),
		at: func(o *unstructured.Unstructured) string {
			catalog, _, _ := unstructured.NestedString(o.Object, "spec", "catalogRef", "name")
			return "catalogs/kafka/" + catalog + "/databases"
		},
	},
	{
		name: "FlinkSecret", at: func(*unstructured.Unstructured) string { return "secrets" },
		body: func(ctx context.Context, c *Controller, o *unstructured.Unstructured) (object, error) {
			values, _, err := c.secret(ctx, o)
			return bodyOf("Secret", o, object{"data": values}), err
		},
	},
	{
		name: "FlinkEnvironmentSecretMapping", at: in("secret-mappings"),
		body: func(_ context.Context, _ *Controller, o *unstructured.Unstructured) (object, error) {
			name, _, _ := unstructured.NestedString(o.Object, "spec", "secretRef", "name")
			return bodyOf("EnvironmentSecretMapping", o, object{"secretName": name}), nil
		},
	},
}

var (
	secrets     = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	restClasses = kind{name: "CMFRestClass"}.resource()
)

// secret returns the values of the Secret that a FlinkSecret names, and its version.
func (c *Controller) secret(ctx context.Context, o *unstructured.Unstructured) (values object, version string, err error) {
	name, _, _ := unstructured.NestedString(o.Object, "spec", "secretRef")
	found, err := c.objects.Resource(secrets).Namespace(o.GetNamespace()).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, "", fmt.Errorf("secret %q: %w", name, err)
	}
	values = object{}
	data, _, _ := unstructured.NestedStringMap(found.Object, "data")
	for key, value := range data {
		plain, err := decoded(value)
		if err != nil {
			return nil, "", err
		}
		values[key] = plain
	}
	return values, found.GetResourceVersion(), nil
}

// endpoint is that of the CMFRestClass of a resource: the one that it names, or the one that
// its namespace has under the name default.
func (c *Controller) endpoint(ctx context.Context, o *unstructured.Unstructured) (string, error) {
	name, _, _ := unstructured.NestedString(o.Object, "spec", "cmfRestClassRef", "name")
	namespace, _, _ := unstructured.NestedString(o.Object, "spec", "cmfRestClassRef", "namespace")
	if name == "" {
		name = "default"
	}
	if namespace == "" {
		namespace = o.GetNamespace()
	}
	class, err := c.objects.Resource(restClasses).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("CMFRestClass %s/%s: %w", namespace, name, err)
	}
	endpoint, _, _ := unstructured.NestedString(class.Object, "spec", "cmfRest", "endpoint")
	if secret := authenticationSecret(class); secret != "" {
		if _, err := c.objects.Resource(secrets).Namespace(namespace).Get(ctx, secret, metav1.GetOptions{}); err != nil {
			return "", fmt.Errorf("CMFRestClass %s/%s: secret %q: %w", namespace, name, secret, err)
		}
	}
	return endpoint, nil
}

// authenticationSecret is the Secret with the credentials of a CMFRestClass, empty for none.
func authenticationSecret(class *unstructured.Unstructured) string {
	way, _, _ := unstructured.NestedString(class.Object, "spec", "cmfRest", "authentication", "type")
	name, _, _ := unstructured.NestedString(class.Object, "spec", "cmfRest", "authentication", way, "secretRef")
	return name
}

// isGone tells whether the server's answer to a look says that there is nothing.
func isGone(code int) bool { return code == http.StatusNotFound }
