package cloudflow

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	core "github.com/flink-terraform/terraform-provider-flink/internal/core/cloudflow"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// connected is a Kubernetes cluster with the operators of Cloudflow and of Flink. Savepoints are those of the latter.
// It implements platform.Platform.
type connected struct {
	platform.Platform
	cluster operator.Store
}

// New returns the Cloudflow of a cluster.
func New(client *kube.Client, options operator.Options) platform.Platform {
	return connected{operator.New(client, options), client}
}

// jobs are the deployments of the operator of Flink, with all that they can do.
type jobs interface {
	platform.Deployments
	platform.SecretKeeper
	platform.SavepointKeeper
	platform.StreamletFinder
	platform.Holder
	platform.Adviser
	platform.Inspector
}

// Deployments implements platform.Platform.
func (c connected) Deployments(kind platform.Kind) platform.Deployments {
	inner := c.Platform.Deployments(kind)
	flink, ok := inner.(jobs)
	if !ok {
		return inner
	}
	return deployments{flink, applications{c.cluster}}
}

// Environments implements platform.Platform.
func (c connected) Environments() platform.Environments {
	return environments{c.Platform.Environments(), applications{c.cluster}}
}

// The kinds that this package writes and reads.
var (
	applicationKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: core.Group, Version: core.Version, Resource: core.Plural}, Kind: core.Kind}

	secretKind         = plainKind("", "Secret", "secrets")
	configMapKind      = plainKind("", "ConfigMap", "configmaps")
	podKind            = plainKind("", "Pod", "pods")
	serviceAccountKind = plainKind("", "ServiceAccount", "serviceaccounts")
	workloadKind       = plainKind("apps", "Deployment", "deployments")
)

func plainKind(group, kind, plural string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: "v1", Resource: plural}, Kind: kind}
}
