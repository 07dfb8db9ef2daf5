package strimzi

import (
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/logctx"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
)

// Store is what this package asks of whoever keeps the resources; *kube.Client is one.
type Store interface {
	Served(ctx context.Context, kinds ...kube.Kind) (kube.Kind, error)
	Get(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error)
	List(ctx context.Context, kind kube.Kind, namespace, selector string) ([]unstructured.Unstructured, error)
	Create(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured) (*unstructured.Unstructured, error)
	Apply(ctx context.Context, kind kube.Kind, obj *unstructured.Unstructured, o kube.ApplyOptions) (*unstructured.Unstructured, error)
	MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error)
	Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error
	Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change
	Events(ctx context.Context, namespace string, involved ...kube.Involved) ([]kube.Event, error)
}

var _ Store = (*kube.Client)(nil)

// Options say where the resources are, and whose.
type Options struct {
	// Namespace is where the resources are.
	Namespace string
	// Cluster is the name of Strimzi's Kafka, by which its Topic Operator knows its topics.
	Cluster string
	// Labels are on each resource, beside the cluster's. They say which application it
	// belongs to: what has others is somebody else's.
	Labels map[string]string
	// ForceConflicts takes fields that other field managers own.
	ForceConflicts bool
}

// Topics are the topics of one application. It implements platform.Topics, and is safe for
// concurrent use.
//
// Of a topic that Kafka has already, and for which there is no resource, Strimzi's operator
// takes the one that is created: Create cannot see that, and does not refuse it.
type Topics struct {
	cluster Store
	options Options
	looks   looks
}

var _ platform.Topics = (*Topics)(nil)

// New returns the topics of a cluster. Nothing is contacted.
func New(cluster Store, options Options) *Topics { return &Topics{cluster: cluster, options: options} }

// group is the API group of Strimzi's custom resources, and definition the name of that of
// topics.
const (
	group      = "kafka.strimzi.io"
	resource   = "kafkatopics"
	definition = resource + "." + group
)

// The versions of a KafkaTopic: Strimzi 1.x has v1 alone, 0.x before 0.49 has v1beta2, and
// those between have both.
var (
	topicKind      = topicKindIn("v1")
	olderTopicKind = topicKindIn("v1beta2")
)

func topicKindIn(version string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, Kind: "KafkaTopic"}
}

// served returns the kind in the version that the cluster has, or a *NotInstalledError.
func (t *Topics) served(ctx context.Context) (kube.Kind, error) {
	kind, err := t.cluster.Served(ctx, topicKind, olderTopicKind)
	if unserved, ok := errors.AsType[*kube.NotServedError](err); ok {
		return kube.Kind{}, &NotInstalledError{Endpoint: unserved.Endpoint, Err: err}
	}
	return kind, err
}

// rehearsal is the name of a resource that is never stored.
const rehearsal = "terraform-provider-flink-rehearsal"

// Ready implements platform.Topics. It asks whether the cluster has the definition of
// topics, and has a resource created on trial, which shows what is not allowed.
func (t *Topics) Ready(ctx context.Context) error { return explain(t.ready(ctx)) }

func (t *Topics) ready(ctx context.Context) error {
	kind, err := t.served(ctx)
	if err != nil {
		return err
	}
	trial := t.object(kind, platform.Topic{Name: rehearsal, Object: rehearsal})
	_, err = t.cluster.Apply(ctx, kind, trial, kube.ApplyOptions{DryRun: true, Force: true, Probe: true})
	var (
		denied      *kube.DeniedError
		noNamespace *kube.NamespaceNotFoundError
		unreachable *kube.UnreachableError
		credentials *kube.CredentialsError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &denied) && denied.Admission == "", errors.As(err, &noNamespace), errors.As(err, &unreachable), errors.As(err, &credentials), ctx.Err() != nil:
		return err
	}
	// A policy may refuse this resource and take others, and not every webhook can be asked on trial.
	logctx.From(ctx).InfoContext(ctx, "It is not known whether a KafkaTopic can be created", "error", err.Error())
	return nil
}

func (t *Topics) key(topic platform.Topic) kube.Key {
	return kube.Key{Namespace: t.options.Namespace, Name: topic.Object}
}
