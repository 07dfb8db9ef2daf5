package clowder

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
)

// Store is what this package asks of whoever keeps the objects; *kube.Client is one.
type Store interface {
	Identity() string
	Get(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	Read(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	List(ctx context.Context, kind kube.Kind, namespace, selector string) ([]unstructured.Unstructured, error)
	Create(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured) (*unstructured.Unstructured, error)
	Apply(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error)
	MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error)
	Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error
	Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change
	Events(ctx context.Context, namespace string, involved ...kube.Involved) ([]kube.Event, error)
	ValidatingWebhook(ctx context.Context, kind kube.Kind) string
	Served(ctx context.Context, kinds ...kube.Kind) (kube.Kind, error)
}

var _ Store = (*kube.Client)(nil)

// The kinds of Clowder, and those of Kubernetes that are looked at.
var (
	appKind         = clowdKind("ClowdApp", "clowdapps")
	environmentKind = clowdKind("ClowdEnvironment", "clowdenvironments")
	deploymentKind  = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, Kind: "Deployment"}
	podKind         = coreKind("Pod", "pods")
	configMapKind   = coreKind("ConfigMap", "configmaps")
	secretKind      = coreKind("Secret", "secrets")
	namespaceKind   = coreKind("Namespace", "namespaces")
)

func clowdKind(kind, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "cloud.redhat.com", Version: "v1alpha1", Resource: plural}, Kind: kind}
}

func coreKind(kind, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: plural}, Kind: kind}
}

// treeOf is an object as a Tree, nil for none.
func treeOf(object *unstructured.Unstructured) (flink.Tree, error) {
	if object == nil {
		return nil, nil
	}
	text, err := json.Marshal(object.Object)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", object.GetName(), err)
	}
	return flink.ParseTree(text)
}

// objectOf is a Tree as an object of a kind.
func objectOf(kind kube.Kind, tree flink.Tree) (*unstructured.Unstructured, error) {
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("encode a %s: %w", kind.Kind, err)
	}
	out := &unstructured.Unstructured{}
	var whole map[string]any
	if whole, err = flink.ParseTree(text); err == nil {
		whole["apiVersion"], whole["kind"] = kind.GroupVersion().String(), kind.Kind
		text, err = json.Marshal(whole)
	}
	if err == nil {
		// Whole numbers become int64, as everywhere with unstructured objects.
		err = out.UnmarshalJSON(text)
	}
	return out, err
}

// treeAt, textAt and listAt are what stands at a path of a tree; nothing where there is something else.
func treeAt(tree flink.Tree, path ...string) flink.Tree {
	for _, step := range path {
		tree, _ = tree[step].(flink.Tree)
	}
	return tree
}

func textAt(tree flink.Tree, path ...string) string {
	out, _ := treeAt(tree, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return out
}

func listAt(tree flink.Tree, path ...string) []any {
	out, _ := treeAt(tree, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	return out
}
