package operator

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/watch"
)

// Store is what this package asks of whoever keeps the objects of the operator;
// *kube.Client is one.
type Store interface {
	// Identity is the process's.
	Identity() string
	Get(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	Read(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	List(ctx context.Context, kind kube.Kind, namespace, selector string) ([]unstructured.Unstructured, error)
	Create(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured) (*unstructured.Unstructured, error)
	Apply(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error)
	ValidatingWebhook(ctx context.Context, kind kube.Kind) string
	HasField(ctx context.Context, kind kube.Kind, path ...string) (has, known bool)
	MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error)
	Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error
	Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change
	Events(ctx context.Context, namespace string, involved ...kube.Involved) ([]kube.Event, error)
	ServiceGet(ctx context.Context, namespace, service string, port int, path string) ([]byte, error)
}

var _ Store = (*kube.Client)(nil)

// following is a source of the versions of an object.
func following(cluster Store, kind kube.Kind, key kube.Key) watch.Source[kube.Change] {
	return func(ctx context.Context) <-chan kube.Change { return cluster.Follow(ctx, kind, key) }
}

// unhealing returns an error that no time heals: the access rules do not allow to
// follow an object.
func unhealing(err error) error {
	if denied := (*kube.DeniedError)(nil); errors.As(err, &denied) {
		return err
	}
	return nil
}

// group is the API group of the operator's custom resources, and version the
// only version that it has.
const (
	group   = "flink.apache.org"
	version = "v1beta1"
)

// The operator's kinds. Snapshots exist since 1.10, blue/green since 1.14.
var (
	deploymentKind = flinkKind("FlinkDeployment", "flinkdeployments")
	sessionJobKind = flinkKind("FlinkSessionJob", "flinksessionjobs")
	snapshotKind   = flinkKind("FlinkStateSnapshot", "flinkstatesnapshots")
	blueGreenKind  = flinkKind("FlinkBlueGreenDeployment", "flinkbluegreendeployments")
)

// Kinds of Kubernetes itself.
var (
	configMapKind      = coreKind("", "ConfigMap", "configmaps")
	secretKind         = coreKind("", "Secret", "secrets")
	podKind            = coreKind("", "Pod", "pods")
	namespaceKind      = coreKind("", "Namespace", "namespaces")
	serviceAccountKind = coreKind("", "ServiceAccount", "serviceaccounts")
	roleKind           = coreKind("rbac.authorization.k8s.io", "Role", "roles")
	roleBindingKind    = coreKind("rbac.authorization.k8s.io", "RoleBinding", "rolebindings")
)

func flinkKind(kind, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: version, Resource: plural}, Kind: kind}
}

func coreKind(group, kind, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: "v1", Resource: plural}, Kind: kind}
}
