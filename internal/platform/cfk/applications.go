package cfk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/flink-terraform/terraform-provider-flink/internal/core/flink"
	"github.com/flink-terraform/terraform-provider-flink/internal/kube"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform"
	"github.com/flink-terraform/terraform-provider-flink/internal/platform/operator"
)

// applications are the FlinkApplications of an environment, as the objects that the operator's
// rules are about. The environment is the namespace of an object.
//
// Notes are config maps beside them. Pods, events and the JobManager are where the environment
// runs them, which is another namespace, and may be in another cluster: then there is nothing.
type applications struct {
	client      *Client
	cluster     *kube.Client
	environment string
	// enforced is what the environment says to its applications, once that was read.
	enforced flink.Tree
	reading  sync.Once
}

var _ operator.Store = (*applications)(nil)

func (c *Client) applications(environment string) *applications {
	return &applications{client: c, cluster: c.cluster, environment: environment}
}

func isApplication(kind kube.Kind) bool { return kind.Resource == "flinkdeployments" }

// here tells whether objects of a kind are beside the applications.
func here(kind kube.Kind) bool { return kind.Group == "" && kind.Resource == "configmaps" }

// there tells whether objects of a kind are where the environment runs its applications.
func there(kind kube.Kind) bool { return kind.Group == "" && kind.Resource == "pods" }

func missing(kind kube.Kind, key kube.Key) error {
	return &kube.NotFoundError{Ref: kube.Ref{Kind: kind, Key: key}}
}

// at is where an object of the operator's rules is.
func (a *applications) at(kind kube.Kind, key kube.Key) (kube.Kind, kube.Key, bool) {
	switch {
	case isApplication(kind):
		return applicationKind, a.client.key(key.Name), true
	case here(kind):
		return kind, a.client.key(key.Name), true
	}
	return kind, key, false
}

// Identity implements operator.Store.
func (a *applications) Identity() string { return a.cluster.Identity() }

// found is what was found, in the terms of the operator's rules.
func (a *applications) found(ctx context.Context, kind kube.Kind, key kube.Key, o *unstructured.Unstructured, err error) (*unstructured.Unstructured, error) {
	if _, absent := errors.AsType[*kube.NotFoundError](err); absent {
		return nil, missing(kind, key)
	}
	if err != nil || o == nil {
		return nil, err
	}
	if !isApplication(kind) {
		o = o.DeepCopy()
		o.SetNamespace(a.environment)
		return o, nil
	}
	if !a.ofEnvironment(o) {
		return nil, missing(kind, key)
	}
	a.learn(ctx)
	return a.toDeployment(o), nil
}

// learn reads what the environment says to its applications, once. Where it cannot be read,
// nothing is known of it.
func (a *applications) learn(ctx context.Context) {
	a.reading.Do(func() {
		found, err := a.cluster.Read(ctx, environmentKind, a.client.key(a.environment))
		if err != nil {
			return
		}
		spec, _, _ := unstructured.NestedMap(found.Object, "spec", "flinkApplicationDefaults", "spec")
		a.enforced = spec
	})
}

// Get implements operator.Store.
func (a *applications) Get(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	is, at, has := a.at(kind, key)
	if !has {
		return nil, missing(kind, key)
	}
	o, err := a.cluster.Get(ctx, is, at)
	return a.found(ctx, kind, key, o, err)
}

// Read implements operator.Store.
func (a *applications) Read(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	is, at, has := a.at(kind, key)
	if !has {
		return nil, missing(kind, key)
	}
	o, err := a.cluster.Read(ctx, is, at)
	return a.found(ctx, kind, key, o, err)
}

// Find implements operator.Store.
func (a *applications) Find(ctx context.Context, kind kube.Kind, key kube.Key) (*unstructured.Unstructured, error) {
	is, at, has := a.at(kind, key)
	if !has {
		return nil, missing(kind, key)
	}
	o, err := a.cluster.Find(ctx, is, at)
	return a.found(ctx, kind, key, o, err)
}

// List implements operator.Store.
func (a *applications) List(ctx context.Context, kind kube.Kind, environment, selector string) ([]unstructured.Unstructured, error) {
	if there(kind) {
		if a.client.at.PodNamespace == "" {
			return nil, nil
		}
		return a.cluster.List(ctx, kind, a.client.at.PodNamespace, selector)
	}
	is, _, has := a.at(kind, kube.Key{})
	if !has {
		return nil, nil
	}
	all, err := a.cluster.List(ctx, is, a.client.at.Namespace, selector)
	if err != nil {
		return nil, err
	}
	var out []unstructured.Unstructured
	for i := range all {
		if o, err := a.found(ctx, kind, kube.Key{Namespace: environment, Name: all[i].GetName()}, &all[i], nil); err == nil {
			out = append(out, *o)
		}
	}
	return out, nil
}

// Create implements operator.Store. The controller takes over what the server has by the name,
// so the server is asked before, where the provider knows it.
func (a *applications) Create(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(o)
	is, at, has := a.at(kind, key)
	switch {
	case !has:
		return nil, unsupported(kind)
	case !isApplication(kind):
		sent := o.DeepCopy()
		sent.SetNamespace(at.Namespace)
		created, err := a.cluster.Create(ctx, is, sent)
		return a.found(ctx, kind, key, created, err)
	}
	if err := a.client.named(); err != nil {
		return nil, err
	}
	if err := a.unknownToServer(ctx, key); err != nil {
		return nil, err
	}
	created, err := a.cluster.Create(ctx, is, a.toApplication(o))
	if exists, is := errors.AsType[*kube.ExistsError](err); is && exists.Object != nil {
		if !a.ofEnvironment(exists.Object) {
			return nil, &platform.ExistsError{Err: a.taken(exists.Ref, environmentOf(exists.Object))}
		}
		return nil, &kube.ExistsError{Ref: kube.Ref{Kind: kind, Key: key}, Managers: exists.Managers, Object: a.toDeployment(exists.Object)}
	}
	return a.found(ctx, kind, key, created, err)
}

// unknownToServer refuses to create an application that the server has although there is no
// custom resource of it.
func (a *applications) unknownToServer(ctx context.Context, key kube.Key) error {
	if _, err := a.cluster.Get(ctx, applicationKind, a.client.key(key.Name)); err == nil {
		// Create says what is to be said of it.
		return nil
	}
	ref := platform.Ref{Namespace: a.environment, Name: key.Name}
	return a.client.unknownToServer(ctx, applicationKind.Kind, ref, lookForApplication(ref))
}

// Apply implements operator.Store.
func (a *applications) Apply(ctx context.Context, kind kube.Kind, o *unstructured.Unstructured, options kube.ApplyOptions) (*unstructured.Unstructured, error) {
	key := kube.KeyOf(o)
	is, at, has := a.at(kind, key)
	if !has {
		return nil, unsupported(kind)
	}
	sent := o.DeepCopy()
	if isApplication(kind) {
		sent = a.toApplication(o)
	}
	sent.SetNamespace(at.Namespace)
	applied, err := a.cluster.Apply(ctx, is, sent, options)
	return a.found(ctx, kind, key, applied, err)
}

// MergePatch implements operator.Store.
func (a *applications) MergePatch(ctx context.Context, kind kube.Kind, key kube.Key, patch kube.Patch) (*unstructured.Unstructured, error) {
	is, at, has := a.at(kind, key)
	if !has {
		return nil, unsupported(kind)
	}
	patched, err := a.cluster.MergePatch(ctx, is, at, patch)
	return a.found(ctx, kind, key, patched, err)
}

// Delete implements operator.Store.
func (a *applications) Delete(ctx context.Context, kind kube.Kind, key kube.Key, uid types.UID) error {
	is, at, has := a.at(kind, key)
	if !has {
		return nil
	}
	return a.cluster.Delete(ctx, is, at, uid)
}

// Follow implements operator.Store.
func (a *applications) Follow(ctx context.Context, kind kube.Kind, key kube.Key) <-chan kube.Change {
	is, at, has := a.at(kind, key)
	out := make(chan kube.Change)
	if !has {
		close(out)
		return out
	}
	go func() {
		defer close(out)
		a.follow(ctx, kind, a.cluster.Follow(ctx, is, at), out)
	}()
	return out
}

// follow hands on what is followed in the terms of the operator's rules. The time at which a
// change counts as taken up comes without news.
func (a *applications) follow(ctx context.Context, kind kube.Kind, in <-chan kube.Change, out chan<- kube.Change) {
	tick, last := time.NewTicker(takenUpWithin/6), kube.Change{}
	defer tick.Stop()
	for {
		var change kube.Change
		select {
		case <-ctx.Done():
			return
		case news, open := <-in:
			if !open {
				return
			}
			change, last = news, news
		case <-tick.C:
			if last.Object == nil || !isApplication(kind) || !syncOf(last.Object).done() {
				continue
			}
			change = last
		}
		if change.Object != nil {
			o := change.Object
			switch {
			case !isApplication(kind):
			case !a.ofEnvironment(o):
				change.Object = nil
			default:
				a.learn(ctx)
				change.Object = a.toDeployment(o)
			}
		}
		select {
		case out <- change:
		case <-ctx.Done():
			return
		}
	}
}

// Events implements operator.Store: those of the namespace in which the environment runs its
// applications.
func (a *applications) Events(ctx context.Context, _ string, involved ...kube.Involved) ([]kube.Event, error) {
	if a.client.at.PodNamespace == "" {
		return nil, nil
	}
	asked := make([]kube.Involved, len(involved))
	for i, object := range involved {
		if object.Kind == applicationKind.Kind {
			object.Kind, object.UID = "FlinkDeployment", ""
		}
		asked[i] = object
	}
	return a.cluster.Events(ctx, a.client.at.PodNamespace, asked...)
}

// ServiceGet implements operator.Store.
func (a *applications) ServiceGet(ctx context.Context, _, service string, port int, path string) ([]byte, error) {
	if a.client.at.PodNamespace == "" {
		return nil, &kube.ServiceError{Service: service, Body: "the namespace in which the environment runs its applications is not known"}
	}
	return a.cluster.ServiceGet(ctx, a.client.at.PodNamespace, service, port, path)
}

// ValidatingWebhook implements operator.Store: that of the operator is not asked about these.
func (a *applications) ValidatingWebhook(context.Context, kube.Kind) string { return "" }

// HasField implements operator.Store: nothing tells what the operator's definitions have.
func (a *applications) HasField(context.Context, kube.Kind, ...string) (has, known bool) {
	return false, false
}

// unsupported says that there is no custom resource of something.
func unsupported(kind kube.Kind) error {
	return &platform.ExplainedError{
		Cause:  product + " cannot do it",
		Err:    fmt.Errorf("%s has no custom resource of a %s", product, kind.Kind),
		Remedy: "Nothing was changed.",
	}
}
